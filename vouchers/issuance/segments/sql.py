"""The people of a merchant, told from its own paid orders and vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, cast, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on

from persistence.database import Transaction
from persistence.types import JSONB, BigInteger
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId
from vouchers.ledger.sql import voucher_table
from vouchers.orders.attempts.sql import order_attempt_table
from vouchers.orders.sql import order_quote_table, order_table

_spent = cast(order_quote_table.c.price["total_minor"].astext, BigInteger) - cast(
    order_quote_table.c.price["discount_minor"].astext, BigInteger
)


def _paid(tenant_id: UUID) -> Select[Any]:
    """Each paid order of a merchant: who, with which account, when and how much."""
    return (
        select(
            order_attempt_table.c.holder_tenant_id.label("person"),
            order_attempt_table.c.account,
            order_table.c.id.label("order_id"),
            order_table.c.cart,
            order_table.c.currency,
            order_table.c.paid_at,
            _spent.label("spent"),
        )
        .join(order_attempt_table, order_attempt_table.c.order_id == order_table.c.id)
        .join(order_quote_table, order_quote_table.c.id == order_attempt_table.c.quote_id)
        .where(
            order_table.c.tenant_id == tenant_id,
            order_table.c.status == "paid",
            order_attempt_table.c.status == "final",
        )
    )


async def people(
    tx: Transaction,
    tenant_id: UUID,
    chain: ChainId,
    *,
    bought_sku: str | None,
    holds: CampaignId | None,
    spent_minor: int | None,
    currency: str | None,
    seen_within_days: int | None,
    not_seen_within_days: int | None,
    limit: int,
) -> Sequence[tuple[UUID, AccountId]]:
    """Each with the account that they last paid with on this chain, by person."""
    paid = _paid(tenant_id).subquery()
    last = (
        select(paid.c.person, paid.c.account)
        .where(paid.c.account.startswith(f"{chain}:", autoescape=True))
        .ext(distinct_on(paid.c.person))
        .order_by(paid.c.person, paid.c.paid_at.desc(), paid.c.order_id)
        .subquery()
    )
    statement = select(last.c.person, last.c.account)
    if bought_sku is not None:
        wanted = cast(literal({"lines": [{"sku": bought_sku}]}, JSONB), JSONB)
        bought = select(paid.c.person).where(cast(paid.c.cart, JSONB).contains(wanted))
        statement = statement.where(last.c.person.in_(bought))
    if spent_minor is not None:
        sums = (
            select(paid.c.person)
            .where(paid.c.currency == currency)
            .group_by(paid.c.person)
            .having(func.sum(paid.c.spent) >= spent_minor)
        )
        statement = statement.where(last.c.person.in_(sums))
    newest = select(paid.c.person).group_by(paid.c.person)
    if seen_within_days is not None:
        after = func.now() - timedelta(days=seen_within_days)
        statement = statement.where(last.c.person.in_(newest.having(func.max(paid.c.paid_at) >= after)))
    if not_seen_within_days is not None:
        before = func.now() - timedelta(days=not_seen_within_days)
        statement = statement.where(last.c.person.in_(newest.having(func.max(paid.c.paid_at) < before)))
    if holds is not None:
        statement = statement.where(
            last.c.account.in_(
                select(voucher_table.c.holder).where(
                    voucher_table.c.campaign_id == str(holds), voucher_table.c.status == "live"
                )
            )
        )
    rows = await tx.execute(statement.order_by(last.c.person).limit(limit))
    return [(row.person, AccountId.parse(row.account)) for row in rows]


async def payment_of_order(tx: Transaction, order_id: UUID) -> tuple[UUID, UUID, AccountId, str, int] | None:
    """Merchant, person, account, currency and amount spent of a paid order; None where nobody here paid it."""
    row = (
        await tx.execute(
            select(
                order_table.c.tenant_id,
                order_table.c.currency,
                order_attempt_table.c.holder_tenant_id,
                order_attempt_table.c.account,
                _spent.label("spent"),
            )
            .join(order_attempt_table, order_attempt_table.c.order_id == order_table.c.id)
            .join(order_quote_table, order_quote_table.c.id == order_attempt_table.c.quote_id)
            .where(
                order_table.c.id == order_id,
                order_table.c.status == "paid",
                order_attempt_table.c.status == "final",
            )
        )
    ).first()
    if row is None:
        return None
    return row.tenant_id, row.holder_tenant_id, AccountId.parse(row.account), row.currency, int(row.spent)


async def standing(
    tx: Transaction, tenant_id: UUID, person_id: UUID, currency: str | None, *, before: datetime | None = None
) -> tuple[int, int]:
    """How many orders a person has paid (before a moment), and how much in all in this currency."""
    orders = _paid(tenant_id)
    paid = (orders if before is None else orders.where(order_table.c.paid_at < before)).subquery()
    same = func.coalesce(func.sum(paid.c.spent).filter(paid.c.currency == currency), 0)
    row = (await tx.execute(select(func.count(), same).where(paid.c.person == person_id))).one()
    return int(row[0]), int(row[1])
