"""Payment requests that an organisation made, and the payments that answered them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from codec.solana.decoding.reader import decimal_text
from primitives.account_id import AccountId
from primitives.asset import Amount
from wallets.solana_pay.link import TransferRequest


@dataclass(frozen=True, slots=True)
class PayRequest:
    """One amount asked for once.

    Attributes:
        recipient: The organisation's account that is to be paid.
        reference: 32 bytes that nobody else knows before; the payment names it, which is how it is found.
        label: Who asks; `message`: what for; `memo`: text that the payment must carry.
        since_slot: Where the search for its payment begins.
    """

    id: UUID
    tenant_id: UUID
    recipient: AccountId
    amount: Amount
    reference: bytes
    label: str
    message: str | None
    memo: str | None
    since_slot: int
    created_at: datetime
    expires_at: datetime
    receipt: PayReceipt | None = None

    @property
    def link(self) -> TransferRequest:
        """What a wallet needs for a transfer request."""
        asset = self.amount.asset
        mint = None if asset.id.is_native else AccountId.of(self.recipient.chain, asset.id.reference).raw
        return TransferRequest(
            recipient=self.recipient.raw,
            amount=Decimal(decimal_text(self.amount.base_units, asset.decimals)),
            spl_token=mint,
            references=(self.reference,),
            label=self.label,
            message=self.message,
            memo=self.memo,
        )


@dataclass(frozen=True, slots=True)
class PayReceipt:
    """The one payment that a request accepted: a signature stands in at most one receipt, for ever."""

    signature: str
    slot: int
    payer: AccountId
    base_units: int
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class SeenPayment:
    """A transaction on the chain that pays a request; `final`: at the chain's required finality."""

    signature: str
    slot: int
    payer: AccountId
    base_units: int
    final: bool


@dataclass(frozen=True, slots=True)
class PayState:
    """A request and what the chain shows: `seen` is a payment that is not final yet, or None."""

    request: PayRequest
    seen: SeenPayment | None
    expired: bool

    @property
    def status(self) -> str:
        """`paid`, `pending` (seen, not final), `expired` or `open`."""
        if self.request.receipt is not None:
            return "paid"
        if self.seen is not None:
            return "pending"
        return "expired" if self.expired else "open"


@dataclass(frozen=True, slots=True)
class ComposedTransaction:
    """An unsigned transaction for the account that asked, base64, and what a wallet shows beside it."""

    transaction: str
    message: str | None
