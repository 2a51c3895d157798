"""Rows of orders and their quotes; the conditional updates that decide who holds an order and who pays it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.jobs import enqueue
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Minor, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.errors import OrderNotFound
from vouchers.checkout.quote_json import quote_from_json, quote_to_json
from vouchers.orders.model import (
    Order,
    OrderQuote,
    OrderStatus,
    cart_from_json,
    cart_to_json,
    redemption_from_json,
    redemption_to_json,
)
from vouchers.till.model import RemainderBy

order_table = Table(
    "till_order",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("cart", JSONB, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total_minor", Minor, nullable=False),
    Column("reference", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failure", JSONB),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),
    Column("paid_at", Timestamp),
    Column("remainder_by", Text, nullable=False, server_default="onchain"),
    Column("locked_by", Uuid),
    Column("locked_until", Timestamp),
    Column("batch", Boolean, nullable=False, server_default=false()),
    CheckConstraint("remainder_by IN ('onchain', 'recorded')", name="remainder_by"),
    CheckConstraint("status IN ('open', 'pending', 'paid', 'cancelled')", name="status"),
    CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid_at"),
    UniqueConstraint("tenant_id", "idempotency_key"),
    Index(None, "tenant_id", "created_at"),
)

order_quote_table = Table(
    "order_quote",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("order_id", Uuid, ForeignKey("till_order.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("merchant", Text, nullable=False),
    Column("price", JSONB, nullable=False),
    Column("redemption", JSONB, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("short_by", BaseUnits, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Index(None, "order_id"),
)


async def insert_order(
    tx: Transaction, order: Order, *, idempotency_key: str, request_hash: bytes
) -> tuple[UUID, bytes] | None:
    """Store it, unless the key made one before: then answer that one's id and request hash."""
    added = await tx.execute(
        upsert(order_table)
        .values(
            id=order.id,
            tenant_id=order.tenant_id,
            status=order.status.value,
            cart=cart_to_json(order.cart),
            currency=order.cart.currency,
            total_minor=order.cart.total_minor,
            reference=order.reference,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_by=order.created_by,
            created_at=order.created_at,
            expires_at=order.expires_at,
            remainder_by=order.remainder_by.value,
            batch=order.batch,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"])
        .returning(order_table.c.id)
    )
    if added.first() is not None:
        return None
    row = (
        await tx.execute(
            select(order_table.c.id, order_table.c.request_hash).where(
                order_table.c.tenant_id == order.tenant_id, order_table.c.idempotency_key == idempotency_key
            )
        )
    ).one()
    return row.id, row.request_hash


def _order(row: Row[Any]) -> Order:
    return Order(
        id=row.id,
        tenant_id=row.tenant_id,
        status=OrderStatus(row.status),
        cart=cart_from_json(row.cart),
        reference=row.reference,
        attempts=row.attempts,
        failure=row.failure,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        remainder_by=RemainderBy(row.remainder_by),
        locked_by=row.locked_by,
        locked_until=row.locked_until,
        batch=row.batch,
    )


async def get_order(tx: Transaction, order_id: UUID) -> Order:
    """Raises OrderNotFound."""
    row = (await tx.execute(select(order_table).where(order_table.c.id == order_id))).first()
    if row is None:
        raise OrderNotFound("no such order", order=str(order_id))
    return _order(row)


async def orders_of(
    tx: Transaction, tenant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Order]:
    """Of a merchant, newest first; `before` is (created_at, id) of the last one seen."""
    statement = select(order_table).where(order_table.c.tenant_id == tenant_id)
    if before is not None:
        statement = statement.where(
            or_(
                order_table.c.created_at < before[0],
                (order_table.c.created_at == before[0]) & (order_table.c.id < before[1]),
            )
        )
    rows = await tx.execute(statement.order_by(order_table.c.created_at.desc(), order_table.c.id.desc()).limit(limit))
    return [_order(row) for row in rows]


async def lock_order(
    tx: Transaction, order_id: UUID, quote_id: UUID, tenant_id: UUID, lasts: timedelta
) -> datetime | None:
    """The one decision who holds an open order: nobody, the same holder, or a lock that has ended gives way.

    Returns:
        When the lock ends; None when somebody else has it, or the order is not open.
    """
    own = select(order_quote_table.c.id).where(
        order_quote_table.c.id == order_table.c.locked_by, order_quote_table.c.tenant_id == tenant_id
    )
    until: datetime | None = (
        await tx.execute(
            update(order_table)
            .where(
                order_table.c.id == order_id,
                order_table.c.status == OrderStatus.OPEN.value,
                or_(
                    order_table.c.locked_until.is_(None),
                    order_table.c.locked_until <= func.clock_timestamp(),
                    own.exists(),
                ),
                or_(order_table.c.expires_at.is_(None), order_table.c.expires_at > func.now()),
            )
            .values(locked_by=quote_id, locked_until=func.clock_timestamp() + literal(lasts))
            .returning(order_table.c.locked_until)
        )
    ).scalar_one_or_none()
    return until


async def unlock_order(tx: Transaction, order_id: UUID, tenant_id: UUID) -> bool:
    """True when the holder had it."""
    own = select(order_quote_table.c.id).where(
        order_quote_table.c.id == order_table.c.locked_by, order_quote_table.c.tenant_id == tenant_id
    )
    changed = await tx.execute(
        update(order_table)
        .where(order_table.c.id == order_id, order_table.c.locked_until.is_not(None), own.exists())
        .values(locked_by=None, locked_until=None)
    )
    return changed.rowcount == 1


async def begin_attempt(tx: Transaction, order_id: UUID, quote_id: UUID) -> int | None:
    """The one decision who pays: open → pending, unless another quote holds the order. Returns the attempt's number;
    None when it may not begin."""
    number: int | None = (
        await tx.execute(
            update(order_table)
            .where(
                order_table.c.id == order_id,
                order_table.c.status == OrderStatus.OPEN.value,
                or_(order_table.c.expires_at.is_(None), order_table.c.expires_at > func.now()),
                or_(
                    order_table.c.locked_until.is_(None),
                    order_table.c.locked_until <= func.clock_timestamp(),
                    order_table.c.locked_by == quote_id,
                ),
            )
            .values(status=OrderStatus.PENDING.value, attempts=order_table.c.attempts + 1, failure=None)
            .returning(order_table.c.attempts)
        )
    ).scalar_one_or_none()
    return number


async def set_order_status(
    tx: Transaction,
    order_id: UUID,
    before: OrderStatus,
    after: OrderStatus,
    *,
    failure: Mapping[str, Any] | None = None,
) -> bool:
    """True when it stood at `before`. What a paid order earns is looked at by a job of the same commit."""
    changed = await tx.execute(
        update(order_table)
        .where(order_table.c.id == order_id, order_table.c.status == before.value)
        .values(
            status=after.value,
            failure=None if failure is None else dict(failure),
            paid_at=func.now() if after is OrderStatus.PAID else None,
        )
    )
    if changed.rowcount == 1 and after is OrderStatus.PAID:
        await enqueue(tx, "trigger.order_paid", str(order_id), {"order": str(order_id)})
    return changed.rowcount == 1


async def insert_quote(tx: Transaction, quote: OrderQuote) -> None:
    await tx.execute(
        insert(order_quote_table).values(
            id=quote.id,
            tenant_id=quote.tenant_id,
            order_id=quote.order_id,
            account=str(quote.account),
            merchant=str(quote.merchant),
            price=quote_to_json(quote.price),
            redemption=redemption_to_json(quote.redemption),
            document=quote.document,
            expires_at=quote.expires_at,
            short_by=quote.short_by,
        )
    )


async def get_quote(tx: Transaction, quote_id: UUID, tenant_id: UUID) -> OrderQuote | None:
    row = (
        await tx.execute(
            select(order_quote_table).where(
                order_quote_table.c.id == quote_id, order_quote_table.c.tenant_id == tenant_id
            )
        )
    ).first()
    if row is None:
        return None
    return OrderQuote(
        id=row.id,
        tenant_id=row.tenant_id,
        order_id=row.order_id,
        account=AccountId.parse(row.account),
        merchant=AccountId.parse(row.merchant),
        price=quote_from_json(row.price),
        redemption=redemption_from_json(row.redemption),
        document=row.document,
        expires_at=row.expires_at,
        short_by=row.short_by,
    )
