"""Forget the devices that open a person's wallets."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from keystore.unlocking.sql import unlock_key_table
from persistence.database import Transaction


async def forget_person(tx: Transaction, tenant_id: UUID) -> None:
    """Sealed keys stay as they are: they open by the passphrase only, and hold no personal data. Labels go with the
    person's key (`persistence.words`)."""
    await tx.execute(delete(unlock_key_table).where(unlock_key_table.c.tenant_id == tenant_id))
