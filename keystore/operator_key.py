"""The operator's key file, which opens the service vault."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keystore.envelope import KEY_BYTES
from keystore.secret import Secret
from primitives.errors import InvalidKeyFile


def read_operator_key(path: Path) -> Secret:
    """The 32 bytes of a file that holds them as 64 hex digits.

    Raises:
        InvalidKeyFile: Absent, readable by group or others, or not 64 hex digits.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise InvalidKeyFile(f"the operator's key file {path} is absent: bring it back from its safe place") from error
    except OSError as error:
        raise InvalidKeyFile(f"the operator's key file {path} cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise InvalidKeyFile(f"the operator's key file {path} is not a regular file")
        if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InvalidKeyFile(f"others can read the operator's key file: run chmod 600 {path}", path=str(path))
        text = file.read(256).strip()
    try:
        raw = bytes.fromhex(text.decode("ascii"))
    except ValueError as error:
        raise InvalidKeyFile(f"the operator's key file {path} does not hold 64 hex digits") from error
    if len(raw) != KEY_BYTES or raw == bytes(KEY_BYTES):
        raise InvalidKeyFile(f"the operator's key file {path} does not hold 64 hex digits of a random key")
    return Secret(raw)


def vault_key_of(operator_key: Secret, salt: bytes) -> Secret:
    """The key that wraps the service vault's master key (HKDF-SHA256, RFC 5869)."""
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"quanbao service vault v1")
    return Secret(kdf.derive(bytes(operator_key.expose())))
