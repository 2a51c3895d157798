"""`quanbao audit-log …`: the keystore's audit log for others, and its checkpoints."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli.acts.admin import settings_of
from api.settings import Settings
from audit.attestation import FileAttester
from keystore.audit_export import export_log, make_checkpoint, make_root
from keystore.audit_verifier.__main__ import main as verify_main
from keystore.audit_verifier.inclusion import verify_inclusion
from keystore.audit_verifier.verify import MAX_LINE_BYTES, LogRejected
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from primitives.clock import SystemClock
from primitives.errors import DatabaseUnavailable, InvalidValue

app = typer.Typer(help="Every signature's entry: export it, sign its state, check it.", no_args_is_help=True)

DataDir = Annotated[Path | None, typer.Option(help="The data folder of the running installation.")]
Target = Annotated[Path, typer.Argument(help="A file that does not exist yet.")]


@app.command()
def export(file: Target, data_dir: DataDir = None) -> None:
    """Write all entries as JSON lines; `verify` and `python -m keystore.audit_verifier` read them anywhere."""
    asyncio.run(_export(file, settings_of(data_dir)))


@app.command()
def checkpoint(file: Target, data_dir: DataDir = None) -> None:
    """Sign the end of every chain with the attestation key; keep the file on another machine."""
    asyncio.run(_checkpoint(file, settings_of(data_dir)))


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
    asyncio.run(_prove(subject, sequence, root, proof, settings_of(data_dir)))


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


async def _prove(subject: UUID, sequence: int, root: Path, proof: Path, settings: Settings) -> None:
    attester = FileAttester.open(settings.attestation_key_file)
    wanted = [(subject, sequence)]
    async with _database(settings) as database:
        made, proofs = await make_root(database, SystemClock(), attester.public_key, attester.attest, wanted)
    for file, data in ((root, made), (proof, proofs[0])):
        with os.fdopen(_new(file), "wb") as target:
            target.write(data)
    typer.echo(f"written to {root} and {proof}, signed by {attester.public_key.hex()}")


async def _export(file: Path, settings: Settings) -> None:
    count = 0
    async with _database(settings) as database:
        with os.fdopen(_new(file), "wb") as target:
            async for line in export_log(database):
                target.write(line)
                count += 1
    typer.echo(f"{count} entries written to {file}")


async def _checkpoint(file: Path, settings: Settings) -> None:
    attester = FileAttester.open(settings.attestation_key_file)
    async with _database(settings) as database:
        made = await make_checkpoint(database, SystemClock(), attester.public_key, attester.attest)
    with os.fdopen(_new(file), "wb") as target:
        target.write(made)
    typer.echo(f"written to {file}, signed by {attester.public_key.hex()}")


def _new(file: Path) -> int:
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InvalidValue(f"{file} exists already: name another file") from error


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
    else:
        embedded = EmbeddedPostgres(settings.data_dir / "postgres")
        if embedded.pid is None:
            raise DatabaseUnavailable(f"no database runs in {settings.data_dir}: start it with `quanbao up`")
        url = embedded.url
    database = Database(url, pool_size=1)
    try:
        yield database
    finally:
        await database.close()
