"""Rows of links and claims, and of wrong guesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from people.identity.model import IdentityLevel
from persistence.database import Transaction, metadata
from persistence.types import JSONB, BigInteger, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.sql import issuance_item_table
from vouchers.claims.model import Claim, ClaimLink, ClaimSource, ClaimStatus, LinkPurpose

claim_link_table = Table(
    "claim_link",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Text, ForeignKey("campaign.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("locator", LargeBinary, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("uses", BigInteger),
    Column("used", BigInteger, nullable=False, server_default="0"),
    Column("per_identity", Integer),
    Column("closes_at", Timestamp),
    Column("revoked_at", Timestamp),
    Column("trigger_id", Uuid),
    Column("person_id", Uuid),
    Column("note", Text),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("idempotency_key", Text),
    Column("request_hash", LargeBinary),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("locator"),
    CheckConstraint("purpose IN ('claim', 'visit', 'referral')", name="purpose"),
    CheckConstraint("level BETWEEN 0 AND 2", name="level"),
    CheckConstraint("used >= 0 AND (uses IS NULL OR used <= uses)", name="used"),
    CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash"),
    Index(None, "campaign_id", "created_at"),
    Index(None, "tenant_id", "idempotency_key"),
)

claim_table = Table(
    "claim",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("campaign_id", Text, ForeignKey("campaign.id"), nullable=False),
    Column("chain", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("link_id", Uuid, ForeignKey("claim_link.id")),
    Column("person_id", Uuid, nullable=False),
    Column("account", Text, nullable=False),
    Column("device", LargeBinary),
    Column("status", Text, nullable=False),
    Column("issuance_id", Uuid),
    Column("payment_id", Uuid),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("serial", Text),
    Column("valid_before", BigInteger),
    Column("signature", LargeBinary),
    Column("failure", JSONB),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("ended_at", Timestamp),
    CheckConstraint("status IN ('requested', 'issued', 'failed')", name="status"),
    CheckConstraint("source IN ('link', 'welcome', 'drop', 'ticket')", name="source"),
    UniqueConstraint("person_id", "idempotency_key"),
    UniqueConstraint("issuance_id"),
    Index(None, "person_id", "created_at"),
    Index(None, "campaign_id", "account"),
    Index(None, "campaign_id", "person_id"),
    Index("ix_claim_campaign_id_device", "campaign_id", "device", postgresql_where=text("device IS NOT NULL")),
    Index(
        "uq_claim_serial",
        "campaign_id",
        "chain",
        "serial",
        unique=True,
        postgresql_where=text("serial IS NOT NULL"),
    ),
)

claim_failure_table = Table(
    "claim_failure",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Timestamp, nullable=False),
)


def _link(row: Row[Any]) -> ClaimLink:
    return ClaimLink(
        id=row.id,
        tenant_id=row.tenant_id,
        campaign_id=CampaignId.parse(row.campaign_id),
        purpose=LinkPurpose(row.purpose),
        uses=row.uses,
        used=row.used,
        per_identity=row.per_identity,
        closes_at=row.closes_at,
        revoked_at=row.revoked_at,
        trigger_id=row.trigger_id,
        person_id=row.person_id,
        note=row.note,
        created_at=row.created_at,
        level=IdentityLevel(row.level),
    )


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        id=row.id,
        tenant_id=row.tenant_id,
        campaign_id=CampaignId.parse(row.campaign_id),
        chain=ChainId.parse(row.chain),
        source=ClaimSource(row.source),
        link_id=row.link_id,
        person_id=row.person_id,
        account=AccountId.parse(row.account),
        status=ClaimStatus(row.status),
        issuance_id=row.issuance_id,
        payment_id=row.payment_id,
        attempt=row.attempt,
        voucher=None if row.serial is None else VoucherId.parse(row.campaign_id + row.serial),
        valid_before=row.valid_before,
        signature=row.signature,
        failure=row.failure,
        created_at=row.created_at,
    )


# ------------------------------------------------------------------------------------------------------------- links


async def insert_links(
    tx: Transaction,
    links: Sequence[tuple[ClaimLink, bytes, bytes]],
    *,
    created_by: UUID,
    idempotency_key: str | None,
    request_hash: bytes | None,
) -> None:
    """Each with its locator and the hash of its secret."""
    await tx.execute(
        insert(claim_link_table),
        [
            {
                "id": link.id,
                "tenant_id": link.tenant_id,
                "campaign_id": str(link.campaign_id),
                "purpose": link.purpose.value,
                "locator": locator,
                "secret_hash": digest,
                "uses": link.uses,
                "per_identity": link.per_identity,
                "closes_at": link.closes_at,
                "trigger_id": link.trigger_id,
                "person_id": link.person_id,
                "note": link.note,
                "level": link.level.value,
                "idempotency_key": idempotency_key,
                "request_hash": request_hash,
                "created_by": created_by,
                "created_at": link.created_at,
            }
            for link, locator, digest in links
        ],
    )


async def links_by_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> Sequence[tuple[ClaimLink, bytes]]:
    """The links that this key made, each with the hash of the request."""
    rows = await tx.execute(
        select(claim_link_table)
        .where(claim_link_table.c.tenant_id == tenant_id, claim_link_table.c.idempotency_key == idempotency_key)
        .order_by(claim_link_table.c.created_at, claim_link_table.c.id)
    )
    return [(_link(row), row.request_hash) for row in rows]


async def link_at(tx: Transaction, locator: bytes) -> tuple[ClaimLink, bytes] | None:
    """The link and the hash of its secret."""
    row = (await tx.execute(select(claim_link_table).where(claim_link_table.c.locator == locator))).first()
    return None if row is None else (_link(row), row.secret_hash)


async def links_of(
    tx: Transaction, campaign_id: CampaignId, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[ClaimLink]:
    """The organisation's own, newest first; referral codes are their persons'."""
    table = claim_link_table.c
    statement = select(claim_link_table).where(
        table.campaign_id == str(campaign_id), table.purpose != LinkPurpose.REFERRAL.value
    )
    if before is not None:
        statement = statement.where(
            or_(table.created_at < before[0], (table.created_at == before[0]) & (table.id < before[1]))
        )
    rows = await tx.execute(statement.order_by(table.created_at.desc(), table.id.desc()).limit(limit))
    return [_link(row) for row in rows]


async def revoke_link(tx: Transaction, campaign_id: CampaignId, link_id: UUID, at: datetime) -> bool:
    found = await tx.execute(
        update(claim_link_table)
        .where(claim_link_table.c.id == link_id, claim_link_table.c.campaign_id == str(campaign_id))
        .values(revoked_at=func.coalesce(claim_link_table.c.revoked_at, at))
        .returning(claim_link_table.c.id)
    )
    return found.first() is not None


async def take_use(tx: Transaction, link_id: UUID, now: datetime) -> bool:
    """One more use, if the link still has one and is open."""
    table = claim_link_table.c
    taken = await tx.execute(
        update(claim_link_table)
        .where(
            table.id == link_id,
            table.revoked_at.is_(None),
            or_(table.uses.is_(None), table.used < table.uses),
            or_(table.closes_at.is_(None), table.closes_at > now),
        )
        .values(used=table.used + 1)
    )
    return int(taken.rowcount) == 1


async def give_use_back(tx: Transaction, link_id: UUID) -> None:
    await tx.execute(
        update(claim_link_table).where(claim_link_table.c.id == link_id).values(used=claim_link_table.c.used - 1)
    )


# ------------------------------------------------------------------------------------------------------------ claims


async def insert_claim(
    tx: Transaction, claim: Claim, *, device: bytes | None, idempotency_key: str, request_hash: bytes
) -> bool:
    """False: the person's key, or the voucher, is taken by another claim."""
    added = await tx.execute(
        upsert(claim_table)
        .values(
            id=claim.id,
            tenant_id=claim.tenant_id,
            campaign_id=str(claim.campaign_id),
            chain=str(claim.chain),
            source=claim.source.value,
            link_id=claim.link_id,
            person_id=claim.person_id,
            account=str(claim.account),
            device=device,
            status=claim.status.value,
            issuance_id=claim.issuance_id,
            payment_id=claim.payment_id,
            serial=None if claim.voucher is None else _serial(claim.voucher),
            valid_before=claim.valid_before,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_at=claim.created_at,
        )
        .on_conflict_do_nothing()
        .returning(claim_table.c.id)
    )
    return added.first() is not None


def _serial(voucher: VoucherId) -> str:
    return str(voucher)[48:]


async def claim_by_key(tx: Transaction, person_id: UUID, idempotency_key: str) -> tuple[Claim, bytes] | None:
    row = (
        await tx.execute(
            select(claim_table).where(
                claim_table.c.person_id == person_id, claim_table.c.idempotency_key == idempotency_key
            )
        )
    ).first()
    return None if row is None else (_claim(row), row.request_hash)


async def get_claim(tx: Transaction, claim_id: UUID, *, lock: bool = False) -> Claim | None:
    statement = select(claim_table).where(claim_table.c.id == claim_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _claim(row)


async def claim_of_issuance(tx: Transaction, issuance_id: UUID) -> Claim | None:
    row = (
        await tx.execute(select(claim_table).where(claim_table.c.issuance_id == issuance_id).with_for_update())
    ).first()
    return None if row is None else _claim(row)


async def claim_of_voucher(tx: Transaction, chain: ChainId, voucher: VoucherId) -> Claim | None:
    row = (
        await tx.execute(
            select(claim_table).where(
                claim_table.c.campaign_id == str(voucher.campaign),
                claim_table.c.chain == str(chain),
                claim_table.c.serial == _serial(voucher),
            )
        )
    ).first()
    return None if row is None else _claim(row)


async def claims_of(
    tx: Transaction, person_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Claim]:
    """Newest first."""
    table = claim_table.c
    statement = select(claim_table).where(table.person_id == person_id)
    if before is not None:
        statement = statement.where(
            or_(table.created_at < before[0], (table.created_at == before[0]) & (table.id < before[1]))
        )
    rows = await tx.execute(statement.order_by(table.created_at.desc(), table.id.desc()).limit(limit))
    return [_claim(row) for row in rows]


async def update_claim(tx: Transaction, claim_id: UUID, **values: Any) -> None:
    await tx.execute(update(claim_table).where(claim_table.c.id == claim_id).values(**values))


async def set_voucher(tx: Transaction, claim_id: UUID, voucher: VoucherId) -> None:
    await update_claim(tx, claim_id, serial=_serial(voucher))


async def number_of_issuance(tx: Transaction, issuance_id: UUID) -> int | None:
    """Of the one voucher of a claim's issuance."""
    found: int | None = (
        await tx.execute(
            select(issuance_item_table.c.number).where(
                issuance_item_table.c.issuance_id == issuance_id, issuance_item_table.c.place == 0
            )
        )
    ).scalar_one_or_none()
    return found


async def claimed_by_identity(
    tx: Transaction,
    campaign_id: CampaignId,
    *,
    person_id: UUID,
    account: AccountId,
    device: bytes | None,
    link_id: UUID | None = None,
    since: datetime | None = None,
) -> int:
    """Claims of this identity that did not fail: any of person, account and device is enough."""
    table = claim_table.c
    same = [table.person_id == person_id, table.account == str(account)]
    if device is not None:
        same.append(table.device == device)
    statement = (
        select(func.count())
        .select_from(claim_table)
        .where(table.campaign_id == str(campaign_id), table.status != ClaimStatus.FAILED.value, or_(*same))
    )
    if link_id is not None:
        statement = statement.where(table.link_id == link_id)
    if since is not None:
        statement = statement.where(table.created_at >= since)
    return int((await tx.execute(statement)).scalar_one())


async def promised_to(tx: Transaction, campaign_id: CampaignId, account: AccountId) -> int:
    """Tickets and leaves of an account: they are in no issuance."""
    table = claim_table.c
    found = await tx.execute(
        select(func.count())
        .select_from(claim_table)
        .where(
            table.campaign_id == str(campaign_id),
            table.account == str(account),
            table.issuance_id.is_(None),
            table.status != ClaimStatus.FAILED.value,
        )
    )
    return int(found.scalar_one())


async def funnel(tx: Transaction, campaign_id: CampaignId) -> Mapping[str, int]:
    """Claims of a campaign by status."""
    rows = await tx.execute(
        select(claim_table.c.status, func.count().label("many"))
        .where(claim_table.c.campaign_id == str(campaign_id))
        .group_by(claim_table.c.status)
    )
    return {row.status: row.many for row in rows}


# ---------------------------------------------------------------------------------------------------------- guessing


async def failures_of(tx: Transaction, scope: str, subject: bytes) -> tuple[int, datetime] | None:
    """How often this subject was wrong, and when last."""
    table = claim_failure_table.c
    row = (
        await tx.execute(select(table.failures, table.last_at).where(table.scope == scope, table.subject == subject))
    ).first()
    return None if row is None else (row.failures, row.last_at)


async def count_failure(tx: Transaction, scope: str, subject: bytes, now: datetime, forget_before: datetime) -> None:
    """One more, or the first again after a long time of none."""
    statement = upsert(claim_failure_table).values(scope=scope, subject=subject, failures=1, last_at=now)
    old = claim_failure_table.c.last_at < forget_before
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["scope", "subject"],
            set_={
                "failures": case((old, 1), else_=claim_failure_table.c.failures + 1),
                "last_at": now,
            },
        )
    )


async def forget_failures(tx: Transaction, scope: str, subject: bytes) -> None:
    table = claim_failure_table.c
    await tx.execute(delete(claim_failure_table).where(table.scope == scope, table.subject == subject))
