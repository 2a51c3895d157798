"""Forget a person's own words: labels, notes, address book, budgets, reasons; and what dApps asked of the person."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, update

from persistence.database import Transaction
from wallets.accounts.sql import account_table, address_table
from wallets.activity.sql import forget_notes
from wallets.address_book.sql import forget_book
from wallets.dapps.sql import request_table
from wallets.freeze.sql import freeze_table
from wallets.risk.sql import override_table
from wallets.spending.sql import forget_budgets

ERASED_LABEL = "erased"
ERASED_WORDS = "erased"


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
