"""/auth: registration, sessions, and the lock of the caller's keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from api.dependencies import (
    AllServices,
    ClientAddress,
    KeystoreDep,
    LoginLinksDep,
    MailboxesDep,
    PersonsDep,
    RegistrationDep,
    SessionsDep,
    UnlockedSessionsDep,
)
from api.errors import problems
from api.paging import Page
from api.schemas.auth import (
    Login,
    Me,
    MembershipRead,
    Passphrase,
    PassphraseChange,
    PasswordChange,
    PersonRead,
    Registration,
    RegistrationBegun,
    SessionOpened,
    SessionRead,
    Token,
    UnlockRead,
)
from api.security import PUBLIC, SESSION_COOKIE, CallingPerson, CurrentSession, from_loopback
from api.session_cookie import opened, set_cookie
from people.sessions.attempts import one_time_bounds, password_bounds, registration_bounds, unlock_bounds
from primitives.errors import (
    InvalidValue,
    KeyNotFound,
    LoginFailed,
    MissingPart,
    NotAuthenticated,
    NotFound,
    OneTimeUsed,
    SecondFactorRequired,
    TooManyAttempts,
    WrongPassphrase,
)

router = APIRouter(prefix="/auth", tags=["auth"])

UNLOCK_TTL = timedelta(minutes=15)


@router.post("/register", status_code=202, dependencies=[PUBLIC], responses=problems(InvalidValue, TooManyAttempts))
async def register(
    body: Registration,
    request: Request,
    address: ClientAddress,
    registration: RegistrationDep,
    sessions: SessionsDep,
) -> RegistrationBegun:
    """Register a person. The answer and the work are the same whether the address is new or has an account.

    `look_into_your_mail`: the mail says what follows, and nobody logs in before its code is sent to
    `/auth/email/verify`. `log_in`: a new address has an account now; where there was one, nothing has changed, and only
    its own password opens it.
    """
    bounds = () if registration.by_mail or from_loopback(request) else registration_bounds(address)
    await sessions.attempts.begin(bounds)
    try:
        await registration.register(body.email, body.password.get_secret_value(), body.display_name)
    except InvalidValue:
        await sessions.attempts.succeeded(bounds)
        raise
    return RegistrationBegun(next="look_into_your_mail" if registration.by_mail else "log_in")


@router.post("/login", dependencies=[PUBLIC], responses=problems(LoginFailed, SecondFactorRequired, TooManyAttempts))
async def login(
    body: Login, request: Request, response: Response, address: ClientAddress, sessions: SessionsDep
) -> SessionOpened:
    """Open a session. An unknown account and a wrong password get the same answer after the same work.

    Who uses a second factor sends its `code` too; a right password without it is 401 `second_factor_required`.
    """
    token, session = await sessions.login(
        body.email, body.password.get_secret_value(), address=address, device=body.device, code=body.code
    )
    return opened(request, response, token, session, transport=body.transport)


@router.get(
    "/link",
    status_code=303,
    response_class=RedirectResponse,
    dependencies=[PUBLIC],
    responses=problems(LoginFailed, NotFound, TooManyAttempts),
)
async def open_link(
    request: Request,
    secret: Annotated[str, Query(min_length=22, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")],
    address: ClientAddress,
    services: AllServices,
    links: LoginLinksDep,
) -> RedirectResponse:
    """Use up a one-time login link of the demo: sets the session cookie and leads to the page of its role.

    Works on this machine only, and only where the demo runs.
    """
    if not services.demo or not from_loopback(request):
        raise NotFound("nothing has this address")
    token, session, destination = await links.use(secret, address=address, device="demo link")
    answer = RedirectResponse(destination, status_code=303)
    set_cookie(request, answer, token, session.expires_at - session.created_at)
    return answer


@router.post("/refresh", responses=problems(NotAuthenticated))
async def refresh(
    caller: CallingPerson,
    session: CurrentSession,
    request: Request,
    response: Response,
    sessions: SessionsDep,
    unlocked: UnlockedSessionsDep,
) -> SessionOpened:
    """Exchange the session's token for a new one with a full lifetime; the old token ends at once."""
    fresh, expires_at = await sessions.refresh(caller, session.token)
    if unlocked:
        unlocked.move(session.token, fresh)
    if session.by_cookie:
        set_cookie(request, response, fresh, sessions.lifetime)
    return SessionOpened(
        token=None if session.by_cookie else fresh.text,
        csrf_token=fresh.csrf,
        session_id=caller.session_id,
        expires_at=expires_at,
    )


@router.post("/logout", status_code=204, responses=problems(NotAuthenticated))
async def logout(
    caller: CallingPerson,
    session: CurrentSession,
    response: Response,
    sessions: SessionsDep,
    unlocked: UnlockedSessionsDep,
) -> None:
    """Lock the keys and end this session."""
    if unlocked:
        unlocked.lock(session.token)
    await sessions.revoke(caller.person_id, caller.session_id)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")


@router.get("/me", responses=problems(NotAuthenticated))
async def read_me(
    caller: CallingPerson, session: CurrentSession, keystore: KeystoreDep, unlocked: UnlockedSessionsDep
) -> Me:
    """Who is calling, with roles, and whether the keys are unlocked."""
    return Me(
        person=PersonRead.of_caller(caller),
        platform_roles=sorted(caller.platform_roles),
        memberships=[
            MembershipRead(organisation_id=organisation_id, role=role)
            for organisation_id, role in sorted(caller.memberships.items())
        ],
        session_id=caller.session_id,
        session_expires_at=caller.session_expires_at,
        csrf_token=session.token.csrf,
        passphrase_set=await keystore.has_passphrase(caller.tenant_id) if keystore else False,
        unlocked_until=unlocked.until(session.token) if unlocked else None,
    )


@router.get("/sessions", responses=problems(NotAuthenticated))
async def list_sessions(caller: CallingPerson, sessions: SessionsDep) -> Page[SessionRead]:
    """The caller's open sessions, newest first."""
    found = await sessions.list(caller.person_id)
    return Page[SessionRead].whole([SessionRead.of(session, current=caller.session_id) for session in found])


@router.delete("/sessions", status_code=204, responses=problems(NotAuthenticated))
async def revoke_other_sessions(caller: CallingPerson, sessions: SessionsDep, unlocked: UnlockedSessionsDep) -> None:
    """End every session of the caller but this one, and lock their keys."""
    for session_id in await sessions.revoke_others(caller.person_id, caller.session_id):
        if unlocked:
            unlocked.lock_session(session_id)


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def revoke_session(
    session_id: UUID, caller: CallingPerson, sessions: SessionsDep, unlocked: UnlockedSessionsDep
) -> None:
    """End one of the caller's sessions and lock its keys."""
    await sessions.revoke(caller.person_id, session_id)
    if unlocked:
        unlocked.lock_session(session_id)


@router.post("/passphrase", status_code=204, responses=problems(NotAuthenticated, InvalidValue))
async def set_passphrase(body: Passphrase, caller: CallingPerson, keystore: KeystoreDep) -> None:
    """Set the keystore's passphrase for the first time. Nobody can recover it."""
    await keystore.set_passphrase(caller.tenant_id, body.passphrase.get_secret_value())


@router.put(
    "/passphrase",
    status_code=204,
    responses=problems(NotAuthenticated, InvalidValue, WrongPassphrase, KeyNotFound, TooManyAttempts),
)
async def change_passphrase(
    body: PassphraseChange, caller: CallingPerson, keystore: KeystoreDep, sessions: SessionsDep
) -> None:
    """Set another passphrase with the old one; every unlock of the caller ends."""
    bounds = unlock_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    await keystore.change_passphrase(caller.tenant_id, body.old.get_secret_value(), body.new.get_secret_value())
    await sessions.attempts.succeeded(bounds)


@router.put(
    "/password", status_code=204, responses=problems(NotAuthenticated, InvalidValue, LoginFailed, TooManyAttempts)
)
async def change_password(
    body: PasswordChange,
    caller: CallingPerson,
    persons: PersonsDep,
    sessions: SessionsDep,
    unlocked: UnlockedSessionsDep,
) -> None:
    """Set another login password; every other session of the caller ends."""
    bounds = password_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    await persons.change_password(caller.person_id, body.old.get_secret_value(), body.new.get_secret_value())
    await sessions.attempts.succeeded(bounds)
    for session_id in await sessions.revoke_others(caller.person_id, caller.session_id):
        if unlocked:
            unlocked.lock_session(session_id)


@router.post(
    "/email/verification",
    status_code=202,
    responses=problems(NotAuthenticated, InvalidValue, TooManyAttempts, MissingPart),
)
async def ask_to_verify_email(caller: CallingPerson, mailboxes: MailboxesDep) -> None:
    """Mail a one-time code to the caller's address (again); five an hour."""
    await mailboxes.ask(caller.person_id)


@router.post("/email/verify", status_code=204, dependencies=[PUBLIC], responses=problems(OneTimeUsed, TooManyAttempts))
async def verify_email(body: Token, address: ClientAddress, mailboxes: MailboxesDep, sessions: SessionsDep) -> None:
    """The mailbox is its person's: take the code of the mail. Needs no session, and opens none."""
    bounds = one_time_bounds(address)
    await sessions.attempts.begin(bounds)
    await mailboxes.verify(body.token)
    await sessions.attempts.succeeded(bounds)


@router.post("/unlock", responses=problems(NotAuthenticated, WrongPassphrase, KeyNotFound, TooManyAttempts))
async def unlock(
    body: Passphrase,
    caller: CallingPerson,
    session: CurrentSession,
    keystore: KeystoreDep,
    sessions: SessionsDep,
    unlocked: UnlockedSessionsDep,
) -> UnlockRead:
    """Unlock the caller's keys for this session, for 15 minutes."""
    bounds = unlock_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    token = await keystore.unlock(caller.tenant_id, body.passphrase.get_secret_value(), ttl=UNLOCK_TTL)
    await sessions.attempts.succeeded(bounds)
    until = unlocked.put(session.token, caller.session_id, caller.tenant_id, token, UNLOCK_TTL)
    return UnlockRead(unlocked_until=until)


@router.post("/lock", status_code=204, responses=problems(NotAuthenticated))
async def lock(caller: CallingPerson, session: CurrentSession, unlocked: UnlockedSessionsDep) -> None:
    """Lock the caller's keys in this session now."""
    unlocked.lock(session.token)
