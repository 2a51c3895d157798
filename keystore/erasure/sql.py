"""Forget a person's words about the person's own wallets, and the devices that open them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, update

from keystore.sql import wallet_table
from keystore.unlocking.sql import unlock_key_table
from persistence.database import Transaction

ERASED_LABEL = "erased"


async def forget_person(tx: Transaction, tenant_id: UUID) -> None:
    """Labels go. Sealed keys stay as they are: they open by the passphrase only, and hold no personal data."""
    await tx.execute(update(wallet_table).where(wallet_table.c.tenant_id == tenant_id).values(label=ERASED_LABEL))
    await tx.execute(delete(unlock_key_table).where(unlock_key_table.c.tenant_id == tenant_id))
