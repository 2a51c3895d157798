"""The table of used challenges: a key sees to it that none is used twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Table, delete
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Timestamp

used_challenge_table = Table(
    "used_challenge",
    metadata,
    Column("challenge_hash", LargeBinary, primary_key=True),
    Column("expires_at", Timestamp, nullable=False, index=True),
)


async def use_challenge(tx: Transaction, challenge_hash: bytes, expires_at: datetime) -> bool:
    """Whether it was unused. Waits for another transaction that is using it now."""
    statement = (
        insert(used_challenge_table)
        .values(challenge_hash=challenge_hash, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(used_challenge_table.c.expires_at)
    )
    return (await tx.execute(statement)).first() is not None


async def forget_challenges(tx: Transaction, before: datetime) -> int:
    gone = await tx.execute(delete(used_challenge_table).where(used_challenge_table.c.expires_at < before))
    return int(gone.rowcount)
