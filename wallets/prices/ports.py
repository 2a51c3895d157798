"""Where prices come from."""

from __future__ import annotations

from typing import Protocol

from primitives.asset import AssetId
from wallets.prices.model import Price
from wallets.prices.rate import Rate


class PriceSource(Protocol):
    """Says what assets are worth."""

    async def price(self, asset: AssetId, currency: str) -> Price:
        """The newest price that may be used.

        Args:
            currency: ISO 4217.

        Raises:
            PriceUnavailable: The source has none, or does not answer.
            PriceStale: The newest one is older than its bound, or from the future; `at`, `max_age_seconds`.
        """
        ...


class RateSource(Protocol):
    """Says what currencies are worth in each other."""

    async def rate(self, base: str, quote: str) -> Rate:
        """The newest rate that may be used.

        Args:
            base, quote: ISO 4217, two different ones.

        Raises:
            PriceUnavailable: The source has none, or does not answer.
            PriceStale: The newest one is older than its bound, or from the future; `at`, `max_age_seconds`.
        """
        ...


class MoneySource(PriceSource, RateSource, Protocol):
    """Both: what an installation counts with."""
