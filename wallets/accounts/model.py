"""Accounts and holdings."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.signing import Curve, KeyId, KeyPurpose


@dataclass(frozen=True, slots=True)
class Account:
    """One on-chain identity of a person or of an organisation's service wallet.

    Attributes:
        path: BIP-32 path of its key in its wallet.
    """

    id: UUID
    tenant_id: UUID
    wallet_id: UUID
    key_id: KeyId
    purpose: KeyPurpose
    account: AccountId
    label: str
    path: str

    @property
    def chain(self) -> ChainId:
        return self.account.chain


@dataclass(frozen=True, slots=True)
class Holding:
    """What an account holds of one asset."""

    account: Account
    amount: Amount


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All holdings; `unavailable` are the chains whose node did not answer, so that nothing is silently missing."""

    holdings: tuple[Holding, ...]
    unavailable: tuple[ChainId, ...]


def curve_of(chain: ChainId) -> Curve:
    """The curve of a chain family's account keys."""
    return Curve.SECP256K1 if chain.family == "eip155" else Curve.ED25519


def default_path(chain: ChainId, index: int) -> DerivationPath:
    """The path of the account numbered `index` from 0: m/44'/60'/0'/0/i (BIP-44), m/44'/501'/i'/0' on Solana."""
    if chain.family == "eip155":
        return DerivationPath((HARDENED + 44, HARDENED + 60, HARDENED, 0, index))
    return DerivationPath((HARDENED + 44, HARDENED + 501, HARDENED + index, HARDENED))
