"""Payments that wait for their signature in this process, and whoever waits for the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from chains.ports import Preview
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
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

    def refuse(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(eq=False)
class Queue:
    """What waits for one signer: whoever gets the lock signs for all."""

    signer: Signer
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[Ask] = field(default_factory=list)


class Queues:
    """Queues by place and signer; a queue lives as long as somebody waits in it."""

    def __init__(self) -> None:
        self._queues: dict[Waiters, list[Queue]] = {}

    def enter(self, where: Waiters, ask: Ask) -> Queue:
        queues = self._queues.setdefault(where, [])
        queue = next((one for one in queues if one.signer == ask.signer), None)
        if queue is None:
            queue = Queue(ask.signer)
            queues.append(queue)
        queue.waiting.append(ask)
        return queue

    def leave(self, where: Waiters, queue: Queue, ask: Ask) -> None:
        queue.waiting.remove(ask)
        if not queue.waiting:
            queues = self._queues[where]
            queues.remove(queue)
            if not queues:
                del self._queues[where]
