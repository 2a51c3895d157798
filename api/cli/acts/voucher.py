"""`quanbao voucher …`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from api.cli.acts.answers import AsJson, Key, ask, say, show

app = typer.Typer(help="Your vouchers, their origin and their proofs.", no_args_is_help=True)


@app.command("list")
def list_vouchers(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="`next_cursor` of the part before.")] = None,
    as_json: AsJson = False,
) -> None:
    """Your vouchers: live ones by expiry, then the others."""
    asked = {"limit": str(limit), **({} if cursor is None else {"cursor": cursor})}
    columns = ("id", "title", "status", "chain", "valid_until")
    show(ask(lambda api: api.get("/vouchers", **asked)), columns, as_json=as_json)


@app.command("show")
def show_voucher(voucher: str, as_json: AsJson = False) -> None:
    """One voucher."""
    show(ask(lambda api: api.get(f"/vouchers/{voucher}")), as_json=as_json)


@app.command()
def provenance(voucher: str, as_json: AsJson = False) -> None:
    """Its whole life, each act with chain, block and finality."""
    show(ask(lambda api: api.get(f"/vouchers/{voucher}/provenance")), as_json=as_json)


@app.command()
def proof(
    voucher: str,
    file: Annotated[Path, typer.Option(help="Where to write the bundle.")],
    as_json: AsJson = False,
) -> None:
    """Save the proof bundle of its redemption; check it with `quanbao verify`."""
    file.write_bytes(ask(lambda api: api.download(f"/vouchers/{voucher}/proof")))
    say(f"written to {file}: check it with `quanbao verify {file}`", {"file": str(file)}, as_json=as_json)


@app.command()
def transfer(voucher: str, recipient: str, key: Key = None, as_json: AsJson = False) -> None:
    """Give it to another account (CAIP-10), where the terms allow it; needs unlocked keys."""
    body = {"recipient": recipient}
    show(ask(lambda api: api.post(f"/vouchers/{voucher}/transfer", body, key=key or uuid4().hex)), as_json=as_json)
