"""What vouchers ask of the wallets below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol
from uuid import UUID

from chains.campaign import CampaignTerms
from chains.intent import Intent
from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.position import ChainPosition, Finality
from primitives.signing import KeyId, KeyPurpose, Signer


class PaymentState(StrEnum):
    UNSIGNED = "unsigned"
    """No signature exists; nothing can land."""
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PaymentPlace:
    """Where a payment's transaction stands. `block_time` in Unix seconds; the position's event index is 0."""

    chain: ChainId
    position: ChainPosition
    block_time: int


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as far as vouchers care. `failure` holds code, message and facts; `place` and `fee` are known once it
    is in a block."""

    id: UUID
    state: PaymentState
    tx_hash: str | None
    height: int | None
    finality: Finality | None
    failure: Mapping[str, Any] | None
    place: PaymentPlace | None = None
    fee: Amount | None = None


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """One transaction that shall happen exactly once.

    Attributes:
        idempotency_key: Kept for ever, bound to the intent.
        signs: `service`: the worker signs; `person`: somebody calls `authorise` with the holder's signer.
        on_end: Job kind enqueued when the payment is done or failed, with `reference` in its payload.
        budgets: Names of gas budgets that its fee counts against (`campaign:…`, `holder:…`).
        asked_by: Which member of an organisation wants it: never one of those who approve it.
    """

    tenant_id: UUID
    idempotency_key: str
    intent: Intent
    act: str
    signs: Literal["service", "person"]
    on_end: str
    reference: Mapping[str, Any]
    budgets: tuple[str, ...] = ()
    asked_by: UUID | None = None


class Payments(Protocol):
    """The transaction engine (`wallets.engine`)."""

    async def request(self, tx: Transaction, order: PaymentOrder) -> UUID:
        """Persist the payment in the caller's transaction and return its id; the same key again is the same payment.

        Raises:
            IdempotencyConflict: The key was used with another intent.
        """
        ...

    async def known(
        self, tx: Transaction, tenant_id: UUID, idempotency_key: str
    ) -> tuple[UUID, Mapping[str, Any]] | None:
        """The payment that this key asked for before, and its reference: what it was for may have been done since."""
        ...

    async def authorise(self, payment_id: UUID, signer: Signer) -> None:
        """Sign and store the bytes; a refusal makes the payment failed.

        Raises:
            NodeUnavailable: Nothing was signed; ask again.
        """
        ...

    async def view(self, tx: Transaction, tenant_id: UUID, payment_id: UUID) -> PaymentView:
        """Raises PaymentNotFound, also for another tenant's."""
        ...

    async def withdraw(self, tx: Transaction, payment_id: UUID) -> bool:
        """Cancel a payment that was never signed, so that it never will be. False: it is signed or has ended."""
        ...


class HeldAccount(Protocol):
    """An account whose key the keystore holds."""

    @property
    def account(self) -> AccountId: ...

    @property
    def key_id(self) -> KeyId: ...


class Accounts(Protocol):
    """Accounts by owner (`wallets.accounts`)."""

    async def service_account(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> HeldAccount:
        """The tenant's one account of this purpose on this chain, made on first use."""
        ...

    async def accounts_of(self, tenant_id: UUID) -> tuple[AccountId, ...]:
        """A person's own accounts on every chain."""
        ...

    async def tenants_of(self, tx: Transaction, account: AccountId) -> tuple[UUID, ...]:
        """Everybody who has this account; nobody for an account that is held elsewhere."""
        ...

    async def accounts_on(self, tx: Transaction, chain: ChainId, after: str, limit: int) -> Sequence[AccountId]:
        """Accounts that are held here on a chain, everybody's, in order of their address, from behind `after` on."""
        ...

    async def key_of(self, tenant_id: UUID, account: AccountId) -> KeyId:
        """Raises NotVoucherHolder when the account is not the tenant's."""
        ...


class CosigningRules(Protocol):
    """Tells the keystore what a campaign's redemptions may do, where a platform key co-signs them (Solana)."""

    async def allow(self, tenant_id: UUID, terms: CampaignTerms, per_holder: int | None) -> None:
        """Idempotent; terms never change. Does nothing on chains whose contract decides.

        Args:
            per_holder: Most vouchers that the campaign issues to one account; None: no limit.

        Raises:
            NodeUnavailable: Ask again.
        """
        ...


class TreasuryKeys(Protocol):
    """Tells the keystore whom a merchant's treasury may pay."""

    async def allow(
        self, treasury: AccountId, tenant_id: UUID, amount: Amount, recipient: AccountId, order_hash: bytes
    ) -> None:
        """Let the treasury pay this back to this account for this order. Idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a currency is paid in on one chain. `units_per_minor`: base units of `asset` for one minor unit."""

    currency: str
    asset: Asset
    units_per_minor: int
