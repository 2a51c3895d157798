"""Tables of persons and platform roles. Name and address are sealed; what is looked up is a blind index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from people.roles import PlatformRole
from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Text, Timestamp, Uuid

person_table = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("password_hash", Text),
    Column("created_at", Timestamp, nullable=False),
    Column("email_index", LargeBinary, unique=True),
    Column("profile", LargeBinary),
    Column("email_verified_at", Timestamp),
    Column("password_changed_at", Timestamp),
    Column("erased_at", Timestamp),
)

plain_person_table = Table(
    "person_plain",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("email", Text, nullable=False),
    Column("display_name", Text, nullable=False),
)
"""Persons of an older version, until the first start of this one has sealed them; empty ever after."""

platform_role_table = Table(
    "platform_role",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, primary_key=True),
    CheckConstraint("role IN ('auditor', 'operator')", name="role"),
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as stored; `profile` is sealed."""

    id: UUID
    profile: bytes | None
    created_at: datetime
    email_verified_at: datetime | None
    password_changed_at: datetime | None
    has_password: bool
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login by password is judged by."""

    person_id: UUID
    password_hash: str | None = field(repr=False)


_columns = (
    person_table.c.id,
    person_table.c.profile,
    person_table.c.created_at,
    person_table.c.email_verified_at,
    person_table.c.password_changed_at,
    person_table.c.password_hash.is_not(None).label("has_password"),
    person_table.c.erased_at,
)


def _row(row: Any) -> PersonRow:
    return PersonRow(*(getattr(row, column.key) for column in _columns))


async def insert_person(
    tx: Transaction,
    person_id: UUID,
    profile: bytes,
    email_index: bytes | None,
    password_hash: str | None,
    now: datetime,
) -> bool:
    """Whether it was added; False: the address is taken."""
    statement = (
        insert(person_table)
        .values(
            id=person_id,
            profile=profile,
            email_index=email_index,
            password_hash=password_hash,
            created_at=now,
            password_changed_at=None if password_hash is None else now,
        )
        .on_conflict_do_nothing(index_elements=["email_index"])
        .returning(person_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def person_by_id(tx: Transaction, person_id: UUID, *, lock: bool = False) -> PersonRow | None:
    statement = select(*_columns).where(person_table.c.id == person_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _row(row)


async def person_by_email(tx: Transaction, email_index: bytes) -> PersonRow | None:
    """Not somebody whose mailbox has yet to answer (`people.persons.registration`): that is nobody."""
    begun = (person_table.c.email_index == email_index) & person_table.c.password_hash.is_not(None)
    row = (await tx.execute(select(*_columns).where(begun))).first()
    return None if row is None else _row(row)


async def owner_of_email(tx: Transaction, email_index: bytes) -> UUID:
    """Whose address it is, or will be once the mailbox answers; there is somebody."""
    found: UUID = (
        await tx.execute(select(person_table.c.id).where(person_table.c.email_index == email_index))
    ).scalar_one()
    return found


async def begin_account(
    tx: Transaction, person_id: UUID, email_index: bytes, profile: bytes, password_hash: str, now: datetime
) -> bool:
    """The mailbox of somebody who waits has answered. False: nobody waits any more."""
    statement = (
        update(person_table)
        .where(
            person_table.c.id == person_id,
            person_table.c.email_index == email_index,
            person_table.c.password_hash.is_(None),
        )
        .values(profile=profile, password_hash=password_hash, email_verified_at=now, password_changed_at=now)
        .returning(person_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def never_begun(tx: Transaction, before: datetime, limit: int) -> Sequence[UUID]:
    """Who was registered by mail before a moment, and whose mailbox never answered; locked."""
    waiting = (
        person_table.c.email_index.is_not(None)
        & person_table.c.password_hash.is_(None)
        & (person_table.c.created_at < before)
    )
    statement = select(person_table.c.id).where(waiting).limit(limit).with_for_update(skip_locked=True)
    return list((await tx.execute(statement)).scalars())


async def remove_person(tx: Transaction, person_id: UUID) -> None:
    """The row of somebody who never was: nothing points to it but what goes with it."""
    await tx.execute(delete(person_table).where(person_table.c.id == person_id))


async def credentials_of(tx: Transaction, email_index: bytes) -> Credentials | None:
    statement = select(person_table.c.id, person_table.c.password_hash).where(person_table.c.email_index == email_index)
    row = (await tx.execute(statement)).first()
    return None if row is None else Credentials(row.id, row.password_hash)


async def credentials_of_id(tx: Transaction, person_id: UUID) -> Credentials | None:
    statement = select(person_table.c.id, person_table.c.password_hash).where(person_table.c.id == person_id)
    row = (await tx.execute(statement)).first()
    return None if row is None else Credentials(row.id, row.password_hash)


async def replace_password_hash(
    tx: Transaction, person_id: UUID, password_hash: str, changed_at: datetime | None = None
) -> None:
    """`changed_at`: None where only the cost of the hash changes, not the password."""
    values: dict[str, Any] = {"password_hash": password_hash}
    if changed_at is not None:
        values["password_changed_at"] = changed_at
    await tx.execute(update(person_table).where(person_table.c.id == person_id).values(**values))


async def set_profile(tx: Transaction, person_id: UUID, profile: bytes) -> None:
    await tx.execute(update(person_table).where(person_table.c.id == person_id).values(profile=profile))


async def mark_email_verified(tx: Transaction, person_id: UUID, email_index: bytes, now: datetime) -> bool:
    """Whether this is still the person's address; a second time changes nothing."""
    statement = (
        update(person_table)
        .where(person_table.c.id == person_id, person_table.c.email_index == email_index)
        .values(email_verified_at=func.coalesce(person_table.c.email_verified_at, now))
        .returning(person_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def email_index_of(tx: Transaction, person_id: UUID) -> bytes | None:
    statement = select(person_table.c.email_index).where(person_table.c.id == person_id)
    found: bytes | None = (await tx.execute(statement)).scalar_one_or_none()
    return found


async def empty_person(tx: Transaction, person_id: UUID, now: datetime) -> None:
    """Leave the bare id, which others' records point to."""
    await tx.execute(
        update(person_table)
        .where(person_table.c.id == person_id)
        .values(
            profile=None,
            email_index=None,
            password_hash=None,
            email_verified_at=None,
            password_changed_at=None,
            erased_at=func.coalesce(person_table.c.erased_at, now),
        )
    )
    for table in (platform_role_table, plain_person_table):
        await tx.execute(delete(table).where(table.c.tenant_id == person_id))


async def plain_persons(tx: Transaction, limit: int) -> Sequence[tuple[UUID, str, str]]:
    """Some persons of an older version, locked."""
    statement = select(plain_person_table).limit(limit).with_for_update(skip_locked=True)
    return [(row.tenant_id, row.email, row.display_name) for row in await tx.execute(statement)]


async def seal_person(tx: Transaction, person_id: UUID, profile: bytes, email_index: bytes) -> None:
    """The plain row goes in the same commit."""
    await tx.execute(
        update(person_table).where(person_table.c.id == person_id).values(profile=profile, email_index=email_index)
    )
    await tx.execute(delete(plain_person_table).where(plain_person_table.c.tenant_id == person_id))


async def newest_sealed(
    tx: Transaction, since: datetime | None, limit: int
) -> Sequence[tuple[UUID, bytes, bytes | None]]:
    """Id, sealed profile and blind index of those that are not erased."""
    p = person_table.c
    statement = select(p.id, p.profile, p.email_index).where(p.profile.is_not(None), p.erased_at.is_(None))
    if since is not None:
        statement = statement.where(p.created_at > since)
    rows = await tx.execute(statement.order_by(p.created_at.desc()).limit(limit))
    return [(row.id, row.profile, row.email_index) for row in rows]


async def sealed_until(
    tx: Transaction, until: datetime, after: UUID, limit: int
) -> Sequence[tuple[UUID, bytes, bytes | None]]:
    """As `newest_sealed`, of those who registered until a moment, by id."""
    p = person_table.c
    statement = (
        select(p.id, p.profile, p.email_index)
        .where(p.profile.is_not(None), p.erased_at.is_(None), p.created_at <= until, p.id > after)
        .order_by(p.id)
        .limit(limit)
    )
    return [(row.id, row.profile, row.email_index) for row in await tx.execute(statement)]


async def set_email_index(tx: Transaction, person_id: UUID, email_index: bytes | None) -> None:
    await tx.execute(update(person_table).where(person_table.c.id == person_id).values(email_index=email_index))


async def give_up_profile(tx: Transaction, person_id: UUID) -> None:
    """Nobody can open it any more, and its address may be registered again."""
    gone = {"profile": None, "email_index": None}
    await tx.execute(update(person_table).where(person_table.c.id == person_id).values(gone))


async def erased_persons(tx: Transaction) -> Sequence[tuple[UUID, datetime]]:
    """Everybody who was erased, and when."""
    p = person_table.c
    rows = await tx.execute(select(p.id, p.erased_at).where(p.erased_at.is_not(None)).order_by(p.erased_at))
    return [(row.id, row.erased_at) for row in rows]


async def roles_of(tx: Transaction, person_id: UUID) -> Sequence[str]:
    statement = select(platform_role_table.c.role).where(platform_role_table.c.tenant_id == person_id)
    return sorted((await tx.execute(statement)).scalars())


async def grant_role(tx: Transaction, person_id: UUID, role: PlatformRole) -> None:
    await tx.execute(insert(platform_role_table).values(tenant_id=person_id, role=role.value).on_conflict_do_nothing())


async def withdraw_role(tx: Transaction, person_id: UUID, role: PlatformRole) -> None:
    await tx.execute(
        delete(platform_role_table).where(
            platform_role_table.c.tenant_id == person_id, platform_role_table.c.role == role.value
        )
    )
