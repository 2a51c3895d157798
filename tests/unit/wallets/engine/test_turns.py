"""Turns of those who wait for one signer: two at a time, an account never in both."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from tests.fakes.signer import MemorySigner
from wallets.engine.asks import Ask, Queue, Queues

CHAIN = ChainId.evm(31337)
ONE, TWO, THREE = (AccountId.from_raw(CHAIN, bytes([number]) * 20) for number in (1, 2, 3))


def ask(sender: AccountId, payment_id: UUID | None = None) -> Ask:
    payment: Any = SimpleNamespace(id=payment_id or uuid4(), sender=sender)
    return Ask(payment, MemorySigner(), None, None, asyncio.get_running_loop().create_future())


def answer(asks: list[Ask]) -> None:
    for one in asks:
        one.give(one.payment)


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Waiter:
    """Takes a turn for its asks and holds it until told to go on."""

    def __init__(self, queue: Queue, asks: list[Ask], most: int = 100) -> None:
        self.now: list[Ask] | None = None
        self.go_on = asyncio.Event()
        queue.waiting += asks
        self.task = asyncio.create_task(self._take(queue, asks, most))

    async def _take(self, queue: Queue, asks: list[Ask], most: int) -> None:
        async with queue.turn(asks, most) as now:
            self.now = now
            await self.go_on.wait()
            answer(now)

    async def end(self) -> None:
        self.go_on.set()
        await self.task


async def test_two_accounts_have_a_turn_each_and_a_third_waits() -> None:
    queue = Queue(MemorySigner())
    asks = [ask(account) for account in (ONE, TWO, THREE)]
    first = Waiter(queue, asks[:1])
    await settle()
    second, third = Waiter(queue, asks[1:2]), Waiter(queue, asks[2:])
    await settle()
    assert first.now == asks[:1]
    assert second.now == [asks[1], asks[2]], "whoever has a turn takes along all whose accounts are free"
    assert third.now is None
    await second.end()
    await third.end()
    assert third.now == [], "its answer came in another's turn"
    await first.end()


async def test_an_account_is_never_in_two_turns() -> None:
    queue = Queue(MemorySigner())
    early, late, other = ask(ONE), ask(ONE), ask(TWO)
    first = Waiter(queue, [early])
    await settle()
    second = Waiter(queue, [late, other])
    await settle()
    assert second.now == [other], "the account that is in the other turn waits"
    await second.end()
    third = Waiter(queue, [late])
    await settle()
    assert third.now is None
    await first.end()
    await settle()
    assert third.now == [late]
    await third.end()


async def test_a_turn_is_bounded_and_holds_no_payment_twice() -> None:
    queue = Queue(MemorySigner())
    same = uuid4()
    asks = [ask(ONE, same), ask(ONE, same), *(ask(ONE) for _ in range(5))]
    waiter = Waiter(queue, asks, most=3)
    await settle()
    assert waiter.now == [asks[0], asks[2], asks[3]]
    await waiter.end()


@pytest.mark.parametrize("how", ["cancelled", "raised"])
async def test_a_turn_that_breaks_off_frees_its_accounts(how: str) -> None:
    queue = Queue(MemorySigner())
    first, second = ask(ONE), ask(ONE)
    entered = asyncio.Event()

    async def break_off() -> None:
        async with queue.turn([first], 100):
            entered.set()
            await asyncio.sleep(0)
            if how == "raised":
                raise RuntimeError("of the one who had the turn")
            await asyncio.Event().wait()

    queue.waiting.append(first)
    broken = asyncio.create_task(break_off())
    await entered.wait()
    waiter = Waiter(queue, [second])
    await settle()
    broken.cancel()
    await asyncio.gather(broken, return_exceptions=True)
    await settle()
    assert waiter.now is not None
    assert second in waiter.now
    await waiter.end()


async def test_a_queue_lives_as_long_as_somebody_waits_in_it() -> None:
    queues, where = Queues(), (CHAIN, None)
    one, two = ask(ONE), ask(TWO)
    two.signer = one.signer
    queue = queues.enter(where, [one])
    assert queues.enter(where, [two]) is queue
    assert queues.enter(where, [ask(THREE)]) is not queue, "another signer signs apart"
    queues.leave(where, queue, [one])
    assert queue.waiting == [two]
    queues.leave(where, queue, [two])
    again = ask(ONE)
    again.signer = one.signer
    assert queues.enter(where, [again]) is not queue
