"""The table of mails that prove a mailbox. A row's token is made from its id and a key outside the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Row, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.jobs import enqueue
from persistence.types import LargeBinary, Text, Timestamp, Uuid

VERIFY_MAIL = "mail.verify"
"""Job kind, key = the row's id."""

VERIFY_LIFETIME = timedelta(days=2)

email_proof_table = Table(
    "email_proof",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email_index", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("used_at", Timestamp),
    Column("password_hash", Text),
    Column("profile", LargeBinary),
)
"""`password_hash`, `profile`: what a registration by mail begins with; NULL for a mail to an account that is there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The account that a registration by mail asks for. `profile` is sealed."""

    password_hash: str = field(repr=False)
    profile: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EmailProof:
    """One mail that was asked for."""

    id: UUID
    person_id: UUID
    email_index: bytes
    expires_at: datetime
    wanted: Wanted | None


def _proof(row: Row[Any]) -> EmailProof:
    wanted = None if row.password_hash is None else Wanted(row.password_hash, row.profile)
    return EmailProof(row.id, row.tenant_id, row.email_index, row.expires_at, wanted)


async def ask_to_verify(
    tx: Transaction,
    person_id: UUID,
    email_index: bytes,
    now: datetime,
    *,
    wanted: Wanted | None = None,
    unused: UUID | None = None,
) -> UUID:
    """Ask for a mail in the caller's transaction; the mail's id.

    Args:
        unused: Somebody whose key nothing was sealed with: it is destroyed when the mail is sent.
    """
    proof_id = uuid4()
    await tx.execute(
        insert(email_proof_table).values(
            id=proof_id,
            tenant_id=person_id,
            email_index=email_index,
            created_at=now,
            expires_at=now + VERIFY_LIFETIME,
            password_hash=None if wanted is None else wanted.password_hash,
            profile=None if wanted is None else wanted.profile,
        )
    )
    payload = {"proof_id": str(proof_id)} | ({} if unused is None else {"unused": str(unused)})
    await enqueue(tx, VERIFY_MAIL, str(proof_id), payload)
    return proof_id


async def proof_by_id(tx: Transaction, proof_id: UUID) -> EmailProof | None:
    """One that is still unused."""
    statement = select(email_proof_table).where(
        email_proof_table.c.id == proof_id, email_proof_table.c.used_at.is_(None)
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else _proof(row)


async def use_proof(tx: Transaction, proof_id: UUID, now: datetime) -> EmailProof | None:
    """Use it up; None: unknown, used or expired."""
    statement = (
        update(email_proof_table)
        .where(
            email_proof_table.c.id == proof_id,
            email_proof_table.c.used_at.is_(None),
            email_proof_table.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(email_proof_table)
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else _proof(row)


async def proofs_since(tx: Transaction, person_id: UUID, since: datetime) -> int:
    """How many were asked for."""
    statement = (
        select(func.count())
        .select_from(email_proof_table)
        .where(email_proof_table.c.tenant_id == person_id, email_proof_table.c.created_at > since)
    )
    return int((await tx.execute(statement)).scalar_one())


async def forget_proofs(tx: Transaction, before: datetime) -> int:
    """Remove those that expired before a moment; how many."""
    gone = await tx.execute(delete(email_proof_table).where(email_proof_table.c.expires_at < before))
    return int(gone.rowcount)


async def forget_proofs_of(tx: Transaction, person_id: UUID) -> None:
    await tx.execute(delete(email_proof_table).where(email_proof_table.c.tenant_id == person_id))
