"""Amounts of fiat-like currencies in ISO 4217 minor units."""

from __future__ import annotations

import re
from dataclasses import dataclass

from primitives.errors import AssetMismatch, InvalidValue

_CODE = re.compile(r"[A-Z]{3}")

_DECIMALS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF"), 0
    ),
    **dict.fromkeys(("XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def currency_decimals(currency: str) -> int:
    """Digits after the point of an ISO 4217 currency: 2 unless the standard says 0 or 3."""
    return _DECIMALS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """A non-negative sum in minor units (CNY fen, USD cents, whole JPY)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.currency):
            raise InvalidValue(f"{self.currency!r} is not an ISO 4217 code")
        if not 0 <= self.minor < 2**63:
            raise InvalidValue(f"{self.minor} minor units: expected 0 to 2^63-1")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise AssetMismatch(f"{self.currency} and {other.currency} cannot be added or compared")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __str__(self) -> str:
        decimals = currency_decimals(self.currency)
        if decimals == 0:
            return f"{self.minor} {self.currency}"
        whole, part = divmod(self.minor, 10**decimals)
        return f"{whole}.{part:0{decimals}d} {self.currency}"
