"""Schemas of orders, quotes, payments and receipts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from api.schemas.amounts import CurrencyAmount
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from api.schemas.campaigns import FailureRead
from api.schemas.quotes import LineRead, QuoteRead
from api.schemas.till import TenderRead
from chains.ports import ConsentRequest
from people.catalogue.sql import CatalogueItem
from primitives.currency import Money
from primitives.errors import InvalidValue
from primitives.signing import Curve, Signature
from vouchers.checkout.model import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from vouchers.orders.model import Attempt, AttemptStatus, Order, OrderStatus, RedemptionRow
from vouchers.ports import PaymentView
from vouchers.till.model import RemainderBy


class LineBody(RequestBody):
    """One line of the cart, with tax, after price promotions. What it leaves out is taken from the shop's catalogue."""

    sku: Line = Field(
        examples=["tea-001"],
        description="Of the shop's catalogue, where it keeps one; `counter` for an amount typed at the till",
    )
    name: Line | None = Field(default=None, examples=["龙井 250g"], description="Default: the catalogue's")
    quantity: int = Field(ge=1, le=MAX_QUANTITY, strict=True, examples=[1])
    unit_price_minor: int | None = Field(
        default=None, ge=0, lt=2**43, strict=True, description="Minor units; default: the catalogue's", examples=[10000]
    )
    category: Line | None = Field(default=None, description="Default: the catalogue's")

    @property
    def whole(self) -> bool:
        """Whether it can be charged without a catalogue."""
        return self.name is not None and self.unit_price_minor is not None

    def to_domain(self, item: CatalogueItem | None) -> CartLine:
        """Raises InvalidValue: neither the line nor the catalogue says its price."""
        name, price, category = self.name, self.unit_price_minor, self.category
        if item is not None:
            name = item.name if name is None else name
            price = item.unit_price_minor if price is None else price
            category = item.category if category is None else category
        if name is None or price is None:
            raise InvalidValue("a line has a name and a price, or a sku of the catalogue", sku=self.sku)
        return CartLine(self.sku, name, self.quantity, price, category)


class OrderCreate(RequestBody):
    """A cart to charge."""

    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])
    lines: list[LineBody] = Field(min_length=1, max_length=MAX_LINES)
    store: Line | None = None
    reference: Line | None = Field(default=None, description="The merchant's own, shown to the holder")
    expires_at: AwareDatetime | None = Field(default=None, description="A payment must begin before it")
    remainder_by: RemainderBy = Field(
        default=RemainderBy.ONCHAIN,
        description="recorded: what vouchers do not cover is paid by hand, and entered with `tender`",
    )
    batch: bool = Field(
        default=False,
        description="May wait a second for other orders of a busy till, to be redeemed in one transaction (EVM); the "
        "vouchers' payouts are then the merchant's credit, to be settled",
    )

    def to_domain(self, merchant: UUID, goods: Mapping[str, CatalogueItem]) -> Cart:
        """Args:
            goods: Items of the merchant's catalogue, by sku.

        Raises:
            InvalidValue
        """
        return Cart(
            merchant=str(merchant),
            currency=self.currency,
            lines=tuple(line.to_domain(goods.get(line.sku)) for line in self.lines),
            store=self.store,
        )


class OrderRead(ResponseBody):
    """An order. Whoever has its id may see it; the id is what the till's QR carries."""

    id: UUID
    merchant: UUID = Field(description="The organisation that charges")
    merchant_name: str
    status: OrderStatus
    currency: str
    total: CurrencyAmount
    lines: list[LineRead]
    store: str | None
    reference: str | None
    remainder_by: RemainderBy
    batch: bool = Field(description="May be redeemed in one transaction with other orders")
    locked_until: Moment | None = Field(description="Until then only the quote that holds the order pays it")
    created_at: Moment
    expires_at: Moment | None
    paid_at: Moment | None = Field(description="When the payment was final")
    failure: FailureRead | None = Field(description="Why the last attempt to pay ended; the order is open again")

    @classmethod
    def of(cls, order: Order, merchant_name: str) -> Self:
        return cls(
            id=order.id,
            merchant=order.tenant_id,
            merchant_name=merchant_name,
            status=order.status,
            currency=order.cart.currency,
            total=CurrencyAmount.of(Money(order.cart.total_minor, order.cart.currency)),
            lines=[LineRead.of(line) for line in order.cart.lines],
            store=order.cart.store,
            reference=order.reference,
            remainder_by=order.remainder_by,
            batch=order.batch,
            locked_until=order.locked_until,
            created_at=order.created_at,
            expires_at=order.expires_at,
            paid_at=order.paid_at,
            failure=FailureRead.of(order.failure),
        )


class OrderPay(RequestBody):
    """Which quote to pay; signed by the caller's unlocked wallet."""

    quote: UUID


class ConsentRead(ResponseBody):
    """Something for an outside wallet to sign (`eth_signTypedData_v4`)."""

    name: str = Field(description="Name it so in `consents`", examples=["redeem_order"])
    scheme: str = Field(examples=["evm_typed_data"])
    typed_data: dict[str, Any] = Field(description="A whole EIP-712 document")

    @classmethod
    def of(cls, request: ConsentRequest) -> Self:
        return cls(name=request.name, scheme=request.scheme.value, typed_data=json.loads(request.payload))


SignatureText = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{130}$")]


class OrderSubmit(RequestBody):
    """A quote to pay with what an outside wallet signed."""

    quote: UUID
    consents: dict[Line, SignatureText] = Field(
        min_length=1, max_length=4, description="65 bytes r ‖ s ‖ v in hex, v 0, 1, 27 or 28"
    )

    def to_domain(self) -> dict[str, Signature]:
        """Raises InvalidValue."""
        return {name: _signature(text) for name, text in self.consents.items()}


def _signature(text: str) -> Signature:
    raw = bytes.fromhex(text[2:])
    parity = {0: 0, 1: 1, 27: 0, 28: 1}.get(raw[64])
    if parity is None:
        raise InvalidValue("a signature ends with v of 0, 1, 27 or 28", v=raw[64])
    return Signature(Curve.SECP256K1, raw[:64] + bytes([parity]))


class RedemptionRead(ResponseBody):
    id: str = Field(description="Redemption id, 64 hex digits, the same on every chain")
    voucher: str
    discount_minor: int
    status: AttemptStatus


class PaymentRead(ResponseBody):
    """An attempt to pay and the transaction that carries it."""

    order: UUID
    attempt: int
    status: AttemptStatus = Field(description="final: paid for good; failed: no effect, the order is open again")
    chain: str
    account: str
    order_hash: str
    payment: UUID | None
    tx_hash: str | None
    height: int | None
    finality: str | None = Field(description="included, safe or finalized, once in a block")
    redemptions: list[RedemptionRead]
    failure: FailureRead | None
    created_at: datetime
    ended_at: Moment | None

    @classmethod
    def of(cls, attempt: Attempt, payment: PaymentView | None, redemptions: list[RedemptionRow]) -> Self:
        return cls(
            order=attempt.order_id,
            attempt=attempt.number,
            status=attempt.status,
            chain=str(attempt.account.chain),
            account=str(attempt.account),
            order_hash=attempt.order_hash.hex(),
            payment=attempt.payment_id,
            tx_hash=None if payment is None else payment.tx_hash,
            height=None if payment is None else payment.height,
            finality=None if payment is None or payment.finality is None else payment.finality.name.lower(),
            redemptions=[
                RedemptionRead(
                    id=row.id.hex(), voucher=str(row.voucher), discount_minor=row.amount_minor, status=row.status
                )
                for row in redemptions
            ],
            failure=FailureRead.of(attempt.failure),
            created_at=attempt.created_at,
            ended_at=attempt.ended_at,
        )


class OrderProgress(ResponseBody):
    """An order and its last attempt to pay."""

    order: OrderRead
    payment: PaymentRead | None


class Receipt(ResponseBody):
    """What was bought, what it cost, and where the chain says so.

    An order that was paid by hand alone has no payment, quote and document; its `tender` is the merchant's word."""

    order: OrderRead
    payment: PaymentRead | None
    quote: QuoteRead | None
    document: dict[str, Any] | None = Field(
        description="The order document; keccak256 of its canonical bytes is order_hash"
    )
    tender: TenderRead | None = Field(description="What the merchant took by hand: attested, never proved")
