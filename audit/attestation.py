"""The attestation key: it signs what a chain cannot show by itself, such as finality."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from nacl.signing import SigningKey

from primitives.errors import InvalidKeyFile

_SEED_BYTES = 32


class FileAttester:
    """Signs with the ed25519 seed in a file of its own: 64 hex digits, mode 0600."""

    __slots__ = ("_key",)

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)

    @classmethod
    def open(cls, path: Path) -> FileAttester:
        """Read the key file; make it first when there is none.

        Raises:
            InvalidKeyFile: Not 64 hex digits, or readable by group or others.
        """
        try:
            # O_EXCL: of two processes that start together one makes the file and the other reads it.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(_read_seed(path))
        with os.fdopen(descriptor, "w") as file:
            seed = os.urandom(_SEED_BYTES)
            file.write(seed.hex())
            file.flush()
            os.fsync(file.fileno())
        return cls(seed)

    @property
    def public_key(self) -> bytes:
        return bytes(self._key.verify_key)

    async def attest(self, message: bytes) -> bytes:
        """The 64-byte ed25519 signature (RFC 8032) over the message."""
        return self._key.sign(message).signature

    def __repr__(self) -> str:
        return f"FileAttester({self.public_key.hex()})"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an attestation key does not leave its process")


def _read_seed(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise InvalidKeyFile(f"{path} can be read by others: run `chmod 600 {path}`", path=str(path))
    text = path.read_text().strip()
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != _SEED_BYTES:
        # The content itself is secret and stays out of the message, and out of the cause.
        raise InvalidKeyFile(f"{path} does not hold an attestation key (64 hex digits)", path=str(path)) from None
    return seed
