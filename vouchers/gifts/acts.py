"""What an order does with gifts, in its own transaction: reserve at the lock, keep while a payment is under way, then
give or release; and take back at a return. Each is idempotent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from persistence.database import Transaction
from primitives.errors import GiftOutOfStock, InvalidValue
from vouchers.checkout.model import GiftStock
from vouchers.gifts import sql
from vouchers.gifts.model import DeliveryStatus, Gift, GiftDelivery
from vouchers.rules import Delivery


async def gift_stock(tx: Transaction, merchant: UUID, currency: str) -> Mapping[str, GiftStock]:
    """The catalogue as pricing takes it: gifts of the order's currency that are offered."""
    return {
        gift.sku: GiftStock(gift.name, gift.unit_price_minor, gift.available, gift.category)
        for gift in await sql.gifts_of(tx, merchant)
        if gift.offered and gift.currency == currency
    }


async def reserve_gifts(
    tx: Transaction, merchant: UUID, gifts: Mapping[str, int], *, order_id: UUID, attempt: int, lifetime: timedelta
) -> None:
    """Hold units for one attempt to pay; they are free again after `lifetime` by themselves.

    Args:
        gifts: Units per sku (`Quote.gifts`).

    Raises:
        GiftOutOfStock: `sku`, `needed`, `available`; nothing of it stays when the caller's transaction ends.
    """
    known = await sql.reserved_for(tx, order_id, attempt)
    for sku, units in sorted(gifts.items()):
        if sku in known and known[sku] == (units, "held"):
            continue
        await sql.release_overdue(tx, merchant, sku)
        if not await sql.reserve_units(tx, merchant, sku, units):
            raise await _out_of_stock(tx, merchant, sku, units)
        if sku in known:
            await sql.hold_again(tx, order_id, attempt, sku)
        else:
            await sql.insert_reservation(tx, merchant, sku, units, order_id, attempt, lifetime)


async def keep_gifts(tx: Transaction, merchant: UUID, *, order_id: UUID, attempt: int) -> None:
    """A payment carries the attempt: its gifts stay held until they are given or released.

    Raises:
        GiftOutOfStock: They lapsed before, and somebody else took them.
    """
    for sku, (units, state) in (await sql.reserved_for(tx, order_id, attempt)).items():
        if state == "released":
            await sql.release_overdue(tx, merchant, sku)
            if not await sql.reserve_units(tx, merchant, sku, units):
                raise await _out_of_stock(tx, merchant, sku, units)
            await sql.hold_again(tx, order_id, attempt, sku)
    await sql.keep_reservations(tx, order_id, attempt)


async def release_gifts(tx: Transaction, merchant: UUID, *, order_id: UUID, attempt: int) -> None:
    """The attempt is over without effect."""
    for sku, (units, state) in (await sql.reserved_for(tx, order_id, attempt)).items():
        if state == "held":
            await sql.end_reservation(tx, merchant, order_id, attempt, sku, units)


async def give_gifts(
    tx: Transaction,
    merchant: UUID,
    ways: Mapping[str, Delivery],
    *,
    order_id: UUID,
    attempt: int,
    holder_id: UUID,
) -> Sequence[GiftDelivery]:
    """The payment is final: the units leave the stock and are on their way to the holder.

    A final payment is a fact: units that nobody reserved any more and that are gone are owed, as `backordered`.

    Args:
        ways: How each sku is delivered (the campaign's terms).
    """
    names = {gift.sku: gift.name for gift in await sql.gifts_of(tx, merchant)}
    given = []
    for sku, (units, state) in (await sql.reserved_for(tx, order_id, attempt)).items():
        if state == "given":
            continue
        status = DeliveryStatus.DUE
        if state == "held":
            await sql.give_reserved(tx, merchant, order_id, attempt, sku, units)
        else:
            await sql.mark_given(tx, order_id, attempt, sku)
            if not await sql.change_stock(tx, merchant, sku, -units):
                status = DeliveryStatus.BACKORDERED
        if status is DeliveryStatus.DUE:
            await sql.insert_movement(tx, merchant, sku, -units, "given", order_id=order_id)
        way = ways.get(sku, Delivery.WITH_ORDER)
        delivery = new_delivery(merchant, sku, names[sku], units, holder_id, way, status, order_id=order_id)
        await sql.insert_delivery(tx, delivery)
        given.append(delivery)
    return given


async def take_back_gift(tx: Transaction, *, order_id: UUID, sku: str, units: int) -> GiftDelivery:
    """Units of an order's gift came back to the shop and are in stock again; those that do not come back are charged
    at their price by the caller.

    Raises:
        InvalidValue: The order gave no such gift, or not so many units.
    """
    found = [one for one in await sql.deliveries_of_order(tx, order_id) if one.sku == sku]
    if not found or not 0 < units <= found[0].units - found[0].returned:
        raise InvalidValue("the order gave no so many units of this gift", sku=sku, units=units)
    delivery = found[0]
    returned = delivery.returned + units
    if delivery.status is not DeliveryStatus.BACKORDERED:
        await sql.change_stock(tx, delivery.tenant_id, sku, units)
        await sql.insert_movement(tx, delivery.tenant_id, sku, units, "returned", order_id=order_id)
    status = DeliveryStatus.RETURNED if returned == delivery.units else delivery.status
    await sql.set_delivery(tx, delivery.id, status, returned=returned)
    return next(one for one in await sql.deliveries_of_order(tx, order_id) if one.sku == sku)


async def gifts_of_order(tx: Transaction, order_id: UUID) -> Sequence[GiftDelivery]:
    """What the order gave, by sku."""
    return await sql.deliveries_of_order(tx, order_id)


def new_delivery(
    merchant: UUID,
    sku: str,
    name: str,
    units: int,
    holder_id: UUID,
    way: Delivery,
    status: DeliveryStatus,
    *,
    order_id: UUID | None = None,
    sealed: bytes | None = None,
) -> GiftDelivery:
    """Not stored yet."""
    now = datetime.now(UTC)
    return GiftDelivery(
        id=uuid4(),
        tenant_id=merchant,
        sku=sku,
        name=name,
        units=units,
        returned=0,
        holder_id=holder_id,
        order_id=order_id,
        delivery=way,
        status=status,
        sealed=sealed,
        created_at=now,
        updated_at=now,
    )


async def _out_of_stock(tx: Transaction, merchant: UUID, sku: str, units: int) -> GiftOutOfStock:
    found: Sequence[Gift] = await sql.gifts_of(tx, merchant, [sku])
    available = found[0].available if found and found[0].offered else 0
    return GiftOutOfStock(
        f"{available} units of {sku} are in stock, {units} are needed: quote the order anew",
        sku=sku,
        needed=units,
        available=available,
    )
