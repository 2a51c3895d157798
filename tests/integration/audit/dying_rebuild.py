"""A process that rebuilds the projections of a database, to be killed at a fault point.

python -m tests.integration.audit.dying_rebuild DATABASE_URL

It has no chain to read from: if it gets that far, it ends with an error instead of by the kill.
"""

from __future__ import annotations

import asyncio
import sys

from audit.rebuild.service import RebuildService
from persistence.database import Database
from tests.fakes.voucher_chain import FakeChains
from vouchers.ledger.indexer import Indexer
from vouchers.settlement.books import Books


async def main(database_url: str) -> None:
    database, chains = Database(database_url), FakeChains()
    await RebuildService(database, Indexer(chains), Books(database, chains)).rebuild()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
