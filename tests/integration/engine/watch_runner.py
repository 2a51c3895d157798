"""A process that looks at balances, to be killed at a fault point.

python -m tests.integration.engine.watch_runner DATABASE_URL NODE_URL
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from persistence.database import Database
from persistence.jobs import Worker
from tests.integration.engine.stage import evm_adapter, make_engine
from wallets.engine.watch.service import WATCH


async def main(database_url: str, node_url: str) -> None:
    database = Database(database_url)
    engine, _, _ = make_engine(database, evm_adapter(node_url))
    await Worker(database, {WATCH: engine.balances.look}, lease=timedelta(seconds=1)).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
