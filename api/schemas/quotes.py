"""Schemas of quotes: what an order costs its holder, with which vouchers, and why not with others."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.amounts import ChainAmount, CurrencyAmount
from api.schemas.base import RequestBody, ResponseBody
from api.schemas.campaigns import AccountText, ChainText
from primitives.currency import Money
from primitives.voucher_id import VoucherId
from vouchers.checkout.model import AppliedVoucher, CartLine, GiftGiven, Quote, SpentPoints, UnusedReason
from vouchers.orders.model import OrderQuote
from vouchers.orders.quotes import TenderChoice
from vouchers.rules import VoucherKind

VoucherText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class QuoteRequest(RequestBody):
    """From where to pay; without it, the account with enough money and the best voucher is chosen."""

    account: AccountText | None = Field(default=None, description="CAIP-10")
    chain: ChainText | None = Field(default=None, description="CAIP-2: any of the caller's accounts there")
    use_stored_value: bool = Field(default=True, description="false: keep stored value for later")
    use_points: bool = Field(default=True, description="false: keep points for later")
    keep: list[VoucherText] = Field(
        default_factory=list, max_length=500, description="Vouchers to keep for later: they are not offered"
    )

    @property
    def tender(self) -> TenderChoice:
        return TenderChoice(
            self.use_stored_value, self.use_points, frozenset(VoucherId.parse(voucher) for voucher in self.keep)
        )


class LineRead(ResponseBody):
    sku: str
    name: str
    quantity: int
    unit_price_minor: int
    category: str | None

    @classmethod
    def of(cls, line: CartLine) -> Self:
        return cls(
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            category=line.category,
        )


class GiftGivenRead(ResponseBody):
    """Units that leave the shop's gift stock with the order."""

    sku: str
    quantity: int
    freed: int = Field(description="Units of the cart that cost nothing")
    added: int = Field(description="Units that come as a line of their own")
    line: int | None = Field(description="Place of the added line in `lines`, from 0")

    @classmethod
    def of(cls, gift: GiftGiven) -> Self:
        return cls(
            sku=gift.sku,
            quantity=gift.quantity,
            freed=sum(units for _, units in gift.freed),
            added=gift.added,
            line=gift.line,
        )


class UsedVoucherRead(ResponseBody):
    """A voucher that the order uses; `discount_minor` is what it takes off, or pays (`stored_value`)."""

    voucher: str
    kind: VoucherKind
    discount_minor: int
    sponsor_minor: int = Field(description="The sponsor's share of it")
    per_line: list[int] = Field(description="Minor units, in the order of the lines")
    balance_left_minor: int | None = Field(description="Stored value: what stays on it")
    gift: GiftGivenRead | None

    @classmethod
    def of(cls, item: AppliedVoucher) -> Self:
        left = None if item.balance is None else item.balance.balance_minor - item.amount_minor
        return cls(
            voucher=str(item.voucher),
            kind=item.kind,
            discount_minor=item.amount_minor,
            sponsor_minor=item.sponsor_minor,
            per_line=list(item.per_line),
            balance_left_minor=left,
            gift=None if item.gift is None else GiftGivenRead.of(item.gift),
        )


class SpentPointsRead(ResponseBody):
    """Points that pay a part."""

    programme: str
    points: int
    amount_minor: int
    left: int = Field(description="Points that stay")

    @classmethod
    def of(cls, spent: SpentPoints) -> Self:
        return cls(
            programme=str(spent.programme),
            points=spent.points,
            amount_minor=spent.amount_minor,
            left=spent.balance - spent.points,
        )


class UnusedVoucherRead(ResponseBody):
    """A voucher that is not used, and why."""

    voucher: str
    reason: UnusedReason | str = Field(examples=["below_min_spend"])
    would_give_minor: int = Field(description="Alone, where it would give something")
    spend_more: int | None = Field(description="Minor units missing to its threshold")
    units_more: int | None = Field(default=None, description="Units missing, of eligible goods or of the gift")


class UnusedPointsRead(ResponseBody):
    """Points that are not used, and why."""

    programme: str
    reason: UnusedReason


class QuoteRead(ResponseBody):
    """What the account would pay; nothing is locked. total = discount + tender + remainder."""

    id: UUID
    order: UUID
    account: str = Field(description="CAIP-10: who pays")
    pays_to: str = Field(description="CAIP-10")
    lines: list[LineRead] = Field(description="The order's lines, then one for every gift that is added")
    total: CurrencyAmount
    discount: CurrencyAmount
    tender: CurrencyAmount = Field(description="Paid by stored value and points")
    remainder: CurrencyAmount
    remainder_on_chain: ChainAmount = Field(description="What moves from holder to merchant in the same transaction")
    payable_per_line: list[int]
    unclaimed: list[str] = Field(description="Used vouchers of drops that nobody has claimed: paying claims them")
    used: list[UsedVoucherRead]
    points: list[SpentPointsRead]
    unused: list[UnusedVoucherRead]
    unused_points: list[UnusedPointsRead]
    optimal: bool = Field(description="Proven: no set of these vouchers takes off more")
    bound_minor: int = Field(description="No set takes off more than this, in minor units")
    gap_minor: int = Field(description="What could be missing to the best discount at most")
    nodes: int = Field(description="Sets of vouchers that the search looked at")
    expires_at: int = Field(description="Unix seconds of block time; begin to pay before it")
    short_by: str = Field(description='Base units that the account lacks for the remainder; "0" when it has enough')
    order_hash: str = Field(description="keccak256 of the order document, 64 hex digits")

    @classmethod
    def of(cls, quote: OrderQuote) -> Self:
        price = quote.price

        def money(minor: int) -> CurrencyAmount:
            return CurrencyAmount.of(Money(minor, price.currency))

        return cls(
            id=quote.id,
            order=quote.order_id,
            account=str(quote.account),
            pays_to=str(quote.merchant),
            lines=[LineRead.of(line) for line in price.lines],
            total=money(price.total_minor),
            discount=money(price.discount_minor),
            tender=money(price.tender_minor),
            remainder=money(price.remainder_minor),
            remainder_on_chain=ChainAmount.of(quote.redemption.remainder),
            payable_per_line=list(price.payable_per_line),
            unclaimed=[str(item.voucher) for item in quote.redemption.items if item.proof is not None],
            used=[UsedVoucherRead.of(item) for item in price.used],
            points=[SpentPointsRead.of(spent) for spent in price.points],
            unused=_unused(quote, price),
            unused_points=[
                UnusedPointsRead(programme=str(item.programme), reason=item.reason) for item in price.unused_points
            ],
            optimal=price.optimal,
            bound_minor=price.bound_minor,
            gap_minor=price.gap_minor,
            nodes=price.nodes,
            expires_at=quote.expires_at,
            short_by=str(quote.short_by),
            order_hash=quote.redemption.order_hash.hex(),
        )


def _unused(quote: OrderQuote, price: Quote) -> list[UnusedVoucherRead]:
    unused = [
        UnusedVoucherRead(
            voucher=str(item.voucher),
            reason=item.reason,
            would_give_minor=item.would_give_minor,
            spend_more=item.spend_more,
            units_more=item.units_more,
        )
        for item in price.unused
    ]
    return unused + [
        UnusedVoucherRead(voucher=str(voucher), reason="in_flight", would_give_minor=0, spend_more=None)
        for voucher in quote.in_flight
    ]
