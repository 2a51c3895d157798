"""Reads spending, keeps budgets, and tells their owners when one is nearly or wholly used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from people.events import publish
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.clock import Clock, SystemClock
from primitives.currency import Money
from primitives.errors import InvalidValue, NotFound
from wallets.spending import sql
from wallets.spending.model import Budget, BudgetState, SentLine, SpendingLine
from wallets.spending.ports import SpendingSource

WATCH = "spending.watch"
MAX_MONTHS = 36
MAX_BUDGETS = 50
_PAUSE = timedelta(minutes=1)
_AT_ONCE = 200
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class SpendingService:
    """Spending is what paid orders say; coins and tokens that were sent to others stand beside it. Budgets are for
    orders, which alone have a currency of their own."""

    def __init__(self, database: Database, source: SpendingSource, *, clock: Clock | None = None) -> None:
        self._database = database
        self._source = source
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {WATCH: self._watch}

    async def start(self, database: Database) -> None:
        """Make sure that budgets are watched."""
        async with database.transaction() as tx:
            await enqueue(tx, WATCH, "budgets", {})

    async def read(
        self, tenant_id: UUID, *, first: str | None, last: str | None, currency: str | None, zone: str
    ) -> Sequence[SpendingLine]:
        """By month, merchant and category.

        Args:
            first, last: Months (YYYY-MM), both included; None: this one.

        Raises:
            InvalidValue: No such month, zone or currency, or more than 36 months.
        """
        start, end = self._months(first, last, zone)
        if currency is not None:
            Money(0, currency)
        async with self._database.transaction() as tx:
            return await self._source.lines(tx, tenant_id, first=start, last=end, currency=currency, zone=zone)

    async def sent(self, tenant_id: UUID, *, first: str | None, last: str | None, zone: str) -> Sequence[SentLine]:
        """What was sent to others outside of orders, by month and asset. Arguments and refusals as `read`."""
        start, end = self._months(first, last, zone)
        async with self._database.transaction() as tx:
            return await sql.sent_outside_orders(tx, tenant_id, first=start, last=end, zone=zone)

    async def put_budget(self, tenant_id: UUID, budget: Budget) -> BudgetState:
        """Set a budget, in place of the one before. Raises InvalidValue."""
        self._month(budget.zone)
        Money(budget.month_minor, budget.currency)
        if budget.month_minor < 1:
            raise InvalidValue("a budget is above zero", field="month_minor")
        async with self._database.transaction() as tx:
            budget_id = await sql.put(tx, tenant_id, budget)
            if len(await sql.budgets_of(tx, tenant_id)) > MAX_BUDGETS:
                raise InvalidValue(f"there are at most {MAX_BUDGETS} budgets")
            return await self._state(tx, tenant_id, budget_id, budget)

    async def remove_budget(self, tenant_id: UUID, currency: str, category: str | None) -> None:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sql.remove(tx, tenant_id, currency, category):
                raise NotFound("there is no such budget")

    async def budgets(self, tenant_id: UUID) -> Sequence[BudgetState]:
        """Each with what was spent of it this month."""
        async with self._database.transaction() as tx:
            kept = await sql.budgets_of(tx, tenant_id)
            return [await self._state(tx, tenant_id, one.id, one.budget) for one in kept]

    async def _state(self, tx: Transaction, tenant_id: UUID, budget_id: UUID, budget: Budget) -> BudgetState:
        month = self._month(budget.zone)
        lines = await self._source.lines(
            tx, tenant_id, first=month, last=month, currency=budget.currency, zone=budget.zone
        )
        spent = sum(
            line.spent_minor - line.refunded_minor
            for line in lines
            if budget.category is None or line.category == budget.category
        )
        return BudgetState(budget_id, budget, month, max(0, spent))

    async def _watch(self, ctx: JobContext) -> Again:
        after: UUID | None = None
        while True:
            async with self._database.transaction() as tx:
                page, after = await sql.all_budgets(tx, after, _AT_ONCE)
            for kept in page:
                async with ctx.transaction() as tx:
                    await self._tell(tx, kept)
            if after is None:
                return Again(_PAUSE)

    async def _tell(self, tx: Transaction, kept: sql.KeptBudget) -> None:
        """The alert and the memory of it are one commit: nobody is told twice, or never. It names the budget only:
        what is in it is the person's own."""
        state = await self._state(tx, kept.tenant_id, kept.id, kept.budget)
        if not state.level or not await sql.told(tx, kept, state.month, state.level):
            return
        facts = {"budget": str(kept.id), "month": state.month, "level": state.level}
        await publish(tx, kept.tenant_id, "spending.budget", facts)

    def _months(self, first: str | None, last: str | None, zone: str) -> tuple[str, str]:
        now = self._month(zone)
        start, end = first or last or now, last or now
        if not 1 <= _number(end) - _number(start) + 1 <= MAX_MONTHS:
            raise InvalidValue(f"ask for 1 to {MAX_MONTHS} months", field="first")
        return start, end

    def _month(self, zone: str) -> str:
        try:
            return self._clock.now().astimezone(ZoneInfo(zone)).strftime("%Y-%m")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidValue(f"{zone[:64]!r} is not a time zone", field="zone") from error


def _number(month: str) -> int:
    match = _MONTH.fullmatch(month)
    if match is None:
        raise InvalidValue(f"{month[:20]!r} is not a month: write one like 2026-05", field="first")
    return int(match[1]) * 12 + int(match[2])
