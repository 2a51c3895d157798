"""Further keys that open a person's vault beside its passphrase: the answer of a passkey's pseudo-random function.

The answer (32 bytes, which only the device can give again) becomes a wrapping key by HKDF-SHA-256 (RFC 5869) with a
salt of its own, and wraps the same master key as the passphrase does. It is never stored.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keystore.envelope import KEY_BYTES
from keystore.secret import Secret
from keystore.vault import VaultRecord, fresh_salt, rewrap
from primitives.errors import InvalidValue

ANSWER_BYTES = 32
KIND = "passkey"
HKDF_KDF = {"algorithm": "hkdf-sha256"}
_INFO = b"quanbao passkey unlock v1"


def wrapping_key_of(answer: bytes, salt: bytes) -> Secret:
    """Raises InvalidValue: the answer has not 32 bytes."""
    if len(answer) != ANSWER_BYTES:
        raise InvalidValue(f"the device's answer has {ANSWER_BYTES} bytes")
    return Secret(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=_INFO).derive(answer))


def wrap_for(unlock_key_id: UUID, vault: VaultRecord, answer: bytes, master_key: Secret) -> VaultRecord:
    """The vault's master key once more, wrapped by a device: a record of the same shape under another id and kind."""
    salt = fresh_salt()
    place = replace(vault, id=unlock_key_id, kind=KIND, kdf=HKDF_KDF, salt=b"", wrapped_master=b"", checksum=b"")
    with wrapping_key_of(answer, salt) as wrapping_key:
        return rewrap(place, HKDF_KDF, salt, wrapping_key, master_key)
