"""/auth/passkeys: register, log in, and unlock the keystore where the device has the PRF extension."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.dependencies import ClientAddress, KeystoreDep, PasskeysDep, SessionsDep, UnlockedSessionsDep
from api.errors import problems
from api.paging import Page
from api.routes.auth import UNLOCK_TTL
from api.schemas.auth import SessionOpened, UnlockRead
from api.schemas.second_factor import (
    OptionsRead,
    PasskeyAdd,
    PasskeyLogin,
    PasskeyRead,
    PasskeyUnlock,
    UnlockKeyAdd,
    answer_bytes,
)
from api.security import PUBLIC, CallingPerson, CurrentSession
from api.session_cookie import opened
from people.sessions.attempts import passkey_bounds, unlock_bounds
from people.sessions.model import LoginMethod
from primitives.errors import (
    InvalidValue,
    KeyNotFound,
    LoginFailed,
    NotAuthenticated,
    NotFound,
    OneTimeUsed,
    TooManyAttempts,
    WrongPassphrase,
)

router = APIRouter(prefix="/auth/passkeys", tags=["auth"])


@router.post("/options", responses=problems(NotAuthenticated))
async def passkey_options(caller: CallingPerson, passkeys: PasskeysDep) -> OptionsRead:
    """What a page hands to `navigator.credentials.create`."""
    return OptionsRead(public_key=await passkeys.registration_options(caller.person_id))


@router.post("", status_code=201, responses=problems(NotAuthenticated, InvalidValue, OneTimeUsed))
async def add_passkey(body: PasskeyAdd, caller: CallingPerson, passkeys: PasskeysDep) -> PasskeyRead:
    """Keep the public key of a device's new passkey. No fingerprint and no face reaches us."""
    passkey = await passkeys.register(caller.person_id, body.label, body.credential)
    return PasskeyRead.of(passkey, unlocks_keys=False)


@router.get("", responses=problems(NotAuthenticated))
async def list_passkeys(caller: CallingPerson, passkeys: PasskeysDep, keystore: KeystoreDep) -> Page[PasskeyRead]:
    """The caller's passkeys, oldest first."""
    opening = set(await keystore.devices.list(caller.tenant_id)) if keystore else set()
    found = await passkeys.list(caller.person_id)
    return Page[PasskeyRead].whole([PasskeyRead.of(each, unlocks_keys=each.id in opening) for each in found])


@router.delete("/{passkey_id}", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def remove_passkey(passkey_id: UUID, caller: CallingPerson, passkeys: PasskeysDep, keystore: KeystoreDep) -> None:
    """Remove a passkey; it opens neither a session nor the keystore any more."""
    await passkeys.remove(caller.person_id, passkey_id)
    if keystore:
        await keystore.devices.remove(caller.tenant_id, passkey_id)


@router.post("/login/options", dependencies=[PUBLIC])
async def passkey_login_options(passkeys: PasskeysDep) -> OptionsRead:
    """What a page hands to `navigator.credentials.get`; it names nobody."""
    return OptionsRead(public_key=passkeys.login_options())


@router.post("/login", dependencies=[PUBLIC], responses=problems(LoginFailed, OneTimeUsed, TooManyAttempts))
async def passkey_login(
    body: PasskeyLogin,
    request: Request,
    response: Response,
    address: ClientAddress,
    passkeys: PasskeysDep,
    sessions: SessionsDep,
) -> SessionOpened:
    """Open a session with a passkey: device and fingerprint, face or PIN are two factors."""
    bounds = passkey_bounds(address)
    await sessions.attempts.begin(bounds)
    person_id = await passkeys.login(body.credential)
    await sessions.attempts.succeeded(bounds)
    token, session = await sessions.open(person_id, device=body.device, method=LoginMethod.PASSKEY)
    return opened(request, response, token, session, transport=body.transport)


@router.post("/unlock/options", responses=problems(NotAuthenticated, NotFound))
async def passkey_unlock_options(caller: CallingPerson, passkeys: PasskeysDep) -> OptionsRead:
    """What a page hands to `navigator.credentials.get` to unlock; `extensions.prf` asks for the device's answer."""
    return OptionsRead(public_key=await passkeys.unlock_options(caller.person_id))


@router.post(
    "/unlock-keys",
    status_code=204,
    responses=problems(
        NotAuthenticated, LoginFailed, OneTimeUsed, WrongPassphrase, KeyNotFound, InvalidValue, TooManyAttempts
    ),
)
async def add_unlock_key(
    body: UnlockKeyAdd, caller: CallingPerson, passkeys: PasskeysDep, keystore: KeystoreDep, sessions: SessionsDep
) -> None:
    """Let the passkey that answers open the keystore from now on: its answer wraps the master key once more."""
    bounds = unlock_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    passkey_id = await passkeys.confirm(caller.person_id, body.credential)
    await keystore.devices.add(
        caller.tenant_id, passkey_id, body.passphrase.get_secret_value(), answer_bytes(body.device_answer)
    )
    await sessions.attempts.succeeded(bounds)


@router.post(
    "/unlock",
    responses=problems(NotAuthenticated, LoginFailed, OneTimeUsed, WrongPassphrase, KeyNotFound, TooManyAttempts),
)
async def unlock_by_passkey(
    body: PasskeyUnlock,
    caller: CallingPerson,
    session: CurrentSession,
    passkeys: PasskeysDep,
    keystore: KeystoreDep,
    sessions: SessionsDep,
    unlocked: UnlockedSessionsDep,
) -> UnlockRead:
    """Unlock the caller's keys for this session, for 15 minutes, without the passphrase."""
    bounds = unlock_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    passkey_id = await passkeys.confirm(caller.person_id, body.credential)
    token = await keystore.devices.unlock(caller.tenant_id, passkey_id, answer_bytes(body.device_answer), UNLOCK_TTL)
    await sessions.attempts.succeeded(bounds)
    until = unlocked.put(session.token, caller.session_id, caller.tenant_id, token, UNLOCK_TTL)
    return UnlockRead(unlocked_until=until)
