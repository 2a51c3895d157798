"""What `quanbao audit-log` writes."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import typer

from api.cli.running_database import running_database
from api.settings import Settings
from audit.attestation import FileAttester
from keystore.audit_export import export_log, make_checkpoint, make_root
from primitives.clock import SystemClock
from primitives.errors import InvalidValue


async def prove(subject: UUID, sequence: int, root: Path, proof: Path, settings: Settings) -> None:
    attester = FileAttester.open(settings.attestation_key_file)
    wanted = [(subject, sequence)]
    async with running_database(settings) as database:
        made, proofs = await make_root(database, SystemClock(), attester.public_key, attester.attest, wanted)
    for file, data in ((root, made), (proof, proofs[0])):
        with os.fdopen(_new(file), "wb") as target:
            target.write(data)
    typer.echo(f"written to {root} and {proof}, signed by {attester.public_key.hex()}")


async def export(file: Path, settings: Settings) -> None:
    count = 0
    async with running_database(settings) as database:
        with os.fdopen(_new(file), "wb") as target:
            async for line in export_log(database):
                target.write(line)
                count += 1
    typer.echo(f"{count} entries written to {file}")


async def checkpoint(file: Path, settings: Settings) -> None:
    attester = FileAttester.open(settings.attestation_key_file)
    async with running_database(settings) as database:
        made = await make_checkpoint(database, SystemClock(), attester.public_key, attester.attest)
    with os.fdopen(_new(file), "wb") as target:
        target.write(made)
    typer.echo(f"written to {file}, signed by {attester.public_key.hex()}")


def _new(file: Path) -> int:
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InvalidValue(f"{file} exists already: name another file") from error
