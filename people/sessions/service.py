"""Open, check, renew and end sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from people.caller import Caller
from people.kdf import PasswordKdf
from people.persons.email import normalised_email
from people.persons.sql import credentials_of, replace_password_hash
from people.sessions import sql
from people.sessions.attempts import Attempts, login_bounds
from people.sessions.model import Session, SessionToken
from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, LoginFailed, NotAuthenticated, NotFound

LIFETIME = timedelta(days=14)
_SEEN_EVERY = timedelta(minutes=1)


class Sessions:
    """The open sessions of all persons."""

    def __init__(
        self,
        database: Database,
        kdf: PasswordKdf,
        *,
        clock: Clock | None = None,
        lifetime: timedelta = LIFETIME,
    ) -> None:
        self._database = database
        self._kdf = kdf
        self._clock = clock or SystemClock()
        self.lifetime = lifetime
        self.attempts = Attempts(database, self._clock)

    async def login(self, email: str, password: str, *, address: str, device: str) -> tuple[SessionToken, Session]:
        """Open a session by password. An unknown account costs the same work and gets the same answer.

        Args:
            address: Where the request comes from; guesses are counted by account and address.
            device: Label for the list of sessions.

        Raises:
            LoginFailed: E-mail and password do not match.
            TooManyAttempts: Wait first.
        """
        account = _account_name(email)
        bounds = login_bounds(account, address)
        await self.attempts.begin(bounds)
        async with self._database.transaction() as tx:
            credentials = await credentials_of(tx, account)
        fits = await self._kdf.verify(None if credentials is None else credentials[1], password)
        if not fits or credentials is None:
            raise LoginFailed("e-mail and password do not match")
        person_id, encoded = credentials
        upgraded = await self._kdf.hash(password) if self._kdf.outdated(encoded) else None
        await self.attempts.succeeded(bounds)
        if upgraded is not None:
            async with self._database.transaction() as tx:
                await replace_password_hash(tx, person_id, upgraded)
        return await self.open(person_id, device=device)

    async def open(self, person_id: UUID, *, device: str) -> tuple[SessionToken, Session]:
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
        )
        async with self._database.transaction() as tx:
            await sql.insert_session(tx, session, token.digest)
        return token, session

    async def caller(self, token: SessionToken) -> Caller:
        """Who calls, with the roles of this moment.

        Raises:
            NotAuthenticated: Unknown, expired or revoked.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            found = await sql.caller_by_token(tx, token.digest, now)
            if found is None:
                raise NotAuthenticated("the session is unknown, expired or revoked: log in")
            caller, last_seen_at = found
            if now - last_seen_at > _SEEN_EVERY:
                await sql.mark_seen(tx, caller.session_id, now)
        return caller

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
            return await sql.open_sessions(tx, person_id, self._clock.now())

    async def revoke(self, person_id: UUID, session_id: UUID) -> None:
        """End a session. Raises NotFound when the person has no such open session."""
        async with self._database.transaction() as tx:
            if not await sql.revoke_session(tx, person_id, session_id, self._clock.now()):
                raise NotFound("no such session")


def _account_name(email: str) -> str:
    """Text that is no address belongs to nobody, and is answered as any unknown account is."""
    try:
        return normalised_email(email)
    except InvalidValue:
        return email.strip().lower()
