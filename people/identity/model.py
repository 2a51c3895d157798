"""The levels, and one review."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

MAX_DOCUMENT_BYTES = 640 * 1024
MEDIA_TYPES = ("image/jpeg", "image/png", "application/pdf")


class IdentityLevel(IntEnum):
    """How much is known of somebody. Only a person's decision gives the highest."""

    WALLET = 0
    EMAIL = 1
    DOCUMENT = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class ReviewStatus(StrEnum):
    """Where a review stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Review:
    """One document handed in. `document` is there until the decision and for its reviewer only."""

    id: UUID
    person_id: UUID
    kind: str
    media_type: str
    status: ReviewStatus
    submitted_at: datetime
    decided_at: datetime | None
    reason: str | None = field(repr=False)
    document: bytes | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
