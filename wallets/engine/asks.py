"""Payments that wait for their signature in this process, and whoever waits for the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from chains.ports import Preview
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import QuanbaoError
from primitives.signing import Signer
from wallets.engine.model import Payment
from wallets.engine.presigning import Presigning

Waiters = tuple[ChainId, AccountId | None]
"""Where payments may be signed in one commit: on chains with account nonces all of the chain, elsewhere those of one
account."""


@dataclass(slots=True, eq=False)
class Ask:
    """A payment that waits, and who wants to know."""

    payment: Payment
    signer: Signer
    preview: Preview | None
    presigning: Presigning | None
    answer: asyncio.Future[Payment]

    def give(self, payment: Payment) -> None:
        if not self.answer.done():
            self.answer.set_result(payment)

    def follow(self, other: Ask) -> None:
        """The answer of another ask for the same payment, if it has one."""
        if other.answer.done() and not self.answer.done():
            error = other.answer.exception()
            self.answer.set_result(other.answer.result()) if error is None else self.answer.set_exception(error)

    def outcome(self) -> Payment | QuanbaoError:
        """The answer. Raises what is no answer at all."""
        error = self.answer.exception()
        if error is None:
            return self.answer.result()
        if isinstance(error, QuanbaoError):
            return error
        raise error

    def refuse(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(eq=False)
class Queue:
    """What waits for one signer: whoever gets a turn signs for all whose accounts are in no other turn.

    While one turn waits for the database or the node, another one works here.
    """

    signer: Signer
    waiting: list[Ask] = field(default_factory=list)
    _turns: int = 0
    _busy: set[AccountId] = field(default_factory=set)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def turn(self, own: Sequence[Ask], most: int) -> AsyncIterator[list[Ask]]:
        """Wait for a turn; what is to be signed in it, at least one of `own` and at most `most`. Nothing when all of
        `own` have their answers."""
        while True:
            open_ones = [ask for ask in own if not ask.answer.done()]
            first = [ask for ask in open_ones if ask.payment.sender not in self._busy]
            if not open_ones or (first and self._turns < _TURNS):
                break
            await self._moved.wait()
        if not open_ones:
            yield []
            return
        now: dict[UUID, Ask] = {}
        for ask in chain(first, self.waiting):
            if len(now) == most:
                break
            if not ask.answer.done() and ask.payment.sender not in self._busy:
                now.setdefault(ask.payment.id, ask)
        accounts = {ask.payment.sender for ask in now.values()}
        self._busy |= accounts
        self._turns += 1
        try:
            yield list(now.values())
        finally:
            self._busy -= accounts
            self._turns -= 1
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()


_TURNS = 2


class Queues:
    """Queues by place and signer; a queue lives as long as somebody waits in it."""

    def __init__(self) -> None:
        self._queues: dict[Waiters, list[Queue]] = {}

    def enter(self, where: Waiters, asks: Sequence[Ask]) -> Queue:
        """The queue of the asks' one signer."""
        queues = self._queues.setdefault(where, [])
        queue = next((one for one in queues if one.signer == asks[0].signer), None)
        if queue is None:
            queue = Queue(asks[0].signer)
            queues.append(queue)
        queue.waiting += asks
        return queue

    def leave(self, where: Waiters, queue: Queue, asks: Sequence[Ask]) -> None:
        gone = set(map(id, asks))
        queue.waiting = [one for one in queue.waiting if id(one) not in gone]
        if not queue.waiting:
            queues = self._queues[where]
            queues.remove(queue)
            if not queues:
                del self._queues[where]
