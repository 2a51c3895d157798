"""Spending in one chosen currency."""

from __future__ import annotations

from collections.abc import Sequence

from primitives.asset import AssetId
from primitives.currency import Money
from primitives.errors import PriceError
from wallets.prices.by_way import price_in
from wallets.prices.model import Price
from wallets.prices.ports import MoneySource
from wallets.prices.rate import Rate
from wallets.spending.model import SentLine, SentWorth, Shown, SpendingLine

_ABSURD = 2**46
"""Minor units of one line (some 700 billion yuan): no price that makes it more is believed."""


class Showing:
    """Sums at the rates and prices of now. Each line is rounded down for itself, so that they add up to the sums."""

    def __init__(self, source: MoneySource) -> None:
        self._source = source

    async def shown(self, lines: Sequence[SpendingLine], sent: Sequence[SentLine], currency: str) -> Shown:
        """A rate or price that is missing or too old leaves its lines out, and is named.

        Raises:
            InvalidValue: No ISO 4217 code.
        """
        Money(0, currency)
        rates: dict[str, Rate] = {}
        missing: set[str] = set()
        for other in sorted({line.currency for line in lines} - {currency}):
            try:
                rates[other] = await self._source.rate(other, currency)
            except PriceError:
                missing.add(other)

        def together(which: str) -> int:
            sums = 0
            for line in lines:
                minor: int = getattr(line, which)
                if line.currency == currency:
                    sums += minor
                elif line.currency in rates:
                    sums += rates[line.currency].minor_of(Money(minor, line.currency))
            return sums

        prices: dict[AssetId, Price | None] = {}
        for one in sent:
            if one.amount.asset.id not in prices:
                prices[one.amount.asset.id] = await self._price(one.amount.asset.id, currency)
        worths = tuple(_worth(one, prices[one.amount.asset.id]) for one in sent)
        missing |= {one.line.amount.asset.symbol for one in worths if one.money is None}
        return Shown(
            currency=currency,
            spent_minor=together("spent_minor"),
            saved_minor=together("saved_minor"),
            refunded_minor=together("refunded_minor"),
            sent_minor=sum(one.money.minor for one in worths if one.money is not None),
            sent=worths,
            rates=tuple(rates.values()),
            missing=tuple(sorted(missing)),
        )

    async def _price(self, asset: AssetId, currency: str) -> Price | None:
        try:
            return await price_in(self._source, asset, currency)
        except PriceError:
            return None


def _worth(line: SentLine, price: Price | None) -> SentWorth:
    minor = _ABSURD + 1 if price is None else price.minor_of(line.amount)
    if price is None or minor > _ABSURD:
        return SentWorth(line, None, None)
    return SentWorth(line, Money(minor, price.currency), price)
