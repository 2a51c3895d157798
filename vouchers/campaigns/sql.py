"""Rows of campaigns, lanes and issuances."""

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

from codec.rule_document import decode_rule_document
from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import JSONB, BigInteger, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import CampaignNotFound
from primitives.voucher_id import CampaignId
from vouchers.campaigns.model import Campaign, CampaignStatus, Issuance, IssuanceStatus, Lane
from vouchers.documents.sql import document_table
from vouchers.rules import RuleDocument

_STATUSES = "status IN ('draft', 'launching', 'active', 'paused', 'ended', 'failed')"

campaign_table = Table(
    "campaign",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("rules_hash", LargeBinary, ForeignKey("document.hash"), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint(_STATUSES, name="status"),
    UniqueConstraint("tenant_id", "idempotency_key"),
    Index(None, "tenant_id", "created_at"),
)

campaign_lane_table = Table(
    "campaign_lane",
    metadata,
    Column("campaign_id", Text, ForeignKey("campaign.id"), primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("cap", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("payment_id", Uuid),
    Column("next_number", BigInteger, nullable=False, server_default="1"),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("issue_payment_id", Uuid),
    Column("failure", JSONB),
    Column("drop_root", LargeBinary),
    Column("drop_count", BigInteger, nullable=False, server_default="0"),
    Column("launched_by", Uuid),
    CheckConstraint(_STATUSES, name="status"),
    CheckConstraint("0 <= reserved AND reserved <= cap", name="cap"),
    CheckConstraint("next_number - 1 <= reserved", name="next_number"),
)

issuance_table = Table(
    "issuance",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("failure", JSONB),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.clock_timestamp()),
    Column("origin", Text),
    ForeignKeyConstraint(["campaign_id", "chain"], ["campaign_lane.campaign_id", "campaign_lane.chain"]),
    CheckConstraint("status IN ('requested', 'in_flight', 'done', 'failed')", name="status"),
    UniqueConstraint("tenant_id", "idempotency_key"),
    Index(None, "campaign_id", "chain", "created_at"),
)

issuance_item_table = Table(
    "issuance_item",
    metadata,
    Column("issuance_id", Uuid, ForeignKey("issuance.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("number", BigInteger),
    Column("payment_id", Uuid),
    Column("attempt", Integer, nullable=False, server_default="0"),
    CheckConstraint("status IN ('requested', 'in_flight', 'done', 'failed')", name="status"),
    Index(None, "campaign_id", "holder"),
    Index(None, "payment_id"),
)


async def insert_campaign(tx: Transaction, campaign: Campaign, *, idempotency_key: str, request_hash: bytes) -> None:
    await tx.execute(
        insert(campaign_table).values(
            id=str(campaign.id),
            tenant_id=campaign.tenant_id,
            rules_hash=campaign.rules_hash,
            salt=campaign.salt,
            status=campaign.status.value,
            created_by=campaign.created_by,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_at=campaign.created_at,
        )
    )
    if not campaign.lanes:
        return
    await tx.execute(
        insert(campaign_lane_table),
        [
            {
                "campaign_id": str(campaign.id),
                "chain": str(lane.chain),
                "tenant_id": campaign.tenant_id,
                "lane": lane.lane,
                "cap": lane.cap,
                "status": lane.status.value,
            }
            for lane in campaign.lanes
        ],
    )


async def hold_campaign_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> None:
    """Let nobody else decide about this key until the transaction ends."""
    await lock_for_transaction(tx, "campaign.draft", tenant_id, idempotency_key)


async def campaign_by_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> tuple[CampaignId, bytes] | None:
    """The campaign that this key made, and the hash of the request that it was bound to."""
    row = (
        await tx.execute(
            select(campaign_table.c.id, campaign_table.c.request_hash).where(
                campaign_table.c.tenant_id == tenant_id, campaign_table.c.idempotency_key == idempotency_key
            )
        )
    ).first()
    return None if row is None else (CampaignId.parse(row.id), row.request_hash)


_CAMPAIGN = select(campaign_table, document_table.c.body).join(
    document_table, document_table.c.hash == campaign_table.c.rules_hash
)


async def get_campaign(tx: Transaction, campaign_id: CampaignId, tenant_id: UUID | None = None) -> Campaign:
    """Raises CampaignNotFound, also for another tenant's campaign when `tenant_id` is given."""
    statement = _CAMPAIGN.where(campaign_table.c.id == str(campaign_id))
    if tenant_id is not None:
        statement = statement.where(campaign_table.c.tenant_id == tenant_id)
    found = await _campaigns(tx, statement)
    if not found:
        raise no_campaign(campaign_id)
    return found[0]


def no_campaign(campaign_id: CampaignId) -> CampaignNotFound:
    return CampaignNotFound(f"no campaign {campaign_id}", campaign=str(campaign_id))


async def campaigns_of(tx: Transaction, tenant_id: UUID) -> Sequence[Campaign]:
    """Newest first."""
    return await _campaigns(
        tx, _CAMPAIGN.where(campaign_table.c.tenant_id == tenant_id).order_by(campaign_table.c.created_at.desc())
    )


async def campaigns_on(tx: Transaction, chain: ChainId) -> Sequence[Campaign]:
    """Campaigns whose launch on this chain has begun."""
    begun = select(campaign_lane_table.c.campaign_id).where(
        campaign_lane_table.c.chain == str(chain), campaign_lane_table.c.status != CampaignStatus.DRAFT.value
    )
    return await _campaigns(tx, _CAMPAIGN.where(campaign_table.c.id.in_(begun)).order_by(campaign_table.c.id))


async def campaigns_by_id(tx: Transaction, ids: Sequence[CampaignId]) -> Mapping[CampaignId, Campaign]:
    found = await _campaigns(tx, _CAMPAIGN.where(campaign_table.c.id.in_([str(campaign) for campaign in ids])))
    return {campaign.id: campaign for campaign in found}


async def _campaigns(tx: Transaction, statement: Any) -> list[Campaign]:
    rows = (await tx.execute(statement)).all()
    lanes: dict[str, list[Lane]] = {}
    if rows:
        lane_rows = await tx.execute(
            select(campaign_lane_table)
            .where(campaign_lane_table.c.campaign_id.in_([row.id for row in rows]))
            .order_by(campaign_lane_table.c.lane)
        )
        for row in lane_rows:
            lanes.setdefault(row.campaign_id, []).append(_lane(row))
    return [
        Campaign(
            id=CampaignId.parse(row.id),
            tenant_id=row.tenant_id,
            rules_hash=row.rules_hash,
            salt=row.salt,
            status=CampaignStatus(row.status),
            created_by=row.created_by,
            created_at=row.created_at,
            rules=RuleDocument.from_document(decode_rule_document(row.body)),
            lanes=tuple(lanes.get(row.id, ())),
        )
        for row in rows
    ]


def _lane(row: Row[Any]) -> Lane:
    return Lane(
        campaign_id=CampaignId.parse(row.campaign_id),
        chain=ChainId.parse(row.chain),
        tenant_id=row.tenant_id,
        lane=row.lane,
        cap=row.cap,
        status=CampaignStatus(row.status),
        step=row.step,
        payment_id=row.payment_id,
        next_number=row.next_number,
        reserved=row.reserved,
        issue_payment_id=row.issue_payment_id,
        failure=row.failure,
        drop_root=row.drop_root,
        drop_count=row.drop_count,
        launched_by=row.launched_by,
    )


async def lock_lane(tx: Transaction, campaign_id: CampaignId, chain: ChainId) -> Lane | None:
    """The lane, its row held until the transaction ends."""
    row = (
        await tx.execute(
            select(campaign_lane_table)
            .where(campaign_lane_table.c.campaign_id == str(campaign_id), campaign_lane_table.c.chain == str(chain))
            .with_for_update()
        )
    ).first()
    return None if row is None else _lane(row)


async def update_lane(tx: Transaction, lane: Lane, **values: Any) -> None:
    await tx.execute(
        update(campaign_lane_table)
        .where(
            campaign_lane_table.c.campaign_id == str(lane.campaign_id), campaign_lane_table.c.chain == str(lane.chain)
        )
        .values(**values)
    )


async def activate(tx: Transaction, campaign_id: CampaignId) -> None:
    """Of a campaign without lanes."""
    await tx.execute(
        update(campaign_table).where(campaign_table.c.id == str(campaign_id)).values(status=CampaignStatus.ACTIVE.value)
    )


async def refresh_campaign_status(tx: Transaction, campaign_id: CampaignId) -> CampaignStatus:
    """A campaign is launching while a lane is; else active when a lane is, else paused, failed or ended when one is."""
    # Two lanes may end at once: the campaign's row orders them, so that the later one sees both.
    await tx.execute(
        select(campaign_table.c.id).where(campaign_table.c.id == str(campaign_id)).with_for_update(key_share=True)
    )
    found = await tx.execute(
        select(campaign_lane_table.c.status).where(campaign_lane_table.c.campaign_id == str(campaign_id)).distinct()
    )
    lanes = {CampaignStatus(value) for value in found.scalars()}
    order = (
        CampaignStatus.LAUNCHING,
        CampaignStatus.ACTIVE,
        CampaignStatus.PAUSED,
        CampaignStatus.FAILED,
        CampaignStatus.ENDED,
        CampaignStatus.DRAFT,
    )
    status = next(candidate for candidate in order if candidate in lanes)
    await tx.execute(update(campaign_table).where(campaign_table.c.id == str(campaign_id)).values(status=status.value))
    return status


async def insert_issuance(
    tx: Transaction,
    issuance: Issuance,
    *,
    idempotency_key: str,
    request_hash: bytes,
    created_by: UUID,
    origin: str | None = None,
) -> None:
    """`origin`: the job kind that is told the end; None: the organisation asked itself and looks."""
    await tx.execute(
        insert(issuance_table).values(
            id=issuance.id,
            tenant_id=issuance.tenant_id,
            campaign_id=str(issuance.campaign_id),
            chain=str(issuance.chain),
            status=issuance.status.value,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_by=created_by,
            origin=origin,
        )
    )
    await tx.execute(
        insert(issuance_item_table),
        [
            {
                "issuance_id": issuance.id,
                "place": place,
                "tenant_id": issuance.tenant_id,
                "campaign_id": str(issuance.campaign_id),
                "holder": str(holder),
                "status": IssuanceStatus.REQUESTED.value,
            }
            for place, holder in enumerate(issuance.holders)
        ],
    )


async def issuance_by_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> tuple[UUID, bytes] | None:
    row = (
        await tx.execute(
            select(issuance_table.c.id, issuance_table.c.request_hash).where(
                issuance_table.c.tenant_id == tenant_id, issuance_table.c.idempotency_key == idempotency_key
            )
        )
    ).first()
    return None if row is None else (row.id, row.request_hash)


async def get_issuance(tx: Transaction, issuance_id: UUID, tenant_id: UUID | None = None) -> Issuance | None:
    statement = select(issuance_table).where(issuance_table.c.id == issuance_id)
    if tenant_id is not None:
        statement = statement.where(issuance_table.c.tenant_id == tenant_id)
    row = (await tx.execute(statement)).first()
    if row is None:
        return None
    items = (
        await tx.execute(
            select(issuance_item_table.c.holder, issuance_item_table.c.number, issuance_item_table.c.status)
            .where(issuance_item_table.c.issuance_id == issuance_id)
            .order_by(issuance_item_table.c.place)
        )
    ).all()
    return Issuance(
        id=row.id,
        tenant_id=row.tenant_id,
        campaign_id=CampaignId.parse(row.campaign_id),
        chain=ChainId.parse(row.chain),
        status=IssuanceStatus(row.status),
        holders=tuple(AccountId.parse(item.holder) for item in items),
        numbers=tuple(item.number if item.status == IssuanceStatus.DONE.value else None for item in items),
        failure=row.failure,
        created_at=row.created_at,
    )


async def issued_per_holder(
    tx: Transaction, campaign_id: CampaignId, holders: Sequence[AccountId]
) -> Mapping[str, int]:
    """Vouchers asked for or issued per account, failed ones apart."""
    rows = await tx.execute(
        select(issuance_item_table.c.holder, func.count().label("count"))
        .where(
            issuance_item_table.c.campaign_id == str(campaign_id),
            issuance_item_table.c.holder.in_([str(holder) for holder in holders]),
            issuance_item_table.c.status != IssuanceStatus.FAILED.value,
        )
        .group_by(issuance_item_table.c.holder)
    )
    return {row.holder: row._mapping["count"] for row in rows}


async def waiting_count(tx: Transaction, campaign_id: CampaignId) -> int:
    """Vouchers of a campaign that are asked for and not yet issued."""
    found = await tx.execute(
        select(func.count())
        .select_from(issuance_item_table)
        .where(
            issuance_item_table.c.campaign_id == str(campaign_id),
            issuance_item_table.c.status.in_((IssuanceStatus.REQUESTED.value, IssuanceStatus.IN_FLIGHT.value)),
        )
    )
    return int(found.scalar_one())
