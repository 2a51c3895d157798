"""Make and use up challenges."""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import UTC, datetime, timedelta

from people.challenges import sql
from people.privacy.personal_data import PersonalData
from persistence.database import Transaction
from primitives.clock import Clock
from primitives.errors import OneTimeUsed

LIFETIME = timedelta(minutes=5)
_RANDOM = 16
_LENGTH = _RANDOM + 8 + 16


class Challenges:
    """A challenge is 16 random bytes ‖ its end (Unix seconds, 8 bytes) ‖ a MAC (16 bytes).

    Nothing is stored until it is answered, so that asking for many costs no room.
    """

    def __init__(self, data: PersonalData, clock: Clock) -> None:
        self._data = data
        self._clock = clock

    def new(self, kind: str) -> bytes:
        """40 bytes, good for five minutes and for this kind only.

        Args:
            kind: What the answer will be used for, and by whom where that is known (`passkey.add:<person>`).
        """
        end = int((self._clock.now() + LIFETIME).timestamp())
        head = os.urandom(_RANDOM) + end.to_bytes(8, "big")
        return head + self._mac(kind, head)

    async def use(self, tx: Transaction, kind: str, challenge: bytes) -> None:
        """Use it up in the caller's transaction.

        Raises:
            OneTimeUsed: Not ours, of another kind, expired, or used before.
        """
        head, mac = challenge[:-16], challenge[-16:]
        if len(challenge) == _LENGTH and hmac.compare_digest(mac, self._mac(kind, head)):
            end = datetime.fromtimestamp(int.from_bytes(head[_RANDOM:], "big"), UTC)
            digest = hashlib.sha256(challenge).digest()
            if end > self._clock.now() and await sql.use_challenge(tx, digest, end):
                return
        raise OneTimeUsed("this challenge was answered before or has expired: ask for a new one")

    def _mac(self, kind: str, head: bytes) -> bytes:
        return self._data.mac("challenge." + kind, head)
