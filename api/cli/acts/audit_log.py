"""`quanbao audit-log …`: the keystore's audit log for others, and its checkpoints."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli.acts.admin import settings_of
from keystore.audit_verifier.__main__ import main as verify_main
from keystore.audit_verifier.inclusion import verify_inclusion
from keystore.audit_verifier.verify import MAX_LINE_BYTES, LogRejected

app = typer.Typer(help="Every signature's entry: export it, sign its state, check it.", no_args_is_help=True)

DataDir = Annotated[Path | None, typer.Option(help="The data folder of the running installation.")]
Target = Annotated[Path, typer.Argument(help="A file that does not exist yet.")]


@app.command()
def export(file: Target, data_dir: DataDir = None) -> None:
    """Write all entries as JSON lines; `verify` and `python -m keystore.audit_verifier` read them anywhere."""
    from api.cli import log_files

    asyncio.run(log_files.export(file, settings_of(data_dir)))


@app.command()
def checkpoint(file: Target, data_dir: DataDir = None) -> None:
    """Sign the end of every chain with the attestation key; keep the file on another machine."""
    from api.cli import log_files

    asyncio.run(log_files.checkpoint(file, settings_of(data_dir)))


@app.command()
def verify(
    log: Annotated[Path, typer.Argument(help="An exported log.")],
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint that was kept elsewhere.")] = None,
    trusted_key: Annotated[str | None, typer.Option(help="The key that must have signed it.")] = None,
) -> None:
    """Recompute every chain of an exported log; needs no database and no network."""
    arguments = [str(log)]
    if checkpoint is not None:
        arguments += ["--checkpoint", str(checkpoint)]
    if trusted_key is not None:
        arguments += ["--trusted-key", trusted_key]
    sys.exit(verify_main(arguments))


@app.command()
def prove(
    subject: Annotated[UUID, typer.Argument(help="The key, wallet, vault, grant or auditor.")],
    sequence: Annotated[int, typer.Argument(help="Which of its entries, from 1.")],
    root: Target,
    proof: Target,
    data_dir: DataDir = None,
) -> None:
    """Sign a root over all entries now, and show one entry below it; `verify-entry` checks both anywhere."""
    from api.cli import log_files

    asyncio.run(log_files.prove(subject, sequence, root, proof, settings_of(data_dir)))


@app.command()
def verify_entry(
    root: Annotated[Path, typer.Argument(help="A signed root.")],
    proof: Annotated[Path, typer.Argument(help="An entry with its path.")],
    trusted_key: Annotated[str | None, typer.Option(help="The key that must have signed the root.")] = None,
) -> None:
    """Check one entry of the audit log below a signed root; needs no database and no network."""
    try:
        with proof.open("rb") as shown, root.open("rb") as signed:
            entry = verify_inclusion(shown.read(4 * MAX_LINE_BYTES), signed.read(MAX_LINE_BYTES), trusted_key)
    except LogRejected as rejected:
        typer.echo(f"REFUSED  {rejected}")
        raise typer.Exit(1) from None
    typer.echo(f"ACCEPTED  entry {entry['sequence']} of {entry['subject']}: {entry['event']} at {entry['at']}")
