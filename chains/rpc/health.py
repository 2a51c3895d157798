"""How well one endpoint has answered lately, method by method.

A cheap method that works must not hide a broken one, so each method has a count of its own; what concerns the whole
endpoint (no connection, wrong chain) is kept under `WHOLE`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

WHOLE = "*"

FAILURES_BEFORE_PAUSE = 3
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
JITTER = 0.2
"""Of every pause, so that many processes do not come back at the same moment."""
_SMOOTHING = 0.2


@dataclass(slots=True)
class MethodHealth:
    """Of one method (or `WHOLE`). `failures` are consecutive; `paused_until` is in seconds of the clock."""

    failures: int = 0
    paused_until: float = 0.0
    seconds: float | None = None
    reason: str | None = None


class Health:
    """Counts failures and decides when an endpoint is left alone.

    Args:
        clock: Seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._methods: dict[str, MethodHealth] = {}

    def succeeded(self, methods: Iterable[str], seconds: float) -> None:
        """A usable answer: the counts of these methods start anew."""
        for method in (WHOLE, *methods):
            known = self._methods.setdefault(method, MethodHealth())
            known.failures, known.paused_until, known.reason = 0, 0.0, None
            known.seconds = seconds if known.seconds is None else known.seconds + _SMOOTHING * (seconds - known.seconds)

    def failed(self, methods: Iterable[str], reason: str, *, wait_seconds: float | None = None) -> None:
        """No usable answer. From the third in a row on there is a pause, doubling up to a minute."""
        for method in methods:
            known = self._methods.setdefault(method, MethodHealth())
            known.failures += 1
            known.reason = reason
            pause = wait_seconds
            if pause is None and known.failures >= FAILURES_BEFORE_PAUSE:
                doublings = min(known.failures - FAILURES_BEFORE_PAUSE, 10)
                pause = min(FIRST_PAUSE_SECONDS * 2**doublings, LONGEST_PAUSE_SECONDS)
            if pause is not None:
                pause = min(pause, LONGEST_PAUSE_SECONDS) * random.uniform(1 - JITTER, 1 + JITTER)
                known.paused_until = self._clock() + pause

    def paused_until(self, methods: Iterable[str]) -> float:
        """When these methods may be asked again; 0 when they may now."""
        until = max((self._methods[m].paused_until for m in (WHOLE, *methods) if m in self._methods), default=0.0)
        return until if until > self._clock() else 0.0

    def report(self) -> Mapping[str, MethodHealth]:
        """What is known, by method; `paused_until` as seconds from now, 0 where there is no pause."""
        now = self._clock()
        return {
            method: replace(known, paused_until=max(0.0, known.paused_until - now))
            for method, known in self._methods.items()
        }
