"""Rows of stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, ForeignKey, Row, Table, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import Text, Timestamp, Uuid

store_table = Table(
    "store",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text),
    Column("zone", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
)

_s = store_table.c


@dataclass(frozen=True, slots=True)
class Store:
    """Attributes:
    code: What orders and campaign terms call it; never changes.
    zone: IANA zone of its days.
    open: False: no longer used; what was sold there stays.
    """

    code: str
    name: str
    address: str | None
    zone: str
    open: bool


def _store(row: Row[Any]) -> Store:
    return Store(row.code, row.name, row.address, row.zone, row.open)


async def hold_stores(tx: Transaction, tenant_id: UUID) -> None:
    """One change at a time, so that the bound on their number holds."""
    await lock_for_transaction(tx, "stores", tenant_id)


async def put_store(tx: Transaction, tenant_id: UUID, store: Store) -> None:
    values = {"name": store.name, "address": store.address, "zone": store.zone, "open": store.open}
    await tx.execute(
        upsert(store_table)
        .values(tenant_id=tenant_id, code=store.code, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "code"], set_=values)
    )


async def stores_of(tx: Transaction, tenant_id: UUID) -> Sequence[Store]:
    """By code."""
    rows = await tx.execute(select(store_table).where(_s.tenant_id == tenant_id).order_by(_s.code))
    return [_store(row) for row in rows]
