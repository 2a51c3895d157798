"""Rows of acts: asked for once per idempotency key, carried out step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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
    select,
    tuple_,
    update,
)

from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Text, Timestamp, Uuid
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId

campaign_act_table = Table(
    "campaign_act",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Text, ForeignKey("campaign.id"), nullable=False),
    Column("chain", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("last", Boolean, nullable=False, server_default=false()),
    Column("payment_id", Uuid),
    Column("tx_hash", Text),
    Column("failure", JSONB),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("status IN ('requested', 'in_flight', 'done', 'failed')", name="status"),
    UniqueConstraint("tenant_id", "idempotency_key"),
    Index(None, "campaign_id", "created_at"),
)


class ActKind(StrEnum):
    FUND = "fund"
    PAUSE = "pause"
    RESUME = "resume"
    RECLAIM = "reclaim"
    DROP = "drop"


class ActStatus(StrEnum):
    REQUESTED = "requested"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one chain.

    Attributes:
        facts: What the kind needs: `base_units` of fund, `drop` of drop.
        step: Payments asked for so far; part of their idempotency keys.
        last: The payment under way is the act's last one.
        tx_hash: Of the last payment, once it is final.
    """

    id: UUID
    tenant_id: UUID
    campaign_id: CampaignId
    chain: ChainId
    kind: ActKind
    facts: Mapping[str, Any]
    status: ActStatus
    step: int
    last: bool
    payment_id: UUID | None
    tx_hash: str | None
    failure: Mapping[str, Any] | None
    created_at: datetime
    created_by: UUID


def _act(row: Row[Any]) -> Act:
    return Act(
        id=row.id,
        tenant_id=row.tenant_id,
        campaign_id=CampaignId.parse(row.campaign_id),
        chain=ChainId.parse(row.chain),
        kind=ActKind(row.kind),
        facts=row.facts,
        status=ActStatus(row.status),
        step=row.step,
        last=row.last,
        payment_id=row.payment_id,
        tx_hash=row.tx_hash,
        failure=row.failure,
        created_at=row.created_at,
        created_by=row.created_by,
    )


async def insert_act(tx: Transaction, act: Act, *, idempotency_key: str, request_hash: bytes) -> None:
    await tx.execute(
        insert(campaign_act_table).values(
            id=act.id,
            tenant_id=act.tenant_id,
            campaign_id=str(act.campaign_id),
            chain=str(act.chain),
            kind=act.kind.value,
            facts=dict(act.facts),
            status=act.status.value,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_by=act.created_by,
            created_at=act.created_at,
        )
    )


async def act_by_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> tuple[Act, bytes] | None:
    row = (
        await tx.execute(
            select(campaign_act_table).where(
                campaign_act_table.c.tenant_id == tenant_id, campaign_act_table.c.idempotency_key == idempotency_key
            )
        )
    ).first()
    return None if row is None else (_act(row), row.request_hash)


async def lock_act(tx: Transaction, act_id: UUID) -> Act | None:
    row = (
        await tx.execute(select(campaign_act_table).where(campaign_act_table.c.id == act_id).with_for_update())
    ).first()
    return None if row is None else _act(row)


async def update_act(tx: Transaction, act_id: UUID, **values: Any) -> None:
    await tx.execute(update(campaign_act_table).where(campaign_act_table.c.id == act_id).values(**values))


async def acts_of(tx: Transaction, campaign_id: CampaignId) -> Sequence[Act]:
    """Newest first."""
    rows = await tx.execute(
        select(campaign_act_table)
        .where(campaign_act_table.c.campaign_id == str(campaign_id))
        .order_by(campaign_act_table.c.created_at.desc(), campaign_act_table.c.id)
        .limit(200)
    )
    return [_act(row) for row in rows]


async def is_behind(tx: Transaction, act: Act) -> bool:
    """Whether another act of the same kind on the same lane was asked for before this one and is not over."""
    same = campaign_act_table.c
    found = await tx.execute(
        select(same.id)
        .where(
            same.campaign_id == str(act.campaign_id),
            same.chain == str(act.chain),
            same.kind == act.kind.value,
            same.status.in_((ActStatus.REQUESTED.value, ActStatus.IN_FLIGHT.value)),
            tuple_(same.created_at, same.id) < (act.created_at, act.id),
        )
        .limit(1)
    )
    return found.first() is not None
