"""Accounts and holdings."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.signing import Curve, KeyId, KeyPurpose

CUSTOM = "custom"
SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Account:
    """One on-chain identity of a person or of an organisation's service wallet.

    Attributes:
        label: What its owner calls it; its purpose or path where that cannot be read any more.
        path: Of its key in its wallet (`primitives.key_path`).
        scheme: Whose way of counting the path follows (`chains.schemes`); `custom` for any other, `service` for
            keys of the operator.
    """

    id: UUID
    tenant_id: UUID
    wallet_id: UUID
    key_id: KeyId
    purpose: KeyPurpose
    account: AccountId
    label: str
    path: str
    scheme: str = CUSTOM

    @property
    def chain(self) -> ChainId:
        return self.account.chain


@dataclass(frozen=True, slots=True)
class Address:
    """An address that nothing is sent from here: on a network without a node of ours, or only watched.

    Attributes:
        label: As an account's; the path or network where it cannot be read any more.
        key_id: None when not even its public key is known.
        network: CAIP-2.
        watch_only: The key is elsewhere.
    """

    id: UUID
    tenant_id: UUID
    wallet_id: UUID
    key_id: KeyId | None
    network: str
    address: str
    scheme: str
    path: str | None
    label: str
    watch_only: bool


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
