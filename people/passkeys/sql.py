"""The table of passkeys: public keys only, labels sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Row, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Timestamp, Uuid

passkey_table = Table(
    "passkey",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", JSONB, nullable=False),
    Column("label", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("last_used_at", Timestamp),
)


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A passkey as stored; `label` is sealed, `public_key` a COSE key."""

    id: UUID
    person_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    label: bytes
    created_at: datetime
    last_used_at: datetime | None


def _passkey(row: Row[Any]) -> StoredPasskey:
    return StoredPasskey(
        row.id,
        row.tenant_id,
        row.credential_id,
        row.public_key,
        row.sign_count,
        tuple(row.transports),
        row.label,
        row.created_at,
        row.last_used_at,
    )


async def insert_passkey(tx: Transaction, key: StoredPasskey) -> bool:
    """Whether it was added; False: the credential is known already."""
    statement = (
        insert(passkey_table)
        .values(
            id=key.id,
            tenant_id=key.person_id,
            credential_id=key.credential_id,
            public_key=key.public_key,
            sign_count=key.sign_count,
            transports=list(key.transports),
            label=key.label,
            created_at=key.created_at,
        )
        .on_conflict_do_nothing(index_elements=["credential_id"])
        .returning(passkey_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def passkeys_of(tx: Transaction, person_id: UUID) -> Sequence[StoredPasskey]:
    """Oldest first."""
    statement = (
        select(passkey_table)
        .where(passkey_table.c.tenant_id == person_id)
        .order_by(passkey_table.c.created_at, passkey_table.c.id)
    )
    return [_passkey(row) for row in await tx.execute(statement)]


async def passkey_by_credential(tx: Transaction, credential_id: bytes) -> StoredPasskey | None:
    """Locked, so that its counter moves one answer at a time."""
    statement = select(passkey_table).where(passkey_table.c.credential_id == credential_id).with_for_update()
    row = (await tx.execute(statement)).first()
    return None if row is None else _passkey(row)


async def mark_used(tx: Transaction, passkey_id: UUID, sign_count: int, now: datetime) -> None:
    await tx.execute(
        update(passkey_table).where(passkey_table.c.id == passkey_id).values(sign_count=sign_count, last_used_at=now)
    )


async def delete_passkey(tx: Transaction, person_id: UUID, passkey_id: UUID) -> bool:
    statement = (
        delete(passkey_table)
        .where(passkey_table.c.id == passkey_id, passkey_table.c.tenant_id == person_id)
        .returning(passkey_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def forget_passkeys_of(tx: Transaction, person_id: UUID) -> None:
    await tx.execute(delete(passkey_table).where(passkey_table.c.tenant_id == person_id))
