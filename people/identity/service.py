"""Hand in a document, have a person look at it, and ask for a level."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from uuid import UUID, uuid4

from people.events import publish
from people.identity import sql
from people.identity.model import MAX_DOCUMENT_BYTES, MEDIA_TYPES, IdentityLevel, Review, ReviewStatus
from people.persons.profile import open_profile
from people.persons.sql import person_by_id
from people.privacy.personal_data import PersonalData
from persistence.database import Database, Transaction
from primitives.clock import Clock, SystemClock
from primitives.errors import IdentityLevelTooLow, InvalidValue, NotFound, NotPermitted, PersonErased

_DOCUMENT = "identity.document"
_REASON = "identity.reason"
_QUEUE = 100


class Identity:
    """Levels of persons. Nothing here can approve anybody without a reviewer's id, and not one's own."""

    def __init__(self, database: Database, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._database = database
        self._data = data
        self._clock = clock or SystemClock()

    async def level(self, person_id: UUID) -> IdentityLevel:
        """The person's level now."""
        async with self._database.transaction() as tx:
            return await level_of(tx, person_id)

    async def submit(self, person_id: UUID, kind: str, media_type: str, document: bytes) -> Review:
        """Hand in a document; it is sealed, seen by one reviewer, and emptied with the decision.

        Raises:
            InvalidValue: Empty, above 640 KiB, or not of its media type.
            NotPermitted: One is waiting already, or the person is approved.
        """
        if not 0 < len(document) <= MAX_DOCUMENT_BYTES:
            raise InvalidValue(f"a document has 1 to {MAX_DOCUMENT_BYTES} bytes")
        if media_type not in MEDIA_TYPES or not _looks_like(media_type, document):
            raise InvalidValue(f"a document is one of {', '.join(MEDIA_TYPES)}")
        sealed = self._data.seal(person_id, _DOCUMENT, {"content": base64.b64encode(document).decode()})
        stored = sql.StoredReview(
            uuid4(), person_id, kind, media_type, ReviewStatus.SUBMITTED, sealed, None, self._clock.now(), None
        )
        async with self._database.transaction() as tx:
            if await sql.is_approved(tx, person_id):
                raise NotPermitted("your document was approved already", rule="approved")
            if not await sql.insert_review(tx, stored):
                raise NotPermitted("a document of yours is waiting for its review", rule="waiting")
        return self._shown(stored)

    async def of_person(self, person_id: UUID) -> Sequence[Review]:
        """The person's own reviews, newest first, without documents."""
        async with self._database.transaction() as tx:
            found = await sql.reviews_of(tx, person_id)
        return [self._shown(stored) for stored in found]

    async def waiting(self) -> Sequence[Review]:
        """What waits for a reviewer, without documents and names."""
        async with self._database.transaction() as tx:
            found = await sql.waiting_reviews(tx, _QUEUE)
        return [self._shown(stored) for stored in found]

    async def look(self, review_id: UUID) -> Review:
        """A waiting review with document and name, for its reviewer. Raises NotFound, PersonErased."""
        async with self._database.transaction() as tx:
            stored = await sql.review_by_id(tx, review_id)
            person = None if stored is None else await person_by_id(tx, stored.person_id)
        if stored is None or person is None or stored.status is not ReviewStatus.SUBMITTED:
            raise NotFound("no such review is waiting")
        opened = self._data.open(stored.person_id, _DOCUMENT, stored.document)
        review = self._shown(stored)
        return Review(
            review.id,
            review.person_id,
            review.kind,
            review.media_type,
            review.status,
            review.submitted_at,
            review.decided_at,
            review.reason,
            base64.b64decode(str(opened["content"])),
            open_profile(self._data, person.id, person.profile).display_name,
        )

    async def decide(self, reviewer_id: UUID, review_id: UUID, *, approve: bool, reason: str) -> Review:
        """A person's decision, with a reason that the other reads.

        Raises:
            NotFound: None such is waiting.
            NotPermitted: One's own document.
        """
        status = ReviewStatus.APPROVED if approve else ReviewStatus.REFUSED
        async with self._database.transaction() as tx:
            stored = await sql.review_by_id(tx, review_id, lock=True)
            if stored is None or stored.status is not ReviewStatus.SUBMITTED:
                raise NotFound("no such review is waiting")
            if stored.person_id == reviewer_id:
                raise NotPermitted("nobody decides about the own document", rule="own_document")
            sealed = self._data.seal(stored.person_id, _REASON, {"text": reason})
            await sql.decide(tx, review_id, status, sealed, reviewer_id, self._clock.now())
            await publish(
                tx, stored.person_id, "identity.decided", {"review_id": str(review_id), "status": status.value}
            )
            decided = await sql.review_by_id(tx, review_id)
        assert decided is not None
        return self._shown(decided)

    def _shown(self, stored: sql.StoredReview) -> Review:
        reason = None
        if stored.reason is not None:
            try:
                reason = str(self._data.open(stored.person_id, _REASON, stored.reason)["text"])
            except PersonErased:
                reason = None
        return Review(
            stored.id,
            stored.person_id,
            stored.kind,
            stored.media_type,
            stored.status,
            stored.submitted_at,
            stored.decided_at,
            reason,
        )


async def level_of(tx: Transaction, person_id: UUID) -> IdentityLevel:
    """The level, in the transaction of the act that asks for it."""
    row = await person_by_id(tx, person_id)
    if row is None or row.erased_at is not None:
        return IdentityLevel.WALLET
    if await sql.is_approved(tx, person_id):
        return IdentityLevel.DOCUMENT
    return IdentityLevel.EMAIL if row.email_verified_at is not None else IdentityLevel.WALLET


async def require_level(tx: Transaction, person_id: UUID, needed: IdentityLevel) -> None:
    """For acts that a campaign opens to known people only. Raises IdentityLevelTooLow."""
    have = await level_of(tx, person_id)
    if have < needed:
        raise IdentityLevelTooLow(
            f"this needs the identity level {needed.word}; yours is {have.word}", needed=needed.word, have=have.word
        )


def _looks_like(media_type: str, document: bytes) -> bool:
    heads = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "application/pdf": b"%PDF-"}
    return document.startswith(heads[media_type])
