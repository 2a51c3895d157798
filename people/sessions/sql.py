"""Tables of sessions, login links and counted attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Table,
    bindparam,
    case,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from people.organisations.sql import membership_table
from people.persons.sql import person_table, platform_role_table
from people.roles import MemberRole, PlatformRole
from people.sessions.model import LoginMethod, Session
from persistence.database import Transaction, metadata
from persistence.types import Text, Timestamp, Uuid

session_table = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", Timestamp, nullable=False),
    Column("last_seen_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("revoked_at", Timestamp),
    Column("method", Text, nullable=False, server_default="password"),
    Column("device", LargeBinary),
)

login_link_table = Table(
    "login_link",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("destination", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("used_at", Timestamp),
)

attempt_table = Table(
    "attempt",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("window_ends_at", Timestamp, nullable=False, index=True),
)

END_EVERY_SESSION = "DELETE FROM session"
"""For the transaction that loads a backup: sessions that were ended since would live again."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as stored; `device` is sealed."""

    id: UUID
    person_id: UUID
    device: bytes | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    method: LoginMethod


@dataclass(frozen=True, slots=True)
class StoredCaller:
    """Who calls, as stored; `profile` is sealed."""

    person_id: UUID
    session_id: UUID
    profile: bytes | None
    email_verified: bool
    platform_roles: frozenset[PlatformRole]
    memberships: Mapping[UUID, MemberRole]
    expires_at: datetime
    last_seen_at: datetime


async def insert_session(tx: Transaction, session: Session, device: bytes, token_hash: bytes) -> None:
    await tx.execute(
        insert(session_table).values(
            id=session.id,
            tenant_id=session.person_id,
            token_hash=token_hash,
            device=device,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            method=session.method.value,
        )
    )


def _roles_and_memberships(person_id: Any) -> tuple[Any, Any]:
    """Two subqueries for whoever the statement is about."""
    roles = (
        select(func.array_agg(platform_role_table.c.role))
        .where(platform_role_table.c.tenant_id == person_id)
        .scalar_subquery()
        .label("roles")
    )
    memberships = (
        select(func.jsonb_object_agg(membership_table.c.tenant_id, membership_table.c.role))
        .where(membership_table.c.person_id == person_id)
        .scalar_subquery()
        .label("memberships")
    )
    return roles, memberships


def read_roles(row: Any) -> tuple[frozenset[PlatformRole], Mapping[UUID, MemberRole]]:
    """What the two subqueries found."""
    roles = frozenset(PlatformRole(role) for role in row.roles or ())
    return roles, {UUID(key): MemberRole(role) for key, role in (row.memberships or {}).items()}


async def caller_by_token(tx: Transaction, token_hash: bytes, now: datetime) -> StoredCaller | None:
    """Who has this session; None: unknown, expired or revoked."""
    statement = (
        select(
            session_table.c.id,
            session_table.c.tenant_id,
            session_table.c.last_seen_at,
            session_table.c.expires_at,
            person_table.c.profile,
            person_table.c.email_verified_at,
            *_roles_and_memberships(session_table.c.tenant_id),
        )
        .join(person_table, person_table.c.id == session_table.c.tenant_id)
        .where(
            session_table.c.token_hash == token_hash,
            session_table.c.revoked_at.is_(None),
            session_table.c.expires_at > now,
            person_table.c.erased_at.is_(None),
        )
    )
    row = (await tx.execute(statement)).first()
    if row is None:
        return None
    roles, memberships = read_roles(row)
    return StoredCaller(
        person_id=row.tenant_id,
        session_id=row.id,
        profile=row.profile,
        email_verified=row.email_verified_at is not None,
        platform_roles=roles,
        memberships=memberships,
        expires_at=row.expires_at,
        last_seen_at=row.last_seen_at,
    )


async def caller_by_person(tx: Transaction, person_id: UUID) -> StoredCaller | None:
    """As `caller_by_token`, for somebody who was authenticated otherwise; `session_id` is the person's own id."""
    statement = select(
        person_table.c.id,
        person_table.c.profile,
        person_table.c.email_verified_at,
        person_table.c.created_at,
        *_roles_and_memberships(person_table.c.id),
    ).where(person_table.c.id == person_id, person_table.c.erased_at.is_(None))
    row = (await tx.execute(statement)).first()
    if row is None:
        return None
    roles, memberships = read_roles(row)
    return StoredCaller(
        person_id=row.id,
        session_id=row.id,
        profile=row.profile,
        email_verified=row.email_verified_at is not None,
        platform_roles=roles,
        memberships=memberships,
        expires_at=row.created_at,
        last_seen_at=row.created_at,
    )


async def mark_seen(tx: Transaction, session_id: UUID, now: datetime) -> None:
    await tx.execute(update(session_table).where(session_table.c.id == session_id).values(last_seen_at=now))


async def replace_token(
    tx: Transaction, session_id: UUID, old_hash: bytes, new_hash: bytes, expires_at: datetime
) -> bool:
    """Whether the old token was still the session's."""
    statement = (
        update(session_table)
        .where(
            session_table.c.id == session_id,
            session_table.c.token_hash == old_hash,
            session_table.c.revoked_at.is_(None),
        )
        .values(token_hash=new_hash, expires_at=expires_at)
        .returning(session_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def revoke_sessions(tx: Transaction, person_id: UUID, now: datetime, *, but: UUID | None = None) -> list[UUID]:
    """End the person's open sessions but one; which."""
    statement = (
        update(session_table)
        .where(session_table.c.tenant_id == person_id, session_table.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(session_table.c.id)
    )
    if but is not None:
        statement = statement.where(session_table.c.id != but)
    return list((await tx.execute(statement)).scalars())


async def forget_sessions_of(tx: Transaction, person_id: UUID) -> None:
    """Remove every trace of the person's devices."""
    for table in (session_table, login_link_table):
        await tx.execute(delete(table).where(table.c.tenant_id == person_id))


async def forget_ended(tx: Transaction, before: datetime) -> int:
    """Remove sessions, links and counts that ended before a moment; how many."""
    gone = 0
    for statement in (
        delete(session_table).where((session_table.c.expires_at < before) | (session_table.c.revoked_at < before)),
        delete(login_link_table).where(login_link_table.c.expires_at < before),
        delete(attempt_table).where(attempt_table.c.window_ends_at < before),
    ):
        gone += (await tx.execute(statement)).rowcount
    return gone


async def revoke_session(tx: Transaction, person_id: UUID, session_id: UUID, now: datetime) -> bool:
    statement = (
        update(session_table)
        .where(
            session_table.c.id == session_id,
            session_table.c.tenant_id == person_id,
            session_table.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(session_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


def _session(row: Row[Any]) -> StoredSession:
    return StoredSession(
        id=row.id,
        person_id=row.tenant_id,
        device=row.device,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        method=LoginMethod(row.method),
    )


async def open_sessions(tx: Transaction, person_id: UUID, now: datetime) -> Sequence[StoredSession]:
    statement = (
        select(session_table)
        .where(
            session_table.c.tenant_id == person_id,
            session_table.c.revoked_at.is_(None),
            session_table.c.expires_at > now,
        )
        .order_by(session_table.c.created_at.desc(), session_table.c.id)
    )
    return [_session(row) for row in await tx.execute(statement)]


async def newest_sessions(tx: Transaction, persons: Collection[UUID], limit: int) -> Sequence[StoredSession]:
    """At most `limit` of each person, newest first, ended ones included while they are kept."""
    return [_session(row) for row in await tx.execute(_NEWEST, {"persons": list(persons), "most": limit})]


_NEWEST = (
    text(
        "SELECT s.* FROM unnest(:persons) AS q (person_id) CROSS JOIN LATERAL ("
        "SELECT id, tenant_id, device, created_at, last_seen_at, expires_at, method FROM session "
        "WHERE tenant_id = q.person_id ORDER BY created_at DESC, id LIMIT :most) AS s "
        "ORDER BY s.tenant_id, s.created_at DESC, s.id"
    )
    .bindparams(bindparam("persons", type_=ARRAY(Uuid)), bindparam("most", type_=Integer))
    .columns(
        id=Uuid,
        tenant_id=Uuid,
        device=LargeBinary,
        created_at=Timestamp,
        last_seen_at=Timestamp,
        expires_at=Timestamp,
        method=Text,
    )
)


async def insert_link(
    tx: Transaction,
    link_id: UUID,
    person_id: UUID,
    secret_hash: bytes,
    destination: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    await tx.execute(
        insert(login_link_table).values(
            id=link_id,
            tenant_id=person_id,
            secret_hash=secret_hash,
            destination=destination,
            created_at=now,
            expires_at=expires_at,
        )
    )


async def use_link(tx: Transaction, secret_hash: bytes, now: datetime) -> tuple[UUID, str] | None:
    """Person and destination of an unused link, which is used up by this; None otherwise."""
    statement = (
        update(login_link_table)
        .where(
            login_link_table.c.secret_hash == secret_hash,
            login_link_table.c.used_at.is_(None),
            login_link_table.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(login_link_table.c.tenant_id, login_link_table.c.destination)
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else (row.tenant_id, row.destination)


async def count_attempt(
    tx: Transaction, scope: str, subject: bytes, now: datetime, window: timedelta
) -> tuple[int, datetime]:
    """Count one more in the running window, or open a new one; the count and the window's end."""
    statement = insert(attempt_table).values(scope=scope, subject=subject, count=1, window_ends_at=now + window)
    ended = attempt_table.c.window_ends_at <= now
    counted = statement.on_conflict_do_update(
        index_elements=["scope", "subject"],
        set_={
            "count": case((ended, 1), else_=attempt_table.c.count + 1),
            "window_ends_at": case((ended, now + window), else_=attempt_table.c.window_ends_at),
        },
    ).returning(attempt_table.c.count, attempt_table.c.window_ends_at)
    row = (await tx.execute(counted)).one()
    return int(row[0]), row[1]


async def forget_attempts(tx: Transaction, scope: str, subject: bytes) -> None:
    await tx.execute(delete(attempt_table).where(attempt_table.c.scope == scope, attempt_table.c.subject == subject))


async def take_back_attempt(tx: Transaction, scope: str, subject: bytes) -> None:
    await tx.execute(
        update(attempt_table)
        .where(attempt_table.c.scope == scope, attempt_table.c.subject == subject, attempt_table.c.count > 0)
        .values(count=attempt_table.c.count - 1)
    )
