"""Forget what a person wrote when contesting a payment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from persistence.database import Transaction
from vouchers.refunds.sql import dispute_table

ERASED_WORDS = "erased"


async def forget_person(tx: Transaction, tenant_id: UUID) -> None:
    """The words go. That a payment was contested, its evidence and how it ended stay with the merchant's books."""
    words = update(dispute_table).where(dispute_table.c.holder_tenant_id == tenant_id)
    await tx.execute(words.values(reason=ERASED_WORDS))


async def words_of(tx: Transaction, tenant_id: UUID) -> list[dict[str, Any]]:
    """What `forget_person` would overwrite, for the person's own copy."""
    columns = [dispute_table.c[name] for name in ("opened_at", "status", "reason", "answer")]
    rows = await tx.execute(select(*columns).where(dispute_table.c.holder_tenant_id == tenant_id))
    return [dict(row._mapping) for row in rows]
