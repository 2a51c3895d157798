"""The table of reviews. A document is sealed, and emptied when it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Row, Table, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from people.identity.model import ReviewStatus
from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Text, Timestamp, Uuid

review_table = Table(
    "identity_review",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("document", LargeBinary),
    Column("reason", LargeBinary),
    Column("submitted_at", Timestamp, nullable=False),
    Column("decided_at", Timestamp),
    Column("reviewer_id", Uuid),
    CheckConstraint("status IN ('submitted', 'approved', 'refused')", name="status"),
    # A person decides, and never about the own document.
    CheckConstraint(
        "(status = 'submitted') = (reviewer_id IS NULL) AND reviewer_id IS DISTINCT FROM tenant_id", name="reviewer"
    ),
    Index("uq_identity_review_open", "tenant_id", unique=True, postgresql_where=text("status = 'submitted'")),
)


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review as stored; `document` and `reason` are sealed."""

    id: UUID
    person_id: UUID
    kind: str
    media_type: str
    status: ReviewStatus
    document: bytes | None
    reason: bytes | None
    submitted_at: datetime
    decided_at: datetime | None


def _review(row: Row[Any]) -> StoredReview:
    return StoredReview(
        row.id,
        row.tenant_id,
        row.kind,
        row.media_type,
        ReviewStatus(row.status),
        row.document,
        row.reason,
        row.submitted_at,
        row.decided_at,
    )


async def insert_review(tx: Transaction, review: StoredReview) -> bool:
    """Whether it was stored; False: one is waiting already."""
    statement = (
        insert(review_table)
        .values(
            id=review.id,
            tenant_id=review.person_id,
            kind=review.kind,
            media_type=review.media_type,
            status=review.status.value,
            document=review.document,
            submitted_at=review.submitted_at,
        )
        .on_conflict_do_nothing()
        .returning(review_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def reviews_of(tx: Transaction, person_id: UUID) -> Sequence[StoredReview]:
    """Newest first."""
    statement = (
        select(review_table)
        .where(review_table.c.tenant_id == person_id)
        .order_by(review_table.c.submitted_at.desc(), review_table.c.id)
    )
    return [_review(row) for row in await tx.execute(statement)]


async def waiting_reviews(tx: Transaction, limit: int) -> Sequence[StoredReview]:
    """Longest-waiting first."""
    statement = (
        select(review_table)
        .where(review_table.c.status == ReviewStatus.SUBMITTED.value)
        .order_by(review_table.c.submitted_at, review_table.c.id)
        .limit(limit)
    )
    return [_review(row) for row in await tx.execute(statement)]


async def review_by_id(tx: Transaction, review_id: UUID, *, lock: bool = False) -> StoredReview | None:
    statement = select(review_table).where(review_table.c.id == review_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _review(row)


async def decide(
    tx: Transaction, review_id: UUID, status: ReviewStatus, reason: bytes, reviewer_id: UUID, now: datetime
) -> None:
    """The document has served its purpose: it goes with the decision."""
    await tx.execute(
        update(review_table)
        .where(review_table.c.id == review_id)
        .values(status=status.value, reason=reason, reviewer_id=reviewer_id, decided_at=now, document=None)
    )


async def is_approved(tx: Transaction, person_id: UUID) -> bool:
    """Whether the newest decision about the person is an approval."""
    statement = (
        select(review_table.c.status)
        .where(review_table.c.tenant_id == person_id, review_table.c.decided_at.is_not(None))
        .order_by(review_table.c.decided_at.desc())
        .limit(1)
    )
    return (await tx.execute(statement)).scalar_one_or_none() == ReviewStatus.APPROVED.value


async def forget_documents(tx: Transaction, before: datetime) -> int:
    """Refuse nothing, keep nothing: documents that nobody looked at for so long are emptied; how many."""
    gone = await tx.execute(
        delete(review_table).where(
            review_table.c.status == ReviewStatus.SUBMITTED.value, review_table.c.submitted_at < before
        )
    )
    return int(gone.rowcount)


async def forget_reviews_of(tx: Transaction, person_id: UUID) -> None:
    await tx.execute(delete(review_table).where(review_table.c.tenant_id == person_id))
