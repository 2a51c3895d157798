"""Reorgs of every depth below finality during traffic: the record equals the chain that counts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from persistence.database import Database
from tests.fakes.anvil import running_anvil
from tests.integration.engine.stage import Bench, evm_adapter, make_engine
from wallets.engine.model import PaymentStatus

_EPOCH = 32
"""Slots: Anvil calls a block final two epochs later, deeper than any reorg here."""


@pytest_asyncio.fixture
async def deep(database: Database) -> AsyncIterator[Bench]:
    async with running_anvil(block_time=None, arguments=("--slots-in-an-epoch", str(_EPOCH))) as node:
        adapter = evm_adapter(node.url)
        engine, signer, sender = make_engine(database, adapter)
        yield Bench(database, node, adapter, engine, signer, sender)
        await adapter.close()


async def _traffic(bench: Bench, *, payments: int, reorgs: int, seed: int) -> None:
    chance = random.Random(seed)
    await bench.node.mine(25)
    due = sorted(chance.sample(range(payments), reorgs))
    async with bench.working():
        for number in range(payments):
            await bench.pay(f"p{number}", 1000 + number)
            await asyncio.sleep(0.02)
            await bench.node.mine(chance.randint(0, 2) or 1)
            if number in due:
                await bench.node.rpc.call("anvil_reorg", chance.randint(1, 20), [])

        async def over() -> bool | None:
            async with bench.database.transaction() as tx:
                counts = await bench.engine.counts(tx)
            return set(counts) == {PaymentStatus.DONE} or None

        await bench.until(over, rounds=2500)


async def _check(bench: Bench, payments: int) -> None:
    """A fresh scan of the chain finds each payment's transaction where the record says, and nothing else."""
    assert await bench.received() == sum(1000 + number for number in range(payments))
    head = int(await bench.node.rpc.call("eth_blockNumber"), 16)
    seen = await bench.adapter.seen(bench.sender, 0)
    assert [one.nonce for one in seen] == list(range(payments))
    assert head >= seen[-1].height
    async with bench.database.transaction() as tx:
        rows = await tx.execute(text("SELECT tx_hash, height FROM payment_attempt WHERE status = 'final' AND ok"))
        assert {(row.tx_hash, row.height) for row in rows} == {(one.tx_hash, one.height) for one in seen}
        held = await tx.execute(text("SELECT count(*) FROM payment_reservation WHERE state <> 'settled'"))
        assert held.scalar_one() == 0


async def test_reorgs_during_traffic(deep: Bench) -> None:
    """Eight payments, four reorgs: the smoke of the soak below."""
    await _traffic(deep, payments=8, reorgs=4, seed=1)
    await _check(deep, 8)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(5))
async def test_many_reorgs_during_traffic(deep: Bench, seed: int) -> None:
    """A hundred payments and forty reorgs of depth 1 to 20."""
    await _traffic(deep, payments=100, reorgs=40, seed=seed)
    await _check(deep, 100)
