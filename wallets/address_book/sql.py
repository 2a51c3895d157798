"""Rows of address books. Each entry is sealed whole: whom a person knows is the person's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Column, Index, Row, Table, delete, func, insert, select, update

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import Timestamp, Uuid
from persistence.words import Words, words_column, words_in
from primitives.account_id import AccountId

address_book_table = Table(
    "address_book",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    words_column("entry"),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Index(None, "tenant_id"),
)
"""`entry`: JSON of `account` (CAIP-10), `name` and `note`."""

_b = address_book_table.c


@dataclass(frozen=True, slots=True)
class BookEntry:
    """Somebody that a person pays."""

    id: UUID
    account: AccountId
    name: str
    note: str | None
    created_at: datetime


def _entry(row: Row[Any], words: Words) -> BookEntry | None:
    """None: its key is lost, and nobody can read it any more."""
    plain = words.text(_b.entry, row.tenant_id, row.entry)
    if plain is None:
        return None
    opened = orjson.loads(plain)
    return BookEntry(row.id, AccountId.parse(opened["account"]), opened["name"], opened["note"], row.created_at)


def _sealed(tx: Transaction, tenant_id: UUID, account: AccountId, name: str, note: str | None) -> bytes | None:
    plain = orjson.dumps({"account": str(account), "name": name, "note": note}).decode()
    return words_in(tx).sealed(_b.entry, tenant_id, plain)


async def hold_book(tx: Transaction, tenant_id: UUID) -> None:
    """One change at a time, so that the bound on its length holds and no account is in it twice."""
    await lock_for_transaction(tx, "address_book", tenant_id)


async def count(tx: Transaction, tenant_id: UUID) -> int:
    """Also of what cannot be read any more."""
    return int((await tx.execute(select(func.count()).where(_b.tenant_id == tenant_id))).scalar_one())


async def add(
    tx: Transaction, entry_id: UUID, tenant_id: UUID, account: AccountId, name: str, note: str | None
) -> BookEntry:
    """The book is held, and the account is not in it. Raises PersonErased."""
    made_at = (
        await tx.execute(
            insert(address_book_table)
            .values(id=entry_id, tenant_id=tenant_id, entry=_sealed(tx, tenant_id, account, name, note))
            .returning(_b.created_at)
        )
    ).scalar_one()
    return BookEntry(entry_id, account, name, note, made_at)


async def change(tx: Transaction, entry_id: UUID, tenant_id: UUID, name: str, note: str | None) -> BookEntry | None:
    """None when there is no such entry."""
    mine = (_b.id == entry_id) & (_b.tenant_id == tenant_id)
    row = (await tx.execute(select(address_book_table).where(mine).with_for_update())).first()
    known = None if row is None else _entry(row, words_in(tx))
    if known is None:
        return None
    sealed = _sealed(tx, tenant_id, known.account, name, note)
    await tx.execute(update(address_book_table).where(mine).values(entry=sealed))
    return BookEntry(known.id, known.account, name, note, known.created_at)


async def remove(tx: Transaction, entry_id: UUID, tenant_id: UUID) -> bool:
    found = await tx.execute(
        delete(address_book_table).where(_b.id == entry_id, _b.tenant_id == tenant_id).returning(_b.id)
    )
    return found.first() is not None


async def entries_of(tx: Transaction, tenant_id: UUID) -> Sequence[BookEntry]:
    """By name."""
    words = words_in(tx)
    rows = await tx.execute(select(address_book_table).where(_b.tenant_id == tenant_id))
    entries = [entry for row in rows if (entry := _entry(row, words)) is not None]
    return sorted(entries, key=lambda one: (one.name.casefold(), one.id))


async def forget_book(tx: Transaction, tenant_id: UUID) -> None:
    """All of a person."""
    await tx.execute(delete(address_book_table).where(_b.tenant_id == tenant_id))
