"""/alerts: what the risk rules told, and the owner's word on it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import RiskDep
from api.errors import problems
from api.paging import Page, PageRequest, Paging
from api.schemas.alerts import AlertRead, OverrideRequest, ScoreRead
from api.security import CallingPerson
from people.caller import Caller
from people.roles import MemberRole
from primitives.errors import (
    InvalidValue,
    LoginFailed,
    NotAuthenticated,
    NotFound,
    SecondFactorRequired,
    TooManyAttempts,
)

router = APIRouter(prefix="/alerts", tags=["alerts"])

_LEADING = (MemberRole.OWNER, MemberRole.MANAGER)


def led_by(caller: Caller) -> frozenset[UUID]:
    """The person, and the organisations in which the person may decide."""
    return frozenset((caller.tenant_id, *(one for one, role in caller.memberships.items() if role in _LEADING)))


def before(paging: PageRequest) -> tuple[datetime, UUID] | None:
    """The sort key of both lists. Raises InvalidValue."""
    after = paging.after(str, str)
    if after is None:
        return None
    try:
        moment, row = datetime.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
    if moment.tzinfo is None:
        raise InvalidValue("this is not a cursor of this list")
    return moment, row


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def list_alerts(
    caller: CallingPerson,
    risk: RiskDep,
    paging: Paging,
    unread: Annotated[bool, Query(description="Only those that nobody has acknowledged")] = False,
) -> Page[AlertRead]:
    """Of the caller and of the organisations that the caller owns or manages, newest first."""
    found = await risk.list(led_by(caller), unread=unread, before=before(paging), limit=paging.limit + 1)
    return paging.page(found, AlertRead.of, lambda one: (one.created_at.isoformat(), str(one.id)))


@router.get("/scores/{subject_id}", responses=problems(NotAuthenticated, NotFound))
async def read_score(subject_id: UUID, caller: CallingPerson, risk: RiskDep) -> ScoreRead:
    """How a payment, or a dApp's signature, was scored before it was signed; 404 where no rule held."""
    return ScoreRead.of(await risk.decision(led_by(caller), subject_id))


@router.get("/{alert_id}", responses=problems(NotAuthenticated, NotFound))
async def read_alert(alert_id: UUID, caller: CallingPerson, risk: RiskDep) -> AlertRead:
    """One of them with its evidence and its overrides."""
    return AlertRead.of(await risk.get(led_by(caller), alert_id))


@router.post("/{alert_id}/acknowledge", responses=problems(NotAuthenticated, NotFound))
async def acknowledge_alert(alert_id: UUID, caller: CallingPerson, risk: RiskDep) -> AlertRead:
    """It was read; who was first stays."""
    return AlertRead.of(await risk.acknowledge(led_by(caller), alert_id, caller.person_id))


@router.post(
    "/{alert_id}/override",
    responses=problems(NotAuthenticated, NotFound, InvalidValue, SecondFactorRequired, LoginFailed, TooManyAttempts),
)
async def override_alert(body: OverrideRequest, alert_id: UUID, caller: CallingPerson, risk: RiskDep) -> AlertRead:
    """It is all right, and why: kept for ever. For a day the same act is not stopped by these rules; ask for it again.

    A freeze stays until it is released.
    """
    return AlertRead.of(await risk.override(led_by(caller), alert_id, caller.person_id, body.reason, body.code))
