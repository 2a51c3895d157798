"""What the keystore tells about wallets and keys; nothing here is secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey


class WalletKind(StrEnum):
    MNEMONIC = "mnemonic"
    """A person's words."""
    SERVICE = "service"
    """Words that the operator's key file opens; one wallet per tenant."""


@dataclass(frozen=True, slots=True)
class WalletRecord:
    """A set of keys from one seed.

    Attributes:
        words: How many words the mnemonic has.
        language: Of its word list.
        backup_confirmed: The owner has proved to have the words.
    """

    id: UUID
    tenant_id: UUID
    label: str
    kind: WalletKind
    words: int
    language: str
    backup_confirmed: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One derived key. `path` is the BIP-32 path in its wallet."""

    id: KeyId
    tenant_id: UUID
    wallet_id: UUID
    purpose: KeyPurpose
    curve: Curve
    public_key: PublicKey
    path: str
