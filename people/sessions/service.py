"""Open, check, renew and end sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from people.caller import Caller
from people.kdf import PasswordKdf
from people.persons.email import normalised_email
from people.persons.profile import email_index, open_profile
from people.persons.sql import credentials_of, replace_password_hash
from people.privacy.personal_data import PersonalData
from people.second_factor.service import SecondFactor
from people.sessions import sql
from people.sessions.attempts import Attempts, login_bounds
from people.sessions.model import LoginMethod, Session, SessionToken
from persistence.database import Database
from persistence.together import Together
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    InvalidValue,
    LoginFailed,
    NotAuthenticated,
    NotFound,
    PersonErased,
    SecondFactorRequired,
)

LIFETIME = timedelta(days=14)
_SEEN_EVERY = timedelta(minutes=1)
DEVICE_PURPOSE = "session.device"
"""Under which a session's label is sealed."""


class Sessions:
    """The open sessions of all persons."""

    def __init__(
        self,
        database: Database,
        kdf: PasswordKdf,
        data: PersonalData,
        *,
        clock: Clock | None = None,
        lifetime: timedelta = LIFETIME,
    ) -> None:
        self._database = database
        self._kdf = kdf
        self._data = data
        self._clock = clock or SystemClock()
        self.lifetime = lifetime
        # A page, or a program, asks many things at once with the same token.
        self._callers: Together[SessionToken, Caller] = Together(self._find_caller)
        self.attempts = Attempts(database, data, self._clock)
        self.second_factor = SecondFactor(database, data, self.attempts, clock=clock)

    async def login(
        self, email: str, password: str, *, address: str, device: str, code: str | None = None
    ) -> tuple[SessionToken, Session]:
        """Open a session by password. An unknown account costs the same work and gets the same answer.

        Args:
            address: Where the request comes from; guesses are counted by account and address.
            device: Label for the list of sessions.
            code: Of the authenticator, or a recovery code, for whoever uses a second factor.

        Raises:
            LoginFailed: E-mail and password do not match, or the code is wrong.
            SecondFactorRequired: The password is right; say the code too.
            TooManyAttempts: Wait first.
        """
        account = _account_name(email)
        bounds = login_bounds(account, address)
        await self.attempts.begin(bounds)
        async with self._database.transaction() as tx:
            credentials = await credentials_of(tx, email_index(self._data, account))
        encoded = None if credentials is None else credentials.password_hash
        fits = await self._kdf.verify(encoded, password)
        if not fits or credentials is None or encoded is None:
            raise LoginFailed("e-mail and password do not match")
        upgraded = await self._kdf.hash(password) if self._kdf.outdated(encoded) else None
        method = LoginMethod.PASSWORD
        if await self.second_factor.asked_for(credentials.person_id):
            if code is None:
                await self.attempts.succeeded(bounds)
                raise SecondFactorRequired(
                    "the code of your authenticator is needed too, or a recovery code",
                    methods=["totp", "recovery_code", "passkey"],
                )
            await self.second_factor.require(credentials.person_id, code)
            method = LoginMethod.SECOND_FACTOR
        await self.attempts.succeeded(bounds)
        if upgraded is not None:
            async with self._database.transaction() as tx:
                await replace_password_hash(tx, credentials.person_id, upgraded)
        return await self.open(credentials.person_id, device=device, method=method)

    async def open(
        self, person_id: UUID, *, device: str, method: LoginMethod = LoginMethod.PASSWORD
    ) -> tuple[SessionToken, Session]:
        """A new session for a person who has been authenticated by the caller of this."""
        token = SessionToken.new()
        now = self._clock.now()
        session = Session(
            id=uuid4(),
            person_id=person_id,
            device=device,
            created_at=now,
            last_seen_at=now,
            expires_at=now + self.lifetime,
            method=method,
        )
        sealed = self._data.seal(person_id, DEVICE_PURPOSE, {"label": device})
        async with self._database.transaction() as tx:
            await sql.insert_session(tx, session, sealed, token.digest)
        return token, session

    async def caller(self, token: SessionToken) -> Caller:
        """Who calls, with the roles of this moment.

        Raises:
            NotAuthenticated: Unknown, expired or revoked.
        """
        return await self._callers(token)

    async def _find_caller(self, token: SessionToken) -> Caller:
        now = self._clock.now()
        async with self._database.statements() as tx:
            found = await sql.caller_by_token(tx, token.digest, now)
            if found is None:
                raise NotAuthenticated("the session is unknown, expired or revoked: log in")
            if now - found.last_seen_at > _SEEN_EVERY:
                await sql.mark_seen(tx, found.session_id, now)
        return self.caller_of(found)

    def caller_of(self, found: sql.StoredCaller) -> Caller:
        """The caller with name and address opened. Raises NotAuthenticated: erased in this moment."""
        try:
            profile = open_profile(self._data, found.person_id, found.profile)
        except PersonErased as error:
            raise NotAuthenticated("this account was erased, or its key is lost: register again") from error
        return Caller(
            person_id=found.person_id,
            session_id=found.session_id,
            email=profile.email,
            display_name=profile.display_name,
            platform_roles=found.platform_roles,
            memberships=found.memberships,
            session_expires_at=found.expires_at,
            email_verified=found.email_verified,
        )

    async def refresh(self, caller: Caller, token: SessionToken) -> tuple[SessionToken, datetime]:
        """A new token and its end, a full lifetime away, for the same session; the old token ends at once.

        Raises:
            NotAuthenticated: The token was replaced or revoked in the meantime.
        """
        fresh = SessionToken.new()
        expires_at = self._clock.now() + self.lifetime
        async with self._database.transaction() as tx:
            if not await sql.replace_token(tx, caller.session_id, token.digest, fresh.digest, expires_at):
                raise NotAuthenticated("the session was renewed or revoked elsewhere: log in")
        return fresh, expires_at

    async def list(self, person_id: UUID) -> Sequence[Session]:
        """The person's open sessions, newest first."""
        async with self._database.transaction() as tx:
            found = await sql.open_sessions(tx, person_id, self._clock.now())
        return [
            Session(
                id=stored.id,
                person_id=stored.person_id,
                device=self._device(stored),
                created_at=stored.created_at,
                last_seen_at=stored.last_seen_at,
                expires_at=stored.expires_at,
                method=stored.method,
            )
            for stored in found
        ]

    def _device(self, stored: sql.StoredSession) -> str:
        if stored.device is None:
            return "unnamed device"
        return str(self._data.open(stored.person_id, DEVICE_PURPOSE, stored.device)["label"])

    async def revoke(self, person_id: UUID, session_id: UUID) -> None:
        """End a session. Raises NotFound when the person has no such open session."""
        async with self._database.transaction() as tx:
            if not await sql.revoke_session(tx, person_id, session_id, self._clock.now()):
                raise NotFound("no such session")

    async def revoke_others(self, person_id: UUID, kept: UUID | None) -> Sequence[UUID]:
        """End all sessions but one; which."""
        async with self._database.transaction() as tx:
            return await sql.revoke_sessions(tx, person_id, self._clock.now(), but=kept)


def _account_name(email: str) -> str:
    """Text that is no address belongs to nobody, and is answered as any unknown account is."""
    try:
        return normalised_email(email)
    except InvalidValue:
        return email.strip().lower()
