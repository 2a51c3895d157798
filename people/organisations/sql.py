"""Tables of organisations and memberships. A membership belongs to the organisation: that is its tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from people.organisations.model import Member, Organisation
from people.persons.profile import open_profile
from people.persons.sql import person_table
from people.privacy.personal_data import PersonalData
from people.roles import MemberRole
from persistence.database import Transaction, metadata
from persistence.types import Text, Timestamp, Uuid

organisation_table = Table(
    "organisation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
)

membership_table = Table(
    "membership",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", Text, nullable=False),
    Column("since", Timestamp, nullable=False),
    CheckConstraint("role IN ('owner', 'manager', 'cashier', 'sponsor', 'auditor')", name="role"),
)


async def insert_organisation(tx: Transaction, organisation: Organisation) -> None:
    await tx.execute(
        insert(organisation_table).values(
            id=organisation.id, name=organisation.name, created_at=organisation.created_at
        )
    )


async def every_organisation(tx: Transaction) -> Sequence[UUID]:
    return list((await tx.execute(select(organisation_table.c.id))).scalars())


async def organisation_by_id(tx: Transaction, organisation_id: UUID) -> Organisation | None:
    row = (await tx.execute(select(organisation_table).where(organisation_table.c.id == organisation_id))).first()
    return None if row is None else Organisation(id=row.id, name=row.name, created_at=row.created_at)


async def organisations_of(tx: Transaction, person_id: UUID) -> Sequence[tuple[Organisation, MemberRole]]:
    statement = (
        select(organisation_table, membership_table.c.role)
        .join(membership_table, membership_table.c.tenant_id == organisation_table.c.id)
        .where(membership_table.c.person_id == person_id)
        .order_by(organisation_table.c.created_at, organisation_table.c.id)
    )
    return [
        (Organisation(id=row.id, name=row.name, created_at=row.created_at), MemberRole(row.role))
        for row in await tx.execute(statement)
    ]


async def lock_organisation(tx: Transaction, organisation_id: UUID) -> None:
    """Members change one at a time, so that two owners cannot remove each other in the same moment."""
    await tx.execute(
        select(organisation_table.c.id).where(organisation_table.c.id == organisation_id).with_for_update()
    )


async def put_member(
    tx: Transaction, organisation_id: UUID, person_id: UUID, role: MemberRole, since: datetime
) -> None:
    statement = insert(membership_table).values(
        tenant_id=organisation_id, person_id=person_id, role=role.value, since=since
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "person_id"], set_={"role": statement.excluded.role}
        )
    )


async def delete_member(tx: Transaction, organisation_id: UUID, person_id: UUID) -> bool:
    statement = (
        delete(membership_table)
        .where(membership_table.c.tenant_id == organisation_id, membership_table.c.person_id == person_id)
        .returning(membership_table.c.person_id)
    )
    return (await tx.execute(statement)).first() is not None


async def members_of(tx: Transaction, organisation_id: UUID, data: PersonalData) -> Sequence[Member]:
    """Longest-standing first."""
    statement = (
        select(membership_table, person_table.c.profile)
        .join(person_table, person_table.c.id == membership_table.c.person_id)
        .where(membership_table.c.tenant_id == organisation_id)
        .order_by(membership_table.c.since, membership_table.c.person_id)
    )
    found = []
    for row in await tx.execute(statement):
        profile = open_profile(data, row.person_id, row.profile)
        found.append(
            Member(
                organisation_id=row.tenant_id,
                person_id=row.person_id,
                email=profile.email,
                display_name=profile.display_name,
                role=MemberRole(row.role),
                since=row.since,
            )
        )
    return found


async def owner_count(tx: Transaction, organisation_id: UUID) -> int:
    statement = (
        select(func.count())
        .select_from(membership_table)
        .where(membership_table.c.tenant_id == organisation_id, membership_table.c.role == MemberRole.OWNER.value)
    )
    return int((await tx.execute(statement)).scalar_one())


async def role_of(tx: Transaction, organisation_id: UUID, person_id: UUID) -> MemberRole | None:
    statement = select(membership_table.c.role).where(
        membership_table.c.tenant_id == organisation_id, membership_table.c.person_id == person_id
    )
    role = (await tx.execute(statement)).scalar_one_or_none()
    return None if role is None else MemberRole(role)


async def owned_alone(tx: Transaction, person_id: UUID) -> Sequence[UUID]:
    """Organisations whose only owner this is, locked."""
    mine = select(membership_table.c.tenant_id).where(
        membership_table.c.person_id == person_id, membership_table.c.role == MemberRole.OWNER.value
    )
    locked = select(organisation_table.c.id).where(organisation_table.c.id.in_(mine)).with_for_update()
    return [place for place in (await tx.execute(locked)).scalars() if await owner_count(tx, place) == 1]


async def leave_everywhere(tx: Transaction, person_id: UUID) -> None:
    await tx.execute(delete(membership_table).where(membership_table.c.person_id == person_id))
