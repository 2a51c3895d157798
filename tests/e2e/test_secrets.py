"""After a whole demo no secret is anywhere but in the key folder: not in the database, the logs, or any file."""

from __future__ import annotations

import stat
from pathlib import Path

import asyncpg
import pytest

from persistence.embedded import EmbeddedPostgres
from tests.e2e.played import Played
from tests.e2e.running import run_async

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("played")]


@pytest.fixture(scope="module")
def searched(played: Played) -> Played:
    """Stopped, so that everything is on the disk."""
    assert played.up.stop() == 0
    played.hits = played.search()
    return played


def test_no_secret_is_in_database_logs_or_files(searched: Played) -> None:
    assert len(searched.secrets) >= 28
    assert searched.hits == []


def test_the_key_folder_is_closed_to_others(searched: Played) -> None:
    folder = searched.up.key_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {"operator.key", "attestation.key", "demo.json"} == {file.name for file in files}
    assert not any(file.name in {"operator.key", "demo.json"} for file in searched.up.data_dir.rglob("*"))


@pytest.mark.parametrize("place", ["log", "compressed", "table", "binary table"])
def test_a_planted_secret_is_found(searched: Played, place: str) -> None:
    """The search above can fail."""
    name = "another holder's EVM key"
    raw = min(searched.secrets[name], key=len)
    data = searched.up.data_dir
    if place == "log":
        planted = data / "logs" / "planted.log"
        planted.write_bytes(b'{"event": "oops", "key": "' + raw.hex().encode() + b'"}\n')
    elif place == "compressed":
        import gzip

        planted = data / "localnet" / "planted.json.gz"
        planted.write_bytes(gzip.compress(b"before" + raw + b"after"))
    else:
        planted = None
        _plant_in_database(data, raw, binary=place == "binary table")
    try:
        hits = searched.search()
    finally:
        if planted is not None:
            planted.unlink()
        else:
            _in_database(data, "DROP TABLE planted")
    where = "the database's dump" if planted is None else planted.name
    assert f"{name} in {where}" in hits


def _plant_in_database(data: Path, secret: bytes, *, binary: bool) -> None:
    if binary:
        _in_database(data, "CREATE TABLE planted (value bytea)", "INSERT INTO planted VALUES ($1)", secret)
    else:
        _in_database(data, "CREATE TABLE planted (value text)", "INSERT INTO planted VALUES ($1)", secret.hex())


def _in_database(data: Path, statement: str, then: str | None = None, value: object = None) -> None:
    async def run() -> None:
        postgres = EmbeddedPostgres(data / "postgres")
        connection = await asyncpg.connect(await postgres.start())
        try:
            await connection.execute(statement)
            if then is not None:
                await connection.execute(then, value)
        finally:
            await connection.close()
            await postgres.stop()

    run_async(run())
