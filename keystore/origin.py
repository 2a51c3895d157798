"""Where a wallet's keys come from: words, a master secret, a branch, or one key. One of them is sealed per wallet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from keystore.branch import Branch
from keystore.envelope import SealContext, SealedSecret, unseal
from keystore.master_secret import MasterSecret
from keystore.model import WalletKind, WalletRecord
from keystore.secret import Secret
from keystore.seed_words import SeedWords
from keystore.single_key import SingleKey
from primitives.errors import SigningRefused
from primitives.key_path import KeyPath
from primitives.signing import Curve


class KeyOrigin(Protocol):
    """A wallet's secret while it is open; wipe it after use."""

    @property
    def purpose(self) -> str:
        """The name it is sealed under."""
        ...

    def private_key(self, curve: Curve, path: KeyPath) -> Secret:
        """Raises InvalidDerivationPath when it has no key there."""
        ...

    def fingerprint(self) -> bytes: ...

    def encode(self) -> Secret: ...

    def wipe(self) -> None: ...


_PURPOSE_OF: Mapping[WalletKind, str] = {
    WalletKind.MNEMONIC: SeedWords.purpose,
    WalletKind.SERVICE: SeedWords.purpose,
    WalletKind.SHARES: MasterSecret.purpose,
    WalletKind.EXTENDED_KEY: Branch.purpose,
    WalletKind.SINGLE_KEY: SingleKey.purpose,
}


def purpose_of(wallet: WalletRecord) -> str:
    """The name under which a wallet's secret is sealed.

    Raises:
        SigningRefused: It only watches (`rule` watch_only).
    """
    purpose = _PURPOSE_OF.get(wallet.kind)
    if purpose is None:
        raise SigningRefused(
            "this wallet only watches: its keys are elsewhere, so sign there or import the key", rule="watch_only"
        )
    return purpose


def open_origin(master_key: Secret, wallet: WalletRecord, sealed: SealedSecret) -> KeyOrigin:
    """A wallet's secret, under the master key of its vault.

    Raises:
        SealBroken: The record was changed, truncated, swapped, or belongs to a wallet of another kind.
        SigningRefused: The wallet only watches.
    """
    purpose = purpose_of(wallet)
    with unseal(master_key, sealed, SealContext(wallet.tenant_id, wallet.id, purpose)) as opened:
        if purpose == SeedWords.purpose:
            return SeedWords.decode(opened)
        if purpose == MasterSecret.purpose:
            return MasterSecret.decode(opened)
        if purpose == Branch.purpose:
            return Branch.decode(opened)
        return SingleKey.decode(opened)
