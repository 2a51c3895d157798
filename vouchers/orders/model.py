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
    """One attempt to pay an order; `number` counts from 1."""

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
        "items": [[str(item.voucher), item.amount_minor, item.moves] for item in redemption.items],
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
            RedemptionItem(VoucherId.parse(voucher), amount, moves) for voucher, amount, moves in data["items"]
        ),
    )
