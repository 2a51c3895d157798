"""Puts worths beside holdings: one price per asset, and a reason wherever there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from primitives.asset import AssetId
from primitives.currency import Money
from primitives.errors import PriceStale, PriceUnavailable
from wallets.portfolio.model import Holding, HoldingKind, NoWorth, Worth
from wallets.prices.by_way import price_in
from wallets.prices.model import Price
from wallets.prices.ports import MoneySource

_ABSURD = 2**46
"""Minor units of one holding (some 700 billion yuan): no price that makes it more is believed."""
_COLLECTIBLES = frozenset({HoldingKind.ERC721, HoldingKind.ERC1155})


class Pricing:
    """Worths are rounded down to the minor unit, each for itself, so that they add up to the total shown."""

    def __init__(self, source: MoneySource) -> None:
        self._source = source

    async def priced(self, holdings: Sequence[Holding], currency: str) -> list[Holding]:
        """The same holdings, in order, each with `worth` or `no_worth`."""
        wanted = {one.amount.asset.id for one in holdings if _countable(one) is None and one.amount is not None}
        ordered = sorted(wanted, key=str)
        found = dict(
            zip(ordered, await asyncio.gather(*(self._price(asset, currency) for asset in ordered)), strict=True)
        )
        return [self._with_worth(one, found, currency) for one in holdings]

    async def _price(self, asset: AssetId, currency: str) -> Price | NoWorth:
        try:
            return await price_in(self._source, asset, currency)
        except PriceUnavailable:
            return NoWorth.PRICE_MISSING
        except PriceStale:
            return NoWorth.PRICE_STALE

    def _with_worth(self, holding: Holding, prices: dict[AssetId, Price | NoWorth], currency: str) -> Holding:
        reason = _countable(holding)
        if reason is not None or holding.amount is None:
            return replace(holding, no_worth=reason)
        price = prices[holding.amount.asset.id]
        if isinstance(price, NoWorth):
            return replace(holding, no_worth=price)
        minor = price.minor_of(holding.amount)
        if minor > _ABSURD:
            return replace(holding, no_worth=NoWorth.PRICE_STALE)
        money = Money(minor, currency)
        return replace(holding, worth=Worth(money, price.text, price.source, price.at))


def _countable(holding: Holding) -> NoWorth | None:
    """None when its price belongs in the total."""
    if holding.kind in _COLLECTIBLES:
        return NoWorth.COLLECTIBLE
    return NoWorth.NOT_TRUSTED if holding.marks else None
