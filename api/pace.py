"""How many requests one address and one account may make: buckets that fill with time."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_second` on the long run."""

    per_second: float
    burst: int


class Buckets:
    """One bucket for each subject, of which the longest unused are forgotten: a flood of subjects takes no memory.

    Args:
        clock: Seconds that only rise.
    """

    def __init__(self, rate: Rate, *, most: int = 20_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._most = most
        self._clock = clock
        self._levels: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def take(self, subject: bytes) -> int:
        """Take one; 0, or the seconds to wait when there is none."""
        now = self._clock()
        level, since = self._levels.pop(subject, (float(self._rate.burst), now))
        level = min(float(self._rate.burst), level + (now - since) * self._rate.per_second)
        wait = 0 if level >= 1 else max(1, math.ceil((1 - level) / self._rate.per_second))
        self._levels[subject] = (level if wait else level - 1, now)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return wait


class Pace:
    """Bounds of one process. What is guessed is bounded more tightly, in the database (`people.sessions.attempts`).

    Args:
        address: For an address that is not of this machine; IPv6 counts by /64, which one household has.
        account: For a session or API key, known or not.
    """

    def __init__(
        self,
        *,
        address: Rate = Rate(20, 400),
        account: Rate = Rate(50, 1000),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._addresses = Buckets(address, clock=clock)
        self._accounts = Buckets(account, clock=clock)

    def wait(self, address: str, credential: str) -> int:
        """0, or the seconds that this caller waits."""
        subject = _network(address)
        if subject is not None:
            wait = self._addresses.take(subject)
            if wait:
                return wait
        if not credential:
            return 0
        return self._accounts.take(hashlib.sha256(credential.encode("utf-8", "replace")).digest())


def _network(address: str) -> bytes | None:
    """What is counted for an address; None: this machine."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address.encode("utf-8", "replace")[:64]
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback:
        return None
    return parsed.packed if parsed.version == 4 else parsed.packed[:8]
