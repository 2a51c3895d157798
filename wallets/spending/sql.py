"""Rows of budgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Integer, Row, Table, delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import Minor, Text, Uuid
from primitives.asset import Amount, Asset, AssetId
from wallets.spending.model import Budget, SentLine

spending_budget_table = Table(
    "spending_budget",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("month_minor", Minor, nullable=False),
    Column("zone", Text, nullable=False),
    Column("told_month", Text),
    Column("told_level", Integer, nullable=False, server_default="0"),
    CheckConstraint("month_minor > 0", name="month_minor"),
)
"""`category` is empty for all together: a key has no NULL."""

_b = spending_budget_table.c


def _budget(row: Row[Any]) -> Budget:
    return Budget(row.currency, row.category or None, row.month_minor, row.zone, row.told_month, row.told_level)


async def put(tx: Transaction, tenant_id: UUID, budget: Budget) -> None:
    """A changed budget tells anew."""
    values = {"month_minor": budget.month_minor, "zone": budget.zone, "told_month": None, "told_level": 0}
    await tx.execute(
        upsert(spending_budget_table)
        .values(tenant_id=tenant_id, currency=budget.currency, category=budget.category or "", **values)
        .on_conflict_do_update(index_elements=["tenant_id", "currency", "category"], set_=values)
    )


async def remove(tx: Transaction, tenant_id: UUID, currency: str, category: str | None) -> bool:
    found = await tx.execute(
        delete(spending_budget_table)
        .where(_b.tenant_id == tenant_id, _b.currency == currency, _b.category == (category or ""))
        .returning(_b.currency)
    )
    return found.first() is not None


async def budgets_of(tx: Transaction, tenant_id: UUID) -> Sequence[Budget]:
    """By currency and category."""
    rows = await tx.execute(
        select(spending_budget_table).where(_b.tenant_id == tenant_id).order_by(_b.currency, _b.category)
    )
    return [_budget(row) for row in rows]


async def all_budgets(
    tx: Transaction, after: tuple[UUID, str, str] | None, limit: int
) -> Sequence[tuple[UUID, Budget]]:
    """Of everybody, in the order of their keys."""
    statement = select(spending_budget_table)
    if after is not None:
        tenant_id, currency, category = after
        statement = statement.where(
            or_(
                _b.tenant_id > tenant_id,
                (_b.tenant_id == tenant_id) & (_b.currency > currency),
                (_b.tenant_id == tenant_id) & (_b.currency == currency) & (_b.category > category),
            )
        )
    rows = await tx.execute(statement.order_by(_b.tenant_id, _b.currency, _b.category).limit(limit))
    return [(row.tenant_id, _budget(row)) for row in rows]


async def told(tx: Transaction, tenant_id: UUID, budget: Budget, month: str, level: int) -> bool:
    """Remember an alert; False when it was told already, or the budget was changed meanwhile."""
    found = await tx.execute(
        update(spending_budget_table)
        .where(
            _b.tenant_id == tenant_id,
            _b.currency == budget.currency,
            _b.category == (budget.category or ""),
            _b.month_minor == budget.month_minor,
            or_(_b.told_month.is_(None), _b.told_month != month, _b.told_level < level),
        )
        .values(told_month=month, told_level=level)
        .returning(_b.currency)
    )
    return found.first() is not None


async def forget_budgets(tx: Transaction, tenant_id: UUID) -> None:
    """All of a person."""
    await tx.execute(delete(spending_budget_table).where(_b.tenant_id == tenant_id))


# Final payments only: what is in flight may still come to nothing. Between own accounts nothing is spent.
_SENT = text(
    """
    WITH final AS (
        SELECT to_char(p.ended_at AT TIME ZONE :zone, 'YYYY-MM') AS month, p.intent -> 'action' -> 'amount' AS amount
        FROM payment p
        WHERE p.tenant_id = :tenant AND p.act = 'transfer' AND p.status = 'done' AND NOT EXISTS (
            SELECT 1 FROM wallet_account a
            WHERE a.tenant_id = :tenant AND a.chain || ':' || a.address = p.intent -> 'action' ->> 'recipient'
        )
    )
    SELECT month, amount ->> 'asset' AS asset, min(amount ->> 'symbol') AS symbol,
        min(CAST(amount ->> 'decimals' AS integer)) AS decimals,
        sum(CAST(amount ->> 'base_units' AS numeric)) AS units, count(*) AS transfers
    FROM final WHERE month BETWEEN :first AND :last GROUP BY month, amount ->> 'asset' ORDER BY month DESC, 2
    """
)


async def sent_outside_orders(
    tx: Transaction, tenant_id: UUID, *, first: str, last: str, zone: str
) -> Sequence[SentLine]:
    """Of the months `first … last` (YYYY-MM), both included; newest month first, then by asset."""
    rows = await tx.execute(_SENT, {"tenant": tenant_id, "first": first, "last": last, "zone": zone})
    return [
        SentLine(
            row.month, Amount(int(row.units), Asset(AssetId.parse(row.asset), row.symbol, row.decimals)), row.transfers
        )
        for row in rows
    ]
