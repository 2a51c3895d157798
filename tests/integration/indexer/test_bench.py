"""The benchmark of the indexer runs, and checks what it has written."""

from __future__ import annotations

from bench import indexer
from persistence.database import Database
from tests.fakes.anvil import running_anvil


async def test_it_reads_everything_once_and_adds_nothing_the_second_time(database: Database, monkeypatch) -> None:
    monkeypatch.setattr(indexer, "_REFERENCE_PYTHON", indexer._REFERENCE_PYTHON / "absent")
    async with running_anvil(block_time=None) as node:
        report = await indexer._compare(database, node, 600, 1)
    assert [result.median > 0 for result in report.results] == [True, True]
