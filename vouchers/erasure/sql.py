"""Forget what a person wrote when contesting a payment."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from persistence.database import Transaction
from vouchers.refunds.sql import dispute_table

ERASED_WORDS = "erased"


async def forget_person(tx: Transaction, tenant_id: UUID) -> None:
    """The words go. That a payment was contested, its evidence and how it ended stay with the merchant's books."""
    words = update(dispute_table).where(dispute_table.c.holder_tenant_id == tenant_id)
    await tx.execute(words.values(reason=ERASED_WORDS))
