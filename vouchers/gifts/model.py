"""A gift, what is reserved of it, and its way to a holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from primitives.voucher_id import CampaignId
from vouchers.rules import Delivery

MAX_UNITS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Gift:
    """One sku of a shop's gift catalogue.

    Attributes:
        tenant_id: The shop.
        unit_price_minor: The customer's price of one unit, in minor units of `currency`.
        stock: Units on hand, reserved ones included.
        reserved: Units that a checkout or a payment holds.
        programme, points_price: What one unit costs in points; None: not for points.
        offered: False: no new voucher or points takes it; what is reserved is still given.
    """

    tenant_id: UUID
    sku: str
    name: str
    currency: str
    unit_price_minor: int
    category: str | None
    stock: int
    reserved: int
    programme: CampaignId | None
    points_price: int | None
    offered: bool

    @property
    def available(self) -> int:
        return self.stock - self.reserved


class DeliveryStatus(StrEnum):
    """backordered → due → shipped → delivered; what is handed over goes from due to delivered."""

    BACKORDERED = "backordered"
    """Owed without stock: the shop stocks it, then hands it over."""
    DUE = "due"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"


NEXT_STATUS: dict[DeliveryStatus, frozenset[DeliveryStatus]] = {
    DeliveryStatus.BACKORDERED: frozenset({DeliveryStatus.DUE}),
    DeliveryStatus.DUE: frozenset({DeliveryStatus.SHIPPED, DeliveryStatus.DELIVERED}),
    DeliveryStatus.SHIPPED: frozenset({DeliveryStatus.DELIVERED}),
    DeliveryStatus.DELIVERED: frozenset(),
    DeliveryStatus.RETURNED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class GiftDelivery:
    """Units that a holder is given, with an order or for points.

    Attributes:
        returned: Units that came back.
        sealed: Where to, sealed under the holder's own key; erased at delivery.
        shipping: The same opened, in the holder's words, where a service was asked for it.
    """

    id: UUID
    tenant_id: UUID
    sku: str
    name: str
    units: int
    returned: int
    holder_id: UUID
    order_id: UUID | None
    delivery: Delivery
    status: DeliveryStatus
    sealed: bytes | None
    created_at: datetime
    updated_at: datetime
    shipping: str | None = None
