"""One of several workers on one database: python -m bench.scale.worker DATABASE_URL NUMBER"""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy import text

from api.composition import LEASE
from bench.scale.kinds import WAIT_SECONDS, kinds_of
from persistence.database import Database
from persistence.jobs import Handler, JobContext, Worker


def _handlers(number: int) -> dict[str, Handler]:
    async def commit(context: JobContext) -> None:
        async with context.transaction() as tx:
            await tx.execute(
                text("INSERT INTO bench_line (key, worker) VALUES (:key, :worker)"),
                {"key": context.job.key, "worker": number},
            )
            await context.finish(tx)

    async def wait(context: JobContext) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        await commit(context)

    found: dict[str, Handler] = {}
    for of in kinds_of(number):
        found |= {f"commit{of}": commit, f"wait{of}": wait}
    return found


async def main(database_url: str, number: int) -> None:
    database = Database(database_url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await Worker(database, _handlers(number), lease=LEASE).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
