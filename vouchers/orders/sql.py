"""Rows of orders, quotes, attempts and redemptions; the constraints behind "exactly once"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    bindparam,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.jobs import enqueue
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Minor, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.errors import OrderNotFound
from primitives.voucher_id import VoucherId
from vouchers.checkout.quote_json import quote_from_json, quote_to_json
from vouchers.ledger.sql import voucher_table
from vouchers.orders.model import (
    Attempt,
    AttemptStatus,
    Order,
    OrderQuote,
    OrderStatus,
    RedemptionRow,
    Way,
    cart_from_json,
    cart_to_json,
    consents_from_json,
    redemption_from_json,
    redemption_to_json,
)
from vouchers.till.model import RemainderBy

_WAITING_TEXT = "status = 'requested' AND ready_at IS NOT NULL"
_ATTEMPT_STATUSES = "status IN ('requested', 'pending', 'final', 'failed')"

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
    CheckConstraint(_ATTEMPT_STATUSES, name="status"),
    CheckConstraint("way IN ('alone', 'batch')", name="way"),
    CheckConstraint("(ready_at IS NULL) = (consents IS NULL)", name="ready_at"),
    UniqueConstraint("tenant_id", "order_hash"),
    UniqueConstraint("holder_tenant_id", "idempotency_key"),
    Index("uq_order_attempt_live", "order_id", unique=True, postgresql_where=text("status <> 'failed'")),
    Index("ix_order_attempt_waiting", "tenant_id", "ready_at", postgresql_where=text(_WAITING_TEXT)),
)

_LIVE_TEXT = "status <> 'failed' AND (status <> 'final' OR NOT spends)"
"""One at a time of each voucher; a final one ends it, unless it only spent a part of stored value."""

redemption_table = Table(
    "redemption",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("voucher_id", Text, nullable=False),
    Column("campaign_id", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("merchant", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    ForeignKeyConstraint(["order_id", "attempt"], ["order_attempt.order_id", "order_attempt.number"]),
    CheckConstraint(_ATTEMPT_STATUSES, name="status"),
    CheckConstraint("amount_minor >= 0", name="amount_minor"),
    Column("spends", Boolean, nullable=False, server_default=false()),
    Index("uq_redemption_live", "voucher_id", unique=True, postgresql_where=text(_LIVE_TEXT)),
    Index(None, "order_id"),
    Index(None, "campaign_id", "holder"),
    Index(None, "campaign_id", "tenant_id", "created_at"),
)

_LIVE = text(_LIVE_TEXT)


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


async def lock_voucher(tx: Transaction, row: RedemptionRow, tenant_id: UUID, *, leaf: bool = False) -> bool:
    """Claim a voucher for an attempt in one statement: only if its holder is this account, it is live, and no other
    redemption of it is under way or final (the partial unique index decides between two at once).

    `leaf`: one of a drop that its holder has not claimed, so that the ledger may never have seen it."""
    values = {
        "id": row.id,
        "tenant_id": tenant_id,
        "order_id": row.order_id,
        "attempt": row.attempt,
        "voucher_id": str(row.voucher),
        "campaign_id": str(row.voucher.campaign),
        "holder": str(row.holder),
        "merchant": str(row.merchant),
        "amount_minor": row.amount_minor,
        "status": row.status.value,
        "spends": row.spends,
    }
    own = voucher_table.c.id == str(row.voucher)
    right = (voucher_table.c.holder == str(row.holder)) & (voucher_table.c.status == "live")
    here = select(voucher_table.c.id).where(own, right, voucher_table.c.diverged.is_(False)).exists()
    unseen = ~select(voucher_table.c.id).where(own).exists()
    source = select(
        *(literal(value, redemption_table.c[name].type).label(name) for name, value in values.items())
    ).where(or_(here, unseen) if leaf else here)
    added = await tx.execute(
        upsert(redemption_table)
        .from_select(list(values), source)
        .on_conflict_do_nothing(index_elements=["voucher_id"], index_where=_LIVE)
        .returning(redemption_table.c.id)
    )
    return added.first() is not None


def _redemption(row: Row[Any]) -> RedemptionRow:
    return RedemptionRow(
        id=row.id,
        order_id=row.order_id,
        attempt=row.attempt,
        voucher=VoucherId.parse(row.voucher_id),
        holder=AccountId.parse(row.holder),
        merchant=AccountId.parse(row.merchant),
        amount_minor=row.amount_minor,
        status=AttemptStatus(row.status),
        spends=row.spends,
    )


async def redeeming_shops(tx: Transaction, voucher: VoucherId) -> Collection[UUID]:
    """Organisations whose orders redeem a voucher, or have redeemed it or a part of it."""
    rows = await tx.execute(
        select(redemption_table.c.tenant_id)
        .where(redemption_table.c.voucher_id == str(voucher), redemption_table.c.status != AttemptStatus.FAILED.value)
        .distinct()
    )
    return frozenset(rows.scalars())


async def live_redemptions(tx: Transaction, vouchers: Collection[VoucherId]) -> Mapping[VoucherId, RedemptionRow]:
    """The redemption of each voucher that is under way or final."""
    rows = await tx.execute(
        select(redemption_table).where(
            redemption_table.c.voucher_id.in_([str(voucher) for voucher in vouchers]),
            redemption_table.c.status != AttemptStatus.FAILED.value,
            or_(redemption_table.c.status != AttemptStatus.FINAL.value, redemption_table.c.spends.is_(False)),
        )
    )
    found = [_redemption(row) for row in rows]
    return {redemption.voucher: redemption for redemption in found}


async def redemptions_of(tx: Transaction, order_id: UUID, attempt: int) -> Sequence[RedemptionRow]:
    rows = await tx.execute(
        select(redemption_table)
        .where(redemption_table.c.order_id == order_id, redemption_table.c.attempt == attempt)
        .order_by(redemption_table.c.voucher_id)
    )
    return [_redemption(row) for row in rows]


async def redemption_by_id(tx: Transaction, redemption_id: bytes) -> RedemptionRow | None:
    row = (await tx.execute(select(redemption_table).where(redemption_table.c.id == redemption_id))).first()
    return None if row is None else _redemption(row)
