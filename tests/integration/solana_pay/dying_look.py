"""A worker that looks for payments of Solana Pay once, to be killed at a fault point.

python -m tests.integration.solana_pay.dying_look DATABASE_URL NODE_URL
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from uuid import UUID

from chains.registry import ChainEndpoint, ConfiguredChains
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from wallets.solana_pay.service import SolanaPay


async def _receiving(tenant_id: UUID, chain: ChainId) -> AccountId:
    raise AssertionError("who looks asks nobody where to be paid")


async def look(database_url: str, node_url: str) -> None:
    database = Database(database_url)
    chains = await ConfiguredChains.connect([ChainEndpoint("solana", node_url, local=True)])
    # A short lease: who goes on after the death need not wait for it.
    await Worker(database, SolanaPay(database, chains, _receiving).handlers(), lease=timedelta(seconds=1)).run_due()


if __name__ == "__main__":
    asyncio.run(look(*sys.argv[1:]))
