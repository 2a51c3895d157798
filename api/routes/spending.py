"""/spending: what the caller spent and saved, and budgets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import PricesDep, SpendingDep
from api.errors import problems
from api.paging import Page
from api.schemas.spending import BudgetPut, BudgetRead, SpendingReport
from api.security import CallingPerson
from primitives.errors import InvalidValue, NotAuthenticated, NotFound
from wallets.spending.showing import Showing

router = APIRouter(prefix="/spending", tags=["spending"])

Month = Annotated[str | None, Query(pattern="^20[0-9]{2}-[01][0-9]$", description="YYYY-MM; default: this one")]
CurrencyQuery = Annotated[str, Query(pattern="^[A-Z]{3}$", description="ISO 4217")]


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def read_spending(
    caller: CallingPerson,
    spending: SpendingDep,
    prices: PricesDep,
    first: Month = None,
    last: Month = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217; default: all")] = None,
    zone: Annotated[str, Query(max_length=64, description="IANA zone of the months")] = "UTC",
    shown_in: Annotated[
        str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217: sum everything up in this currency as well")
    ] = None,
) -> SpendingReport:
    """Paid orders by month, merchant and category, with what vouchers saved and refunds gave back; and what was sent to
    others outside of orders."""
    lines = await spending.read(caller.tenant_id, first=first, last=last, currency=currency, zone=zone)
    sent = await spending.sent(caller.tenant_id, first=first, last=last, zone=zone)
    shown = None if shown_in is None else await Showing(prices).shown(lines, sent, shown_in)
    return SpendingReport.of(lines, sent, shown)


@router.get("/budgets", responses=problems(NotAuthenticated))
async def list_budgets(caller: CallingPerson, spending: SpendingDep) -> Page[BudgetRead]:
    """The caller's budgets and what is spent of them this month."""
    return Page[BudgetRead].whole([BudgetRead.of(one) for one in await spending.budgets(caller.tenant_id)])


@router.put("/budgets", responses=problems(NotAuthenticated, InvalidValue))
async def put_budget(body: BudgetPut, caller: CallingPerson, spending: SpendingDep) -> BudgetRead:
    """Set a budget, in place of the one of the same currency and category."""
    return BudgetRead.of(await spending.put_budget(caller.tenant_id, body.to_domain()))


@router.delete("/budgets", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def remove_budget(
    caller: CallingPerson,
    spending: SpendingDep,
    currency: CurrencyQuery,
    category: Annotated[str | None, Query(max_length=120, pattern=r"^[^\x00]*$")] = None,
) -> None:
    """Remove a budget."""
    await spending.remove_budget(caller.tenant_id, currency, category)
