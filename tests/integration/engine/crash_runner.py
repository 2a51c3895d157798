"""A process that makes one payment and works on it, to be killed at a fault point.

python -m tests.integration.engine.crash_runner DATABASE_URL NODE_URL TENANT
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from uuid import UUID

from chains.intent import Intent, Transfer
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount
from tests.integration.engine.stage import CHAIN, ETHER, evm_adapter, make_engine
from wallets.engine.model import PaymentRequest

AMOUNT = 4321


async def main(database_url: str, node_url: str, tenant: UUID) -> None:
    database = Database(database_url)
    engine, _, sender = make_engine(database, evm_adapter(node_url))
    recipient = AccountId.from_raw(CHAIN, b"\x22" * 20)
    intent = Intent(sender, Transfer(Amount(AMOUNT, ETHER), recipient))
    async with database.transaction() as tx:
        await engine.request(tx, PaymentRequest(tenant, "crash", intent, "transfer", reference={"k": "crash"}))
    # A short lease, so that the test need not wait for the dead worker's to run out.
    worker = Worker(
        database, engine.handlers(), lease=timedelta(seconds=1), poll=timedelta(milliseconds=50), concurrency=2
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], UUID(sys.argv[3])))
