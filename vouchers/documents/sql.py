"""The store of canonical documents."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Text, Timestamp
from primitives.errors import NotFound
from primitives.hashing import keccak256

document_table = Table(
    "document",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("schema", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("octet_length(hash) = 32", name="hash_length"),
)


async def store_document(tx: Transaction, schema: str, body: bytes) -> bytes:
    """Keep canonical bytes and return their hash (32 bytes); the same bytes twice are one row."""
    digest = keccak256(body)
    await tx.execute(insert(document_table).values(hash=digest, schema=schema, body=body).on_conflict_do_nothing())
    return digest


async def document_body(tx: Transaction, digest: bytes) -> bytes:
    """Raises NotFound when nothing with this hash was ever stored."""
    found: bytes | None = (
        await tx.execute(select(document_table.c.body).where(document_table.c.hash == digest))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"no document has the hash {digest.hex()}", hash=digest.hex())
    return found
