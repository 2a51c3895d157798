"""What retention removes of tables that other folders hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from people.events.sql import event_table
from persistence.database import Transaction


async def forget_events(tx: Transaction, before: datetime) -> int:
    """Remove hints of acts long past; the acts themselves are kept by their parts. How many."""
    gone = await tx.execute(delete(event_table).where(event_table.c.created_at < before))
    return int(gone.rowcount)
