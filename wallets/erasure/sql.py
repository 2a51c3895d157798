"""Forget a person's own words: labels, notes, address book, budgets, reasons; and what dApps asked of the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select, update

from persistence.database import Transaction
from wallets.accounts.sql import account_table, address_table
from wallets.activity.sql import forget_notes, note_table
from wallets.address_book.sql import address_book_table, forget_book
from wallets.dapps.sql import request_table
from wallets.freeze.sql import freeze_table
from wallets.risk.sql import override_table
from wallets.spending.sql import forget_budgets, spending_budget_table

ERASED_LABEL = "erased"
ERASED_WORDS = "erased"

_OWN: Mapping[str, tuple[Table, Sequence[str]]] = {
    "addresses": (address_table, ("network", "address", "label")),
    "address_book": (address_book_table, ("chain", "address", "name", "note")),
    "notes": (note_table, ("entry_id", "note")),
    "budgets": (spending_budget_table, ("currency", "category", "month_minor")),
    "freezes": (freeze_table, ("frozen_at", "reason", "release_reason")),
    "overrides": (override_table, ("created_at", "reason")),
}


async def words_of(tx: Transaction, tenant_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What `forget_person` would remove or overwrite, for the person's own copy."""
    found = {}
    for name, (table, columns) in _OWN.items():
        rows = await tx.execute(select(*(table.c[each] for each in columns)).where(table.c.tenant_id == tenant_id))
        found[name] = [dict(row._mapping) for row in rows]
    return found


async def forget_person(tx: Transaction, tenant_id: UUID) -> None:
    """Accounts and payments stay: chains and books point to them, and they hold no personal data."""
    for table in (account_table, address_table):
        await tx.execute(update(table).where(table.c.tenant_id == tenant_id).values(label=ERASED_LABEL))
    await tx.execute(delete(request_table).where(request_table.c.tenant_id == tenant_id))
    for table, column in (
        (freeze_table, freeze_table.c.reason),
        (freeze_table, freeze_table.c.release_reason),
        (override_table, override_table.c.reason),
    ):
        own = (table.c.tenant_id == tenant_id) & column.is_not(None)
        await tx.execute(update(table).where(own).values({column: ERASED_WORDS}))
    await forget_notes(tx, tenant_id)
    await forget_book(tx, tenant_id)
    await forget_budgets(tx, tenant_id)
