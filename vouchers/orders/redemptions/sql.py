"""Rows of redemptions; one of a voucher is under way or final."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    false,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Minor, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.voucher_id import VoucherId
from vouchers.ledger.sql import voucher_table
from vouchers.orders.model import (
    AttemptStatus,
    RedemptionRow,
)

ATTEMPT_STATUSES = "status IN ('requested', 'pending', 'final', 'failed')"
"""Of attempts, and of their redemptions."""

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
    CheckConstraint(ATTEMPT_STATUSES, name="status"),
    CheckConstraint("amount_minor >= 0", name="amount_minor"),
    Column("spends", Boolean, nullable=False, server_default=false()),
    Index("uq_redemption_live", "voucher_id", unique=True, postgresql_where=text(_LIVE_TEXT)),
    Index(None, "order_id"),
    Index(None, "campaign_id", "holder"),
    Index(None, "campaign_id", "tenant_id", "created_at"),
)

_LIVE = text(_LIVE_TEXT)


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
