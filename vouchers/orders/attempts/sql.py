"""Rows of attempts to pay; one of an order is not failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from vouchers.orders.model import (
    Attempt,
    AttemptStatus,
    Order,
    Way,
    consents_from_json,
)
from vouchers.orders.redemptions.sql import ATTEMPT_STATUSES, redemption_table
from vouchers.orders.sql import get_order

_WAITING_TEXT = "status = 'requested' AND ready_at IS NOT NULL"

order_attempt_table = Table(
    "order_attempt",
    metadata,
    Column("order_id", Uuid, ForeignKey("till_order.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("holder_tenant_id", Uuid, nullable=False),
    Column("quote_id", Uuid, ForeignKey("order_quote.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("order_hash", LargeBinary, ForeignKey("document.hash"), nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("payment_id", Uuid),
    Column("failure", JSONB),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("ended_at", Timestamp),
    Column("way", Text, nullable=False, server_default="alone"),
    Column("consents", JSONB),
    Column("ready_at", Timestamp),
    CheckConstraint(ATTEMPT_STATUSES, name="status"),
    CheckConstraint("way IN ('alone', 'batch')", name="way"),
    CheckConstraint("(ready_at IS NULL) = (consents IS NULL)", name="ready_at"),
    UniqueConstraint("tenant_id", "order_hash"),
    UniqueConstraint("holder_tenant_id", "idempotency_key"),
    Index("uq_order_attempt_live", "order_id", unique=True, postgresql_where=text("status <> 'failed'")),
    Index("ix_order_attempt_waiting", "tenant_id", "ready_at", postgresql_where=text(_WAITING_TEXT)),
)


async def order_hash_used(tx: Transaction, tenant_id: UUID, order_hash: bytes) -> bool:
    """Whether an attempt at this merchant had this order hash."""
    found = await tx.execute(
        select(order_attempt_table.c.number).where(
            order_attempt_table.c.tenant_id == tenant_id, order_attempt_table.c.order_hash == order_hash
        )
    )
    return found.first() is not None


async def insert_attempt(tx: Transaction, attempt: Attempt) -> bool:
    """False when the holder's idempotency key has another attempt."""
    added = await tx.execute(
        upsert(order_attempt_table)
        .values(
            order_id=attempt.order_id,
            number=attempt.number,
            tenant_id=attempt.tenant_id,
            holder_tenant_id=attempt.holder_tenant_id,
            quote_id=attempt.quote_id,
            account=str(attempt.account),
            order_hash=attempt.order_hash,
            idempotency_key=attempt.idempotency_key,
            status=attempt.status.value,
            created_at=attempt.created_at,
        )
        .on_conflict_do_nothing(index_elements=["holder_tenant_id", "idempotency_key"])
        .returning(order_attempt_table.c.number)
    )
    return added.first() is not None


def attempt_of(row: Row[Any]) -> Attempt:
    return Attempt(
        order_id=row.order_id,
        number=row.number,
        tenant_id=row.tenant_id,
        holder_tenant_id=row.holder_tenant_id,
        quote_id=row.quote_id,
        account=AccountId.parse(row.account),
        order_hash=row.order_hash,
        idempotency_key=row.idempotency_key,
        status=AttemptStatus(row.status),
        payment_id=row.payment_id,
        failure=row.failure,
        created_at=row.created_at,
        ended_at=row.ended_at,
        way=Way(row.way),
        consents=consents_from_json(row.consents),
    )


async def attempt_by_key(tx: Transaction, holder_tenant_id: UUID, idempotency_key: str) -> Attempt | None:
    row = (
        await tx.execute(
            select(order_attempt_table).where(
                order_attempt_table.c.holder_tenant_id == holder_tenant_id,
                order_attempt_table.c.idempotency_key == idempotency_key,
            )
        )
    ).first()
    return None if row is None else attempt_of(row)


async def get_attempt(tx: Transaction, order_id: UUID, number: int, *, lock: bool = False) -> Attempt | None:
    statement = select(order_attempt_table).where(
        order_attempt_table.c.order_id == order_id, order_attempt_table.c.number == number
    )
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else attempt_of(row)


async def holders_of(
    tx: Transaction, attempts: Sequence[tuple[UUID, int]]
) -> Mapping[tuple[UUID, int], tuple[UUID, AccountId]]:
    """Who pays in these attempts, by order and number."""
    asked = {"orders": [order_id for order_id, _ in attempts], "numbers": [number for _, number in attempts]}
    return {
        (row.order_id, row.number): (row.holder_tenant_id, AccountId.parse(row.account))
        for row in await tx.execute(_HOLDERS, asked)
    }


_HOLDERS = text(
    "SELECT order_id, number, holder_tenant_id, account FROM unnest(:orders, :numbers) AS q (order_id, number) "
    "JOIN order_attempt USING (order_id, number)"
).bindparams(bindparam("orders", type_=ARRAY(Uuid)), bindparam("numbers", type_=ARRAY(Integer)))


async def last_attempt(tx: Transaction, order_id: UUID) -> Attempt | None:
    row = (
        await tx.execute(
            select(order_attempt_table)
            .where(order_attempt_table.c.order_id == order_id)
            .order_by(order_attempt_table.c.number.desc())
            .limit(1)
        )
    ).first()
    return None if row is None else attempt_of(row)


async def paying_attempt(tx: Transaction, order_id: UUID) -> Attempt | None:
    """The attempt that the order was paid by; None while there is none, and where it was paid by hand alone."""
    statement = select(order_attempt_table).where(
        order_attempt_table.c.order_id == order_id, order_attempt_table.c.status == AttemptStatus.FINAL.value
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else attempt_of(row)


async def attempts_by_holder(tx: Transaction, holder_tenant_id: UUID, limit: int) -> Sequence[tuple[Order, Attempt]]:
    """What a holder has paid or tried to pay, newest first."""
    rows = await tx.execute(
        select(order_attempt_table)
        .where(order_attempt_table.c.holder_tenant_id == holder_tenant_id)
        .order_by(order_attempt_table.c.created_at.desc())
        .limit(limit)
    )
    return [(await get_order(tx, row.order_id), attempt_of(row)) for row in rows.all()]


async def carry_by_payment(tx: Transaction, attempt: Attempt, payment_id: UUID, way: Way) -> bool:
    """requested → pending under this payment. False when the attempt was given up meanwhile."""
    changed = await tx.execute(
        update(order_attempt_table)
        .where(
            order_attempt_table.c.order_id == attempt.order_id,
            order_attempt_table.c.number == attempt.number,
            order_attempt_table.c.status == AttemptStatus.REQUESTED.value,
        )
        .values(status=AttemptStatus.PENDING.value, payment_id=payment_id, way=way.value)
    )
    if changed.rowcount != 1:
        return False
    await tx.execute(
        update(redemption_table)
        .where(redemption_table.c.order_id == attempt.order_id, redemption_table.c.attempt == attempt.number)
        .values(status=AttemptStatus.PENDING.value)
    )
    return True


async def end_attempt(
    tx: Transaction, attempt: Attempt, status: AttemptStatus, failure: Mapping[str, Any] | None = None
) -> bool:
    """To final or failed, with its redemptions; False when it has ended before."""
    changed = await tx.execute(
        update(order_attempt_table)
        .where(
            order_attempt_table.c.order_id == attempt.order_id,
            order_attempt_table.c.number == attempt.number,
            order_attempt_table.c.status.in_([AttemptStatus.REQUESTED.value, AttemptStatus.PENDING.value]),
        )
        .values(status=status.value, failure=None if failure is None else dict(failure), ended_at=func.now())
    )
    if changed.rowcount != 1:
        return False
    await tx.execute(
        update(redemption_table)
        .where(redemption_table.c.order_id == attempt.order_id, redemption_table.c.attempt == attempt.number)
        .values(status=status.value)
    )
    return True
