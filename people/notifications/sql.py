"""Tables of notifications, preferences, and who follows which merchant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Row, Table, delete, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from people.notifications.model import Notification, NotificationKind, Preferences
from people.organisations.sql import membership_table, organisation_table
from people.persons.sql import person_table
from people.roles import MemberRole
from persistence.database import Transaction, metadata
from persistence.types import JSONB, Text, Timestamp, Uuid

notification_table = Table(
    "notification",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("once", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("read_at", Timestamp),
    Index("ix_notification_tenant_id", "tenant_id", "created_at", "id"),
    Index("ix_notification_created_at", "created_at"),
    Index("uq_notification_once", "tenant_id", "once", unique=True),
)

preference_table = Table(
    "notification_preference",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("language", Text),
    Column("zone", Text),
    Column("mail", JSONB, nullable=False),
    Column("muted", JSONB, nullable=False),
)

follow_table = Table(
    "merchant_follow",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("since", Timestamp, nullable=False),
)


def _notification(row: Row[Any]) -> Notification:
    return Notification(row.id, row.tenant_id, NotificationKind(row.kind), row.facts, row.created_at, row.read_at)


async def insert_notification(tx: Transaction, notification: Notification, once: str) -> bool:
    """Whether it is new; the same once is told once."""
    statement = (
        insert(notification_table)
        .values(
            id=notification.id,
            tenant_id=notification.person_id,
            kind=notification.kind.value,
            facts=dict(notification.facts),
            once=once,
            created_at=notification.created_at,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "once"])
        .returning(notification_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def notification_by_id(tx: Transaction, notification_id: UUID) -> Notification | None:
    row = (await tx.execute(select(notification_table).where(notification_table.c.id == notification_id))).first()
    return None if row is None else _notification(row)


async def notifications_of(
    tx: Transaction, person_id: UUID, *, unread: bool, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Notification]:
    """Newest first."""
    created, id_ = notification_table.c.created_at, notification_table.c.id
    statement = select(notification_table).where(notification_table.c.tenant_id == person_id)
    if unread:
        statement = statement.where(notification_table.c.read_at.is_(None))
    if after is not None:
        statement = statement.where(
            tuple_(created, id_) < tuple_(literal(after[0], Timestamp), literal(after[1], Uuid))
        )
    rows = await tx.execute(statement.order_by(created.desc(), id_.desc()).limit(limit))
    return [_notification(row) for row in rows]


async def count_unread(tx: Transaction, person_id: UUID) -> int:
    statement = (
        select(func.count())
        .select_from(notification_table)
        .where(notification_table.c.tenant_id == person_id, notification_table.c.read_at.is_(None))
    )
    return int((await tx.execute(statement)).scalar_one())


async def mark_read(tx: Transaction, person_id: UUID, ids: Collection[UUID] | None, now: datetime) -> int:
    """All of them where none is named; how many were unread."""
    statement = update(notification_table).where(
        notification_table.c.tenant_id == person_id, notification_table.c.read_at.is_(None)
    )
    if ids is not None:
        statement = statement.where(notification_table.c.id.in_(ids))
    return int((await tx.execute(statement.values(read_at=now))).rowcount)


async def preferences_of(tx: Transaction, person_id: UUID) -> Preferences:
    """What the person chose, or what holds for everybody."""
    row = (await tx.execute(select(preference_table).where(preference_table.c.tenant_id == person_id))).first()
    if row is None:
        return Preferences()
    known = {kind.value for kind in NotificationKind}
    mail, muted = (frozenset(NotificationKind(one) for one in names if one in known) for names in (row.mail, row.muted))
    return Preferences(row.language, row.zone, mail, muted)


async def put_preferences(tx: Transaction, person_id: UUID, chosen: Preferences) -> None:
    values = {
        "language": chosen.language,
        "zone": chosen.zone,
        "mail": sorted(kind.value for kind in chosen.mail),
        "muted": sorted(kind.value for kind in chosen.muted),
    }
    statement = insert(preference_table).values(tenant_id=person_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))


async def existing_persons(tx: Transaction, persons: Collection[UUID]) -> frozenset[UUID]:
    """Those that are persons, and not erased."""
    statement = select(person_table.c.id).where(person_table.c.id.in_(persons), person_table.c.erased_at.is_(None))
    return frozenset((await tx.execute(statement)).scalars())


async def staff_of(tx: Transaction, organisation_id: UUID) -> Sequence[UUID]:
    """Owners and managers."""
    statement = select(membership_table.c.person_id).where(
        membership_table.c.tenant_id == organisation_id,
        membership_table.c.role.in_([MemberRole.OWNER.value, MemberRole.MANAGER.value]),
    )
    return list((await tx.execute(statement.order_by(membership_table.c.person_id))).scalars())


async def follow(tx: Transaction, person_id: UUID, organisation_id: UUID, now: datetime) -> None:
    await tx.execute(
        insert(follow_table)
        .values(tenant_id=person_id, organisation_id=organisation_id, since=now)
        .on_conflict_do_nothing()
    )


async def unfollow(tx: Transaction, person_id: UUID, organisation_id: UUID) -> bool:
    statement = (
        delete(follow_table)
        .where(follow_table.c.tenant_id == person_id, follow_table.c.organisation_id == organisation_id)
        .returning(follow_table.c.tenant_id)
    )
    return (await tx.execute(statement)).first() is not None


async def followed_by(tx: Transaction, person_id: UUID) -> Sequence[tuple[UUID, str, datetime]]:
    """Id and name of each merchant, and since when; the latest first."""
    statement = (
        select(organisation_table.c.id, organisation_table.c.name, follow_table.c.since)
        .join(follow_table, follow_table.c.organisation_id == organisation_table.c.id)
        .where(follow_table.c.tenant_id == person_id)
        .order_by(follow_table.c.since.desc(), organisation_table.c.id)
    )
    return [(row.id, row.name, row.since) for row in await tx.execute(statement)]


async def followers_after(tx: Transaction, organisation_id: UUID, after: UUID, limit: int) -> Sequence[UUID]:
    """In order of their ids."""
    statement = (
        select(follow_table.c.tenant_id)
        .where(follow_table.c.organisation_id == organisation_id, follow_table.c.tenant_id > after)
        .order_by(follow_table.c.tenant_id)
        .limit(limit)
    )
    return list((await tx.execute(statement)).scalars())


async def forget_person(tx: Transaction, person_id: UUID) -> None:
    """`people.privacy.erasure.Eraser`."""
    for table in (notification_table, preference_table, follow_table):
        await tx.execute(delete(table).where(table.c.tenant_id == person_id))


async def forget_notifications(tx: Transaction, before: datetime) -> int:
    gone = await tx.execute(delete(notification_table).where(notification_table.c.created_at < before))
    return int(gone.rowcount)
