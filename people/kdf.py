"""argon2id for passwords, off the event loop and two at a time at most."""

from __future__ import annotations

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from primitives.errors import InvalidValue

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 256


def normalised_password(password: str) -> str:
    """NFKC, so that the same keys typed on two devices give the same password (NIST SP 800-63B §3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, email: str) -> None:
    """Raises InvalidValue for a password of fewer than 10 or more than 256 characters, or the e-mail address itself."""
    length = len(normalised_password(password))
    if not MIN_PASSWORD_LENGTH <= length <= MAX_PASSWORD_LENGTH:
        raise InvalidValue(
            f"a password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters; this one has {length}",
            minimum=MIN_PASSWORD_LENGTH,
            maximum=MAX_PASSWORD_LENGTH,
        )
    if password.casefold() == email.casefold():
        raise InvalidValue("a password must not be the e-mail address")


class PasswordKdf:
    """Hashes and verifies passwords.

    The parameters of argon2-cffi's default (t=3, 64 MiB, p=4) are the second recommended option of RFC 9106 §4.

    Args:
        hasher: Others than the default are for tests, which would spend their time hashing.
        concurrency: How many run at once; further callers wait in order.
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, concurrency: int = 2) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = asyncio.Semaphore(concurrency)
        self._nobody: str | None = None
        self.runs = 0

    async def hash(self, password: str) -> str:
        """The encoded hash with its salt and parameters (PHC string)."""
        async with self._gate:
            self.runs += 1
            return await asyncio.to_thread(self._hasher.hash, normalised_password(password))

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Whether the password is the one; for None (no such account) the same work is done and the answer is no."""
        if encoded is None:
            if self._nobody is None:
                self._nobody = await asyncio.to_thread(self._hasher.hash, "nobody has this password")
            target = self._nobody
        else:
            target = encoded
        async with self._gate:
            self.runs += 1
            fits = await asyncio.to_thread(self._fits, target, normalised_password(password))
        return fits and encoded is not None

    def outdated(self, encoded: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)

    def _fits(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
