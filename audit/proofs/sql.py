"""Bundles as they were built first: a node may forget the block later.

A bundle holds chain facts and public documents only and is found by redemption, so its rows have no tenant; who may
ask for one is decided by `audit.access`.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Text, Timestamp

proof_bundle_table = Table(
    "proof_bundle",
    metadata,
    Column("redemption_id", LargeBinary, primary_key=True),
    Column("tx_hash", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("built_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("octet_length(redemption_id) = 32 AND octet_length(digest) = 32", name="lengths"),
)


async def store_bundle(tx: Transaction, redemption_id: bytes, tx_hash: str, digest: bytes, body: bytes) -> None:
    """Keep the first bundle of a redemption; another one later is left out."""
    await tx.execute(
        insert(proof_bundle_table)
        .values(redemption_id=redemption_id, tx_hash=tx_hash, digest=digest, body=body)
        .on_conflict_do_nothing()
    )


async def stored_bundle(tx: Transaction, redemption_id: bytes, tx_hash: str) -> bytes | None:
    found: bytes | None = (
        await tx.execute(
            select(proof_bundle_table.c.body).where(
                proof_bundle_table.c.redemption_id == redemption_id, proof_bundle_table.c.tx_hash == tx_hash
            )
        )
    ).scalar_one_or_none()
    return found


_FINAL_WITHOUT_BUNDLE = text(
    """
    SELECT e.chain, e.height, e.redemption_id FROM ledger_entry e
    JOIN ledger_cursor c ON c.chain = e.chain AND e.height <= c.final_height
    LEFT JOIN proof_bundle p ON p.redemption_id = e.redemption_id AND p.tx_hash = e.tx_hash
    WHERE e.kind IN ('redeemed', 'spent') AND e.observation % 2 = 0 AND p.redemption_id IS NULL
      AND e.chain = :chain AND e.height > :above
    ORDER BY e.height LIMIT :most
    """
)


async def final_without_bundle(tx: Transaction, chain: str, above: int, most: int) -> list[tuple[int, bytes]]:
    """Height and redemption id of final redemptions of which no bundle is kept, oldest first."""
    rows = await tx.execute(_FINAL_WITHOUT_BUNDLE, {"chain": chain, "above": above, "most": most})
    return [(row.height, bytes(row.redemption_id)) for row in rows]
