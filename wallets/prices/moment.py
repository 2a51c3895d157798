"""Prices as they are at one moment: whoever judges many payments together asks once for each asset and currency."""

from __future__ import annotations

from primitives.asset import AssetId
from primitives.errors import PriceError
from wallets.prices.model import Price
from wallets.prices.ports import PriceSource


class PricesOfAMoment:
    """`PriceSource` over another one, whose answers it keeps for as long as it lives: to be made anew for each commit.

    That there is no price is kept as well: payments of one commit are judged by one and the same answer.
    """

    def __init__(self, source: PriceSource) -> None:
        self._source = source
        self._known: dict[tuple[AssetId, str], Price | PriceError] = {}

    async def price(self, asset: AssetId, currency: str) -> Price:
        """Raises PriceUnavailable, PriceStale, as the source did when it was asked."""
        answer = self._known.get((asset, currency))
        if answer is None:
            try:
                answer = await self._source.price(asset, currency)
            except PriceError as error:
                answer = error
            self._known[asset, currency] = answer
        if isinstance(answer, PriceError):
            raise answer
        return answer
