"""The table of grants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Row, Table, UniqueConstraint, func, insert, select, update

from audit.auditors.model import Grant
from persistence.database import Transaction, metadata
from persistence.types import JSONB, BigInteger, LargeBinary, Text, Timestamp, Uuid
from primitives.voucher_id import CampaignId

grant_table = Table(
    "audit_grant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False),
    Column("label", Text, nullable=False),
    Column("campaigns", JSONB, nullable=False),
    Column("facts_since", BigInteger, nullable=False),
    Column("facts_until", BigInteger, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("expires_at", Timestamp, nullable=False),
    Column("revoked_at", Timestamp),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("facts_since < facts_until", name="window"),
    UniqueConstraint("token_hash"),
    Index(None, "created_by"),
)


async def insert_grant(tx: Transaction, grant: Grant, token_hash: bytes) -> None:
    await tx.execute(
        insert(grant_table).values(
            id=grant.id,
            token_hash=token_hash,
            label=grant.label,
            campaigns=sorted(str(one) for one in grant.campaigns),
            facts_since=grant.facts_since,
            facts_until=grant.facts_until,
            created_by=grant.created_by,
            created_at=grant.created_at,
            expires_at=grant.expires_at,
        )
    )


async def grant_by_token(tx: Transaction, token_hash: bytes, now: datetime) -> Grant | None:
    """None when it is unknown, over or revoked."""
    column = grant_table.c
    live = (column.token_hash == token_hash) & (column.expires_at > now) & column.revoked_at.is_(None)
    row = (await tx.execute(select(grant_table).where(live))).first()
    return None if row is None else _grant(row)


async def grants_by(tx: Transaction, person_id: UUID) -> Sequence[Grant]:
    """Newest first."""
    rows = await tx.execute(
        select(grant_table)
        .where(grant_table.c.created_by == person_id)
        .order_by(grant_table.c.created_at.desc())
        .limit(200)
    )
    return [_grant(row) for row in rows]


async def revoke_grant(tx: Transaction, grant_id: UUID, person_id: UUID, now: datetime) -> bool:
    """False when the person has no such grant, or it is revoked already."""
    mine = (grant_table.c.id == grant_id) & (grant_table.c.created_by == person_id)
    done = await tx.execute(update(grant_table).where(mine, grant_table.c.revoked_at.is_(None)).values(revoked_at=now))
    return bool(done.rowcount)


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        id=row.id,
        label=row.label,
        campaigns=frozenset(CampaignId.parse(one) for one in row.campaigns),
        facts_since=row.facts_since,
        facts_until=row.facts_until,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
