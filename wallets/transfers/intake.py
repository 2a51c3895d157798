"""Transfers that one person asks for at the same moment are made together: one simulation, one commit, one signature
run. Whoever finds nobody at work begins at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from primitives.errors import QuanbaoError
from primitives.signing import Signer
from wallets.engine.model import Payment
from wallets.transfers.model import TransferDraft

MOST_AT_ONCE = 100
_GATHERING_SECONDS = 0.015
"""Only while several wishes are being made together; somebody who asks alone never waits for it."""
MakeMany = Callable[[UUID, Sequence[TransferDraft], Signer, Sequence[str]], Awaitable[Sequence[Payment | QuanbaoError]]]
"""Person, what was typed, signer and idempotency keys; an error in one place leaves the others alone."""


@dataclass(slots=True, eq=False)
class _Wish:
    draft: TransferDraft
    key: str
    answer: asyncio.Future[Payment]

    def give(self, answer: Payment | QuanbaoError) -> None:
        if self.answer.done():
            return
        if isinstance(answer, QuanbaoError):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


@dataclass(eq=False)
class _Counter:
    """Where the wishes of one person with one signer wait."""

    tenant_id: UUID
    signer: Signer
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_Wish] = field(default_factory=list)
    busy: bool = False


class Intake:
    """Gathers single transfers."""

    def __init__(self, make_many: MakeMany) -> None:
        self._make_many = make_many
        self._counters: dict[UUID, list[_Counter]] = {}

    async def ask(self, tenant_id: UUID, draft: TransferDraft, signer: Signer, key: str) -> Payment:
        """Raises whatever `make_many` answers for this one."""
        wish = _Wish(draft, key, asyncio.get_running_loop().create_future())
        counter = self._enter(tenant_id, signer, wish)
        try:
            async with counter.lock:
                if not wish.answer.done():
                    if counter.busy:
                        # The clients that were answered just now come back one after the other: take them along.
                        await asyncio.sleep(_GATHERING_SECONDS)
                    await self._make(counter, wish)
        finally:
            self._leave(counter, wish)
        return await wish.answer

    async def _make(self, counter: _Counter, first: _Wish) -> None:
        # Of those with the same key the first goes now; the next one finds what became of it.
        wishes = {first.key: first}
        for wish in counter.waiting:
            if not wish.answer.done() and len(wishes) < MOST_AT_ONCE:
                wishes.setdefault(wish.key, wish)
        together = list(wishes.values())
        counter.busy = len(together) > 1
        try:
            await self._make_together(counter, together)
        except QuanbaoError as error:
            if len(together) == 1:
                first.give(error)
                return
            # One of them may spoil it for all (a key that stands for something else): each on its own.
            for wish in together:
                try:
                    await self._make_together(counter, [wish])
                except QuanbaoError as own:
                    wish.give(own)

    async def _make_together(self, counter: _Counter, wishes: Sequence[_Wish]) -> None:
        answers = await self._make_many(
            counter.tenant_id, [wish.draft for wish in wishes], counter.signer, [wish.key for wish in wishes]
        )
        for wish, answer in zip(wishes, answers, strict=True):
            wish.give(answer)

    def _enter(self, tenant_id: UUID, signer: Signer, wish: _Wish) -> _Counter:
        counters = self._counters.setdefault(tenant_id, [])
        counter = next((one for one in counters if one.signer == signer), None)
        if counter is None:
            counter = _Counter(tenant_id, signer)
            counters.append(counter)
        counter.waiting.append(wish)
        return counter

    def _leave(self, counter: _Counter, wish: _Wish) -> None:
        counter.waiting.remove(wish)
        if not counter.waiting:
            counters = self._counters[counter.tenant_id]
            counters.remove(counter)
            if not counters:
                del self._counters[counter.tenant_id]
