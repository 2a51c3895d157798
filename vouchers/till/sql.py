"""Rows of voucher holds, presentments and recorded tender."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Row,
    Table,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Minor, Text, Timestamp, Uuid
from primitives.voucher_id import VoucherId
from vouchers.till.model import Presentment, RecordedTender, TenderMethod

voucher_hold_table = Table(
    "voucher_hold",
    metadata,
    Column("voucher_id", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("until", Timestamp, nullable=False),
    Index(None, "order_id"),
)

presentment_table = Table(
    "presentment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("expires_at", Timestamp, nullable=False),
    Column("merchant_id", Uuid),
    Column("order_id", Uuid, ForeignKey("till_order.id")),
    Column("used_at", Timestamp),
    UniqueConstraint("secret_hash"),
)

recorded_tender_table = Table(
    "recorded_tender",
    metadata,
    Column("order_id", Uuid, ForeignKey("till_order.id"), primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("method", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("reference", Text),
    Column("entered_by", Uuid, nullable=False),
    Column("entered_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("method IN ('cash', 'card_terminal', 'other')", name="method"),
    CheckConstraint("amount_minor >= 0", name="amount_minor"),
)


async def hold_voucher(
    tx: Transaction, voucher: VoucherId, tenant_id: UUID, order_id: UUID, until: datetime | None
) -> bool:
    """One conditional write that decides whose the voucher is for a while; False while another order holds it.

    Args:
        until: None: only pass the gate, which everybody who redeems or holds a voucher passes one after the other.
    """
    moment = func.now() if until is None else until
    statement = upsert(voucher_hold_table).values(
        voucher_id=str(voucher), tenant_id=tenant_id, order_id=order_id, until=moment
    )
    held = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["voucher_id"],
            set_={"tenant_id": tenant_id, "order_id": order_id, "until": statement.excluded.until},
            where=or_(voucher_hold_table.c.order_id == order_id, voucher_hold_table.c.until <= func.clock_timestamp()),
        ).returning(voucher_hold_table.c.voucher_id)
    )
    return held.first() is not None


async def let_go(tx: Transaction, order_id: UUID) -> None:
    """The order holds nothing any more."""
    await tx.execute(delete(voucher_hold_table).where(voucher_hold_table.c.order_id == order_id))


async def held_by_others(tx: Transaction, vouchers: Collection[VoucherId], order_id: UUID) -> Collection[VoucherId]:
    """Those that another order holds now."""
    rows = await tx.execute(
        select(voucher_hold_table.c.voucher_id).where(
            voucher_hold_table.c.voucher_id.in_([str(voucher) for voucher in vouchers]),
            voucher_hold_table.c.order_id != order_id,
            voucher_hold_table.c.until > func.clock_timestamp(),
        )
    )
    return frozenset(VoucherId.parse(one) for one in rows.scalars())


async def insert_presentment(
    tx: Transaction, presentment_id: UUID, tenant_id: UUID, secret_hash: bytes, expires_at: datetime
) -> None:
    await tx.execute(
        upsert(presentment_table).values(
            id=presentment_id, tenant_id=tenant_id, secret_hash=secret_hash, expires_at=expires_at
        )
    )


async def use_presentment(
    tx: Transaction, secret_hash: bytes, merchant_id: UUID, order_id: UUID, now: datetime
) -> Presentment | None:
    """The one use: whoever gets it has it; None for one that is unknown, used or too old."""
    row = (
        await tx.execute(
            update(presentment_table)
            .where(
                presentment_table.c.secret_hash == secret_hash,
                presentment_table.c.used_at.is_(None),
                presentment_table.c.expires_at > now,
            )
            .values(merchant_id=merchant_id, order_id=order_id, used_at=now)
            .returning(*presentment_table.c)
        )
    ).first()
    return None if row is None else _presentment(row)


async def get_presentment(tx: Transaction, presentment_id: UUID, tenant_id: UUID) -> Presentment | None:
    row = (
        await tx.execute(
            select(presentment_table).where(
                presentment_table.c.id == presentment_id, presentment_table.c.tenant_id == tenant_id
            )
        )
    ).first()
    return None if row is None else _presentment(row)


def _presentment(row: Row[Any]) -> Presentment:
    return Presentment(row.id, row.tenant_id, row.expires_at, row.merchant_id, row.order_id, row.used_at)


async def insert_tender(tx: Transaction, tender: RecordedTender) -> bool:
    """False when the order has one."""
    added = await tx.execute(
        upsert(recorded_tender_table)
        .values(
            order_id=tender.order_id,
            tenant_id=tender.tenant_id,
            method=tender.method.value,
            amount_minor=tender.amount_minor,
            reference=tender.reference,
            entered_by=tender.entered_by,
            entered_at=tender.entered_at,
        )
        .on_conflict_do_nothing(index_elements=["order_id"])
        .returning(recorded_tender_table.c.order_id)
    )
    return added.first() is not None


async def tender_of(tx: Transaction, order_id: UUID) -> RecordedTender | None:
    row = (await tx.execute(select(recorded_tender_table).where(recorded_tender_table.c.order_id == order_id))).first()
    if row is None:
        return None
    return RecordedTender(
        order_id=row.order_id,
        tenant_id=row.tenant_id,
        method=TenderMethod(row.method),
        amount_minor=row.amount_minor,
        reference=row.reference,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
    )
