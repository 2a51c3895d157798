"""What leaves, in a currency: rounded up, because a limit must not be passed by a fraction."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from primitives.asset import Amount, Asset, AssetId
from primitives.errors import PriceError, PriceUnavailable
from wallets.policy.facts import Leaving, PaymentFacts
from wallets.prices.ports import PriceSource

Parts = Mapping[str, Mapping[AssetId, int] | PriceError]
"""By currency: minor units by asset; or why nobody can say."""


async def worth_of(facts: PaymentFacts, currencies: Collection[str], prices: PriceSource) -> Parts:
    """Every part that leaves, in each currency."""
    found: dict[str, Mapping[AssetId, int] | PriceError] = {}
    for currency in sorted(currencies):
        try:
            parts: dict[AssetId, int] = {}
            for one in facts.leaving:
                parts[one.asset] = parts.get(one.asset, 0) + await _worth(one, currency, prices)
            found[currency] = parts
        except PriceError as error:
            found[currency] = error
    return found


def totals(parts: Parts) -> dict[str, int | PriceError]:
    """Summed up by currency."""
    return {
        currency: worth if isinstance(worth, PriceError) else sum(worth.values()) for currency, worth in parts.items()
    }


async def _worth(one: Leaving, currency: str, prices: PriceSource) -> int:
    if one.decimals is None:
        raise PriceUnavailable(f"nobody here knows {one.asset} well enough to price it", asset=str(one.asset))
    price = await prices.price(one.asset, currency)
    return price.minor_of(Amount(one.base_units, Asset(one.asset, "", one.decimals)), up=True)
