"""/portfolio: what the caller holds, of every kind, and its worth in one currency."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import KeystoreDep, PortfolioDep
from api.errors import problems
from api.schemas.portfolio import ValuedPortfolioRead
from api.security import CallingPerson
from primitives.errors import InvalidValue, KeyNotFound, NotAuthenticated

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
    """Coins, tokens, collectibles, vouchers and points of all the caller's accounts, with a total in one currency.

    A price that is missing or too old, or a chain that does not answer, makes `total.complete` false and is named.
    """
    if wallet is not None:
        await keystore.wallet(caller.tenant_id, wallet)
    return ValuedPortfolioRead.of(await portfolio.of(caller.tenant_id, currency, wallet_id=wallet))
