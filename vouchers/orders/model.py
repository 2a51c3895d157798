"""Orders, quotes and attempts to pay, as stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chains.campaign import Redemption, RedemptionItem
from chains.intent import amount_from_json, amount_to_json
from primitives.account_id import AccountId
from primitives.signing import Curve, Signature
from primitives.voucher_id import VoucherId
from vouchers.checkout.model import Cart, CartLine, Quote
from vouchers.checkout.quote_json import line_to_json
from vouchers.till.model import RemainderBy

ACT_PAY = "order.pay"


class OrderStatus(StrEnum):
    """open → pending → paid; a payment that fails puts it back to open."""

    OPEN = "open"
    PENDING = "pending"
    PAID = "paid"
    CANCELLED = "cancelled"


class AttemptStatus(StrEnum):
    """Of an attempt to pay and of its redemptions; at most one per voucher is not failed."""

    REQUESTED = "requested"
    """The order and its vouchers are locked; nothing is signed."""
    PENDING = "pending"
    """A payment carries it."""
    FINAL = "final"
    FAILED = "failed"


class Way(StrEnum):
    """How an attempt goes to the chain."""

    ALONE = "alone"
    """In a transaction of its own, which is the holder's payment."""
    BATCH = "batch"
    """With other orders of the merchant, whose payment it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a merchant charges. `tenant_id` is the organisation.

    Attributes:
        reference: The merchant's own, shown to the holder.
        attempts: Attempts to pay so far.
        failure: Why the last attempt failed; None after a success.
        expires_at: The holder must begin to pay before it; None for no limit.
        remainder_by: How the part that vouchers do not cover is paid.
        locked_by, locked_until: The quote that alone may pay until then.
        batch: It may be redeemed in one transaction with other orders of the merchant, where the chain has that.
    """

    id: UUID
    tenant_id: UUID
    status: OrderStatus
    cart: Cart
    reference: str | None
    attempts: int
    failure: Mapping[str, Any] | None
    created_by: UUID
    created_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None
    remainder_by: RemainderBy = RemainderBy.ONCHAIN
    locked_by: UUID | None = None
    locked_until: datetime | None = None
    batch: bool = False


@dataclass(frozen=True, slots=True)
class OrderQuote:
    """What one account would pay, and with which vouchers.

    Attributes:
        tenant_id: The holder.
        merchant: The account that is paid.
        price: From the pure pricing.
        redemption: What both parties will consent to.
        document: Canonical bytes of the order document; its hash is the redemption's order hash.
        expires_at: Unix seconds of block time; a payment must begin before it.
        short_by: Base units that the account lacks for the remainder.
    """

    id: UUID
    tenant_id: UUID
    order_id: UUID
    account: AccountId
    merchant: AccountId
    price: Quote
    redemption: Redemption
    document: bytes
    expires_at: int
    short_by: int
    in_flight: tuple[VoucherId, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to pay an order; `number` counts from 1.

    `consents`: what the holder signed, by name, where the attempt waits or waited to be redeemed with others.
    """

    order_id: UUID
    number: int
    tenant_id: UUID
    holder_tenant_id: UUID
    quote_id: UUID
    account: AccountId
    order_hash: bytes
    idempotency_key: str
    status: AttemptStatus
    payment_id: UUID | None
    failure: Mapping[str, Any] | None
    created_at: datetime
    ended_at: datetime | None
    way: Way = Way.ALONE
    consents: Mapping[str, Signature] | None = None

    @property
    def waits(self) -> bool:
        """The holder has consented, and a job will find the payment that carries it."""
        return self.status is AttemptStatus.REQUESTED and self.consents is not None

    @property
    def live(self) -> bool:
        return self.status in (AttemptStatus.REQUESTED, AttemptStatus.PENDING)

    @property
    def payer_id(self) -> UUID:
        """Whose the payment is that carries it."""
        return self.tenant_id if self.way is Way.BATCH else self.holder_tenant_id


@dataclass(frozen=True, slots=True)
class RedemptionRow:
    """One voucher of an attempt: the record that keeps everybody else from redeeming it. `id` is 32 bytes; `spends`: of
    stored value, which can be redeemed again while something is left on it."""

    id: bytes
    order_id: UUID
    attempt: int
    voucher: VoucherId
    holder: AccountId
    merchant: AccountId
    amount_minor: int
    status: AttemptStatus
    spends: bool = False


def cart_to_json(cart: Cart) -> dict[str, Any]:
    return {
        "merchant": cart.merchant,
        "currency": cart.currency,
        "store": cart.store,
        "lines": [line_to_json(line) for line in cart.lines],
    }


def cart_from_json(data: Mapping[str, Any]) -> Cart:
    return Cart(
        merchant=data["merchant"],
        currency=data["currency"],
        store=data["store"],
        lines=tuple(CartLine(**line) for line in data["lines"]),
    )


def redemption_to_json(redemption: Redemption) -> dict[str, Any]:
    return {
        "holder": str(redemption.holder),
        "merchant": str(redemption.merchant),
        "submitter": str(redemption.submitter),
        "order_hash": redemption.order_hash.hex(),
        "valid_before": redemption.valid_before,
        "remainder": amount_to_json(redemption.remainder),
        "items": [_item_to_json(item) for item in redemption.items],
    }


def redemption_from_json(data: Mapping[str, Any]) -> Redemption:
    return Redemption(
        holder=AccountId.parse(data["holder"]),
        merchant=AccountId.parse(data["merchant"]),
        submitter=AccountId.parse(data["submitter"]),
        order_hash=bytes.fromhex(data["order_hash"]),
        valid_before=data["valid_before"],
        remainder=amount_from_json(data["remainder"]),
        items=tuple(
            RedemptionItem(
                VoucherId.parse(voucher),
                amount,
                moves,
                tuple(bytes.fromhex(sister) for sister in proof[0]) if proof else None,
            )
            for voucher, amount, moves, *proof in data["items"]
        ),
    )


def _item_to_json(item: RedemptionItem) -> list[Any]:
    """The proof is named only where there is one, so that what was stored before stays as it was."""
    proof = [] if item.proof is None else [[sister.hex() for sister in item.proof]]
    return [str(item.voucher), item.amount_minor, item.moves, *proof]


def consents_from_json(data: Mapping[str, str] | None) -> Mapping[str, Signature] | None:
    return (
        None if data is None else {name: Signature(Curve.SECP256K1, bytes.fromhex(raw)) for name, raw in data.items()}
    )
