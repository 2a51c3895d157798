"""/portfolio, /worth and /exchange-rates: what the caller holds, and what things are worth in a chosen currency."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import ChainsDep, KeystoreDep, PortfolioDep, PricesDep
from api.errors import problems
from api.schemas.amounts import BaseUnitsText, CurrencyAmount
from api.schemas.portfolio import ExchangeRateRead, ExchangeRead, ValuedPortfolioRead, WorthRead
from api.security import CallingPerson
from primitives.asset import Amount, AssetId
from primitives.currency import Money
from primitives.errors import (
    InvalidValue,
    KeyNotFound,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    PriceStale,
    PriceUnavailable,
    UnknownAsset,
    UnknownChain,
)
from wallets.portfolio.model import MOST_MINOR
from wallets.prices.by_way import price_in

router = APIRouter(tags=["wallets"])

CurrencyQuery = Annotated[str, Query(pattern="^[A-Z]{3}$", description="ISO 4217", examples=["CNY"])]


@router.get("/portfolio", responses=problems(NotAuthenticated, InvalidValue, KeyNotFound))
async def read_valued_portfolio(
    caller: CallingPerson,
    portfolio: PortfolioDep,
    keystore: KeystoreDep,
    currency: CurrencyQuery = "CNY",
    wallet: Annotated[UUID | None, Query(description="Only the accounts of this wallet")] = None,
) -> ValuedPortfolioRead:
    """Coins, tokens, collectibles, vouchers and points of all the caller's accounts, with a total in one currency; and
    what watched addresses hold.

    A price that is missing or too old, or a chain that does not answer, makes `total.complete` false and is named.
    """
    if wallet is not None:
        await keystore.wallet(caller.tenant_id, wallet)
    return ValuedPortfolioRead.of(await portfolio.of(caller.tenant_id, currency, wallet_id=wallet))


@router.get(
    "/worth",
    responses=problems(
        NotAuthenticated, InvalidValue, UnknownAsset, UnknownChain, NodeUnavailable, PriceUnavailable, PriceStale
    ),
)
async def read_worth(
    caller: CallingPerson,
    prices: PricesDep,
    chains: ChainsDep,
    asset: Annotated[str, Query(min_length=5, max_length=300, description="CAIP-19, a coin or token")],
    base_units: Annotated[BaseUnitsText, Query(description="How much of it")],
    currency: CurrencyQuery = "CNY",
) -> WorthRead:
    """An amount in another currency, with rate, source and time; a price that is missing or too old is refused."""
    wanted = AssetId.parse(asset)
    amount = Amount(int(base_units), await chains.adapter(wanted.chain).asset(wanted))
    price = await price_in(prices, wanted, currency)
    minor = price.minor_of(amount)
    if minor > MOST_MINOR:
        raise InvalidValue("this is more than all the money there is: ask for less", field="base_units")
    money = Money(minor, currency)
    return WorthRead(money=CurrencyAmount.of(money), rate=price.text, source=price.source, priced_at=price.at)


@router.get(
    "/exchange-rates", responses=problems(NotAuthenticated, NotFound, InvalidValue, PriceUnavailable, PriceStale)
)
async def read_exchange_rate(
    caller: CallingPerson,
    prices: PricesDep,
    base: Annotated[str, Query(pattern="^[A-Z]{3}$", description="ISO 4217: what is exchanged")],
    quote: Annotated[str, Query(pattern="^[A-Z]{3}$", description="ISO 4217: what it is worth in")],
    minor: Annotated[int | None, Query(ge=0, lt=2**53, description="A sum of `base`, minor units")] = None,
) -> ExchangeRead:
    """A currency in another one, with rate, source and time; a rate that is missing or too old is refused."""
    try:
        rate = await prices.rate(base, quote)
    except PriceUnavailable as error:
        if "quote" not in error.facts:
            raise
        # The source answers and does not know these two: asking again would not help.
        raise NotFound(error.message, **error.facts) from error
    money = None if minor is None else Money(min(rate.minor_of(Money(minor, base)), MOST_MINOR), quote)
    told = ExchangeRateRead.of(rate)
    return ExchangeRead(**told.model_dump(), money=None if money is None else CurrencyAmount.of(money))
