"""Rows of held keys: the last thing that is read before a signature."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Column, Index, Table, any_, delete, func, insert, literal, or_, select

from persistence.database import Transaction, metadata
from persistence.types import Timestamp, Uuid
from primitives.signing import KeyId

hold_table = Table(
    "keystore_hold",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("key_id", Uuid),
    Column("held_for", Uuid, nullable=False),
    Column("since", Timestamp, nullable=False, server_default=func.now()),
    Index("ix_keystore_hold_tenant_id", "tenant_id"),
    Index("ix_keystore_hold_held_for", "held_for"),
)


async def hold_keys(tx: Transaction, tenant_id: UUID, keys: Collection[KeyId] | None, *, held_for: UUID) -> None:
    """Keep keys of a tenant from signing.

    Args:
        keys: None for every one, those to come included.
        held_for: By which `end_holds` finds them.
    """
    rows = [None] if keys is None else sorted(keys, key=str)
    if rows:
        await tx.execute(
            insert(hold_table),
            [{"id": uuid4(), "tenant_id": tenant_id, "key_id": key, "held_for": held_for} for key in rows],
        )


async def end_holds(tx: Transaction, held_for: UUID) -> None:
    await tx.execute(delete(hold_table).where(hold_table.c.held_for == held_for))


async def held_keys(tx: Transaction, keys: Collection[tuple[KeyId, UUID]]) -> set[KeyId]:
    """Those of some keys, each with its tenant, that may not sign now."""
    tenants = list({tenant_id for _, tenant_id in keys})
    key_ids = [key for key, _ in keys]
    rows = await tx.execute(
        select(hold_table.c.tenant_id, hold_table.c.key_id).where(
            hold_table.c.tenant_id == any_(literal(tenants, ARRAY(Uuid))),
            or_(hold_table.c.key_id.is_(None), hold_table.c.key_id == any_(literal(key_ids, ARRAY(Uuid)))),
        )
    )
    held = {(row.tenant_id, row.key_id) for row in rows}
    return {key for key, tenant_id in keys if (tenant_id, None) in held or (tenant_id, key) in held}
