"""After a whole demo no secret is anywhere but in the key folder: not in the database, the logs, or any file."""

from __future__ import annotations

import gzip
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


PLACES = {
    "log": "another holder's EVM key",
    "compressed": "another holder's Solana key",
    "table": "another holder's seed",
    "binary table": "another holder's secp256k1 master key",
}
"""Where each secret is planted."""


@pytest.fixture(scope="module")
def hits_of_planted(searched: Played) -> list[str]:
    """One search after each place got a secret of its own."""
    data = searched.up.data_dir
    raw = {place: min(searched.secrets[name], key=len) for place, name in PLACES.items()}
    log, compressed = data / "logs" / "planted.log", data / "localnet" / "planted.json.gz"
    log.write_bytes(b'{"event": "oops", "key": "' + raw["log"].hex().encode() + b'"}\n')
    compressed.write_bytes(gzip.compress(b"before" + raw["compressed"] + b"after"))
    _plant(data, text=raw["table"].hex(), binary=raw["binary table"])
    return searched.search()


@pytest.mark.parametrize("place", PLACES)
def test_a_planted_secret_is_found(hits_of_planted: list[str], place: str) -> None:
    """The search above can fail."""
    where = {"log": "planted.log", "compressed": "planted.json.gz"}.get(place, "the database's dump")
    assert f"{PLACES[place]} in {where}" in hits_of_planted


def _plant(data: Path, *, text: str, binary: bytes) -> None:
    async def run() -> None:
        postgres = EmbeddedPostgres(data / "postgres")
        connection = await asyncpg.connect(await postgres.start())
        try:
            await connection.execute("CREATE TABLE planted (word text, raw bytea)")
            await connection.execute("INSERT INTO planted VALUES ($1, $2)", text, binary)
        finally:
            await connection.close()
            await postgres.stop()

    run_async(run())
