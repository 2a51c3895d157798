"""A price in a currency in which the source has none: by way of another currency and its exchange rate."""

from __future__ import annotations

from primitives.asset import AssetId
from primitives.errors import PriceUnavailable
from wallets.prices.model import Price
from wallets.prices.ports import MoneySource

WAYS = ("USD", "CNY", "EUR")
"""In this order: most assets are priced in one of them."""


async def price_in(source: MoneySource, asset: AssetId, currency: str) -> Price:
    """The source's own price, or one by way of another currency: as old as the older of the two, naming both sources.

    Raises:
        PriceUnavailable: Neither.
        PriceStale: There is one, and it, or the rate, is too old.
    """
    try:
        return await source.price(asset, currency)
    except PriceUnavailable as missing:
        for way in WAYS:
            if way == currency:
                continue
            try:
                price, rate = await source.price(asset, way), await source.rate(way, currency)
            except PriceUnavailable:
                continue
            told = price.source if price.source == rate.source else f"{price.source}; {rate.source}"
            ratio = price.numerator * rate.numerator, price.denominator * rate.denominator
            return Price(asset, currency, *ratio, told, min(price.at, rate.at))
        raise missing
