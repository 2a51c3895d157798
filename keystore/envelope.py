"""Sealing: every secret under a data key of its own, every data key under the vault's master key.

Both layers are AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. The associated data binds a ciphertext to
version ‖ tenant ‖ record ‖ purpose, so that a record which is changed, truncated, swapped or moved does not open.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keystore.secret import Secret
from primitives.errors import SealBroken

VERSION = 1
KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class SealContext:
    """Where a sealed record belongs. `purpose` says what it holds (`mnemonic`, `master-key`)."""

    tenant_id: UUID
    record_id: UUID
    purpose: str

    def associated_data(self, layer: bytes) -> bytes:
        """version (1) ‖ tenant (16) ‖ record (16) ‖ length of layer (1) ‖ layer ‖ purpose."""
        head = bytes([VERSION]) + self.tenant_id.bytes + self.record_id.bytes
        return head + bytes([len(layer)]) + layer + self.purpose.encode()

    def __str__(self) -> str:
        return f"{self.purpose} {self.record_id}"


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """What is stored: version (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16), twice."""

    wrapped_key: bytes
    sealed: bytes


def encrypt(key: Secret, plaintext: Secret, context: SealContext, layer: bytes) -> bytes:
    """One layer: version ‖ nonce ‖ ciphertext ‖ tag under a 32-byte key."""
    nonce = os.urandom(_NONCE_BYTES)
    body = AESGCM(key.expose()).encrypt(nonce, plaintext.expose(), context.associated_data(layer))
    return bytes([VERSION]) + nonce + body


def decrypt(key: Secret, blob: bytes, context: SealContext, layer: bytes) -> Secret:
    """Open one layer.

    Raises:
        SealBroken: Another version, truncated, changed, or sealed for another place or under another key.
    """
    if len(blob) < 1 + _NONCE_BYTES + _TAG_BYTES or blob[0] != VERSION:
        raise _broken(context)
    nonce, body = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
    try:
        return Secret(AESGCM(key.expose()).decrypt(nonce, body, context.associated_data(layer)))
    except InvalidTag as error:
        raise _broken(context) from error


def seal(master_key: Secret, plaintext: Secret, context: SealContext) -> SealedSecret:
    """Encrypt a secret under a fresh data key, and that key under the master key."""
    with Secret(os.urandom(KEY_BYTES)) as data_key:
        return SealedSecret(
            wrapped_key=encrypt(master_key, data_key, context, b"data-key"),
            sealed=encrypt(data_key, plaintext, context, b"secret"),
        )


def unseal(master_key: Secret, record: SealedSecret, context: SealContext) -> Secret:
    """The secret again. Raises SealBroken, which names the record."""
    with decrypt(master_key, record.wrapped_key, context, b"data-key") as data_key:
        return decrypt(data_key, record.sealed, context, b"secret")


def _broken(context: SealContext) -> SealBroken:
    return SealBroken(
        f"the sealed record {context} was changed, truncated or belongs elsewhere: restore it from a backup",
        record=str(context),
    )
