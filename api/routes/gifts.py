"""/gifts: the shop's catalogue and stock, gifts for points, and deliveries."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.dependencies import GiftsDep, IdempotencyKey
from api.errors import problems
from api.paging import Page
from api.schemas.gifts import (
    DeliveryAdvance,
    DeliveryRead,
    GiftBody,
    GiftRead,
    GiftTake,
    OfferedGift,
    ShippingBody,
    StockChange,
)
from api.security import AnyMember, CallingPerson, Manager, Till
from primitives.errors import (
    GiftOutOfStock,
    IdempotencyConflict,
    InvalidValue,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PointsNotEnough,
)

router = APIRouter(prefix="/gifts", tags=["gifts"])

Sku = Annotated[str, Path(min_length=1, max_length=120, pattern=r"^[^\s/\x00-\x1f]+$")]


@router.get("", responses=problems(NotAuthenticated, NotFound))
async def list_gifts(member: AnyMember, gifts: GiftsDep) -> Page[GiftRead]:
    """The organisation's gift catalogue with its stock, by sku."""
    return Page[GiftRead].whole([GiftRead.of(gift) for gift in await gifts.gifts(member.tenant_id)])


@router.get("/offered", responses=problems(NotAuthenticated))
async def list_offered_gifts(
    caller: CallingPerson, gifts: GiftsDep, shop: Annotated[UUID, Query(description="The organisation")]
) -> Page[OfferedGift]:
    """What a shop gives for points."""
    return Page[OfferedGift].whole([OfferedGift.of(gift) for gift in await gifts.for_points(shop)])


@router.get("/mine", responses=problems(NotAuthenticated))
async def list_my_gifts(caller: CallingPerson, gifts: GiftsDep) -> Page[DeliveryRead]:
    """Gifts on their way to the caller, or there already, newest first."""
    found = await gifts.deliveries(holder_id=caller.tenant_id)
    return Page[DeliveryRead].whole([DeliveryRead.of(one) for one in found])


@router.post(
    "/take",
    status_code=201,
    responses=problems(NotAuthenticated, NotFound, InvalidValue, GiftOutOfStock, PointsNotEnough, IdempotencyConflict),
)
async def take_gift(body: GiftTake, caller: CallingPerson, key: IdempotencyKey, gifts: GiftsDep) -> DeliveryRead:
    """Buy a gift with points: the points are spent and the units leave the stock, or nothing happens."""
    taken = await gifts.take(
        caller.tenant_id,
        body.shop,
        body.sku,
        body.units,
        delivery=body.delivery,
        shipping=body.shipping,
        idempotency_key=key,
    )
    return DeliveryRead.of(taken)


@router.get("/deliveries", responses=problems(NotAuthenticated, NotFound, NotPermitted))
async def list_deliveries(member: Till, gifts: GiftsDep) -> Page[DeliveryRead]:
    """What the organisation owes or has given, newest first."""
    found = await gifts.deliveries(tenant_id=member.tenant_id)
    return Page[DeliveryRead].whole([DeliveryRead.of(one) for one in found])


@router.post(
    "/deliveries/{delivery_id}/advance",
    responses=problems(NotAuthenticated, NotFound, NotPermitted, InvalidValue, GiftOutOfStock),
)
async def advance_delivery(delivery_id: UUID, body: DeliveryAdvance, member: Till, gifts: GiftsDep) -> DeliveryRead:
    """Say that a gift was sent or handed over, or that a backordered one is in stock now."""
    return DeliveryRead.of(await gifts.advance(member.tenant_id, delivery_id, body.status))


@router.put("/deliveries/{delivery_id}/shipping", responses=problems(NotAuthenticated, NotFound, InvalidValue))
async def set_shipping(delivery_id: UUID, body: ShippingBody, caller: CallingPerson, gifts: GiftsDep) -> DeliveryRead:
    """Say where to send the caller's gift; kept until it is delivered."""
    return DeliveryRead.of(await gifts.ship_to(caller.tenant_id, delivery_id, body.shipping))


@router.put("/{sku}", responses=problems(NotAuthenticated, NotFound, NotPermitted, InvalidValue))
async def put_gift(sku: Sku, body: GiftBody, member: Manager, gifts: GiftsDep) -> GiftRead:
    """Add a gift to the catalogue, or change what is said of it."""
    return GiftRead.of(await gifts.put(body.to_domain(member.tenant_id, sku)))


@router.post(
    "/{sku}/stock",
    responses=problems(NotAuthenticated, NotFound, NotPermitted, InvalidValue, GiftOutOfStock, IdempotencyConflict),
)
async def change_gift_stock(
    sku: Sku, body: StockChange, member: Manager, key: IdempotencyKey, gifts: GiftsDep
) -> GiftRead:
    """Add units to the stock or take some away."""
    changed = await gifts.change_stock(
        member.tenant_id, sku, body.units, created_by=member.caller.person_id, idempotency_key=key
    )
    return GiftRead.of(changed)
