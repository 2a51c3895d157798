"""The benchmark of the indexer runs, and checks what it has written."""

from __future__ import annotations

from bench import indexer, rpc
from persistence.database import Database
from tests.fakes.anvil import running_anvil


async def test_it_reads_everything_once_and_adds_nothing_the_second_time(database: Database, monkeypatch) -> None:
    monkeypatch.setattr(indexer, "_REFERENCE_PYTHON", indexer._REFERENCE_PYTHON / "absent")
    async with running_anvil(block_time=None) as node:
        report = await indexer._compare(database, node, 600, 1)
    assert [result.median > 0 for result in report.results] == [True, True]


async def test_failover_reaches_the_next_endpoint_whatever_the_first_does() -> None:
    """The figure is that of the bench; here it only has to come about, in one exchange with the healthy one."""
    report = await rpc._run(1)
    assert len(report.results) == len(report.remarks) == 10
    assert all(result.median > 0 for result in report.results)
