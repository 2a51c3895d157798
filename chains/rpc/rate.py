"""How fast one endpoint may be asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class RateLimit:
    """A bucket that fills at `per_second` and holds one second's worth; None: no limit.

    Those who wait go in the order in which they came.
    """

    def __init__(self, per_second: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._free_at = 0.0

    async def take(self, calls: int) -> None:
        """Wait until this many calls may go."""
        wait = self.reserve(calls)
        if wait > 0:
            await asyncio.sleep(wait)

    def reserve(self, calls: int) -> float:
        """Take the calls now, and answer how many seconds to wait before they go."""
        if self._per_second is None:
            return 0.0
        now = self._clock()
        self._free_at = max(self._free_at, now - 1.0) + calls / self._per_second
        return max(0.0, self._free_at - now)
