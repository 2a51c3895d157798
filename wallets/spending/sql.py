"""Rows of budgets. What a person means to spend, and on what, is sealed whole, as the address book is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Column, Index, Integer, Row, Table, delete, insert, or_, select, text, update

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import Text, Uuid
from persistence.words import Words, words_column, words_in
from primitives.asset import Amount, Asset, AssetId
from wallets.spending.model import Budget, SentLine

spending_budget_table = Table(
    "spending_budget",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    words_column("entry"),
    Column("told_month", Text),
    Column("told_level", Integer, nullable=False, server_default="0"),
    Index(None, "tenant_id"),
)
"""`entry`: JSON of `currency`, `category` (null: all together), `month_minor` and `zone`."""

_b = spending_budget_table.c


@dataclass(frozen=True, slots=True)
class KeptBudget:
    """A budget as it is stored; `sealed` is another with each change."""

    id: UUID
    tenant_id: UUID
    sealed: bytes
    budget: Budget


def _kept(row: Row[Any], words: Words) -> KeptBudget | None:
    """None: its key is lost, and nobody can read it any more."""
    plain = words.text(_b.entry, row.tenant_id, row.entry)
    if plain is None:
        return None
    opened = orjson.loads(plain)
    budget = Budget(
        opened["currency"], opened["category"], opened["month_minor"], opened["zone"], row.told_month, row.told_level
    )
    return KeptBudget(row.id, row.tenant_id, row.entry, budget)


async def _find(tx: Transaction, tenant_id: UUID, currency: str, category: str | None) -> UUID | None:
    """One change at a time, so that nothing has two budgets."""
    await lock_for_transaction(tx, "spending_budget", tenant_id)
    same = (one.id for one in await budgets_of(tx, tenant_id) if _key(one.budget) == (currency, category or ""))
    return next(same, None)


def _key(budget: Budget) -> tuple[str, str]:
    return budget.currency, budget.category or ""


async def put(tx: Transaction, tenant_id: UUID, budget: Budget) -> UUID:
    """A changed budget tells anew. Its id. Raises PersonErased."""
    plain = orjson.dumps(
        {
            "currency": budget.currency,
            "category": budget.category or None,
            "month_minor": budget.month_minor,
            "zone": budget.zone,
        }
    ).decode()
    found = await _find(tx, tenant_id, budget.currency, budget.category)
    sealed = words_in(tx).sealed(_b.entry, tenant_id, plain)
    if found is not None:
        values = {"entry": sealed, "told_month": None, "told_level": 0}
        await tx.execute(update(spending_budget_table).where(_b.id == found).values(values))
        return found
    made = uuid4()
    await tx.execute(insert(spending_budget_table).values(id=made, tenant_id=tenant_id, entry=sealed))
    return made


async def remove(tx: Transaction, tenant_id: UUID, currency: str, category: str | None) -> bool:
    found = await _find(tx, tenant_id, currency, category)
    await tx.execute(delete(spending_budget_table).where(_b.id == found))
    return found is not None


async def budgets_of(tx: Transaction, tenant_id: UUID) -> Sequence[KeptBudget]:
    """By currency and category."""
    words = words_in(tx)
    rows = await tx.execute(select(spending_budget_table).where(_b.tenant_id == tenant_id))
    kept = [one for row in rows if (one := _kept(row, words)) is not None]
    return sorted(kept, key=lambda one: _key(one.budget))


async def all_budgets(tx: Transaction, after: UUID | None, limit: int) -> tuple[Sequence[KeptBudget], UUID | None]:
    """Of everybody, by id, and the id to go on behind; None: these were the last."""
    statement = select(spending_budget_table)
    if after is not None:
        statement = statement.where(_b.id > after)
    words = words_in(tx)
    rows = list(await tx.execute(statement.order_by(_b.id).limit(limit)))
    kept = [one for row in rows if (one := _kept(row, words)) is not None]
    return kept, rows[-1].id if len(rows) == limit else None


async def told(tx: Transaction, kept: KeptBudget, month: str, level: int) -> bool:
    """Remember an alert; False when it was told already, or the budget was changed meanwhile."""
    found = await tx.execute(
        update(spending_budget_table)
        .where(
            _b.id == kept.id,
            _b.entry == kept.sealed,
            or_(_b.told_month.is_(None), _b.told_month != month, _b.told_level < level),
        )
        .values(told_month=month, told_level=level)
        .returning(_b.id)
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
