"""Exchange rates between currencies, as exact ratios with source and time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from primitives.currency import Money, currency_decimals
from primitives.errors import InvalidValue, PriceStale, PriceUnavailable
from wallets.prices.model import CURRENCY, decimal_ratio, decimal_text

FUTURE = timedelta(minutes=5)
"""How far a source's clock may be ahead of ours."""
_SEVERAL = re.compile(r"; ")


@dataclass(frozen=True, slots=True)
class Rate:
    """What one whole unit of a currency (one dollar, not one cent) is worth in whole units of another.

    Attributes:
        base, quote: ISO 4217; one of `base` is worth the ratio in `quote`.
        numerator, denominator: The ratio in integers; nothing is rounded before it is used.
        source: Who says so, as people may read it.
        at: When it was so.
    """

    base: str
    quote: str
    numerator: int
    denominator: int
    source: str
    at: datetime

    def __post_init__(self) -> None:
        if self.numerator <= 0 or self.denominator <= 0:
            raise InvalidValue(f"the rate of {self.base} in {self.quote} must be above zero")
        for code in (self.base, self.quote):
            if not CURRENCY.fullmatch(code):
                raise InvalidValue(f"{code!r} is not an ISO 4217 code")
        if self.base == self.quote:
            raise InvalidValue(f"{self.base} has no rate in itself")
        if self.at.tzinfo is None:
            raise InvalidValue("the time of a rate needs its zone")

    @classmethod
    def of_text(cls, base: str, quote: str, text: str, source: str, at: datetime) -> Self:
        """From decimal text (`7.1034`). Raises InvalidValue."""
        return cls(base, quote, *decimal_ratio(text), source, at)

    @property
    def text(self) -> str:
        """Decimal text, exact where the ratio is a decimal fraction, else to 18 digits."""
        return decimal_text(self.numerator, self.denominator)

    @property
    def inverse(self) -> Rate:
        """Of the other direction."""
        return Rate(self.quote, self.base, self.denominator, self.numerator, self.source, self.at)

    def then(self, other: Rate) -> Rate:
        """By way of a third currency: as old as the older of the two. Raises InvalidValue: they do not meet."""
        if self.quote != other.base:
            raise InvalidValue(f"a rate in {self.quote} does not go on with one of {other.base}")
        sources = dict.fromkeys([*_SEVERAL.split(self.source), *_SEVERAL.split(other.source)])
        ratio = self.numerator * other.numerator, self.denominator * other.denominator
        return Rate(self.base, other.quote, *ratio, "; ".join(sources), min(self.at, other.at))

    def minor_of(self, money: Money) -> int:
        """What a sum is worth in minor units of `quote`, rounded down.

        Raises:
            InvalidValue: It is a sum in another currency.
        """
        if money.currency != self.base:
            raise InvalidValue(f"this is the rate of {self.base}, not of {money.currency}")
        above = money.minor * self.numerator * int(10 ** currency_decimals(self.quote))
        return above // (self.denominator * int(10 ** currency_decimals(self.base)))


Rates = Mapping[tuple[str, str], Rate]
"""By base and quote."""


def usable_rate(rates: Rates, base: str, quote: str, *, now: datetime, max_age: timedelta, source: str) -> Rate:
    """The rate as it was told, or turned round, or by way of one third currency; the first of these that is there.

    Raises:
        InvalidValue: A currency in itself.
        PriceUnavailable: None of them.
        PriceStale: It is too old, or from the future; `at`, `max_age_seconds`.
    """
    if base == quote:
        raise InvalidValue(f"{base} has no rate in itself: ask for another currency")
    found = _direct(rates, base, quote)
    if found is None:
        thirds = sorted({code for pair in rates for code in pair})
        ways = ((_direct(rates, base, third), _direct(rates, third, quote)) for third in thirds)
        found = next((first.then(second) for first, second in ways if first is not None and second is not None), None)
    if found is None:
        raise PriceUnavailable(f"{source} has no rate of {base} in {quote}", base=base, quote=quote, source=source)
    if not now - max_age <= found.at <= now + FUTURE:
        raise PriceStale(
            f"the rate of {base} in {quote} from {found.source} is of {found.at.isoformat()}: older than "
            f"{int(max_age.total_seconds())} seconds, or from the future",
            base=base,
            quote=quote,
            source=found.source,
            at=found.at,
            max_age_seconds=int(max_age.total_seconds()),
        )
    return found


def _direct(rates: Rates, base: str, quote: str) -> Rate | None:
    told, turned = rates.get((base, quote)), rates.get((quote, base))
    return told if told is not None or turned is None else turned.inverse
