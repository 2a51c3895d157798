"""The table of invitations; addresses are sealed under a key of the invitation's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Row, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from people.roles import MemberRole
from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Text, Timestamp, Uuid

LIFETIME = timedelta(days=7)

invitation_table = Table(
    "invitation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("email_index", LargeBinary),
    Column("email", LargeBinary),
    Column("invited_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    CheckConstraint("role IN ('owner', 'manager', 'cashier', 'sponsor', 'auditor')", name="role"),
)


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    """An invitation as stored; `email` is sealed."""

    id: UUID
    organisation_id: UUID
    role: MemberRole
    email_index: bytes | None
    email: bytes | None
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


def _invitation(row: Row[Any]) -> StoredInvitation:
    return StoredInvitation(
        row.id,
        row.tenant_id,
        MemberRole(row.role),
        row.email_index,
        row.email,
        row.created_at,
        row.expires_at,
        row.ended_at,
    )


async def insert_invitation(tx: Transaction, invitation: StoredInvitation, invited_by: UUID) -> None:
    await tx.execute(
        insert(invitation_table).values(
            id=invitation.id,
            tenant_id=invitation.organisation_id,
            role=invitation.role.value,
            email_index=invitation.email_index,
            email=invitation.email,
            invited_by=invited_by,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )
    )


async def invitation_by_id(tx: Transaction, invitation_id: UUID, *, lock: bool = False) -> StoredInvitation | None:
    statement = select(invitation_table).where(invitation_table.c.id == invitation_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _invitation(row)


async def open_invitations(tx: Transaction, organisation_id: UUID, now: datetime) -> Sequence[StoredInvitation]:
    """Newest first."""
    statement = (
        select(invitation_table)
        .where(
            invitation_table.c.tenant_id == organisation_id,
            invitation_table.c.ended_at.is_(None),
            invitation_table.c.expires_at > now,
        )
        .order_by(invitation_table.c.created_at.desc(), invitation_table.c.id)
    )
    return [_invitation(row) for row in await tx.execute(statement)]


async def invitations_since(tx: Transaction, organisation_id: UUID, since: datetime) -> int:
    statement = (
        select(func.count())
        .select_from(invitation_table)
        .where(invitation_table.c.tenant_id == organisation_id, invitation_table.c.created_at > since)
    )
    return int((await tx.execute(statement)).scalar_one())


async def end_invitation(tx: Transaction, invitation_id: UUID, now: datetime) -> None:
    """Its address has served its purpose."""
    await tx.execute(
        update(invitation_table)
        .where(invitation_table.c.id == invitation_id)
        .values(ended_at=now, email_index=None, email=None)
    )


async def expired_invitations(tx: Transaction, now: datetime, limit: int) -> Sequence[UUID]:
    """Some that ran out with their address still there."""
    statement = (
        select(invitation_table.c.id)
        .where(invitation_table.c.ended_at.is_(None), invitation_table.c.expires_at <= now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list((await tx.execute(statement)).scalars())


async def invitations_to(tx: Transaction, email_index: bytes) -> Sequence[UUID]:
    """Open ones to an address."""
    statement = select(invitation_table.c.id).where(
        invitation_table.c.email_index == email_index, invitation_table.c.ended_at.is_(None)
    )
    return list((await tx.execute(statement)).scalars())
