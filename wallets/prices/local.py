"""Declared prices of test money, which has no market: enough to add up and to limit on local networks."""

from __future__ import annotations

from collections.abc import Iterable

from primitives.asset import Asset, AssetId
from primitives.clock import Clock, SystemClock
from primitives.errors import PriceUnavailable
from wallets.prices.model import Price
from wallets.prices.ports import PriceSource

SOURCE = "declared for test networks, no market"
_DECLARED = {
    "ETH": {"CNY": "20000", "USD": "2800"},
    "SOL": {"CNY": "1000", "USD": "140"},
    "tCNY": {"CNY": "1", "USD": "0.14"},
    "tUSD": {"CNY": "7.1", "USD": "1"},
}


class LocalPrices:
    """`PriceSource` of the assets of local test networks, by the symbols that we gave them ourselves.

    Args:
        assets: Native coins and test money of local chains, and of no others.
        otherwise: Asked for everything else, and first for these as well; None: nothing else has a price.
    """

    def __init__(
        self, assets: Iterable[Asset], otherwise: PriceSource | None = None, *, clock: Clock | None = None
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
            )
        return Price.of_text(asset, currency, declared, SOURCE, self._clock.now())
