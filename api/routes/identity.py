"""/identity: levels, and documents that a person looks at."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.dependencies import IdentityDep
from api.errors import problems
from api.paging import Page
from api.schemas.people import Decision, IdentityRead, ReviewDocument, ReviewRead, ReviewSubmit, level_word
from api.security import CallingOperator, CallingPerson
from primitives.errors import InvalidValue, NotAuthenticated, NotFound, NotPermitted, PersonErased

router = APIRouter(prefix="/identity", tags=["identity"])


@router.get("", responses=problems(NotAuthenticated))
async def read_identity(caller: CallingPerson, identity: IdentityDep) -> IdentityRead:
    """The caller's level: `wallet`, `email` (verified), or `document` (approved by a person)."""
    level = await identity.level(caller.person_id)
    reviews = await identity.of_person(caller.person_id)
    return IdentityRead(level=level_word(level), reviews=[ReviewRead.of(review) for review in reviews])


@router.post("/reviews", status_code=201, responses=problems(NotAuthenticated, NotPermitted, InvalidValue))
async def submit_document(body: ReviewSubmit, caller: CallingPerson, identity: IdentityDep) -> ReviewRead:
    """Hand in a document. It is sealed, seen by its reviewer only, and gone with the decision."""
    review = await identity.submit(caller.person_id, body.kind, body.media_type, body.content())
    return ReviewRead.of(review)


@router.get("/reviews", responses=problems(NotAuthenticated, NotPermitted))
async def list_waiting_reviews(reviewer: CallingOperator, identity: IdentityDep) -> Page[ReviewRead]:
    """What waits for a reviewer, longest-waiting first; without names and documents."""
    return Page[ReviewRead].whole([ReviewRead.of(review) for review in await identity.waiting()])


@router.get("/reviews/{review_id}", responses=problems(NotAuthenticated, NotPermitted, NotFound, PersonErased))
async def read_review(review_id: UUID, reviewer: CallingOperator, identity: IdentityDep) -> ReviewDocument:
    """One waiting review with its document."""
    return ReviewDocument.whole(await identity.look(review_id))


@router.post("/reviews/{review_id}/decision", responses=problems(NotAuthenticated, NotPermitted, NotFound))
async def decide_review(
    review_id: UUID, body: Decision, reviewer: CallingOperator, identity: IdentityDep
) -> ReviewRead:
    """A person's decision, never about the own document. Software alone never says "verified"."""
    decided = await identity.decide(reviewer.person_id, review_id, approve=body.approve, reason=body.reason)
    return ReviewRead.of(decided)
