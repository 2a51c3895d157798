"""/auth: the second factor beside a password."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import SessionsDep
from api.errors import problems
from api.schemas.second_factor import CodeGiven, RecoveryCodesRead, SecondFactorRead, TotpRead
from api.security import CallingPerson
from primitives.errors import InvalidValue, LoginFailed, NotAuthenticated, NotFound, NotPermitted, TooManyAttempts

router = APIRouter(prefix="/auth", tags=["auth"])


@router.get("/second-factor", responses=problems(NotAuthenticated))
async def read_second_factor(caller: CallingPerson, sessions: SessionsDep) -> SecondFactorRead:
    """Whether a code is asked for, and how many recovery codes are left."""
    return SecondFactorRead.of(await sessions.second_factor.state(caller.person_id))


@router.post("/totp", status_code=201, responses=problems(NotAuthenticated, NotPermitted))
async def set_up_totp(caller: CallingPerson, sessions: SessionsDep) -> TotpRead:
    """A fresh secret for an authenticator app; it counts after `POST /auth/totp/confirm`."""
    return TotpRead.of(await sessions.second_factor.set_up(caller.person_id))


@router.post(
    "/totp/confirm",
    responses=problems(NotAuthenticated, NotPermitted, InvalidValue, LoginFailed, TooManyAttempts),
)
async def confirm_totp(body: CodeGiven, caller: CallingPerson, sessions: SessionsDep) -> RecoveryCodesRead:
    """The app shows the right code: from now on a login asks for it. Answers the recovery codes, this once."""
    return RecoveryCodesRead(codes=await sessions.second_factor.confirm(caller.person_id, body.code))


@router.post(
    "/totp/remove", status_code=204, responses=problems(NotAuthenticated, NotFound, LoginFailed, TooManyAttempts)
)
async def remove_totp(body: CodeGiven, caller: CallingPerson, sessions: SessionsDep) -> None:
    """Stop asking for codes; needs one more of them."""
    await sessions.second_factor.remove(caller.person_id, body.code)


@router.post("/recovery-codes", responses=problems(NotAuthenticated, NotFound, LoginFailed, TooManyAttempts))
async def renew_recovery_codes(body: CodeGiven, caller: CallingPerson, sessions: SessionsDep) -> RecoveryCodesRead:
    """Ten other recovery codes; the older ones end."""
    return RecoveryCodesRead(codes=await sessions.second_factor.renew_recovery_codes(caller.person_id, body.code))
