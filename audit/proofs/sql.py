"""Bundles as they were built first: a node may forget the block later.

A bundle holds chain facts and public documents only and is found by redemption, so its rows have no tenant; who may
ask for one is decided by `audit.access`.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, func, select
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
