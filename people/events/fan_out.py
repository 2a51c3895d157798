"""Hand every event on, once and in order, to whoever makes something of it: webhooks, notifications, cases.

What a consumer writes and the place in the feed are one commit, so that a crash neither loses nor doubles anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from people.events import sql
from people.events.model import Event
from persistence.database import Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue

FAN_OUT = "events.fan_out"
"""Job kind and key: one row for ever. Asking for it in each act's commit would make all of them wait for one row."""

BATCH = 200
_EVERY = timedelta(seconds=1)

Consumer = Callable[[Transaction, Sequence[Event]], Awaitable[None]]
"""Writes what follows from some events, in the transaction that moves the place behind them."""


class FanOut:
    """The handler of `events.fan_out`."""

    def __init__(self, consumers: Sequence[Consumer]) -> None:
        self._consumers = tuple(consumers)

    def handlers(self) -> Mapping[str, Handler]:
        return {FAN_OUT: self._handle}

    async def begin(self, tx: Transaction) -> None:
        """See to it that place and job exist. The first place is now: of what was before nobody wants to hear."""
        await sql.begin_place(tx)
        await enqueue(tx, FAN_OUT, FAN_OUT, urgent=False)

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
        for consume in self._consumers:
            await consume(tx, events)
        await sql.move_place(tx, events[-1].cursor)
        return len(events)
