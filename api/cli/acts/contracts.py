"""`quanbao contracts …`: the voucher book on EVM chains. Needs a node, and nothing of a running installation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.cli.acts.answers import AsJson, show

app = typer.Typer(help="The voucher book on EVM chains.", no_args_is_help=True)
console = Console()

Rpc = Annotated[str, typer.Option("--rpc", help="URL of a node of the chain.")]
Version = Annotated[int | None, typer.Option("--book-version", help="Which version; default: the newest.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="File with the private key that pays, 64 hex digits, readable by its owner only (mode 0600)."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Look, estimate, show the transactions; send nothing.")]


@app.command()
def versions(as_json: AsJson = False) -> None:
    """Every version of the voucher book, with its address: the same on every EVM chain."""
    from api.cli.book_acts import shown
    from codec.evm.book_versions import book_versions

    found = [shown(version) for version in book_versions()]
    if as_json:
        show(found, as_json=True)
        return
    for entry in found:
        state = "released" if entry["released"] else "not released"
        console.print(f"{entry['version']}  {entry['address']}  {state}", highlight=False)


@app.command()
def probe(rpc: Rpc, as_json: AsJson = False) -> None:
    """Whether a chain runs what the book needs; nothing is sent. Exit code 1: it does not."""
    from api.cli.book_acts import with_node
    from chains.evm.cancun import probe_features

    features = asyncio.run(with_node(rpc, probe_features))
    if as_json:
        show({"opcodes": dict(features.opcodes), "missing": list(features.missing)}, as_json=True)
    else:
        for name, there in features.opcodes.items():
            console.print(f"{name:12} {'yes' if there else 'no'}", highlight=False)
    features.require()


@app.command()
def deploy(
    rpc: Rpc,
    dry_run: DryRun = False,
    key_file: KeyFile = None,
    book_version: Version = None,
    as_json: AsJson = False,
) -> None:
    """Put the voucher book on a chain, at the address that it has everywhere. Doing it twice does no harm."""
    from api.cli.book_acts import carry_out, version_of

    asyncio.run(carry_out(rpc, dry_run, key_file, version_of(book_version), as_json=as_json))
