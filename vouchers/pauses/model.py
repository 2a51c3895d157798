"""What the pauses of a campaign on one chain do to its window there. Pure; all times are Unix seconds of block time.

Source: contracts/evm/src/CampaignClock.sol, whose reckoning this is; docs/onchain.md for Solana.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vouchers.rules import RuleDocument


@dataclass(frozen=True, slots=True)
class PauseSwitch:
    """The issuer began a pause in the block of this time, or ended it."""

    at: int
    begins: bool


@dataclass(frozen=True, slots=True)
class Pauses:
    """Attributes:
    switches: As they follow each other on the chain.
    most: Seconds that all pauses together last at most, by which the window moves on (EVM). None: a pause lasts until
        it is ended, and no window moves (Solana).
    """

    switches: tuple[PauseSwitch, ...] = ()
    most: int | None = 0

    def seconds(self, now: int) -> int:
        """By how much the window has moved on, a running pause included."""
        if self.most is None:
            return 0
        before, begun = self._state()
        return before if begun is None else min(before + max(0, now - begun), self.most)

    def running(self, now: int) -> bool:
        """Whether nothing can be issued, claimed or redeemed right now; a pause may have run out by itself."""
        before, begun = self._state()
        if begun is None:
            return False
        return self.most is None or now < begun + self.most - before

    def _state(self) -> tuple[int, int | None]:
        """Seconds of the pauses that were ended, and when the one began that was not."""
        before, begun = 0, None
        for switch in self.switches:
            if begun is not None and self.most is not None:
                before = min(before + max(0, switch.at - begun), self.most)
            begun = switch.at if switch.begins else None
        return before, begun


NO_PAUSES = Pauses()


@dataclass(frozen=True, slots=True)
class Window:
    """A campaign's half-open window on one chain, as it is now.

    Attributes:
        valid_until: The end of the terms and `paused_seconds` more, as is `claimable_until`.
        paused: Nothing can be issued, claimed or redeemed right now.
    """

    valid_from: int
    valid_until: int
    claimable_until: int
    paused_seconds: int = 0
    paused: bool = False

    def holds(self, now: int) -> bool:
        return self.valid_from <= now < self.valid_until


def window_of(rules: RuleDocument, pauses: Pauses, now: int) -> Window:
    """The window at `now`. While a pause runs its end moves with the time."""
    moved = pauses.seconds(now)
    return Window(
        rules.valid_from, rules.valid_until + moved, rules.claimable_until + moved, moved, pauses.running(now)
    )


def last_window(windows: Sequence[Window]) -> Window:
    """Of several chains the one that ends last. Raises ValueError without any."""
    return max(windows, key=lambda window: window.valid_until)
