"""/freezes: accounts that sign nothing, and how they come free."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.dependencies import FreezesDep
from api.errors import problems
from api.paging import Page, Paging
from api.routes.alerts import before, led_by
from api.schemas.alerts import FreezeRead, FreezeRequest, ReleaseAsked, ReleaseRequest
from api.security import CallingPerson
from people.caller import Caller
from people.roles import PlatformRole
from primitives.account_id import AccountId
from primitives.errors import (
    InvalidAddress,
    InvalidValue,
    KeyNotFound,
    LoginFailed,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
)

router = APIRouter(prefix="/freezes", tags=["freezes"])


def _operates(caller: Caller) -> bool:
    return PlatformRole.OPERATOR in caller.platform_roles


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def list_freezes(caller: CallingPerson, freezes: FreezesDep, paging: Paging) -> Page[FreezeRead]:
    """Of the caller and of the organisations that the caller owns or manages, newest first; for operators also those
    whose release waits for a second person."""
    found = await freezes.list(
        led_by(caller), asked_too=_operates(caller), before=before(paging), limit=paging.limit + 1
    )
    return paging.page(found, FreezeRead.of, lambda one: (one.frozen_at.isoformat(), str(one.id)))


@router.post(
    "", status_code=201, responses=problems(NotAuthenticated, NotFound, KeyNotFound, InvalidValue, InvalidAddress)
)
async def freeze_account(body: FreezeRequest, caller: CallingPerson, freezes: FreezesDep) -> FreezeRead:
    """Keep an own account, or all of them, from signing: at once, and without further questions.

    What is on a chain already goes on. The way back takes a second factor that is in use now, or a second person.
    """
    tenant_id = body.organisation_id or caller.tenant_id
    if tenant_id not in led_by(caller):
        raise NotFound("no such organisation")
    account = None if body.account is None else AccountId.parse(body.account)
    return FreezeRead.of(await freezes.freeze(tenant_id, account, body.reason, caller.person_id))


@router.get("/{freeze_id}", responses=problems(NotAuthenticated, NotFound))
async def read_freeze(freeze_id: UUID, caller: CallingPerson, freezes: FreezesDep) -> FreezeRead:
    """One of them."""
    return FreezeRead.of(await freezes.get(led_by(caller), freeze_id, operator=_operates(caller)))


@router.post(
    "/{freeze_id}/release",
    responses=problems(NotAuthenticated, NotFound, NotPermitted, InvalidValue, LoginFailed, TooManyAttempts),
)
async def release_freeze(
    body: ReleaseRequest, freeze_id: UUID, caller: CallingPerson, freezes: FreezesDep
) -> FreezeRead:
    """End it with a code of a second factor that was in use before the freeze."""
    return FreezeRead.of(
        await freezes.release_by_code(led_by(caller), freeze_id, caller.person_id, body.code, body.reason)
    )


@router.post("/{freeze_id}/ask-release", responses=problems(NotAuthenticated, NotFound, InvalidValue))
async def ask_for_release(
    body: ReleaseAsked, freeze_id: UUID, caller: CallingPerson, freezes: FreezesDep
) -> FreezeRead:
    """Ask a second person to agree: another owner or manager of the organisation, or an operator."""
    return FreezeRead.of(await freezes.ask_release(led_by(caller), freeze_id, caller.person_id, body.reason))


@router.post("/{freeze_id}/agree", responses=problems(NotAuthenticated, NotFound, NotPermitted))
async def agree_to_release(freeze_id: UUID, caller: CallingPerson, freezes: FreezesDep) -> FreezeRead:
    """The second person's word ends it; never the word of whoever asked, nor of the person whose accounts they are."""
    return FreezeRead.of(
        await freezes.agree_to_release(led_by(caller), freeze_id, caller.person_id, operator=_operates(caller))
    )
