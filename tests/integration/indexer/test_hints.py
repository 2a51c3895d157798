"""Announced blocks are read at once; announcements that never come, come twice or lie change nothing but that."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.new_blocks import NewBlocks
from chains.registry import ConfiguredChains
from persistence.jobs import Worker
from primitives.chain_id import ChainId
from tests.fakes.vouchers import EVM
from tests.integration.indexer.conftest import Scanned
from vouchers.ledger.indexer import SCAN, Indexer

_NEVER = timedelta(hours=1)


@pytest.fixture
def slots() -> list[str]:
    """Final is 64 blocks below the head."""
    return ["--slots-in-an-epoch", "32"]


@asynccontextmanager
async def _reading(scanned: Scanned, chains: ConfiguredChains, pause: timedelta) -> AsyncIterator[Indexer]:
    """A worker that reads the chain, and comes back by itself only after the pause."""
    indexer = Indexer(chains, pause=pause)
    await indexer.start(scanned.database)
    worker = Worker(scanned.database, indexer.handlers(), poll=timedelta(milliseconds=20))
    running = asyncio.create_task(worker.run())
    try:
        yield indexer
    finally:
        worker.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, 15)


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(3_000):
        if await true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")


async def _rests(scanned: Scanned) -> bool:
    """Whether the scan waits for its next time."""
    statement = "SELECT count(*) FROM job WHERE lease_until IS NULL AND due_at > now() AND fence > 0"
    async with scanned.database.transaction() as tx:
        return (await tx.execute(text(statement))).scalar_one() == 1


async def _runs(scanned: Scanned) -> int:
    async with scanned.database.transaction() as tx:
        return int((await tx.execute(text("SELECT sum(fence) FROM job"))).scalar_one())


async def test_an_announced_block_is_read_at_once(scanned: Scanned) -> None:
    """The scan would come back in an hour; Anvil's own announcements bring it back for every block."""
    chains = await scanned.chains(scanned.node.url)
    async with _reading(scanned, chains, _NEVER) as indexer:
        await _until(lambda: _rests(scanned))
        async with NewBlocks(scanned.database, chains, [indexer.new_block], gap_seconds=0.01).listening():
            # The subscription may begin after the first block: blocks come until one was announced.
            async def heard() -> bool:
                await scanned.node.mine()
                return await _runs(scanned) > 1

            await _until(heard)
            for count in (3, 2):
                await scanned.issue(count)

                # A hint that meets the job in somebody's hands is lost on purpose: the next block brings another.
                async def stands() -> bool:
                    await scanned.node.mine()
                    return len(await scanned.standing()) == scanned.issued

                await _until(stands)
    assert await scanned.standing() == await scanned.on_chain()
    assert await scanned.observations() == scanned.issued
    await chains.close()


async def test_hints_that_lie_or_repeat_change_nothing(scanned: Scanned) -> None:
    """Blocks that do not exist, chains that are not ours, twenty hints for one block: the ledger is the chain's."""
    chains = await scanned.chains(scanned.node.url)
    await scanned.issue(2)
    async with _reading(scanned, chains, _NEVER) as indexer:
        await _until(lambda: _rests(scanned))
        for chain in (EVM, ChainId.evm(1), ChainId.solana("1" * 32)) * 20:
            async with scanned.database.statements() as tx:
                await indexer.new_block(tx, chain)
        await _until(lambda: _rests(scanned))
        assert await scanned.standing() == await scanned.on_chain()
        assert await scanned.observations() == scanned.issued == 2
        async with scanned.database.transaction() as tx:
            assert (await tx.execute(text("SELECT count(*) FROM job"))).scalar_one() == 1, "a hint makes no job"
    await chains.close()


async def test_without_any_hint_the_scan_comes_back_by_itself(scanned: Scanned) -> None:
    """Nobody announces anything."""
    chains = await scanned.chains(scanned.node.url)
    async with _reading(scanned, chains, timedelta(milliseconds=50)):
        await scanned.issue(4)

        async def stands() -> bool:
            return len(await scanned.standing()) == 4

        await _until(stands)
    assert await scanned.standing() == await scanned.on_chain()
    await chains.close()


async def test_a_failing_scan_keeps_its_pause(scanned: Scanned) -> None:
    """A job that waits after a failure is not driven by every block."""
    chains = await scanned.chains(scanned.node.url)
    indexer = Indexer(chains)
    await indexer.start(scanned.database)
    async with scanned.database.transaction() as tx:
        late = "UPDATE job SET last_error = 'node_unavailable', due_at = now() + interval '1 hour' WHERE kind = :kind"
        await tx.execute(text(late), {"kind": SCAN})
        await indexer.new_block(tx, EVM)
    async with scanned.database.transaction() as tx:
        assert (await tx.execute(text("SELECT bool_and(due_at > now()) FROM job"))).scalar_one()
    await chains.close()
