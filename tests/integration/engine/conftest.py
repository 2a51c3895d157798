from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from persistence.database import Database
from tests.fakes.anvil import Anvil, running_anvil
from tests.integration.engine.stage import Bench, evm_adapter, make_engine


@pytest_asyncio.fixture
async def node() -> AsyncIterator[Anvil]:
    async with running_anvil(block_time=None) as node:
        yield node


@pytest_asyncio.fixture
async def bench(database: Database, node: Anvil) -> AsyncIterator[Bench]:
    adapter = evm_adapter(node.url)
    engine, signer, sender = make_engine(database, adapter)
    yield Bench(database, node, adapter, engine, signer, sender)
    await adapter.close()
