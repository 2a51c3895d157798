"""A vault: one random master key, wrapped by a passphrase's or the operator's key.

A new passphrase wraps the same master key again, so no data key and no sealed secret is touched by it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import rfc8785

from keystore.envelope import KEY_BYTES, SealContext, decrypt, encrypt
from keystore.kdf import SALT_BYTES
from keystore.secret import Secret
from primitives.errors import SealBroken, WrongPassphrase

PERSON = "person"
SERVICE = "service"
WRAPPING = "wrapping"
"""Fact of a vault's audit entries: the checksum of its record."""
OPERATOR_KDF: Mapping[str, Any] = {"algorithm": "hkdf-sha256"}


@dataclass(frozen=True, slots=True)
class VaultRecord:
    """A stored vault.

    Attributes:
        kdf: Algorithm and cost that turn passphrase or key file into the wrapping key.
        salt: 16 bytes.
        wrapped_master: version ‖ nonce ‖ ciphertext ‖ tag.
        checksum: SHA-256 over all the rest, so that damage is told apart from a wrong passphrase.
    """

    id: UUID
    tenant_id: UUID
    kind: str
    kdf: Mapping[str, Any]
    salt: bytes
    wrapped_master: bytes
    checksum: bytes

    @property
    def context(self) -> SealContext:
        return SealContext(self.tenant_id, self.id, f"{self.kind} master-key")

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"vault {self.id}"

    def check(self) -> None:
        """Raises SealBroken when the record was damaged."""
        if _checksum(self) != self.checksum:
            raise SealBroken(f"vault {self.id} was damaged: restore it from a backup", record=f"vault {self.id}")


def wrapping_facts(record: VaultRecord) -> dict[str, str]:
    """What the audit log holds of a wrapping: nothing secret, and enough to know the newest one again."""
    return {WRAPPING: record.checksum.hex(), "kdf": str(record.kdf.get("algorithm", ""))}


def require_newest(record: VaultRecord, newest_checksum: str | None) -> None:
    """Compare with the checksum (hex) that the audit log holds of the vault's last wrapping; None: made before it did.

    Raises:
        SealBroken: An older version of the record was put back, which an old passphrase may open.
    """
    if newest_checksum is not None and newest_checksum != record.checksum.hex():
        raise SealBroken(
            f"{record.name} is an older version of itself: restore the newest backup, with its audit log",
            record=record.name,
        )


def _checksum(record: VaultRecord) -> bytes:
    parts = (
        record.id.bytes,
        record.tenant_id.bytes,
        record.kind.encode(),
        rfc8785.dumps(dict(record.kdf)),
        record.salt,
        record.wrapped_master,
    )
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def fresh_salt() -> bytes:
    return os.urandom(SALT_BYTES)


def new_vault(
    tenant_id: UUID, kind: str, kdf: Mapping[str, Any], salt: bytes, wrapping_key: Secret
) -> tuple[VaultRecord, Secret]:
    """Make a vault and its master key (32 random bytes)."""
    master_key = Secret(os.urandom(KEY_BYTES))
    empty = VaultRecord(uuid4(), tenant_id, kind, kdf, salt, b"", b"")
    return rewrap(empty, kdf, salt, wrapping_key, master_key), master_key


def rewrap(
    record: VaultRecord, kdf: Mapping[str, Any], salt: bytes, wrapping_key: Secret, master_key: Secret
) -> VaultRecord:
    """The same vault under another wrapping key."""
    wrapped = encrypt(wrapping_key, master_key, record.context, b"wrapped")
    unsummed = replace(record, kdf=kdf, salt=salt, wrapped_master=wrapped, checksum=b"")
    return replace(unsummed, checksum=_checksum(unsummed))


def open_vault(record: VaultRecord, wrapping_key: Secret) -> Secret:
    """The master key.

    Raises:
        WrongPassphrase: The record is whole, and this key does not open it.
        SealBroken: The record was damaged.
    """
    record.check()
    try:
        return decrypt(wrapping_key, record.wrapped_master, record.context, b"wrapped")
    except SealBroken as error:
        raise WrongPassphrase("the passphrase does not open your keys") from error
