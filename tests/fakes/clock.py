"""A clock that stands until a test moves it."""

from datetime import UTC, datetime, timedelta


class StoppedClock:
    """Conforms to `primitives.clock.Clock`."""

    def __init__(self, now: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class SteppedClock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self._now = 1_000.0

    def __call__(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds
