"""One-time login links for the demo: the start prints them, the page opens them, on the same machine only."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from people.sessions import sql
from people.sessions.attempts import link_bounds
from people.sessions.model import LoginMethod, Session, SessionToken
from people.sessions.service import Sessions
from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, LoginFailed

SECRET_BYTES = 32
LIFETIME = timedelta(hours=12)

_DESTINATION = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_/-]*)?(?:#[A-Za-z0-9_/-]*)?")


class LoginLinks:
    """Makes and uses up links. That they work on loopback and in a demo only is the route's rule."""

    def __init__(self, database: Database, sessions: Sessions, *, clock: Clock | None = None) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock or SystemClock()

    async def create(self, person_id: UUID, destination: str = "/", *, lifetime: timedelta = LIFETIME) -> str:
        """A secret of 256 random bits, URL-safe, stored hashed.

        Args:
            person_id: Whose session the link opens.
            destination: Path of the page that the link leads to.

        Raises:
            InvalidValue: The destination is not a path of this site.
        """
        if not _DESTINATION.fullmatch(destination):
            raise InvalidValue(f"{destination!r} is not a path of the page")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await sql.insert_link(tx, uuid4(), person_id, _digest(secret), destination, now, now + lifetime)
        return secret

    async def use(self, secret: str, *, address: str, device: str) -> tuple[SessionToken, Session, str]:
        """Use a link up: a session of its person, and where to go.

        Raises:
            LoginFailed: Unknown, used or expired.
            TooManyAttempts: Too many dead links from this address.
        """
        bounds = link_bounds(address)
        await self._sessions.attempts.begin(bounds)
        async with self._database.transaction() as tx:
            used = await sql.use_link(tx, _digest(secret), self._clock.now())
        if used is None:
            raise LoginFailed("this link was used before or has expired: start again to get a new one")
        await self._sessions.attempts.succeeded(bounds)
        person_id, destination = used
        token, session = await self._sessions.open(person_id, device=device, method=LoginMethod.LINK)
        return token, session, destination


def _digest(secret: str) -> bytes:
    return hashlib.sha256(b"quanbao login link\x00" + secret.encode()).digest()
