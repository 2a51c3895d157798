"""One of several workers on the same database: each job writes one line.

python -m tests.integration.operation.steady_worker DATABASE_URL NAME HOLD

With HOLD above 0 it stops in the midst of the job after so many, says "holding", and waits to be killed.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from sqlalchemy import text

from persistence.database import Database
from persistence.jobs import JobContext, Worker


async def _work(url: str, name: str, hold: int) -> None:
    database = Database(url, pool_size=4)
    done = 0

    async def handle(context: JobContext) -> None:
        nonlocal done
        async with context.transaction() as tx:
            await tx.execute(
                text("INSERT INTO line (key, worker) VALUES (:key, :worker)"), {"key": context.job.key, "worker": name}
            )
            done += 1
            if hold and done > hold:
                _say("holding")
                await asyncio.Event().wait()
            await context.finish(tx)

    _say("ready")
    await Worker(database, {"line": handle}, concurrency=4, lease=timedelta(seconds=2)).run()


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], sys.argv[2], int(sys.argv[3])))
