"""A process that authorises and works on every payment of a database, to be killed at a fault point again and again.

python -m tests.integration.engine.crash_batch DATABASE_URL NODE_URL [impatient]
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from persistence.database import Database
from persistence.jobs import Worker
from tests.integration.engine.stage import evm_adapter, make_engine
from wallets.engine.care import Patience


async def main(database_url: str, node_url: str, *, impatient: bool) -> None:
    database = Database(database_url)
    patience = Patience(gap=timedelta(0), replace=timedelta(0)) if impatient else None
    engine, _, _ = make_engine(database, evm_adapter(node_url), patience=patience)
    worker = Worker(
        database, engine.handlers(), lease=timedelta(seconds=1), poll=timedelta(milliseconds=20), concurrency=4
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], impatient="impatient" in sys.argv[3:]))
