"""A price as an exact ratio, with its source and its time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from primitives.asset import Amount, AssetId
from primitives.currency import currency_decimals
from primitives.errors import InvalidValue

_PRICE = re.compile(r"(0|[1-9][0-9]{0,29})(?:\.([0-9]{1,30}))?")
CURRENCY = re.compile(r"[A-Z]{3}")
"""ISO 4217."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one whole unit of an asset (one ETH, not one wei) is worth in whole units of a currency (one yuan, not fen).

    Attributes:
        numerator, denominator: The price as a ratio of integers; nothing is ever rounded before it is used.
        currency: ISO 4217.
        source: Who says so, as people may read it.
        at: When it was so.
    """

    asset: AssetId
    currency: str
    numerator: int
    denominator: int
    source: str
    at: datetime

    def __post_init__(self) -> None:
        if self.numerator <= 0 or self.denominator <= 0:
            raise InvalidValue(f"the price of {self.asset} must be above zero")
        if not CURRENCY.fullmatch(self.currency):
            raise InvalidValue(f"{self.currency!r} is not an ISO 4217 code")
        if self.at.tzinfo is None:
            raise InvalidValue("the time of a price needs its zone")

    @classmethod
    def of_text(cls, asset: AssetId, currency: str, text: str, source: str, at: datetime) -> Self:
        """From decimal text (`21345.67`). Raises InvalidValue."""
        return cls(asset, currency, *decimal_ratio(text), source, at)

    @property
    def text(self) -> str:
        """Decimal text, exact where the ratio is a decimal fraction, else to 18 digits."""
        return decimal_text(self.numerator, self.denominator)

    def minor_of(self, amount: Amount, *, up: bool = False) -> int:
        """What an amount is worth in minor units (fen, cents); rounded down, or up where that is the safe side.

        Raises:
            InvalidValue: It is an amount of another asset.
        """
        if amount.asset.id != self.asset:
            raise InvalidValue(f"this is the price of {self.asset}, not of {amount.asset.id}")
        above = amount.base_units * self.numerator * int(10 ** currency_decimals(self.currency))
        below = self.denominator * int(10**amount.asset.decimals)
        return -(-above // below) if up else above // below


def decimal_ratio(text: str) -> tuple[int, int]:
    """Numerator and denominator of decimal text. Raises InvalidValue."""
    match = _PRICE.fullmatch(text)
    if match is None:
        raise InvalidValue(f"{text!r} is not a price: write a decimal number without sign or exponent")
    digits = match[2] or ""
    return int(match[1] + digits), int(10 ** len(digits))


def decimal_text(numerator: int, denominator: int) -> str:
    """Decimal text, exact where the ratio is a decimal fraction, else to 18 digits."""
    whole, rest = divmod(numerator, denominator)
    digits = str(rest * 10**18 // denominator).rjust(18, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)
