"""Forget what a person wrote down that is not sealed in a column of words, and what dApps asked of the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select

from persistence.database import Transaction
from persistence.words import is_words, words_in
from wallets.accounts.sql import address_table
from wallets.activity.sql import forget_notes
from wallets.address_book.sql import forget_book
from wallets.dapps.sql import request_table
from wallets.freeze.sql import freeze_table
from wallets.risk.sql import override_table
from wallets.spending.sql import forget_budgets

_OWN: Mapping[str, tuple[Table, Sequence[str]]] = {
    "addresses": (address_table, ("network", "address", "label")),
    "freezes": (freeze_table, ("frozen_at", "reason", "release_reason")),
    "overrides": (override_table, ("created_at", "reason")),
}


async def words_of(tx: Transaction, tenant_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What the person wrote here, for the person's own copy; accounts, address book and notes are in it elsewhere."""
    words = words_in(tx)
    found = {}
    for name, (table, columns) in _OWN.items():
        chosen = {each: table.c[each] for each in columns}
        rows = await tx.execute(select(*chosen.values()).where(table.c.tenant_id == tenant_id))
        found[name] = [
            {
                each: words.text(column, tenant_id, value) if is_words(column) else value
                for (each, column), value in zip(chosen.items(), row, strict=True)
            }
            for row in rows
        ]
    return found


async def forget_person(tx: Transaction, tenant_id: UUID) -> None:
    """Accounts and payments stay: chains and books point to them, and they hold no personal data. Labels and reasons
    went with the person's key."""
    await tx.execute(delete(request_table).where(request_table.c.tenant_id == tenant_id))
    await forget_notes(tx, tenant_id)
    await forget_book(tx, tenant_id)
    await forget_budgets(tx, tenant_id)
