"""Prices of one commit are asked for once, and are the same for all of its payments."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import PriceUnavailable
from wallets.prices.model import Price
from wallets.prices.moment import PricesOfAMoment

_COIN, _OTHER = AssetId.native(ChainId.evm(1)), AssetId.native(ChainId.evm(2))


class _Rising:
    """Each answer is another one."""

    def __init__(self) -> None:
        self.asked: list[tuple[AssetId, str]] = []

    async def price(self, asset: AssetId, currency: str) -> Price:
        self.asked.append((asset, currency))
        if asset == _OTHER:
            raise PriceUnavailable("nobody knows")
        return Price.of_text(asset, currency, str(len(self.asked)), "a test", datetime(2026, 11, 22, tzinfo=UTC))


async def test_one_answer_for_each_asset_and_currency() -> None:
    source = _Rising()
    prices = PricesOfAMoment(source)
    first = await prices.price(_COIN, "CNY")
    assert await prices.price(_COIN, "CNY") == first
    assert await prices.price(_COIN, "USD") != first
    assert source.asked == [(_COIN, "CNY"), (_COIN, "USD")]
    assert await PricesOfAMoment(source).price(_COIN, "CNY") != first


async def test_that_there_is_none_is_asked_once_too() -> None:
    source = _Rising()
    prices = PricesOfAMoment(source)
    for _ in range(2):
        with pytest.raises(PriceUnavailable):
            await prices.price(_OTHER, "CNY")
    assert source.asked == [(_OTHER, "CNY")]
