"""Rows of refunds, their steps, debts of merchants and disputes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import JSONB, BaseUnits, LargeBinary, Minor, Text, Timestamp, Uuid
from persistence.words import words_column, words_in
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.refunds.model import (
    Dispute,
    DisputeStatus,
    Refund,
    RefundKind,
    RefundStatus,
    RefundStep,
    StepKind,
    StepStatus,
)

refund_table = Table(
    "refund",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("holder_tenant_id", Uuid),
    Column("order_id", Uuid, ForeignKey("till_order.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("returned", JSONB, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("reason", Text),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("ended_at", Timestamp),
    CheckConstraint("kind IN ('full', 'partial', 'chargeback')", name="kind"),
    CheckConstraint("status IN ('pending', 'owing', 'done')", name="status"),
    CheckConstraint("amount_minor >= 0", name="amount_minor"),
    UniqueConstraint("order_id", "number"),
    UniqueConstraint("tenant_id", "idempotency_key"),
)

refund_step_table = Table(
    "refund_step",
    metadata,
    Column("refund_id", Uuid, ForeignKey("refund.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("redemption_id", LargeBinary),
    Column("voucher_id", Text),
    Column("base_units", BaseUnits, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("payment_id", Uuid),
    Column("reissued_id", Text),
    Column("failure", JSONB),
    CheckConstraint("kind IN ('reverse', 'return_payout', 'money', 'recorded')", name="kind"),
    CheckConstraint("status IN ('waiting', 'in_flight', 'owing', 'done')", name="status"),
    Index(None, "redemption_id"),
)

merchant_debt_table = Table(
    "merchant_debt",
    metadata,
    Column("refund_id", Uuid, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Text),
    Column("asset", Text, nullable=False),
    Column("base_units", BaseUnits, nullable=False),
    Column("failure", JSONB),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("settled_at", Timestamp),
    ForeignKeyConstraint(["refund_id", "step"], ["refund_step.refund_id", "refund_step.number"]),
    Index(None, "tenant_id"),
)

dispute_table = Table(
    "dispute",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("holder_tenant_id", Uuid, nullable=False),
    Column("redemption_id", LargeBinary, nullable=False),
    Column("order_id", Uuid, ForeignKey("till_order.id"), nullable=False),
    Column("status", Text, nullable=False),
    words_column("reason", of="holder_tenant_id"),
    Column("evidence", JSONB, nullable=False),
    words_column("answer", of="holder_tenant_id"),
    Column("refund_id", Uuid, ForeignKey("refund.id")),
    Column("opened_at", Timestamp, nullable=False, server_default=func.now()),
    Column("ended_at", Timestamp),
    CheckConstraint("status IN ('open', 'refunded', 'refused')", name="status"),
    UniqueConstraint("redemption_id"),
    Index("ix_dispute_tenant_id", "tenant_id", "opened_at"),
)


async def hold_order(tx: Transaction, order_id: UUID) -> None:
    """One refund of an order is decided at a time, until the transaction ends."""
    await lock_for_transaction(tx, "refund", order_id)


async def refund_by_key(tx: Transaction, tenant_id: UUID, key: str) -> tuple[UUID, bytes] | None:
    row = (
        await tx.execute(
            select(refund_table.c.id, refund_table.c.request_hash).where(
                refund_table.c.tenant_id == tenant_id, refund_table.c.idempotency_key == key
            )
        )
    ).first()
    return None if row is None else (row.id, row.request_hash)


async def insert_refund(
    tx: Transaction, refund: Refund, steps: Sequence[RefundStep], *, idempotency_key: str, request_hash: bytes
) -> bool:
    """False when the merchant's idempotency key has another refund; nothing is stored then."""
    added = await tx.execute(
        upsert(refund_table)
        .values(
            id=refund.id,
            tenant_id=refund.tenant_id,
            holder_tenant_id=refund.holder_tenant_id,
            order_id=refund.order_id,
            number=refund.number,
            kind=refund.kind.value,
            status=refund.status.value,
            returned=list(refund.returned),
            amount_minor=refund.amount_minor,
            detail=dict(refund.detail),
            reason=refund.reason,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_by=refund.created_by,
            created_at=refund.created_at,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"])
        .returning(refund_table.c.id)
    )
    if added.first() is None:
        return False
    if steps:
        await tx.execute(
            insert(refund_step_table),
            [
                {
                    "refund_id": step.refund_id,
                    "number": step.number,
                    "tenant_id": step.tenant_id,
                    "kind": step.kind.value,
                    "status": step.status.value,
                    "redemption_id": step.redemption_id,
                    "voucher_id": None if step.voucher is None else str(step.voucher),
                    "base_units": step.base_units,
                    "reissued_id": None if step.reissued is None else str(step.reissued),
                }
                for step in steps
            ],
        )
    return True


def _refund(row: Row[Any]) -> Refund:
    return Refund(
        id=row.id,
        tenant_id=row.tenant_id,
        holder_tenant_id=row.holder_tenant_id,
        order_id=row.order_id,
        number=row.number,
        kind=RefundKind(row.kind),
        status=RefundStatus(row.status),
        returned=tuple(row.returned),
        amount_minor=row.amount_minor,
        detail=row.detail,
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


async def get_refund(tx: Transaction, refund_id: UUID) -> Refund | None:
    row = (await tx.execute(select(refund_table).where(refund_table.c.id == refund_id))).first()
    return None if row is None else _refund(row)


async def refunds_of(tx: Transaction, order_id: UUID) -> Sequence[Refund]:
    """In the order they were made."""
    rows = await tx.execute(
        select(refund_table).where(refund_table.c.order_id == order_id).order_by(refund_table.c.number)
    )
    return [_refund(row) for row in rows]


def _step(row: Row[Any]) -> RefundStep:
    return RefundStep(
        refund_id=row.refund_id,
        number=row.number,
        tenant_id=row.tenant_id,
        kind=StepKind(row.kind),
        status=StepStatus(row.status),
        base_units=row.base_units,
        redemption_id=row.redemption_id,
        voucher=None if row.voucher_id is None else VoucherId.parse(row.voucher_id),
        tries=row.tries,
        payment_id=row.payment_id,
        reissued=None if row.reissued_id is None else VoucherId.parse(row.reissued_id),
        failure=row.failure,
    )


async def steps_of(tx: Transaction, refund_id: UUID, *, lock: bool = False) -> Sequence[RefundStep]:
    statement = (
        select(refund_step_table).where(refund_step_table.c.refund_id == refund_id).order_by(refund_step_table.c.number)
    )
    return [_step(row) for row in await tx.execute(statement.with_for_update() if lock else statement)]


async def returned_of(tx: Transaction, redemption_ids: Sequence[bytes]) -> Mapping[bytes, int]:
    """Base units of each redemption's payout that refunds have given back, or are giving back."""
    rows = await tx.execute(
        select(refund_step_table.c.redemption_id, func.sum(refund_step_table.c.base_units).label("sum"))
        .where(
            refund_step_table.c.redemption_id.in_(redemption_ids),
            refund_step_table.c.kind.in_([StepKind.REVERSE.value, StepKind.RETURN_PAYOUT.value]),
        )
        .group_by(refund_step_table.c.redemption_id)
    )
    return {row.redemption_id: int(row.sum) for row in rows}


async def next_reissue(tx: Transaction, campaign: CampaignId) -> int:
    """The number of the campaign's next reissued serial on Solana; the same is never given twice."""
    await lock_for_transaction(tx, "reissue", campaign)
    rows = await tx.execute(
        select(refund_step_table.c.reissued_id).where(refund_step_table.c.reissued_id.like(f"{campaign}%"))
    )
    return 1 + max((VoucherId.parse(one).serial.number for one in rows.scalars()), default=0)


async def update_step(tx: Transaction, step: RefundStep, **values: Any) -> None:
    await tx.execute(
        update(refund_step_table)
        .where(refund_step_table.c.refund_id == step.refund_id, refund_step_table.c.number == step.number)
        .values(**values)
    )


async def set_refund_status(tx: Transaction, refund_id: UUID, status: RefundStatus) -> bool:
    """False when it stands there already, or is done."""
    changed = await tx.execute(
        update(refund_table)
        .where(
            refund_table.c.id == refund_id,
            refund_table.c.status != status.value,
            refund_table.c.status != RefundStatus.DONE.value,
        )
        .values(status=status.value, ended_at=func.now() if status is RefundStatus.DONE else None)
    )
    return changed.rowcount == 1


async def owe(
    tx: Transaction, step: RefundStep, campaign: CampaignId | None, asset: str, failure: Mapping[str, Any]
) -> None:
    """What the merchant must still give back; one entry per step."""
    values = {
        "tenant_id": step.tenant_id,
        "campaign_id": None if campaign is None else str(campaign),
        "asset": asset,
        "base_units": step.base_units,
        "failure": dict(failure),
    }
    await tx.execute(
        upsert(merchant_debt_table)
        .values(refund_id=step.refund_id, step=step.number, **values)
        .on_conflict_do_update(index_elements=["refund_id", "step"], set_=values)
    )


async def debt_settled(tx: Transaction, step: RefundStep) -> None:
    await tx.execute(
        update(merchant_debt_table)
        .where(
            merchant_debt_table.c.refund_id == step.refund_id,
            merchant_debt_table.c.step == step.number,
            merchant_debt_table.c.settled_at.is_(None),
        )
        .values(settled_at=func.now())
    )


async def debts_of(tx: Transaction, tenant_id: UUID) -> Sequence[Row[Any]]:
    """Of a merchant, open ones first, newest first."""
    rows = await tx.execute(
        select(merchant_debt_table)
        .where(merchant_debt_table.c.tenant_id == tenant_id)
        .order_by(merchant_debt_table.c.settled_at.is_not(None), merchant_debt_table.c.created_at.desc())
    )
    return rows.all()


async def insert_dispute(tx: Transaction, dispute: Dispute) -> bool:
    """False when the redemption is disputed already."""
    added = await tx.execute(
        upsert(dispute_table)
        .values(
            id=dispute.id,
            tenant_id=dispute.tenant_id,
            holder_tenant_id=dispute.holder_tenant_id,
            redemption_id=dispute.redemption_id,
            order_id=dispute.order_id,
            status=dispute.status.value,
            reason=words_in(tx).sealed(dispute_table.c.reason, dispute.holder_tenant_id, dispute.reason),
            evidence=dict(dispute.evidence),
            opened_at=dispute.opened_at,
        )
        .on_conflict_do_nothing(index_elements=["redemption_id"])
        .returning(dispute_table.c.id)
    )
    return added.first() is not None


async def dispute_of(tx: Transaction, redemption_id: bytes) -> Dispute | None:
    row = (await tx.execute(select(dispute_table).where(dispute_table.c.redemption_id == redemption_id))).first()
    if row is None:
        return None
    words = words_in(tx)
    return Dispute(
        id=row.id,
        tenant_id=row.tenant_id,
        holder_tenant_id=row.holder_tenant_id,
        redemption_id=row.redemption_id,
        order_id=row.order_id,
        status=DisputeStatus(row.status),
        reason=words.text(dispute_table.c.reason, row.holder_tenant_id, row.reason) or "",
        evidence=row.evidence,
        answer=words.text(dispute_table.c.answer, row.holder_tenant_id, row.answer),
        refund_id=row.refund_id,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
    )


async def end_dispute(
    tx: Transaction, dispute: Dispute, status: DisputeStatus, answer: str, refund_id: UUID | None
) -> bool:
    """False when it is not open."""
    told = words_in(tx).kept(dispute_table.c.answer, dispute.holder_tenant_id, answer)
    ended = await tx.execute(
        update(dispute_table)
        .where(dispute_table.c.id == dispute.id, dispute_table.c.status == DisputeStatus.OPEN.value)
        .values(status=status.value, answer=told, refund_id=refund_id, ended_at=func.now())
    )
    return ended.rowcount == 1
