"""The audit log's table: append-only by a trigger, one hash chain per subject."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Table, bindparam, select, text
from sqlalchemy.dialects.postgresql import distinct_on, insert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Text, Timestamp, Uuid

audit_table = Table(
    "keystore_audit_entry",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("event", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("entry_hash", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredAuditEntry:
    """One row of the audit log; hashes have 32 bytes."""

    subject_id: UUID
    sequence: int
    tenant_id: UUID
    event: str
    facts: dict[str, str]
    at: datetime
    previous_hash: bytes
    entry_hash: bytes


_LOCK_CHAINS = text(
    "SELECT count(pg_advisory_xact_lock(hashtextextended(name, 0))) "
    "FROM (SELECT name FROM unnest(:names) WITH ORDINALITY AS n (name, place) ORDER BY place) AS ordered"
).bindparams(bindparam("names", type_=ARRAY(Text)))

_LAST_ENTRIES = text(
    f"SELECT {', '.join(f'last.{column.name}' for column in audit_table.c)} "  # noqa: S608 - made of constants
    "FROM unnest(:subjects) AS s (id) CROSS JOIN LATERAL ("
    "SELECT * FROM keystore_audit_entry AS e WHERE e.subject_id = s.id ORDER BY e.sequence DESC LIMIT 1) AS last"
).bindparams(bindparam("subjects", type_=ARRAY(Uuid)))


async def lock_audit_chains(tx: Transaction, subjects: Collection[UUID]) -> dict[UUID, StoredAuditEntry]:
    """Wait for the chains' other writers, then the last entry of each that has one. Locked in one order, so that two
    never wait for each other in a circle."""
    ordered = sorted(set(subjects), key=str)
    await tx.execute(_LOCK_CHAINS, {"names": [f"keystore.audit|{subject}" for subject in ordered]})
    rows = await tx.execute(_LAST_ENTRIES.columns(*audit_table.c), {"subjects": ordered})
    return {row.subject_id: StoredAuditEntry(*row) for row in rows}


async def last_audit_entry(tx: Transaction, subject_id: UUID) -> StoredAuditEntry | None:
    """The newest entry of a chain."""
    statement = select(audit_table).where(audit_table.c.subject_id == subject_id)
    row = (await tx.execute(statement.order_by(audit_table.c.sequence.desc()).limit(1))).first()
    return None if row is None else StoredAuditEntry(*row)


async def insert_audit_entries(tx: Transaction, entries: Sequence[StoredAuditEntry]) -> None:
    await tx.execute(
        insert(audit_table),
        [
            {
                "subject_id": entry.subject_id,
                "sequence": entry.sequence,
                "tenant_id": entry.tenant_id,
                "event": entry.event,
                "facts": entry.facts,
                "at": entry.at,
                "previous_hash": entry.previous_hash,
                "entry_hash": entry.entry_hash,
            }
            for entry in entries
        ],
    )


async def audit_entries(tx: Transaction, subject_id: UUID) -> list[StoredAuditEntry]:
    """In order."""
    statement = select(audit_table).where(audit_table.c.subject_id == subject_id).order_by(audit_table.c.sequence)
    return [StoredAuditEntry(*row) for row in await tx.execute(statement)]


async def all_audit_entries(tx: Transaction) -> AsyncIterator[StoredAuditEntry]:
    """By subject, each in order; read from the server in parts."""
    rows = await tx.stream(select(audit_table).order_by(audit_table.c.subject_id, audit_table.c.sequence))
    async for row in rows:
        yield StoredAuditEntry(*row)


async def audit_heads(tx: Transaction) -> list[StoredAuditEntry]:
    """The newest entry of every chain."""
    statement = select(audit_table).ext(distinct_on(audit_table.c.subject_id))
    rows = await tx.execute(statement.order_by(audit_table.c.subject_id, audit_table.c.sequence.desc()))
    return [StoredAuditEntry(*row) for row in rows]
