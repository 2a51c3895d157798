"""What a person wrote when contesting payments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from persistence.database import Transaction
from persistence.words import words_in
from vouchers.refunds.sql import dispute_table


async def words_of(tx: Transaction, tenant_id: UUID) -> list[dict[str, Any]]:
    """For the person's own copy. That a payment was contested, its evidence and how it ended stay with the merchant's
    books when the words go."""
    d, words = dispute_table.c, words_in(tx)
    columns = (d.opened_at, d.status, d.reason, d.answer)
    rows = await tx.execute(select(*columns).where(d.holder_tenant_id == tenant_id).order_by(d.opened_at))
    return [
        {
            "opened_at": row.opened_at,
            "status": row.status,
            "reason": words.text(d.reason, tenant_id, row.reason),
            "answer": words.text(d.answer, tenant_id, row.answer),
        }
        for row in rows
    ]
