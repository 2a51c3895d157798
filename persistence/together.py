"""One answer for all who ask the same at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """Asks once for everybody who waits. A question that is under way already is never joined: what it reads may be
    older than the asking, so that whoever comes meanwhile shares the next one."""

    def __init__(self, ask: Callable[[K], Awaitable[V]]) -> None:
        self._ask = ask
        self._next: dict[K, asyncio.Future[V] | None] = {}
        """A key for each question under way; with it those who wait for the next."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, key: K) -> V:
        """Raises what the question raises."""
        if key in self._next:
            waiting = self._next[key]
            if waiting is None:
                waiting = self._next[key] = asyncio.get_running_loop().create_future()
            return await asyncio.shield(waiting)
        self._next[key] = None
        try:
            return await self._ask(key)
        finally:
            self._go_on(key)

    def _go_on(self, key: K) -> None:
        waiting = self._next[key]
        if waiting is None:
            del self._next[key]
            return
        self._next[key] = None
        task = asyncio.create_task(self._answer(key, waiting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, key: K, waiting: asyncio.Future[V]) -> None:
        try:
            value = await self._ask(key)
        except Exception as error:
            waiting.set_exception(error)
            # Whoever asked may have gone away; an error that nobody fetches is no news.
            waiting.exception()
        except BaseException:
            waiting.cancel()
            raise
        else:
            waiting.set_result(value)
        finally:
            self._go_on(key)
