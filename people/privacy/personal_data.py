"""Seal and open what is somebody's: names, addresses, documents."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from uuid import UUID

import orjson
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from people.privacy.key_files import ErasureKeys
from primitives.errors import MissingPart, PersonErased, SealBroken

log = structlog.get_logger()

_VERSION = 1
_NONCE_BYTES = 12
_TOKEN_MAC_BYTES = 16


class PersonalData:
    """AES-256-GCM under the subject's own key, bound to subject and purpose. No method shows a key.

    A part that stores personal data keeps the sealed bytes in its own row and asks here for the plain ones.
    """

    def __init__(self, keys: ErasureKeys) -> None:
        self._keys = keys

    def __repr__(self) -> str:
        return "PersonalData(hidden)"

    async def begin(self, subject: UUID) -> None:
        """Make the subject's key; it is on disk when this returns."""
        await asyncio.to_thread(self._keys.make, subject)

    async def destroy(self, subject: UUID) -> bool:
        """Destroy the subject's key: nothing sealed under it opens again, in any copy. Whether there was one."""
        return await asyncio.to_thread(self._keys.destroy, subject)

    def known(self, subject: UUID) -> bool:
        """Whether the subject's data can be opened."""
        return self._keys.exists(subject)

    def seal(self, subject: UUID, purpose: str, data: Mapping[str, object]) -> bytes:
        """version (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16).

        Args:
            purpose: Names the record (`person.profile`); opening asks for the same.
            data: JSON.

        Raises:
            PersonErased: The subject's key is gone.
        """
        nonce = os.urandom(_NONCE_BYTES)
        body = AESGCM(self._keys.read(subject)).encrypt(nonce, orjson.dumps(dict(data)), _bound(subject, purpose))
        return bytes([_VERSION]) + nonce + body

    def open(self, subject: UUID, purpose: str, sealed: bytes | None) -> dict[str, object]:
        """What was sealed.

        Raises:
            PersonErased: The key is destroyed, or the record was emptied.
            SealBroken: Changed, or sealed for another subject or purpose.
        """
        if sealed is None:
            raise PersonErased("these personal data were erased")
        return _opened(AESGCM(self._keys.read(subject)), subject, purpose, sealed)

    def seal_words(self, subject: UUID, purpose: str, words: str) -> bytes:
        """Seal one text for a column of `persistence.words`. Raises PersonErased."""
        return self.seal(subject, purpose, {"words": words})

    def opener(self) -> _Opener:
        """Opens the words of one list."""
        return _Opener(self._keys)

    def index(self, kind: str, text: str) -> bytes:
        """A blind index, 32 bytes: finds an exact text again without storing it (HMAC-SHA-256, RFC 2104)."""
        return hmac.digest(self._derived(b"index"), kind.encode() + b"\x00" + text.encode(), "sha256")

    def token(self, kind: str, subject: UUID) -> str:
        """One-time token for a row: its id (16 bytes) ‖ a MAC (16). Who reads the database alone cannot make it."""
        return base64.urlsafe_b64encode(subject.bytes + self.mac(kind, subject.bytes)).decode().rstrip("=")

    def subject_of(self, kind: str, token: str) -> UUID | None:
        """The row that a token belongs to; None when it is forged or of another kind."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        if len(raw) != 16 + _TOKEN_MAC_BYTES:
            return None
        subject = UUID(bytes=raw[:16])
        return subject if hmac.compare_digest(raw[16:], self.mac(kind, subject.bytes)) else None

    def mac(self, kind: str, data: bytes) -> bytes:
        """16 bytes that only this installation can make for these data (HMAC-SHA-256, cut)."""
        return hmac.digest(self._derived(b"token"), kind.encode() + b"\x00" + data, "sha256")[:_TOKEN_MAC_BYTES]

    def _derived(self, use: bytes) -> bytes:
        return hmac.digest(self._keys.index_key(), b"quanbao people " + use, hashlib.sha256)


class _Opener:
    """Reads each key once, for as long as a list is put together."""

    def __init__(self, keys: ErasureKeys) -> None:
        self._keys = keys
        self._known: dict[UUID, AESGCM | None] = {}

    def __repr__(self) -> str:
        return "Opener(hidden)"

    def open_words(self, subject: UUID, purpose: str, sealed: bytes) -> str | None:
        """None: the key is destroyed, lost or another, or the words belong elsewhere."""
        if subject not in self._known:
            try:
                self._known[subject] = AESGCM(self._keys.read(subject))
            except (PersonErased, MissingPart):
                self._known[subject] = None
        key = self._known[subject]
        if key is None:
            return None
        try:
            return str(_opened(key, subject, purpose, sealed)["words"])
        except SealBroken:
            log.warning("words_unreadable", record=purpose, subject=str(subject))
            return None


def _opened(key: AESGCM, subject: UUID, purpose: str, sealed: bytes) -> dict[str, object]:
    try:
        if sealed[0] != _VERSION:
            raise InvalidTag
        plain = key.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], _bound(subject, purpose))
    except (InvalidTag, IndexError, ValueError) as error:
        raise SealBroken(
            f"the personal record {purpose} of {subject} was changed or belongs elsewhere", record=purpose
        ) from error
    opened: dict[str, object] = orjson.loads(plain)
    return opened


def _bound(subject: UUID, purpose: str) -> bytes:
    return b"quanbao personal data\x00" + subject.bytes + purpose.encode()
