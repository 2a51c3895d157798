"""Durable work: jobs per second through our worker, beside bare committed inserts into the same PostgreSQL."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from sqlalchemy import text

from bench.measure import Case, Report, compare
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from persistence.jobs import JobContext, Worker, enqueue
from persistence.migrate import migrate

_PARALLEL = 8


async def _enqueue_one(database: Database, key: int) -> None:
    async with database.transaction() as tx:
        await enqueue(tx, "bench", str(key))


async def _drain(database: Database) -> None:
    async def handle(context: JobContext) -> None:
        async with context.transaction() as tx:
            await context.finish(tx)

    await Worker(database, {"bench": handle}, concurrency=_PARALLEL).run_due(rounds=1_000_000)


async def _in_parallel(count: int, database: Database) -> None:
    gate = asyncio.Semaphore(_PARALLEL)

    async def one(key: int) -> None:
        async with gate:
            await _enqueue_one(database, key)

    await asyncio.gather(*(one(key) for key in range(count)))


async def _bare_inserts(database: Database, count: int) -> None:
    gate = asyncio.Semaphore(_PARALLEL)

    async def one(number: int) -> None:
        async with gate, database.transaction() as tx:
            await tx.execute(text("INSERT INTO bench_row VALUES (:n)"), {"n": number})

    await asyncio.gather(*(one(number) for number in range(count)))


def run(*, smoke: bool) -> list[Report]:
    """Enqueue and carry out jobs, one committed transaction each way."""
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder, asyncio.Runner() as runner:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder) / "postgres")
        database = Database(runner.run(server.start()))
        try:
            runner.run(migrate(database))

            async def table() -> None:
                async with database.transaction() as tx:
                    await tx.execute(text("CREATE TABLE bench_row (n bigint)"))

            runner.run(table())

            def enqueue_and_drain(count: int) -> None:
                runner.run(_in_parallel(count, database))
                runner.run(_drain(database))

            cases = [
                Case(
                    "committed inserts, 8 at a time", lambda n: runner.run(_bare_inserts(database, n)), reference=True
                ),
                Case("jobs: enqueue, claim, finish", enqueue_and_drain),
            ]
            report = compare("Durable work", "jobs", cases, rounds=3 if smoke else 7, seconds=0.1 if smoke else 0.5)
            return [report]
        finally:
            runner.run(database.close())
            runner.run(server.stop())
