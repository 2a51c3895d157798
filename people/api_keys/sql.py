"""The table of API keys: hashed, with their labels sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Row, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Timestamp, Uuid

api_key_table = Table(
    "api_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("organisation_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE")),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("label", LargeBinary, nullable=False),
    Column("scopes", JSONB, nullable=False),
    Column("networks", JSONB, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("last_used_at", Timestamp),
    Column("revoked_at", Timestamp),
)


END_EVERY_KEY = "DO $$ BEGIN IF to_regclass('api_key') IS NOT NULL THEN DELETE FROM api_key; END IF; END $$"
"""For the transaction that loads a backup, of an older version too: keys that were revoked since would open again."""


@dataclass(frozen=True, slots=True)
class StoredApiKey:
    """A key as stored; `label` is sealed."""

    id: UUID
    person_id: UUID
    organisation_id: UUID | None
    label: bytes
    scopes: frozenset[str]
    networks: Sequence[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def _key(row: Row[Any]) -> StoredApiKey:
    return StoredApiKey(
        row.id,
        row.tenant_id,
        row.organisation_id,
        row.label,
        frozenset(row.scopes),
        tuple(row.networks),
        row.created_at,
        row.expires_at,
        row.last_used_at,
    )


async def insert_key(tx: Transaction, key: StoredApiKey, key_hash: bytes) -> None:
    await tx.execute(
        insert(api_key_table).values(
            id=key.id,
            tenant_id=key.person_id,
            organisation_id=key.organisation_id,
            key_hash=key_hash,
            label=key.label,
            scopes=sorted(key.scopes),
            networks=list(key.networks),
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )


async def key_by_hash(tx: Transaction, key_hash: bytes, now: datetime) -> StoredApiKey | None:
    """None: unknown, revoked or expired."""
    statement = select(api_key_table).where(
        api_key_table.c.key_hash == key_hash, api_key_table.c.revoked_at.is_(None), api_key_table.c.expires_at > now
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else _key(row)


async def keys_of(tx: Transaction, person_id: UUID, now: datetime) -> Sequence[StoredApiKey]:
    """Newest first."""
    statement = (
        select(api_key_table)
        .where(
            api_key_table.c.tenant_id == person_id,
            api_key_table.c.revoked_at.is_(None),
            api_key_table.c.expires_at > now,
        )
        .order_by(api_key_table.c.created_at.desc(), api_key_table.c.id)
    )
    return [_key(row) for row in await tx.execute(statement)]


async def mark_used(tx: Transaction, key_id: UUID, now: datetime) -> None:
    await tx.execute(update(api_key_table).where(api_key_table.c.id == key_id).values(last_used_at=now))


async def revoke_key(tx: Transaction, person_id: UUID, key_id: UUID, now: datetime) -> bool:
    statement = (
        update(api_key_table)
        .where(
            api_key_table.c.id == key_id,
            api_key_table.c.tenant_id == person_id,
            api_key_table.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(api_key_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def forget_keys_of(tx: Transaction, person_id: UUID) -> None:
    await tx.execute(delete(api_key_table).where(api_key_table.c.tenant_id == person_id))


async def forget_ended_keys(tx: Transaction, before: datetime) -> int:
    gone = await tx.execute(
        delete(api_key_table).where((api_key_table.c.expires_at < before) | (api_key_table.c.revoked_at < before))
    )
    return int(gone.rowcount)
