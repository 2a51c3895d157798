"""Rows of address books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, Table, UniqueConstraint, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.chain_id import ChainId

address_book_table = Table(
    "address_book",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("chain", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("note", Text),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("tenant_id", "chain", "address"),
)

_b = address_book_table.c


@dataclass(frozen=True, slots=True)
class BookEntry:
    """Somebody that a person pays."""

    id: UUID
    account: AccountId
    name: str
    note: str | None
    created_at: datetime


def _entry(row: Row[Any]) -> BookEntry:
    return BookEntry(row.id, AccountId(ChainId(row.chain), row.address), row.name, row.note, row.created_at)


async def hold_book(tx: Transaction, tenant_id: UUID) -> None:
    """One change at a time, so that the bound on its length holds."""
    await lock_for_transaction(tx, "address_book", tenant_id)


async def count(tx: Transaction, tenant_id: UUID) -> int:
    return int((await tx.execute(select(func.count()).where(_b.tenant_id == tenant_id))).scalar_one())


async def add(
    tx: Transaction, entry_id: UUID, tenant_id: UUID, account: AccountId, name: str, note: str | None
) -> BookEntry | None:
    """None when the account is in the book already."""
    row = (
        await tx.execute(
            upsert(address_book_table)
            .values(
                id=entry_id,
                tenant_id=tenant_id,
                chain=str(account.chain),
                address=account.address,
                name=name,
                note=note,
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "chain", "address"])
            .returning(address_book_table)
        )
    ).first()
    return None if row is None else _entry(row)


async def change(tx: Transaction, entry_id: UUID, tenant_id: UUID, name: str, note: str | None) -> BookEntry | None:
    row = (
        await tx.execute(
            update(address_book_table)
            .where(_b.id == entry_id, _b.tenant_id == tenant_id)
            .values(name=name, note=note)
            .returning(address_book_table)
        )
    ).first()
    return None if row is None else _entry(row)


async def remove(tx: Transaction, entry_id: UUID, tenant_id: UUID) -> bool:
    found = await tx.execute(
        delete(address_book_table).where(_b.id == entry_id, _b.tenant_id == tenant_id).returning(_b.id)
    )
    return found.first() is not None


async def entries_of(tx: Transaction, tenant_id: UUID) -> Sequence[BookEntry]:
    """By name."""
    rows = await tx.execute(
        select(address_book_table).where(_b.tenant_id == tenant_id).order_by(func.lower(_b.name), _b.id)
    )
    return [_entry(row) for row in rows]


async def name_of(tx: Transaction, tenant_id: UUID, account: AccountId) -> str | None:
    found: str | None = (
        await tx.execute(
            select(_b.name).where(
                _b.tenant_id == tenant_id, _b.chain == str(account.chain), _b.address == account.address
            )
        )
    ).scalar_one_or_none()
    return found


async def forget_book(tx: Transaction, tenant_id: UUID) -> None:
    """All of a person."""
    await tx.execute(delete(address_book_table).where(_b.tenant_id == tenant_id))
