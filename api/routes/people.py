"""/people/me: what is kept about the caller, and the security check-up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Response

from api.check_up import CheckUp, tip_of
from api.dependencies import (
    AllServices,
    ErasureDep,
    InChinese,
    PersonExportDep,
    PersonsDep,
    SessionsDep,
    UnlockedSessionsDep,
)
from api.errors import problems
from api.schemas.auth import PersonRead
from api.schemas.people import CheckItemRead, CheckUpRead, Erase, PersonDataRead, Rename
from api.security import SESSION_COOKIE, CallingPerson
from api.version import VERSION
from people.sessions.attempts import password_bounds
from primitives.errors import LoginFailed, NotAuthenticated, NotPermitted, TooManyAttempts

router = APIRouter(prefix="/people/me", tags=["people"])


@router.patch("", responses=problems(NotAuthenticated))
async def rename_me(body: Rename, caller: CallingPerson, persons: PersonsDep) -> PersonRead:
    """Change the name that members of the caller's organisations see."""
    return PersonRead.of(await persons.rename(caller.person_id, body.display_name))


@router.get("/export", responses=problems(NotAuthenticated))
async def export_me(caller: CallingPerson, export: PersonExportDep, response: Response) -> PersonDataRead:
    """Everything that is kept about the caller, in one answer; nothing of it is stored."""
    response.headers["Content-Disposition"] = 'attachment; filename="quanbao-my-data.json"'
    return PersonDataRead(data=orjson.loads(orjson.dumps(await export.of(caller.person_id), default=_plain)))


@router.post(
    "/erase", status_code=204, responses=problems(NotAuthenticated, NotPermitted, LoginFailed, TooManyAttempts)
)
async def erase_me(
    body: Erase,
    caller: CallingPerson,
    response: Response,
    persons: PersonsDep,
    sessions: SessionsDep,
    erasure: ErasureDep,
    unlocked: UnlockedSessionsDep,
) -> None:
    """Erase the caller's personal data for good, and end every way in.

    What the chains say stays; proofs of vouchers go on to verify. Keys in the keystore cannot be reached any more:
    have your words before.
    """
    bounds = password_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    await persons.require_password(caller.person_id, body.password.get_secret_value())
    await sessions.attempts.succeeded(bounds)
    open_sessions = [session.id for session in await sessions.list(caller.person_id)]
    await erasure.erase(caller.person_id)
    if unlocked:
        for session_id in open_sessions:
            unlocked.lock_session(session_id)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")


@router.get("/check-up", responses=problems(NotAuthenticated))
async def check_up(caller: CallingPerson, services: AllServices, in_chinese: InChinese) -> CheckUpRead:
    """What to mend: backup, second factor, devices, e-mail, passphrase, approvals, limits, version."""
    items = await CheckUp(services, VERSION).of(caller.person_id)
    tip = tip_of(items)
    return CheckUpRead(
        items=[CheckItemRead.of(item, chinese=in_chinese) for item in items],
        tip=None if tip is None else CheckItemRead.of(tip, chinese=in_chinese),
    )


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)
