"""Register passkeys and log in with them (W3C Web Authentication Level 3)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from people.challenges.service import Challenges
from people.passkeys import sql
from people.persons.profile import open_profile
from people.persons.sql import person_by_id
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, LoginFailed, NotFound, OneTimeUsed

MAX_PASSKEYS = 20
PRF_SALT = b"quanbao unlock v1".ljust(32, b"\0")
"""What a device's pseudo-random function is asked about (WebAuthn §10.1.4); its answer wraps a master key."""

_LABEL = "passkey.label"
_TRANSPORTS = {transport.value for transport in AuthenticatorTransport}


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom passkeys are for.

    Attributes:
        id: Host name of the page. Browsers accept no IP address here.
        origins: Where the page may be served from (`https://pay.example`).
    """

    id: str
    origins: Sequence[str]
    name: str = "Quanbao"


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey as its owner sees it."""

    id: UUID
    label: str = field(repr=False)
    created_at: datetime
    last_used_at: datetime | None


class Passkeys:
    """The passkeys of all persons. A device must have checked its owner (user verification) each time."""

    def __init__(
        self,
        database: Database,
        data: PersonalData,
        party: RelyingParty,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._data = data
        self._party = party
        self._clock = clock or SystemClock()
        self._challenges = Challenges(data, self._clock)

    async def registration_options(self, person_id: UUID) -> dict[str, Any]:
        """What the page hands to `navigator.credentials.create`. Raises NotFound."""
        async with self._database.transaction() as tx:
            row = await person_by_id(tx, person_id)
            known = await sql.passkeys_of(tx, person_id)
        if row is None:
            raise NotFound("no such person")
        profile = open_profile(self._data, person_id, row.profile)
        options = webauthn.generate_registration_options(
            rp_id=self._party.id,
            rp_name=self._party.name,
            user_name=profile.email or profile.display_name,
            user_display_name=profile.display_name,
            user_id=person_id.bytes,
            challenge=self._challenges.new(_adding(person_id)),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
        )
        return _with_prf(options)

    async def register(self, person_id: UUID, label: str, credential: Mapping[str, Any]) -> Passkey:
        """Keep the public key of a new passkey.

        Raises:
            InvalidValue: The answer does not verify, or 20 passkeys exist.
            OneTimeUsed: Its challenge is not ours, was answered before, or has expired.
        """
        challenge = _challenge_in(credential)
        try:
            verified = webauthn.verify_registration_response(
                credential=_plain(credential),
                expected_challenge=challenge,
                expected_rp_id=self._party.id,
                expected_origin=list(self._party.origins),
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidValue("the device's answer does not verify: try again") from error
        now = self._clock.now()
        stored = sql.StoredPasskey(
            uuid4(),
            person_id,
            verified.credential_id,
            verified.credential_public_key,
            verified.sign_count,
            _transports(credential),
            self._data.seal(person_id, _LABEL, {"label": label}),
            now,
            None,
        )
        async with self._database.transaction() as tx:
            await self._challenges.use(tx, _adding(person_id), challenge)
            if len(await sql.passkeys_of(tx, person_id)) >= MAX_PASSKEYS:
                raise InvalidValue(f"a person has at most {MAX_PASSKEYS} passkeys: remove one first")
            if not await sql.insert_passkey(tx, stored):
                raise InvalidValue("this passkey is registered already")
        return self._shown(stored)

    def login_options(self) -> dict[str, Any]:
        """What the page hands to `navigator.credentials.get`; names nobody, so that nobody can be guessed."""
        return self._request_options("passkey.login", [])

    async def unlock_options(self, person_id: UUID) -> dict[str, Any]:
        """As `login_options`, for the person's own passkeys, asking for the PRF's answer."""
        async with self._database.transaction() as tx:
            known = await sql.passkeys_of(tx, person_id)
        if not known:
            raise NotFound("you have no passkey")
        return self._request_options(_unlocking(person_id), [key.credential_id for key in known])

    async def login(self, credential: Mapping[str, Any]) -> UUID:
        """The person whose passkey answered.

        Raises:
            LoginFailed: Unknown passkey, wrong signature, or a counter that went back (a copied device).
            OneTimeUsed: The challenge was answered before, or has expired.
        """
        found = await self._verify(credential, "passkey.login")
        return found.person_id

    async def confirm(self, person_id: UUID, credential: Mapping[str, Any]) -> UUID:
        """Which of the person's passkeys answered `unlock_options`. Raises as `login`."""
        found = await self._verify(credential, _unlocking(person_id))
        if found.person_id != person_id:
            raise LoginFailed("this passkey is not yours")
        return found.id

    async def list(self, person_id: UUID) -> Sequence[Passkey]:
        """Oldest first."""
        async with self._database.transaction() as tx:
            found = await sql.passkeys_of(tx, person_id)
        return [self._shown(stored) for stored in found]

    async def remove(self, person_id: UUID, passkey_id: UUID) -> None:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sql.delete_passkey(tx, person_id, passkey_id):
                raise NotFound("no such passkey")

    async def _verify(self, credential: Mapping[str, Any], kind: str) -> sql.StoredPasskey:
        challenge = _challenge_in(credential)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            # Used up first, and in the same commit as the counter: of two equal answers at once one waits and fails.
            await self._challenges.use(tx, kind, challenge)
            stored = await sql.passkey_by_credential(tx, _credential_id(credential))
            if stored is None:
                raise LoginFailed("this passkey is not known here")
            try:
                verified = webauthn.verify_authentication_response(
                    credential=_plain(credential),
                    expected_challenge=challenge,
                    expected_rp_id=self._party.id,
                    expected_origin=list(self._party.origins),
                    credential_public_key=stored.public_key,
                    credential_current_sign_count=stored.sign_count,
                    require_user_verification=True,
                )
            except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
                raise LoginFailed("the passkey's answer does not verify") from error
            await sql.mark_used(tx, stored.id, verified.new_sign_count, now)
        return stored

    def _request_options(self, kind: str, allowed: Sequence[bytes]) -> dict[str, Any]:
        options = webauthn.generate_authentication_options(
            rp_id=self._party.id,
            challenge=self._challenges.new(kind),
            allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in allowed],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _with_prf(options)

    def _shown(self, stored: sql.StoredPasskey) -> Passkey:
        label = str(self._data.open(stored.person_id, _LABEL, stored.label)["label"])
        return Passkey(stored.id, label, stored.created_at, stored.last_used_at)


def _adding(person_id: UUID) -> str:
    return f"passkey.add:{person_id}"


def _unlocking(person_id: UUID) -> str:
    return f"passkey.unlock:{person_id}"


def _with_prf(options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    salt = base64.urlsafe_b64encode(PRF_SALT).decode().rstrip("=")
    made["extensions"] = {"prf": {"eval": {"first": salt}}}
    return made


def _plain(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Without what extensions answered, which is judged by nobody here and may be secret."""
    return {name: value for name, value in credential.items() if name != "clientExtensionResults"}


def _challenge_in(credential: Mapping[str, Any]) -> bytes:
    """The challenge that a credential answers (clientDataJSON, WebAuthn §5.8.1). Raises OneTimeUsed."""
    try:
        client_data = orjson.loads(_decoded(credential["response"]["clientDataJSON"]))
        return _decoded(client_data["challenge"])
    except (KeyError, TypeError, ValueError) as error:
        raise OneTimeUsed("this answers no challenge of ours: ask for a new one") from error


def _credential_id(credential: Mapping[str, Any]) -> bytes:
    try:
        return _decoded(credential["id"])
    except (KeyError, TypeError, ValueError) as error:
        raise LoginFailed("this passkey is not known here") from error


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str):
        raise TypeError("not text")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _transports(credential: Mapping[str, Any]) -> list[str]:
    given = credential.get("response", {}).get("transports", [])
    return sorted({each for each in given if isinstance(each, str)} & _TRANSPORTS) if isinstance(given, list) else []
