"""Totals say what they are made of, and what is missing from them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest

from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import PriceStale, PriceUnavailable
from tests.fakes.chains import BalanceAdapter, BalanceChains
from tests.fakes.vouchers import EVM
from wallets.assets.service import Mark, MarkedHolding
from wallets.portfolio.model import Holding, HoldingKind, NoWorth
from wallets.portfolio.pricing import Pricing
from wallets.portfolio.service import PortfolioService
from wallets.prices.model import Price

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EARLIER = datetime(2026, 5, 31, tzinfo=UTC)
ME = AccountId.from_raw(EVM, b"\x11" * 20)
ETH = Asset(AssetId.native(EVM), "ETH", 18)
TKN = Asset(AssetId.fungible(EVM, "0x" + "22" * 20), "TKN", 6)


class Prices:
    """Prices by asset: text with its time, or an error."""

    def __init__(self, **prices):
        self.prices = prices

    async def price(self, asset, currency):
        found = self.prices.get({ETH.id: "eth", TKN.id: "tkn"}.get(asset, "none"))
        if found is None:
            raise PriceUnavailable("none")
        if isinstance(found, Exception):
            raise found
        text, at = found
        return Price.of_text(asset, currency, text, "desk", at)

    async def rate(self, base, quote):
        raise PriceUnavailable("none")


class Tokens:
    def __init__(self, *holdings, complete=True):
        self.found = holdings, complete

    async def holdings(self, tenant_id, account):
        return self.found


class Rights:
    async def held_by(self, tenant_id):
        return ()

    async def stand_for_vouchers(self, tenant_id, assets):
        return frozenset()


def token(asset, units, *marks):
    holding = SimpleNamespace(
        asset=asset.id,
        kind=SimpleNamespace(value="erc20"),
        base_units=units,
        symbol=asset.symbol,
        name="Token",
        decimals=asset.decimals,
    )
    return MarkedHolding(holding, marks)


async def total(prices, *tokens, complete=True, down=False, wei=15 * 10**17, watched=None):
    adapter = BalanceAdapter(EVM)
    adapter.balances[ME, ETH.id] = wei
    adapter.down = down
    chains = BalanceChains(adapter)

    class Accounts:
        async def list(self, tenant_id):
            return [SimpleNamespace(account=ME, chain=EVM, wallet_id=None, label="main")]

    found = Tokens(*tokens, complete=complete)
    service = PortfolioService(chains, Accounts(), found, Rights(), Pricing(prices), watched=watched)
    return await service.of(uuid4(), "CNY")


async def test_a_whole_total_has_the_time_of_its_oldest_price():
    found = await total(Prices(eth=("20000.5", NOW), tkn=("7.1", EARLIER)), token(TKN, 2_500_000))
    assert found.total.money.minor == 3_000_075 + 1_775
    assert (found.total.complete, found.total.missing, found.total.sources) == (True, (), ("desk",))
    assert found.total.priced_at == EARLIER


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (None, NoWorth.PRICE_MISSING),
        (PriceUnavailable("the price source does not answer"), NoWorth.PRICE_MISSING),
        (PriceStale("of yesterday"), NoWorth.PRICE_STALE),
        (("9" * 30, NOW), NoWorth.PRICE_STALE),
    ],
)
async def test_a_price_that_is_missing_old_or_absurd_makes_the_total_partial(answer, why):
    found = await total(Prices(eth=("1", NOW), tkn=answer), token(TKN, 2_500_000))
    assert (found.total.money.minor, found.total.complete, found.total.missing) == (150, False, ("TKN",))
    assert [one.no_worth for one in found.holdings] == [None, why]


async def test_what_is_not_trusted_is_listed_and_not_counted():
    found = await total(Prices(eth=("1", NOW), tkn=("1000000", NOW)), token(TKN, 10**12, Mark.UNSOLICITED))
    assert (found.total.money.minor, found.total.complete) == (150, True)
    assert found.holdings[1].no_worth is NoWorth.NOT_TRUSTED


async def test_a_chain_that_does_not_answer_is_named_and_nothing_of_it_is_counted():
    found = await total(Prices(eth=("1", NOW)), down=True)
    assert (found.unavailable, found.holdings, found.total.complete) == ((EVM,), (), False)


async def test_a_history_that_is_not_read_to_its_end_is_said():
    found = await total(Prices(eth=("1", NOW)), complete=False)
    assert (found.reading, found.total.complete, found.total.money.minor) == ((EVM,), False, 150)


async def test_worths_are_rounded_down_each():
    amount = Amount(999_999, TKN)
    holding = Holding(HoldingKind.ERC20, ME, "main", amount)
    (priced,) = await Pricing(Prices(tkn=("0.01", NOW))).priced([holding], "CNY")
    assert priced.worth.money.minor == 0


async def test_what_is_only_watched_has_a_total_of_its_own():
    """An address that is an account here as well is counted there, and one that two wallets watch is counted once."""
    other = AccountId.from_raw(EVM, b"\x22" * 20)

    def holding(account, asset, units):
        address = SimpleNamespace(address=account.address, label="cold", wallet_id=None)
        return SimpleNamespace(address=address, amount=Amount(units, asset))

    class Watched:
        async def holdings(self, tenant_id):
            found = holding(other, ETH, 10**18), holding(other, ETH, 10**18), holding(ME, ETH, 10**18)
            return SimpleNamespace(holdings=(*found, holding(other, TKN, 5_000_000)), unavailable=("bip122:0",))

    found = await total(Prices(eth=("2", NOW), tkn=("1", NOW)), watched=Watched())
    assert (found.total.money.minor, found.total.complete, len(found.holdings)) == (300, True, 1)
    assert [(one.account, one.kind.value, one.worth.money.minor) for one in found.watched] == [
        (other, "native", 200),
        (other, "erc20", 500),
    ]
    assert (found.watched_total.money.minor, found.watched_total.complete) == (700, False)
    assert found.watched_unavailable == ("bip122:0",)
