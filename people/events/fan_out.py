"""Hand every event on, once and in order, to whoever makes something of it: webhooks, notifications, cases.

What a consumer writes and the place in the feed are one commit, so that a crash neither loses nor doubles anything. A
consumer that raises holds up neither the others nor its own later events: what it raised at is parked, and tried again
with growing pauses until it succeeds (ADR 0053).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

import structlog

from people.events import sql
from people.events.model import Event
from persistence.database import Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.errors import QuanbaoError

log = structlog.get_logger()

FAN_OUT = "events.fan_out"
"""Job kind and key: one row for ever. Asking for it in each act's commit would make all of them wait for one row."""
PARKED = "events.parked"
"""Job kind and key: there while anything is parked."""

BATCH = 200
_EVERY = timedelta(seconds=1)
_AT_ONCE = 50
_LONGEST_PAUSE = 600

Consumer = Callable[[Transaction, Sequence[Event]], Awaitable[None]]
"""Writes what follows from some events, in the transaction that moves the place behind them. Order is not promised: an
event that was parked comes later than those behind it."""


class FanOut:
    """The handler of `events.fan_out` and `events.parked`.

    Args:
        consumers: By name; the name is stored beside what is parked.
    """

    def __init__(self, consumers: Mapping[str, Consumer]) -> None:
        self._consumers = dict(consumers)

    @property
    def consumers(self) -> Sequence[str]:
        """Their names."""
        return list(self._consumers)

    def handlers(self) -> Mapping[str, Handler]:
        return {FAN_OUT: self._handle, PARKED: self._try_parked}

    async def begin(self, tx: Transaction) -> None:
        """See to it that place and job exist. The first place is now: of what was before nobody wants to hear. What is
        parked is tried at once: this version may be the mended one."""
        await sql.begin_place(tx)
        await enqueue(tx, FAN_OUT, FAN_OUT, urgent=False)
        if await sql.hasten_parked(tx):
            await enqueue(tx, PARKED, PARKED)

    async def _handle(self, ctx: JobContext) -> Again:
        async with ctx.transaction() as tx:
            count = await self.hand_on(tx)
        fault_point("events.handed_on")
        return Again(_EVERY if count < BATCH else timedelta(0))

    async def hand_on(self, tx: Transaction) -> int:
        """At most 200 events behind the place; how many."""
        place = await sql.lock_place(tx)
        events = await sql.events_of_all(tx, place, BATCH)
        if not events:
            if await sql.beyond_the_present(tx, place.cursor):
                # A restored backup: this server counts transactions anew, and rows go on behind the restored ones.
                await sql.begin_again(tx, place)
            return 0
        for name, consume in self._consumers.items():
            await self._hand_to(tx, name, consume, events)
        await sql.move_place(tx, events[-1].cursor)
        return len(events)

    async def _hand_to(self, tx: Transaction, name: str, consume: Consumer, events: Sequence[Event]) -> None:
        """Together, and where that fails one by one."""
        if await sql.tried(tx, partial(consume, tx, events)) is None:
            return
        failed = False
        for event in events:
            error = await sql.tried(tx, partial(consume, tx, [event]))
            if error is None:
                continue
            await sql.park(tx, event, name, _code(error), _pause(1))
            log.error("event_parked", consumer=name, kind=event.kind, place=str(event.cursor), code=_code(error))
            failed = True
        if failed:
            await enqueue(tx, PARKED, PARKED, delay=_pause(1))

    async def _try_parked(self, ctx: JobContext) -> Again | None:
        async with ctx.transaction() as tx:
            for parked in await sql.due_parked(tx, _AT_ONCE):
                consume = self._consumers.get(parked.consumer)
                event = parked.event
                error = None if consume is None else await sql.tried(tx, partial(consume, tx, [event]))
                if error is None:
                    await sql.unpark(tx, parked)
                    how = "event_unparked" if consume is not None else "event_wanted_no_more"
                    log.info(how, consumer=parked.consumer, kind=event.kind, place=str(event.cursor))
                else:
                    await sql.park_again(tx, parked, _code(error), _pause(parked.tries + 1))
            wait = await sql.until_parked(tx)
            if wait is None:
                await ctx.finish(tx)
                return None
        return Again(max(wait, timedelta(0)))


def _pause(tries: int) -> timedelta:
    """2 s doubling to ten minutes."""
    return timedelta(seconds=min(_LONGEST_PAUSE, 2 ** min(tries, 10)))


def _code(error: Exception) -> str:
    """What may be shown of it: the text of a foreign error may hold anything."""
    return error.code if isinstance(error, QuanbaoError) else type(error).__name__
