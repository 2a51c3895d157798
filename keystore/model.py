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
    SHARES = "shares"
    """A master secret that its owner keeps as SLIP-39 shares."""
    EXTENDED_KEY = "extended_key"
    """An extended private key: one branch of a tree whose root is elsewhere."""
    SINGLE_KEY = "single_key"
    """One private key without any tree."""
    WATCH = "watch"
    """No secret at all: an extended public key or plain addresses. It signs nothing."""
    SERVICE = "service"
    """Words that the operator's key file opens; one wallet per tenant."""


PERSON_KINDS = tuple(kind for kind in WalletKind if kind is not WalletKind.SERVICE)
"""The wallets that a person has and sees."""


@dataclass(frozen=True, slots=True)
class WalletRecord:
    """A set of keys from one origin.

    Attributes:
        label: What its owner calls it; its kind where that cannot be read any more.
        words: How many words the mnemonic has; None for other kinds.
        language: Of its word list; None for other kinds.
        backup_confirmed: The owner has proved to have the words (or brought the secret along).
        curve: The only curve that a single or extended key has; None: every curve.
        extended_public_key: Of a branch, private or only watched, in BIP-32 text; None for other kinds.
    """

    id: UUID
    tenant_id: UUID
    label: str
    kind: WalletKind
    words: int | None
    language: str | None
    backup_confirmed: bool
    created_at: datetime
    curve: Curve | None = None
    extended_public_key: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key. `path` is its place (`primitives.key_path`) below what its wallet holds."""

    id: KeyId
    tenant_id: UUID
    wallet_id: UUID
    purpose: KeyPurpose
    curve: Curve
    public_key: PublicKey
    path: str
