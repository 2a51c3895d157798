"""The demo under blows: at each one a part dies by kill -9, and what a user would start again is started again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.e2e.crash.installation import VICTIMS, Installation

BOUND_SECONDS = 1800
_READY_SECONDS = 180
_LOOK_EVERY_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class AtFaultPoint:
    """The app kills itself at the n-th passing of a fault point after its start."""

    name: str
    passing: int = 1

    def __str__(self) -> str:
        return f"{self.name}:{self.passing}"


@dataclass(frozen=True, slots=True)
class AtMoment:
    """A part is killed this long after the last blow, whatever everybody is doing then, starting again included."""

    victim: str
    after_seconds: float

    def __str__(self) -> str:
        return f"{self.victim}+{self.after_seconds:.2f}s"


Blow = AtFaultPoint | AtMoment


def random_moments(seed: int, count: int, *, longest_seconds: float = 20) -> Sequence[AtMoment]:
    """The same seed gives the same victims and pauses."""
    chance = random.Random(seed)
    return [AtMoment(chance.choice(VICTIMS), chance.uniform(0.5, longest_seconds)) for _ in range(count)]


@dataclass(slots=True)
class Journey:
    """Plays the demo to its end while the blows fall one after the other.

    Attributes:
        struck: The blows that fell.
        runs: How often the demo came to its end.
    """

    installation: Installation
    blows: Sequence[Blow]
    struck: list[str] = field(default_factory=list)
    runs: int = 0
    _next: int = 0
    _armed_at: float = 0.0
    _was_ready: bool = False
    _calm: bool = True
    _not_ready_since: float | None = None

    def play(self, *, until_all_struck: bool) -> None:
        """Until the demo has ended well, and with `until_all_struck` in further runs until the last blow has fallen.

        Raises:
            AssertionError: The demo or `up` ended in a way that no blow explains, or the bound has passed.
        """
        deadline = time.monotonic() + BOUND_SECONDS
        self._start()
        while True:
            assert time.monotonic() < deadline, f"no end within {BOUND_SECONDS} s: {self._story()}"
            self._look_at_up()
            if self.installation.demo is None:
                if self.installation.ready():
                    self._was_ready, self._calm, self._not_ready_since = True, True, None
                    self.installation.spawn_demo()
                else:
                    self._not_ready_since = self._not_ready_since or time.monotonic()
                    waited = time.monotonic() - self._not_ready_since
                    assert waited < _READY_SECONDS, f"not ready {waited:.0f} s after a blow: {self._story()}"
            elif (code := self.installation.demo.poll()) is not None:
                self.installation.demo = None
                if code == 0:
                    self.runs += 1
                    if not until_all_struck or self._next >= len(self.blows):
                        return
                else:
                    assert not self._calm, f"the demo ended with {code} though nothing was killed: {self._story()}"
            self._strike_if_due()
            time.sleep(_LOOK_EVERY_SECONDS)

    def _start(self) -> None:
        blow = self.blows[self._next] if self._next < len(self.blows) else None
        self.installation.spawn_with(str(blow) if isinstance(blow, AtFaultPoint) else None)
        self._was_ready = False
        self._armed_at = time.monotonic()

    def _look_at_up(self) -> None:
        """Start `up` again when it is gone, as its user would; it may only go when it was killed itself."""
        code = self.installation.exit_code()
        if code is None:
            return
        blow = self.blows[self._next] if self._next < len(self.blows) else None
        if code == -signal.SIGKILL:
            if isinstance(blow, AtFaultPoint):
                self._fallen(blow)
        else:
            assert not self._was_ready, f"`up` ended with {code} though it was not killed: {self._story()}"
            assert not self._calm, f"`up` could not start ({code}) though nothing was killed: {self._story()}"
        self._start()

    def _strike_if_due(self) -> None:
        blow = self.blows[self._next] if self._next < len(self.blows) else None
        if isinstance(blow, AtFaultPoint) and self._next and isinstance(self.blows[self._next - 1], AtMoment):
            # A fault point is armed by the environment of a fresh start.
            self._kill("app")
            return
        if not isinstance(blow, AtMoment) or time.monotonic() < self._armed_at + blow.after_seconds:
            return
        if self._kill(blow.victim):
            self._fallen(blow)
            self._armed_at = time.monotonic()

    def _kill(self, victim: str) -> bool:
        pid = self.installation.victim(victim)
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self._calm, self._not_ready_since = False, None
            if victim == "app":
                self.installation.wait()
            return True
        return False

    def _fallen(self, blow: Blow) -> None:
        where = "starting" if self.installation.demo is None else "in the story"
        self.struck.append(f"{blow} ({where})")
        self._calm, self._not_ready_since = False, None
        self._next += 1

    def _story(self) -> str:
        return f"struck {self.struck}\n{self.installation.told()}"
