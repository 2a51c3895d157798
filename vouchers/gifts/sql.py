"""Rows of gifts. Stock is decided by one conditional update; every change of it is a movement, and the movements sum to
the stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    case,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import BigInteger, LargeBinary, Minor, Text, Timestamp, Uuid
from primitives.voucher_id import CampaignId
from vouchers.gifts.model import DeliveryStatus, Gift, GiftDelivery
from vouchers.rules import Delivery

gift_table = Table(
    "gift",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("unit_price_minor", Minor, nullable=False),
    Column("category", Text),
    Column("stock", BigInteger, nullable=False, server_default="0"),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("programme", Text),
    Column("points_price", BigInteger),
    Column("offered", Boolean, nullable=False),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("unit_price_minor >= 0", name="unit_price_minor"),
    CheckConstraint("reserved >= 0 AND reserved <= stock", name="stock"),
    CheckConstraint("(programme IS NULL) = (points_price IS NULL)", name="points_price"),
)

gift_movement_table = Table(
    "gift_movement",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("sku", Text, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("order_id", Uuid),
    Column("idempotency_key", Text),
    Column("request_hash", LargeBinary),
    Column("created_by", Uuid),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("reason IN ('stocked', 'given', 'returned')", name="reason"),
    ForeignKeyConstraint(["tenant_id", "sku"], ["gift.tenant_id", "gift.sku"]),
    UniqueConstraint("tenant_id", "idempotency_key"),
    Index(None, "tenant_id", "sku"),
)

gift_reservation_table = Table(
    "gift_reservation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("sku", Text, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", Timestamp),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("units > 0", name="units"),
    CheckConstraint("state IN ('held', 'given', 'released')", name="state"),
    ForeignKeyConstraint(["tenant_id", "sku"], ["gift.tenant_id", "gift.sku"]),
    UniqueConstraint("order_id", "attempt", "sku"),
    Index("ix_gift_reservation_held", "tenant_id", "sku", postgresql_where=text("state = 'held'")),
)

gift_delivery_table = Table(
    "gift_delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("sku", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("returned", BigInteger, nullable=False, server_default="0"),
    Column("holder_id", Uuid, nullable=False),
    Column("order_id", Uuid),
    Column("idempotency_key", Text),
    Column("request_hash", LargeBinary),
    Column("delivery", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("shipping", LargeBinary),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("returned >= 0 AND returned <= units", name="returned"),
    CheckConstraint("status IN ('backordered', 'due', 'shipped', 'delivered', 'returned')", name="status"),
    ForeignKeyConstraint(["tenant_id", "sku"], ["gift.tenant_id", "gift.sku"]),
    UniqueConstraint("order_id", "sku"),
    UniqueConstraint("holder_id", "idempotency_key"),
    Index(None, "tenant_id", "created_at"),
    Index(None, "holder_id", "created_at"),
)

_held = gift_reservation_table.c.state == "held"
_over = gift_reservation_table.c.expires_at <= func.now()


def _gift(row: Any) -> Gift:
    return Gift(
        tenant_id=row.tenant_id,
        sku=row.sku,
        name=row.name,
        currency=row.currency,
        unit_price_minor=row.unit_price_minor,
        category=row.category,
        stock=row.stock,
        reserved=int(row.reserved),  # numeric, as a sum of lapsed units is taken off
        programme=None if row.programme is None else CampaignId.parse(row.programme),
        points_price=row.points_price,
        offered=row.offered,
    )


async def put_gift(tx: Transaction, gift: Gift) -> None:
    """Make it or change what is said of it; stock and reservations stay."""
    said = {
        "name": gift.name,
        "currency": gift.currency,
        "unit_price_minor": gift.unit_price_minor,
        "category": gift.category,
        "programme": None if gift.programme is None else str(gift.programme),
        "points_price": gift.points_price,
        "offered": gift.offered,
    }
    await tx.execute(
        upsert(gift_table)
        .values(tenant_id=gift.tenant_id, sku=gift.sku, **said)
        .on_conflict_do_update(index_elements=["tenant_id", "sku"], set_={**said, "updated_at": func.now()})
    )


async def gifts_of(tx: Transaction, tenant_id: UUID, skus: Sequence[str] | None = None) -> Sequence[Gift]:
    """By sku; a reservation that is over no longer counts, whether or not somebody has released it."""
    over = (
        select(gift_reservation_table.c.sku, func.sum(gift_reservation_table.c.units).label("units"))
        .where(gift_reservation_table.c.tenant_id == tenant_id, _held, _over)
        .group_by(gift_reservation_table.c.sku)
        .subquery()
    )
    reserved = (gift_table.c.reserved - func.coalesce(over.c.units, 0)).label("reserved")
    columns = [column for column in gift_table.c if column.name != "reserved"]
    statement = (
        select(*columns, reserved)
        .select_from(gift_table.outerjoin(over, over.c.sku == gift_table.c.sku))
        .where(gift_table.c.tenant_id == tenant_id)
        .order_by(gift_table.c.sku)
    )
    if skus is not None:
        statement = statement.where(gift_table.c.sku.in_(skus))
    return [_gift(row) for row in await tx.execute(statement)]


async def movement_by_key(tx: Transaction, tenant_id: UUID, key: str) -> tuple[str, bytes] | None:
    """The sku and request hash of the change of stock that this key made."""
    row = (
        await tx.execute(
            select(gift_movement_table.c.sku, gift_movement_table.c.request_hash).where(
                gift_movement_table.c.tenant_id == tenant_id, gift_movement_table.c.idempotency_key == key
            )
        )
    ).first()
    return None if row is None else (row.sku, row.request_hash)


async def change_stock(tx: Transaction, tenant_id: UUID, sku: str, units: int) -> bool:
    """Add units, or take some away that nobody has reserved: False when there are not so many."""
    changed = await tx.execute(
        update(gift_table)
        .where(
            gift_table.c.tenant_id == tenant_id,
            gift_table.c.sku == sku,
            gift_table.c.stock + units >= gift_table.c.reserved,
        )
        .values(stock=gift_table.c.stock + units, updated_at=func.now())
    )
    return changed.rowcount == 1


async def insert_movement(
    tx: Transaction,
    tenant_id: UUID,
    sku: str,
    units: int,
    reason: str,
    *,
    order_id: UUID | None = None,
    idempotency_key: str | None = None,
    request_hash: bytes | None = None,
    created_by: UUID | None = None,
) -> bool:
    """False when the key made one before."""
    added = await tx.execute(
        upsert(gift_movement_table)
        .values(
            id=uuid4(),
            tenant_id=tenant_id,
            sku=sku,
            units=units,
            reason=reason,
            order_id=order_id,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_by=created_by,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"])
        .returning(gift_movement_table.c.id)
    )
    return added.first() is not None


async def release_overdue(tx: Transaction, tenant_id: UUID, sku: str) -> None:
    """Give back what lapsed: reservations first, then the gift, as everybody does, so that nobody waits in a circle."""
    gone = await tx.execute(
        update(gift_reservation_table)
        .where(gift_reservation_table.c.tenant_id == tenant_id, gift_reservation_table.c.sku == sku, _held, _over)
        .values(state="released")
        .returning(gift_reservation_table.c.units)
    )
    units = sum(row.units for row in gone)
    if units:
        await _unreserve(tx, tenant_id, sku, units)


async def _unreserve(tx: Transaction, tenant_id: UUID, sku: str, units: int) -> None:
    await tx.execute(
        update(gift_table)
        .where(gift_table.c.tenant_id == tenant_id, gift_table.c.sku == sku)
        .values(reserved=gift_table.c.reserved - units)
    )


async def reserve_units(tx: Transaction, tenant_id: UUID, sku: str, units: int) -> bool:
    """The one decision who gets the last units."""
    changed = await tx.execute(
        update(gift_table)
        .where(
            gift_table.c.tenant_id == tenant_id,
            gift_table.c.sku == sku,
            gift_table.c.offered,
            gift_table.c.stock - gift_table.c.reserved >= units,
        )
        .values(reserved=gift_table.c.reserved + units)
    )
    return changed.rowcount == 1


async def insert_reservation(
    tx: Transaction, tenant_id: UUID, sku: str, units: int, order_id: UUID, attempt: int, lifetime: timedelta
) -> None:
    await tx.execute(
        insert(gift_reservation_table).values(
            id=uuid4(),
            tenant_id=tenant_id,
            sku=sku,
            units=units,
            order_id=order_id,
            attempt=attempt,
            state="held",
            expires_at=func.now() + lifetime,
        )
    )


async def reserved_for(tx: Transaction, order_id: UUID, attempt: int) -> Mapping[str, tuple[int, str]]:
    """Units and state per sku, locked, in the order of the skus."""
    rows = await tx.execute(
        select(gift_reservation_table)
        .where(gift_reservation_table.c.order_id == order_id, gift_reservation_table.c.attempt == attempt)
        .order_by(gift_reservation_table.c.sku)
        .with_for_update()
    )
    return {row.sku: (row.units, row.state) for row in rows}


async def keep_reservations(tx: Transaction, order_id: UUID, attempt: int) -> None:
    """They no longer lapse."""
    await tx.execute(
        update(gift_reservation_table)
        .where(gift_reservation_table.c.order_id == order_id, gift_reservation_table.c.attempt == attempt, _held)
        .values(expires_at=None)
    )


async def hold_again(tx: Transaction, order_id: UUID, attempt: int, sku: str) -> None:
    await _set_state(tx, order_id, attempt, sku, "held")


async def end_reservation(tx: Transaction, tenant_id: UUID, order_id: UUID, attempt: int, sku: str, units: int) -> None:
    """held → released, and the units are free."""
    await _set_state(tx, order_id, attempt, sku, "released")
    await _unreserve(tx, tenant_id, sku, units)


async def give_reserved(tx: Transaction, tenant_id: UUID, order_id: UUID, attempt: int, sku: str, units: int) -> None:
    """held → given: the units leave the stock."""
    await _set_state(tx, order_id, attempt, sku, "given")
    await take_reserved(tx, tenant_id, sku, units)


async def take_reserved(tx: Transaction, tenant_id: UUID, sku: str, units: int) -> None:
    """Reserved units leave the stock."""
    await tx.execute(
        update(gift_table)
        .where(gift_table.c.tenant_id == tenant_id, gift_table.c.sku == sku)
        .values(stock=gift_table.c.stock - units, reserved=gift_table.c.reserved - units)
    )


async def mark_given(tx: Transaction, order_id: UUID, attempt: int, sku: str) -> None:
    await _set_state(tx, order_id, attempt, sku, "given")


async def _set_state(tx: Transaction, order_id: UUID, attempt: int, sku: str, state: str) -> None:
    await tx.execute(
        update(gift_reservation_table)
        .where(
            gift_reservation_table.c.order_id == order_id,
            gift_reservation_table.c.attempt == attempt,
            gift_reservation_table.c.sku == sku,
        )
        .values(state=state, expires_at=None)
    )


async def insert_delivery(
    tx: Transaction,
    delivery: GiftDelivery,
    *,
    idempotency_key: str | None = None,
    request_hash: bytes | None = None,
) -> bool:
    """False when the order's units, or the key's, are on their way already."""
    added = await tx.execute(
        upsert(gift_delivery_table)
        .values(
            id=delivery.id,
            tenant_id=delivery.tenant_id,
            sku=delivery.sku,
            name=delivery.name,
            units=delivery.units,
            holder_id=delivery.holder_id,
            order_id=delivery.order_id,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            delivery=delivery.delivery.value,
            status=delivery.status.value,
            shipping=delivery.sealed,
        )
        .on_conflict_do_nothing()
        .returning(gift_delivery_table.c.id)
    )
    return added.first() is not None


def _delivery(row: Row[Any]) -> GiftDelivery:
    return GiftDelivery(
        id=row.id,
        tenant_id=row.tenant_id,
        sku=row.sku,
        name=row.name,
        units=row.units,
        returned=row.returned,
        holder_id=row.holder_id,
        order_id=row.order_id,
        delivery=Delivery(row.delivery),
        status=DeliveryStatus(row.status),
        sealed=row.shipping,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def delivery_by_key(tx: Transaction, holder_id: UUID, key: str) -> tuple[GiftDelivery, bytes] | None:
    """What this key took, and its request hash."""
    row = (
        await tx.execute(
            select(gift_delivery_table).where(
                gift_delivery_table.c.holder_id == holder_id, gift_delivery_table.c.idempotency_key == key
            )
        )
    ).first()
    return None if row is None else (_delivery(row), row.request_hash)


async def get_delivery(tx: Transaction, delivery_id: UUID, *, tenant_id: UUID | None = None) -> GiftDelivery | None:
    """Locked. `tenant_id`: only the shop's own."""
    statement = select(gift_delivery_table).where(gift_delivery_table.c.id == delivery_id).with_for_update()
    if tenant_id is not None:
        statement = statement.where(gift_delivery_table.c.tenant_id == tenant_id)
    row = (await tx.execute(statement)).first()
    return None if row is None else _delivery(row)


async def deliveries_of_order(tx: Transaction, order_id: UUID) -> Sequence[GiftDelivery]:
    """By sku, locked."""
    rows = await tx.execute(
        select(gift_delivery_table)
        .where(gift_delivery_table.c.order_id == order_id)
        .order_by(gift_delivery_table.c.sku)
        .with_for_update()
    )
    return [_delivery(row) for row in rows]


async def deliveries(
    tx: Transaction, *, tenant_id: UUID | None = None, holder_id: UUID | None = None, limit: int = 200
) -> Sequence[GiftDelivery]:
    """Of a shop or of a holder, newest first."""
    statement = select(gift_delivery_table).order_by(
        gift_delivery_table.c.created_at.desc(), gift_delivery_table.c.id.desc()
    )
    if tenant_id is not None:
        statement = statement.where(gift_delivery_table.c.tenant_id == tenant_id)
    if holder_id is not None:
        statement = statement.where(gift_delivery_table.c.holder_id == holder_id)
    return [_delivery(row) for row in await tx.execute(statement.limit(limit))]


async def set_delivery(
    tx: Transaction, delivery_id: UUID, status: DeliveryStatus, *, returned: int | None = None
) -> None:
    """Its address is erased once nobody needs it."""
    done = status in (DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED)
    values: dict[str, Any] = {"status": status.value, "updated_at": func.now()}
    if done:
        values["shipping"] = None
    if returned is not None:
        values["returned"] = returned
    await tx.execute(update(gift_delivery_table).where(gift_delivery_table.c.id == delivery_id).values(**values))


async def set_shipping(tx: Transaction, delivery_id: UUID, sealed: bytes) -> None:
    await tx.execute(
        update(gift_delivery_table)
        .where(gift_delivery_table.c.id == delivery_id)
        .values(shipping=sealed, updated_at=func.now())
    )


async def stock_equals_movements(tx: Transaction, tenant_id: UUID) -> Sequence[str]:
    """The skus whose stock is not the sum of its movements, or whose reservations do not sum: always empty."""
    moved = (
        select(gift_movement_table.c.sku, func.sum(gift_movement_table.c.units).label("units"))
        .where(gift_movement_table.c.tenant_id == tenant_id)
        .group_by(gift_movement_table.c.sku)
        .subquery()
    )
    held = (
        select(
            gift_reservation_table.c.sku,
            func.sum(case((_held, gift_reservation_table.c.units), else_=0)).label("units"),
        )
        .where(gift_reservation_table.c.tenant_id == tenant_id)
        .group_by(gift_reservation_table.c.sku)
        .subquery()
    )
    rows = await tx.execute(
        select(gift_table.c.sku)
        .select_from(
            gift_table.outerjoin(moved, moved.c.sku == gift_table.c.sku).outerjoin(held, held.c.sku == gift_table.c.sku)
        )
        .where(
            gift_table.c.tenant_id == tenant_id,
            or_(
                gift_table.c.stock != func.coalesce(moved.c.units, 0),
                gift_table.c.reserved != func.coalesce(held.c.units, 0),
            ),
        )
    )
    return [row.sku for row in rows]
