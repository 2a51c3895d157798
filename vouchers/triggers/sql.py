"""Rows of triggers and of what they granted: at most once for each subject."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.voucher_id import CampaignId

campaign_trigger_table = Table(
    "campaign_trigger",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Text, ForeignKey("campaign.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("ended_at", Timestamp),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint(
        "kind IN ('welcome', 'first_payment', 'loyalty', 'spend', 'date', 'visit', 'referral', 'cashback')",
        name="kind",
    ),
    UniqueConstraint("tenant_id", "idempotency_key"),
    Index(None, "tenant_id", "kind"),
)

trigger_grant_table = Table(
    "trigger_grant",
    metadata,
    Column("trigger_id", Uuid, ForeignKey("campaign_trigger.id"), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("account", Text),
    Column("count", Integer, nullable=False),
    Column("issuance_id", Uuid),
    Column("refusal", JSONB),
    Column("waits_for", Text),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("issuance_id"),
    Index("ix_trigger_grant_waits_for", "tenant_id", "waits_for", postgresql_where=text("waits_for IS NOT NULL")),
)


class TriggerKind(StrEnum):
    WELCOME = "welcome"
    """A person who has never paid the organisation asks for it."""
    FIRST_PAYMENT = "first_payment"
    LOYALTY = "loyalty"
    """Each n-th paid order."""
    SPEND = "spend"
    """The sum of paid orders passes an amount; again at each further multiple where the rule says so."""
    DATE = "date"
    """At a moment, for everybody of a segment."""
    VISIT = "visit"
    REFERRAL = "referral"
    CASHBACK = "cashback"
    """For each paid order, once it is final."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """`rule`: checked by `vouchers.triggers.rules` when it was made."""

    id: UUID
    tenant_id: UUID
    campaign_id: CampaignId
    kind: TriggerKind
    rule: Mapping[str, Any]
    ended_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """What one subject got of one trigger.

    Attributes:
        account: None while the person has not said where to.
        refusal: Why nothing was issued (the cap was reached, say); what was refused stays so.
        waits_for: What must happen first: the person whose first payment it is.
    """

    trigger_id: UUID
    subject: str
    tenant_id: UUID
    person_id: UUID
    account: AccountId | None
    count: int
    issuance_id: UUID | None
    refusal: Mapping[str, Any] | None
    waits_for: str | None
    created_at: datetime


def _trigger(row: Row[Any]) -> Trigger:
    return Trigger(
        row.id,
        row.tenant_id,
        CampaignId.parse(row.campaign_id),
        TriggerKind(row.kind),
        row.rule,
        row.ended_at,
        row.created_at,
    )


def _grant(row: Row[Any]) -> Grant:
    told = row._mapping
    return Grant(
        told["trigger_id"],
        told["subject"],
        told["tenant_id"],
        told["person_id"],
        None if told["account"] is None else AccountId.parse(told["account"]),
        told["count"],
        told["issuance_id"],
        told["refusal"],
        told["waits_for"],
        told["created_at"],
    )


async def insert_trigger(
    tx: Transaction, trigger: Trigger, *, created_by: UUID, idempotency_key: str, request_hash: bytes
) -> None:
    await tx.execute(
        insert(campaign_trigger_table).values(
            id=trigger.id,
            tenant_id=trigger.tenant_id,
            campaign_id=str(trigger.campaign_id),
            kind=trigger.kind.value,
            rule=dict(trigger.rule),
            created_by=created_by,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_at=trigger.created_at,
        )
    )


async def trigger_by_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> tuple[Trigger, bytes] | None:
    table = campaign_trigger_table.c
    row = (
        await tx.execute(
            select(campaign_trigger_table).where(table.tenant_id == tenant_id, table.idempotency_key == idempotency_key)
        )
    ).first()
    return None if row is None else (_trigger(row), row.request_hash)


async def get_trigger(tx: Transaction, trigger_id: UUID) -> Trigger | None:
    row = (await tx.execute(select(campaign_trigger_table).where(campaign_trigger_table.c.id == trigger_id))).first()
    return None if row is None else _trigger(row)


async def triggers_of(tx: Transaction, campaign_id: CampaignId) -> Sequence[Trigger]:
    """Newest first."""
    table = campaign_trigger_table.c
    rows = await tx.execute(
        select(campaign_trigger_table)
        .where(table.campaign_id == str(campaign_id))
        .order_by(table.created_at.desc(), table.id)
    )
    return [_trigger(row) for row in rows]


async def running_triggers(tx: Transaction, tenant_id: UUID, kinds: Collection[TriggerKind]) -> Sequence[Trigger]:
    """Of an organisation, oldest first; ended ones apart."""
    table = campaign_trigger_table.c
    rows = await tx.execute(
        select(campaign_trigger_table)
        .where(table.tenant_id == tenant_id, table.kind.in_([kind.value for kind in kinds]), table.ended_at.is_(None))
        .order_by(table.created_at, table.id)
    )
    return [_trigger(row) for row in rows]


async def end_trigger(tx: Transaction, campaign_id: CampaignId, trigger_id: UUID, at: datetime) -> bool:
    table = campaign_trigger_table.c
    found = await tx.execute(
        update(campaign_trigger_table)
        .where(table.id == trigger_id, table.campaign_id == str(campaign_id))
        .values(ended_at=func.coalesce(table.ended_at, at))
        .returning(table.id)
    )
    return found.first() is not None


async def insert_grant(tx: Transaction, grant: Grant) -> bool:
    """False: this subject has had it."""
    added = await tx.execute(
        upsert(trigger_grant_table)
        .values(
            trigger_id=grant.trigger_id,
            subject=grant.subject,
            tenant_id=grant.tenant_id,
            person_id=grant.person_id,
            account=None if grant.account is None else str(grant.account),
            count=grant.count,
            issuance_id=grant.issuance_id,
            refusal=grant.refusal,
            waits_for=grant.waits_for,
            created_at=grant.created_at,
        )
        .on_conflict_do_nothing()
        .returning(trigger_grant_table.c.subject)
    )
    return added.first() is not None


async def update_grant(tx: Transaction, grant: Grant, **values: Any) -> None:
    table = trigger_grant_table.c
    await tx.execute(
        update(trigger_grant_table)
        .where(table.trigger_id == grant.trigger_id, table.subject == grant.subject)
        .values(**values)
    )


async def grant_of_issuance(tx: Transaction, issuance_id: UUID) -> Grant | None:
    row = (
        await tx.execute(
            select(trigger_grant_table).where(trigger_grant_table.c.issuance_id == issuance_id).with_for_update()
        )
    ).first()
    return None if row is None else _grant(row)


async def waiting_grants(tx: Transaction, tenant_id: UUID, waits_for: str) -> Sequence[Grant]:
    """Held until the transaction ends."""
    table = trigger_grant_table.c
    rows = await tx.execute(
        select(trigger_grant_table).where(table.tenant_id == tenant_id, table.waits_for == waits_for).with_for_update()
    )
    return [_grant(row) for row in rows]


async def grants_of(tx: Transaction, trigger_id: UUID, limit: int) -> Sequence[Grant]:
    """Newest first."""
    table = trigger_grant_table.c
    rows = await tx.execute(
        select(trigger_grant_table)
        .where(table.trigger_id == trigger_id)
        .order_by(table.created_at.desc(), table.subject)
        .limit(limit)
    )
    return [_grant(row) for row in rows]


async def get_grant(tx: Transaction, trigger_id: UUID, subject: str) -> Grant | None:
    table = trigger_grant_table.c
    row = (
        await tx.execute(select(trigger_grant_table).where(table.trigger_id == trigger_id, table.subject == subject))
    ).first()
    return None if row is None else _grant(row)


async def grants_of_person(tx: Transaction, trigger_id: UUID, person_id: UUID) -> int:
    table = trigger_grant_table.c
    found = await tx.execute(
        select(func.count())
        .select_from(trigger_grant_table)
        .where(table.trigger_id == trigger_id, table.person_id == person_id)
    )
    return int(found.scalar_one())


async def grants_like(tx: Transaction, trigger_id: UUID, prefix: str) -> int:
    """How many subjects begin with this."""
    table = trigger_grant_table.c
    found = await tx.execute(
        select(func.count())
        .select_from(trigger_grant_table)
        .where(table.trigger_id == trigger_id, table.subject.startswith(prefix, autoescape=True))
    )
    return int(found.scalar_one())
