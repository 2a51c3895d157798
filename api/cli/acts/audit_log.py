"""`quanbao audit-log …`: the keystore's audit log for others, and its checkpoints."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.cli.acts.admin import settings_of
from api.settings import Settings
from audit.attestation import FileAttester
from keystore.audit_export import export_log, make_checkpoint
from keystore.audit_verifier.__main__ import main as verify_main
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
