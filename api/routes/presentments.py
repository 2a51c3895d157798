"""/presentments: one-time codes that a holder shows at a till."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.dependencies import TillDep
from api.errors import problems
from api.schemas.till import PresentmentCreated, PresentmentRead
from api.security import CallingPerson
from primitives.errors import NotAuthenticated, PresentmentNotFound

router = APIRouter(prefix="/presentments", tags=["orders"])


@router.post("", status_code=201, responses=problems(NotAuthenticated))
async def create_presentment(caller: CallingPerson, till: TillDep) -> PresentmentCreated:
    """A code for a till to scan once, within 60 seconds; `order.pay_prompt` then comes as an event."""
    return PresentmentCreated.of(await till.present(caller.tenant_id))


@router.get("/{presentment_id}", responses=problems(NotAuthenticated, PresentmentNotFound))
async def read_presentment(presentment_id: UUID, caller: CallingPerson, till: TillDep) -> PresentmentRead:
    """The caller's own code, with the order once a till has scanned it."""
    return PresentmentRead.of(await till.presentment(caller.tenant_id, presentment_id))
