"""Which sessions have their keystore unlocked, in this process's memory only.

The unlock token never travels: a page or command line that held it could leak it, and would gain nothing by holding it.
It is found by the hash of the session token *as presented in the request*, not by the session's row, so that somebody
who can rewrite the session table still cannot sign with a keystore that another person unlocked. Logging out,
renewing, revoking and expiry end or move it; a restart forgets all of it. A person unlocks per process: behind several
API processes, requests of one session must reach the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from keystore.service import Keystore, UnlockToken
from people.sessions.model import SessionToken
from primitives.clock import Clock, SystemClock
from primitives.errors import KeystoreLocked


@dataclass(frozen=True, slots=True, repr=False)
class _Entry:
    session_id: UUID
    tenant_id: UUID
    unlock: UnlockToken
    until: datetime


class UnlockedSessions:
    """Unlock tokens by session token."""

    def __init__(self, keystore: Keystore, *, clock: Clock | None = None) -> None:
        self._keystore = keystore
        self._clock = clock or SystemClock()
        self._entries: dict[bytes, _Entry] = {}

    def put(
        self, token: SessionToken, session_id: UUID, tenant_id: UUID, unlock: UnlockToken, ttl: timedelta
    ) -> datetime:
        """Remember an unlock and answer when it ends; the session's earlier one is locked."""
        self.lock(token)
        for key in [key for key, entry in self._entries.items() if not self._is_open(entry)]:
            del self._entries[key]
        until = self._clock.now() + ttl
        self._entries[token.digest] = _Entry(session_id, tenant_id, unlock, until)
        return until

    def until(self, token: SessionToken) -> datetime | None:
        """When the unlock ends; None while locked."""
        entry = self._entries.get(token.digest)
        return entry.until if entry is not None and self._is_open(entry) else None

    def require(self, token: SessionToken) -> UnlockToken:
        """The keystore's token. Raises KeystoreLocked."""
        entry = self._entries.get(token.digest)
        if entry is None or not self._is_open(entry):
            raise KeystoreLocked("your keys are locked: unlock them with your passphrase")
        return entry.unlock

    def move(self, old: SessionToken, new: SessionToken) -> None:
        """The session has a new token."""
        entry = self._entries.pop(old.digest, None)
        if entry is not None:
            self._entries[new.digest] = entry

    def lock(self, token: SessionToken) -> None:
        """Wipe the keys of this session's unlock; does nothing while locked."""
        entry = self._entries.pop(token.digest, None)
        if entry is not None:
            self._keystore.lock(entry.unlock)

    def lock_session(self, session_id: UUID) -> None:
        """As `lock`, for a session known by its id."""
        for key in [key for key, entry in self._entries.items() if entry.session_id == session_id]:
            self._keystore.lock(self._entries.pop(key).unlock)

    def _is_open(self, entry: _Entry) -> bool:
        """The keystore has the last word: it also ends unlocks when the passphrase changes."""
        return entry.until > self._clock.now() and self._keystore.is_unlocked(entry.unlock, entry.tenant_id)
