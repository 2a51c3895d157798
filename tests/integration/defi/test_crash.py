"""kill -9 between the payments of a swap: the next call of its key goes on, nothing is approved or swapped twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from persistence.database import Database
from persistence.jobs import Worker
from primitives.errors import LaneBusy
from tests.dapps.deploy import Exchange, plain_token
from tests.fakes.anvil import Anvil
from tests.integration.defi.crash_runner import AMOUNT, Cast, cast
from wallets.defi.model import StepStatus
from wallets.engine.model import Payment, PaymentStatus

ROOT = Path(__file__).parents[3]
SUPPLY = 10**30
POOLED = 1_000 * 10**18


class Scene:
    def __init__(self, node: Anvil, played: Cast, database: Database, arguments: list[str]) -> None:
        self.node, self.played, self.database, self.arguments = node, played, database, arguments
        self.begun = 0

    async def dies(self, act: str, point: str) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.integration.defi.crash_runner", act, *self.arguments),
            cwd=ROOT,
            env={**os.environ, "QUANBAO_FAULT_POINT": point},
        )
        assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        played = self.played
        handlers = {**played.engine.handlers(), **played.swaps.handlers(), **played.outside.handlers()}
        # A short lease: a dead worker's jobs need not be waited for.
        worker = Worker(self.database, handlers, lease=timedelta(seconds=1), poll=timedelta(milliseconds=50))
        running = asyncio.create_task(worker.run())
        yield
        worker.stop()
        await asyncio.wait_for(running, 15)

    async def ended(self, swap_id: UUID) -> StepStatus:
        for _ in range(2_000):
            swap = await self.played.swaps.get(self.played.tenant, swap_id)
            if swap.ended_at is not None:
                return swap.status
            await self.node.mine()
            await asyncio.sleep(0.02)
        raise AssertionError("the swap never ended")

    async def done(self, payment: Payment) -> Payment:
        """The payment when it has ended, which must be well."""
        for _ in range(2_000):
            async with self.database.transaction() as tx:
                found = await self.played.engine.get(tx, self.played.tenant, payment.id)
            if found.status is PaymentStatus.DONE:
                return found
            assert found.failure is None, found.failure
            await self.node.mine()
            await asyncio.sleep(0.02)
        raise AssertionError("the payment never ended")

    async def sent(self) -> int:
        """Transactions of the account since the scene was set."""
        return (
            await self.played.chains.adapter(self.played.account.chain).next_nonce(self.played.account) or 0
        ) - self.begun

    async def sold(self) -> int:
        adapter = self.played.chains.adapter(self.played.account.chain)
        left = await adapter.balance(self.played.account, await adapter.asset(self.played.tea))
        return SUPPLY - POOLED - left.base_units


@pytest_asyncio.fixture
async def scene(database: Database, database_url: str, node: Anvil, exchange: Exchange) -> AsyncIterator[Scene]:
    tea = await plain_token(node, "TEA", supply=SUPPLY)
    await exchange.coin_pool(tea.id.reference, POOLED, 10 * 10**18)
    tenant = uuid4()
    addresses = [exchange.wrapped, exchange.router, tea.id.reference]
    played = await cast(database, node.url, tenant, *addresses)
    scene = Scene(node, played, database, [database_url, node.url, str(tenant), *addresses])
    scene.begun = await scene.sent()
    yield scene
    await played.chains.close()


@pytest.mark.parametrize(
    ("point", "signed"),
    [
        pytest.param("swap.requested", 0, marks=pytest.mark.soak),
        ("swap.step_signed:1", 1),
        pytest.param("swap.step_signed:2", 2, marks=pytest.mark.soak),
    ],
)
async def test_a_swap_that_was_cut_off_is_made_once(scene: Scene, point: str, signed: int) -> None:
    await scene.dies("swap", point)
    swap_id = await scene.played.swaps.known(scene.played.tenant, "crash", scene.played.draft.digest("keystore"))
    assert swap_id is not None
    left = await scene.played.swaps.get(scene.played.tenant, swap_id)
    waiting = [step.status is StepStatus.AWAITING_SIGNATURE for step in left.steps]
    assert waiting == [False] * signed + [True] * (2 - signed)
    again, twin = await asyncio.gather(scene.played.swap(), scene.played.swap())
    assert again.id == twin.id == swap_id
    async with scene.working():
        assert await scene.ended(swap_id) is StepStatus.DONE
    assert (await scene.sent(), await scene.sold()) == (2, AMOUNT)


@pytest.mark.soak
async def test_a_swap_that_was_cut_off_too_long_ago_is_given_up(scene: Scene) -> None:
    """The approval stands and is no more than that; the swap is never signed, and its key keeps saying so."""
    await scene.dies("swap", "swap.step_signed:1")
    async with scene.working():
        for _ in range(3):
            await scene.node.mine()
        await scene.node.rpc.call("evm_increaseTime", 3_600)
        await scene.node.mine()
        given_up = await scene.played.swap()
        assert await scene.ended(given_up.id) is StepStatus.FAILED
        again = await scene.played.swap()
    assert again.failure is not None
    assert again.failure.code == "quote_expired"
    assert [step.status for step in again.steps] == [StepStatus.DONE, StepStatus.CANCELLED]
    assert (await scene.sent(), await scene.sold()) == (1, 0)


@pytest.mark.soak
async def test_a_step_that_was_handed_in_before_a_crash_is_sent_all_the_same(scene: Scene) -> None:
    await scene.dies("submit", "swap.submitted")
    assert (await scene.sent(), await scene.node.rpc.call("txpool_status")) == (0, {"pending": "0x0", "queued": "0x0"})
    swap = await scene.played.outside.prepare(scene.played.tenant, scene.played.draft, idempotency_key="outside")
    async with scene.working():
        for _ in range(2_000):
            if (await scene.played.swaps.get(scene.played.tenant, swap.id)).steps[0].status is StepStatus.DONE:
                break
            await scene.node.mine()
            await asyncio.sleep(0.02)
    assert await scene.sent() == 1


@pytest.mark.soak
async def test_a_swap_that_nobody_goes_on_with_does_not_stand_in_the_way_for_ever(scene: Scene) -> None:
    await scene.dies("swap", "swap.requested")
    with pytest.raises(LaneBusy):
        await scene.played.swap("another")
    await scene.node.rpc.call("evm_increaseTime", 3_600)
    await scene.node.mine()
    another = await scene.played.swap("another")
    async with scene.working():
        assert await scene.ended(another.id) is StepStatus.DONE
        assert await scene.ended((await scene.played.swap()).id) is StepStatus.CANCELLED
    assert (await scene.sent(), await scene.sold()) == (2, AMOUNT)


@pytest.mark.soak
async def test_an_approval_that_was_cut_off_is_given_once(scene: Scene) -> None:
    await scene.dies("approve", "approval.requested")
    payment = await scene.played.approve()
    assert payment.status is PaymentStatus.IN_FLIGHT
    assert (await scene.played.approve()).tx_hash == payment.tx_hash


@pytest.mark.long
async def test_a_revocation_that_was_cut_off_is_sent_once(scene: Scene) -> None:
    """At the death it is written down and nothing is signed; whoever asks again with its key goes on with that one,
    also when the approval has ended meanwhile."""
    played = scene.played
    async with scene.working():
        await scene.done(await played.approve())
    assert await scene.sent() == 1
    await scene.dies("revoke", "revocation.requested")
    async with scene.database.transaction() as tx:
        left = await played.engine.by_key(tx, played.tenant, "revoke:crash")
    assert left is not None, "the death came after the commit"
    assert (left.status, left.tx_hash, await scene.sent()) == (PaymentStatus.AWAITING_SIGNATURE, None, 1)
    assert await scene.node.rpc.call("txpool_status") == {"pending": "0x0", "queued": "0x0"}
    again, twin = await asyncio.gather(played.revoke(), played.revoke())
    assert again.id == twin.id == left.id
    async with scene.working():
        done = await scene.done(again)
        assert await played.assets.approvals(played.tenant, played.account) == ([], True)
        assert (await played.revoke()).tx_hash == done.tx_hash, "the same key, after its approval has ended"
    assert await scene.sent() == 2
