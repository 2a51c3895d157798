"""Schemas of gifts: the shop's catalogue, and what is on its way to holders."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.amounts import CurrencyAmount
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from primitives.currency import Money
from primitives.voucher_id import CampaignId
from vouchers.gifts.model import MAX_UNITS, DeliveryStatus, Gift, GiftDelivery
from vouchers.gifts.service import MAX_SHIPPING_LENGTH
from vouchers.rules import Delivery

ProgrammeText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{48}$")]
ShippingText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_SHIPPING_LENGTH)]


class GiftBody(RequestBody):
    """What is said of a gift; its stock changes by itself."""

    name: Line = Field(examples=["马克杯"])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])
    unit_price_minor: int = Field(ge=0, lt=2**43, strict=True, description="The customer's price", examples=[2000])
    category: Line | None = None
    programme: ProgrammeText | None = Field(default=None, description="Points programme that buys it; null: none")
    points_price: int | None = Field(default=None, ge=1, lt=2**47, strict=True, description="Points for one unit")
    offered: bool = Field(default=True, description="false: nobody new gets it; what is reserved is still given")

    def to_domain(self, tenant_id: UUID, sku: str) -> Gift:
        """Raises InvalidValue."""
        return Gift(
            tenant_id=tenant_id,
            sku=sku,
            name=self.name,
            currency=self.currency,
            unit_price_minor=self.unit_price_minor,
            category=self.category,
            stock=0,
            reserved=0,
            programme=None if self.programme is None else CampaignId.parse(self.programme),
            points_price=self.points_price,
            offered=self.offered,
        )


class StockChange(RequestBody):
    """Units that came in; a negative number takes away units that nobody has reserved."""

    units: int = Field(ge=-MAX_UNITS, le=MAX_UNITS, strict=True, examples=[100])


class GiftRead(ResponseBody):
    """A gift of a shop."""

    sku: str
    name: str
    unit_price: CurrencyAmount
    category: str | None
    stock: int = Field(description="Units on hand, reserved ones included")
    reserved: int = Field(description="Held by checkouts and payments under way")
    available: int
    programme: str | None
    points_price: int | None
    offered: bool

    @classmethod
    def of(cls, gift: Gift) -> Self:
        return cls(
            sku=gift.sku,
            name=gift.name,
            unit_price=CurrencyAmount.of(Money(gift.unit_price_minor, gift.currency)),
            category=gift.category,
            stock=gift.stock,
            reserved=gift.reserved,
            available=gift.available,
            programme=None if gift.programme is None else str(gift.programme),
            points_price=gift.points_price,
            offered=gift.offered,
        )


class OfferedGift(ResponseBody):
    """A gift that points buy."""

    sku: str
    name: str
    unit_price: CurrencyAmount
    available: int
    programme: str
    points_price: int

    @classmethod
    def of(cls, gift: Gift) -> Self:
        assert gift.programme is not None
        assert gift.points_price is not None
        return cls(
            sku=gift.sku,
            name=gift.name,
            unit_price=CurrencyAmount.of(Money(gift.unit_price_minor, gift.currency)),
            available=gift.available,
            programme=str(gift.programme),
            points_price=gift.points_price,
        )


class GiftTake(RequestBody):
    """A gift to buy with points."""

    shop: UUID = Field(description="The organisation")
    sku: Line
    units: int = Field(default=1, ge=1, le=1_000, strict=True)
    delivery: Delivery = Field(default=Delivery.PICKUP)
    shipping: ShippingText | None = Field(default=None, description="Where to; erased at delivery")


class DeliveryAdvance(RequestBody):
    """How far a gift is now."""

    status: DeliveryStatus


class ShippingBody(RequestBody):
    """Where to send a gift; erased at delivery."""

    shipping: ShippingText


class DeliveryRead(ResponseBody):
    """Units on their way to a holder, with an order or for points."""

    id: UUID
    shop: UUID
    sku: str
    name: str
    units: int
    returned: int = Field(description="Units that came back")
    order: UUID | None
    delivery: Delivery
    status: DeliveryStatus = Field(description="backordered: owed, and not in stock yet")
    shipping: str | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, one: GiftDelivery) -> Self:
        return cls(
            id=one.id,
            shop=one.tenant_id,
            sku=one.sku,
            name=one.name,
            units=one.units,
            returned=one.returned,
            order=one.order_id,
            delivery=one.delivery,
            status=one.status,
            shipping=one.shipping,
            created_at=one.created_at,
            updated_at=one.updated_at,
        )
