"""Follow the events of some tenants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import structlog

from people.events import sql
from people.events.model import Event, EventCursor
from persistence.database import Database
from persistence.listening import listening
from primitives.errors import QuanbaoError

log = structlog.get_logger()

BATCH = 100


class EventFeed:
    """Reads events in order. One connection per process listens for hints; reading also goes on without them."""

    def __init__(self, database: Database, *, poll_seconds: float = 1.0) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._hint = asyncio.Event()

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Hear hints while the block runs; losing the connection costs latency only."""
        return listening(self._database, sql.CHANNEL, self._wake)

    async def start_place(self, last_seen: str | None) -> EventCursor:
        """Where to go on: behind the event last seen, or now.

        Raises:
            InvalidValue: The text is not a place in the feed.
        """
        async with self._database.transaction() as tx:
            if last_seen is not None:
                place = EventCursor.parse(last_seen)
                if not await sql.beyond_the_present(tx, place):
                    return place
            return await sql.current_place(tx)

    async def read(self, tenants: Collection[UUID], after: EventCursor) -> Sequence[Event]:
        """At most 100 events behind a place; empty when there are none yet."""
        async with self._database.transaction() as tx:
            return await sql.events_after(tx, tenants, after, BATCH)

    async def next(self, tenants: Collection[UUID], after: EventCursor, *, within_seconds: float) -> Sequence[Event]:
        """As `read`, but waits for the first event for a while."""
        deadline = asyncio.get_running_loop().time() + within_seconds
        while True:
            hint = self._hint
            try:
                found = await self.read(tenants, after)
            except QuanbaoError as error:
                log.warning("event_feed_unreadable", code=error.code)
                found = ()
            left = deadline - asyncio.get_running_loop().time()
            if found or left <= 0:
                return found
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, self._poll_seconds)):
                    await hint.wait()

    def _wake(self) -> None:
        woken, self._hint = self._hint, asyncio.Event()
        woken.set()
