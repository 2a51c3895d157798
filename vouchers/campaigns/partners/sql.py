"""Rows of partners: organisations that a campaign names, and what they said to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Row, Table, func, insert, select, update

from persistence.database import Transaction, metadata
from persistence.types import Text, Timestamp, Uuid
from primitives.voucher_id import CampaignId

campaign_partner_table = Table(
    "campaign_partner",
    metadata,
    Column("campaign_id", Text, ForeignKey("campaign.id"), primary_key=True),
    Column("tenant_id", Uuid, primary_key=True),
    Column("share_bp", Integer, nullable=False),
    Column("answer", Text),
    Column("answered_by", Uuid),
    Column("answered_at", Timestamp),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("answer IN ('accepted', 'refused')", name="answer"),
    CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_bp"),
    Index(None, "tenant_id"),
)


@dataclass(frozen=True, slots=True)
class Partner:
    """`share_bp`: what it bears of each discount at its own till, in basis points. `answer`: None until it said."""

    campaign_id: CampaignId
    organisation_id: UUID
    share_bp: int
    answer: str | None
    answered_at: datetime | None
    created_at: datetime


def _partner(row: Row[Any]) -> Partner:
    return Partner(
        CampaignId.parse(row.campaign_id), row.tenant_id, row.share_bp, row.answer, row.answered_at, row.created_at
    )


async def insert_partners(tx: Transaction, campaign_id: CampaignId, shares: Mapping[UUID, int]) -> None:
    if shares:
        await tx.execute(
            insert(campaign_partner_table),
            [
                {"campaign_id": str(campaign_id), "tenant_id": organisation, "share_bp": share}
                for organisation, share in shares.items()
            ],
        )


async def partners_of(tx: Transaction, campaign_id: CampaignId) -> Sequence[Partner]:
    rows = await tx.execute(
        select(campaign_partner_table)
        .where(campaign_partner_table.c.campaign_id == str(campaign_id))
        .order_by(campaign_partner_table.c.tenant_id)
    )
    return [_partner(row) for row in rows]


async def invitations_to(tx: Transaction, organisation_id: UUID) -> Sequence[Partner]:
    """Newest first."""
    rows = await tx.execute(
        select(campaign_partner_table)
        .where(campaign_partner_table.c.tenant_id == organisation_id)
        .order_by(campaign_partner_table.c.created_at.desc(), campaign_partner_table.c.campaign_id)
    )
    return [_partner(row) for row in rows]


async def answer(
    tx: Transaction, campaign_id: CampaignId, organisation_id: UUID, said: str, by: UUID
) -> Partner | None:
    """The first word stands; None when the organisation was not asked, or said something else before."""
    row = (
        await tx.execute(
            update(campaign_partner_table)
            .where(
                campaign_partner_table.c.campaign_id == str(campaign_id),
                campaign_partner_table.c.tenant_id == organisation_id,
                campaign_partner_table.c.answer.is_(None) | (campaign_partner_table.c.answer == said),
            )
            .values(
                answer=said,
                answered_by=func.coalesce(campaign_partner_table.c.answered_by, by),
                answered_at=func.coalesce(campaign_partner_table.c.answered_at, func.now()),
            )
            .returning(campaign_partner_table)
        )
    ).first()
    return None if row is None else _partner(row)
