"""The table of unlock keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from keystore.unlocking.device_answer import HKDF_KDF, KIND
from keystore.vault import VaultRecord
from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Timestamp, Uuid

unlock_key_table = Table(
    "keystore_unlock_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False, index=True),
    Column("vault_id", Uuid, ForeignKey("keystore_vault.id"), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("wrapped_master", LargeBinary, nullable=False),
    Column("checksum", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
)


@dataclass(frozen=True, slots=True)
class UnlockKey:
    """A wrapping of a vault's master key; `record.id` is the passkey's id."""

    record: VaultRecord
    vault_id: UUID


async def put_unlock_key(tx: Transaction, key: UnlockKey) -> None:
    """A second wrapping for the same passkey replaces the first."""
    record = key.record
    values = {
        "tenant_id": record.tenant_id,
        "vault_id": key.vault_id,
        "salt": record.salt,
        "wrapped_master": record.wrapped_master,
        "checksum": record.checksum,
    }
    statement = insert(unlock_key_table).values(id=record.id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def find_unlock_key(tx: Transaction, tenant_id: UUID, key_id: UUID) -> UnlockKey | None:
    statement = select(unlock_key_table).where(
        unlock_key_table.c.id == key_id, unlock_key_table.c.tenant_id == tenant_id
    )
    row = (await tx.execute(statement)).first()
    if row is None:
        return None
    record = VaultRecord(row.id, row.tenant_id, KIND, HKDF_KDF, row.salt, row.wrapped_master, row.checksum)
    return UnlockKey(record, row.vault_id)


async def unlock_keys_of(tx: Transaction, tenant_id: UUID) -> Sequence[UUID]:
    statement = select(unlock_key_table.c.id).where(unlock_key_table.c.tenant_id == tenant_id)
    return list((await tx.execute(statement)).scalars())


async def delete_unlock_key(tx: Transaction, tenant_id: UUID, key_id: UUID) -> bool:
    statement = (
        delete(unlock_key_table)
        .where(unlock_key_table.c.id == key_id, unlock_key_table.c.tenant_id == tenant_id)
        .returning(unlock_key_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None
