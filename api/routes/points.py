"""/points: a shop's programmes and books, a holder's points and their statement."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query

from api.auditing import Auditing
from api.dependencies import IdempotencyKey, PointsDep, service
from api.errors import problems
from api.paging import Page
from api.schemas.points import (
    PointsAttestation,
    PointsRead,
    PointsReport,
    PointsStatement,
    ProgrammeBody,
    ProgrammeRead,
)
from api.security import AnyMember, CallingPerson, Manager
from audit.proofs.bundle import ATTESTATION_TAG
from codec.canonical_json import encode_canonical
from primitives.errors import IdempotencyConflict, InvalidTerms, NotAuthenticated, NotFound, NotPermitted
from primitives.voucher_id import CampaignId

router = APIRouter(prefix="/points", tags=["points"])


@router.get("", responses=problems(NotAuthenticated))
async def list_points(caller: CallingPerson, points: PointsDep) -> Page[PointsRead]:
    """The caller's points of every shop, with what expires when."""
    return Page[PointsRead].whole([PointsRead.of(held) for held in await points.held_by(caller.tenant_id)])


@router.post(
    "/programmes",
    status_code=201,
    responses=problems(NotAuthenticated, NotPermitted, NotFound, InvalidTerms, IdempotencyConflict),
)
async def open_programme(body: ProgrammeBody, member: Manager, key: IdempotencyKey, points: PointsDep) -> ProgrammeRead:
    """Begin a points programme: from now on final payments earn."""
    opened = await points.open(
        member.tenant_id, body.to_domain(), created_by=member.caller.person_id, idempotency_key=key
    )
    return ProgrammeRead.of(opened)


@router.get("/programmes", responses=problems(NotAuthenticated, NotFound))
async def list_programmes(member: AnyMember, points: PointsDep) -> Page[ProgrammeRead]:
    """The organisation's programmes, oldest first."""
    found = await points.programmes(member.tenant_id)
    return Page[ProgrammeRead].whole([ProgrammeRead.of(programme) for programme in found])


@router.get("/programmes/{programme_id}", responses=problems(NotAuthenticated, NotFound))
async def read_programme(programme_id: str, member: AnyMember, points: PointsDep) -> PointsReport:
    """A programme with its books: earned, spent, expired, and what is outstanding."""
    return PointsReport.of(*await points.report(member.tenant_id, CampaignId.parse(programme_id)))


@router.post("/programmes/{programme_id}/close", responses=problems(NotAuthenticated, NotPermitted, NotFound))
async def close_programme(programme_id: str, member: Manager, points: PointsDep) -> ProgrammeRead:
    """Nothing more is earned; what was earned is spent until it expires."""
    return ProgrammeRead.of(await points.close(member.tenant_id, CampaignId.parse(programme_id)))


@router.get("/{programme_id}/statement", responses=problems(NotAuthenticated, NotFound))
async def read_statement(
    programme_id: str,
    caller: CallingPerson,
    points: PointsDep,
    auditing: Annotated[Auditing, service("auditing")],
    after: Annotated[int, Query(ge=0, lt=2**31, description="Number of the last entry seen")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
) -> PointsStatement:
    """What happened to the caller's points of one programme; each entry carries the hash of the one before, and the
    newest is signed for by this installation."""
    held, entries = await points.statement(caller.tenant_id, CampaignId.parse(programme_id), after=after, limit=limit)
    said = PointsAttestation.statement_of(held, int(time.time()))
    attester = auditing.attester
    signature = await attester.attest(ATTESTATION_TAG + encode_canonical(said))
    signed = PointsAttestation(key=attester.public_key.hex(), statement=said, signature=signature.hex())
    return PointsStatement.of(held, list(entries), signed)
