"""Declared prices of test money, which has no market: enough to add up and to limit on local networks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from primitives.asset import Asset, AssetId
from primitives.clock import Clock, SystemClock
from primitives.errors import PriceUnavailable
from wallets.prices.model import Price
from wallets.prices.ports import MoneySource
from wallets.prices.rate import Rate, usable_rate

_NO_AGE = timedelta(0)
SOURCE = "declared for test networks, no market"
_DECLARED = {
    "ETH": {"CNY": "20000", "USD": "2800"},
    "SOL": {"CNY": "1000", "USD": "140"},
    "tCNY": {"CNY": "1", "USD": "0.14"},
    "tUSD": {"CNY": "7.1", "USD": "1"},
}
_DECLARED_RATES = {"USD": "7.1", "EUR": "7.7", "GBP": "9", "HKD": "0.91", "JPY": "0.047"}
"""In CNY."""


class LocalPrices:
    """`MoneySource` of the assets of local test networks, by the symbols that we gave them ourselves.

    Args:
        assets: Native coins and test money of local chains, and of no others.
        otherwise: Asked for everything else, and first for these as well; None: nothing else has a price.
    """

    def __init__(
        self, assets: Iterable[Asset], otherwise: MoneySource | None = None, *, clock: Clock | None = None
    ) -> None:
        self._declared = {asset.id: _DECLARED[asset.symbol] for asset in assets if asset.symbol in _DECLARED}
        self._otherwise = otherwise
        self._clock = clock or SystemClock()

    async def price(self, asset: AssetId, currency: str) -> Price:
        """What the configured source says; where it says nothing of test money, the declared price.

        Raises:
            PriceUnavailable
            PriceStale: The configured source's price is too old: a declared one does not take its place.
        """
        declared = self._declared.get(asset, {}).get(currency)
        if self._otherwise is not None:
            try:
                return await self._otherwise.price(asset, currency)
            except PriceUnavailable:
                if declared is None:
                    raise
        if declared is None:
            raise PriceUnavailable(
                f"there is no price of {asset} in {currency}: the operator can name a source in QUANBAO_PRICE_FILE or "
                "QUANBAO_PRICE_URL",
                asset=str(asset),
                currency=currency,
                settings=["QUANBAO_PRICE_FILE", "QUANBAO_PRICE_URL"],
            )
        return Price.of_text(asset, currency, declared, SOURCE, self._clock.now())

    async def rate(self, base: str, quote: str) -> Rate:
        """What the configured source says; where it says nothing, and there is a local network, the declared rate.

        Raises:
            PriceUnavailable
            PriceStale: The configured source's rate is too old: a declared one does not take its place.
        """
        if self._otherwise is not None:
            try:
                return await self._otherwise.rate(base, quote)
            except PriceUnavailable:
                if not self._declared:
                    raise
        now = self._clock.now()
        declared = {
            (code, "CNY"): Rate.of_text(code, "CNY", text, SOURCE, now)
            for code, text in (_DECLARED_RATES if self._declared else {}).items()
        }
        return usable_rate(declared, base, quote, now=now, max_age=_NO_AGE, source="this installation")
