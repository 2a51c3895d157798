"""Hints by LISTEN and NOTIFY. Whoever uses them also polls: a hint may be missed, never relied on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.database import Database

log = structlog.get_logger()


@asynccontextmanager
async def listening(database: Database, channel: str, heard: Callable[[], None]) -> AsyncIterator[None]:
    """Call `heard` at each notification on `channel` while the block runs. Lacking or losing the connection that this
    takes out of the pool costs latency only."""
    async with AsyncExitStack() as stack:
        try:
            connection = await database.engine.connect()
            stack.push_async_callback(_discard, connection)
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.add_listener(channel, lambda *_: heard())
        except Exception as error:
            log.warning("cannot_listen", channel=channel, code=type(error).__name__)
        yield


async def _discard(connection: AsyncConnection) -> None:
    """Never back to the pool: it still listens."""
    with contextlib.suppress(Exception):
        await connection.invalidate()
    await connection.close()
