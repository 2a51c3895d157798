"""Tables of persons and platform roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from people.persons.model import Person
from people.roles import PlatformRole
from persistence.database import Transaction, metadata
from persistence.types import Text, Timestamp, Uuid

person_table = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
)

platform_role_table = Table(
    "platform_role",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, primary_key=True),
    CheckConstraint("role IN ('auditor', 'operator')", name="role"),
)

_person_columns = (
    person_table.c.id,
    person_table.c.email,
    person_table.c.display_name,
    person_table.c.created_at,
)


def _person(row: Any) -> Person:
    return Person(id=row.id, email=row.email, display_name=row.display_name, created_at=row.created_at)


async def insert_person(tx: Transaction, person: Person, password_hash: str) -> bool:
    """Whether it was added; False: the address is taken."""
    statement = (
        insert(person_table)
        .values(
            id=person.id,
            email=person.email,
            display_name=person.display_name,
            password_hash=password_hash,
            created_at=person.created_at,
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(person_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def person_by_id(tx: Transaction, person_id: UUID) -> Person | None:
    row = (await tx.execute(select(*_person_columns).where(person_table.c.id == person_id))).first()
    return None if row is None else _person(row)


async def person_by_email(tx: Transaction, email: str) -> Person | None:
    row = (await tx.execute(select(*_person_columns).where(person_table.c.email == email))).first()
    return None if row is None else _person(row)


async def credentials_of(tx: Transaction, email: str) -> tuple[UUID, str] | None:
    """Id and password hash."""
    statement = select(person_table.c.id, person_table.c.password_hash).where(person_table.c.email == email)
    row = (await tx.execute(statement)).first()
    return None if row is None else (row.id, row.password_hash)


async def replace_password_hash(tx: Transaction, person_id: UUID, password_hash: str) -> None:
    await tx.execute(update(person_table).where(person_table.c.id == person_id).values(password_hash=password_hash))


async def grant_role(tx: Transaction, person_id: UUID, role: PlatformRole) -> None:
    await tx.execute(insert(platform_role_table).values(tenant_id=person_id, role=role.value).on_conflict_do_nothing())


async def withdraw_role(tx: Transaction, person_id: UUID, role: PlatformRole) -> None:
    await tx.execute(
        delete(platform_role_table).where(
            platform_role_table.c.tenant_id == person_id, platform_role_table.c.role == role.value
        )
    )
