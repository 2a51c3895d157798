"""The table of consents: each answer is a row; the newest one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, delete, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from people.consents.model import VERSION, Purpose
from persistence.database import Transaction, metadata
from persistence.types import Timestamp, Uuid
from primitives.errors import ConsentMissing

consent_table = Table(
    "consent",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("at", Timestamp, nullable=False),
    Index("ix_consent_tenant_id", "tenant_id", "purpose", "id"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as it was given."""

    purpose: str
    version: int
    given: bool
    at: datetime


async def answer(tx: Transaction, person_id: UUID, purpose: Purpose, *, given: bool, now: datetime) -> None:
    await tx.execute(
        insert(consent_table).values(tenant_id=person_id, purpose=purpose.value, version=VERSION, given=given, at=now)
    )


async def consents_of(tx: Transaction, person_id: UUID) -> Mapping[Purpose, datetime]:
    """Since when, by purpose, for those that stand."""
    newest = (
        select(consent_table)
        .ext(distinct_on(consent_table.c.purpose))
        .where(consent_table.c.tenant_id == person_id)
        .order_by(consent_table.c.purpose, consent_table.c.id.desc())
    )
    return {
        Purpose(row.purpose): row.at
        for row in await tx.execute(newest)
        if row.given and row.version == VERSION and row.purpose in set(Purpose)
    }


async def answers_of(tx: Transaction, person_id: UUID) -> Sequence[Answer]:
    """Every answer, oldest first."""
    statement = select(consent_table).where(consent_table.c.tenant_id == person_id).order_by(consent_table.c.id)
    return [Answer(row.purpose, row.version, row.given, row.at) for row in await tx.execute(statement)]


async def has_consent(tx: Transaction, person_id: UUID, purpose: Purpose) -> bool:
    """Whether the person agrees to this use now. Ask in the transaction that reads the data."""
    return purpose in await consents_of(tx, person_id)


async def require_consent(tx: Transaction, person_id: UUID, purpose: Purpose) -> None:
    """Raises ConsentMissing."""
    if not await has_consent(tx, person_id, purpose):
        raise ConsentMissing(f"you have not agreed to this use of your data: {purpose.value}", purpose=purpose.value)


async def forget_consents_of(tx: Transaction, person_id: UUID) -> None:
    await tx.execute(delete(consent_table).where(consent_table.c.tenant_id == person_id))
