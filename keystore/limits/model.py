"""Limits of a service key in the chain's native base units (wei, lamports)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from primitives.errors import InvalidValue

MAX_WINDOW_SECONDS = 31 * 24 * 3600


@dataclass(frozen=True, slots=True)
class KeyLimit:
    """What the keys of one purpose may spend on one chain. None is no limit, zero is a limit of zero.

    Attributes:
        value, fee: Most that one transaction sends, and most that it pays in fees.
        window_seconds: Length of the periods, counted from 1970, in which the totals are kept; spending on both sides
            of a border can reach twice a total.
        window_value, window_fee, window_count: Most in one period.
    """

    value: int | None = None
    fee: int | None = None
    window_seconds: int = 24 * 3600
    window_value: int | None = None
    window_fee: int | None = None
    window_count: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.window_seconds <= MAX_WINDOW_SECONDS:
            raise InvalidValue(f"a limit's period has 1 to {MAX_WINDOW_SECONDS} seconds")
        for item in fields(self):
            amount = getattr(self, item.name)
            if amount is not None and not 0 <= amount < 2**256:
                raise InvalidValue(f"the limit {item.name} is outside 0 … 2^256 - 1", field=item.name)


@dataclass(frozen=True, slots=True)
class Spend:
    """What a signature, or a batch of them, sets free: totals, the largest of each kind, and how many."""

    value: int
    fee: int
    largest_value: int
    largest_fee: int
    count: int

    @classmethod
    def once(cls, value: int, fee: int) -> Spend:
        return cls(value, fee, value, fee, 1)
