"""The shop keeps its catalogue; holders take gifts for points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from codec.canonical_json import encode_canonical
from people.events import publish
from people.privacy.personal_data import PersonalData
from persistence.database import Database, Transaction
from primitives.clock import Clock, SystemClock
from primitives.currency import Money
from primitives.errors import GiftOutOfStock, IdempotencyConflict, InvalidValue, NotFound, PersonErased
from primitives.hashing import keccak256
from vouchers.gifts import sql
from vouchers.gifts.acts import new_delivery
from vouchers.gifts.model import MAX_UNITS, NEXT_STATUS, DeliveryStatus, Gift, GiftDelivery
from vouchers.points.acts import buy_with_points
from vouchers.points.sql import get_programme
from vouchers.rules import Delivery

MAX_SHIPPING_LENGTH = 500
_SHIPPING = "gift.shipping"


class GiftCatalogue:
    """Who may call what is decided above, by the rule of each route.

    Args:
        data: Seals addresses under their holder's key, so that they go with the person.
    """

    def __init__(self, database: Database, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._database = database
        self._data = data
        self._clock = clock or SystemClock()

    async def put(self, gift: Gift) -> Gift:
        """Make a gift or change what is said of it; its stock stays.

        Raises:
            InvalidValue: A price or currency that cannot be, or a points programme of another shop or currency.
        """
        Money(gift.unit_price_minor, gift.currency)
        if (gift.programme is None) != (gift.points_price is None) or (gift.points_price or 1) < 1:
            raise InvalidValue("a gift for points names the programme and a price above zero", field="points_price")
        async with self._database.transaction() as tx:
            if gift.programme is not None:
                programme = await get_programme(tx, gift.programme, tenant_id=gift.tenant_id)
                if programme is None or programme.rules.currency != gift.currency:
                    raise InvalidValue("the shop has no such points programme in this currency", field="programme")
            await sql.put_gift(tx, gift)
            return (await sql.gifts_of(tx, gift.tenant_id, [gift.sku]))[0]

    async def change_stock(
        self, tenant_id: UUID, sku: str, units: int, *, created_by: UUID, idempotency_key: str
    ) -> Gift:
        """Add units, or with a negative number take away some that nobody has reserved.

        Raises:
            InvalidValue: Zero, or beyond a billion.
            NotFound: No such gift.
            GiftOutOfStock: Fewer are free.
            IdempotencyConflict: The key changed the stock otherwise.
        """
        if not 0 < abs(units) <= MAX_UNITS:
            raise InvalidValue(f"units are 1 to {MAX_UNITS}, or as many less than none", units=units)
        request = keccak256(encode_canonical({"sku": sku, "units": units}))
        async with self._database.transaction() as tx:
            if not await sql.gifts_of(tx, tenant_id, [sku]):
                raise NotFound("the catalogue has no such gift", sku=sku)
            added = await sql.insert_movement(
                tx,
                tenant_id,
                sku,
                units,
                "stocked",
                idempotency_key=idempotency_key,
                request_hash=request,
                created_by=created_by,
            )
            if added:
                await sql.release_overdue(tx, tenant_id, sku)
                if not await sql.change_stock(tx, tenant_id, sku, units):
                    available = (await sql.gifts_of(tx, tenant_id, [sku]))[0].available
                    raise GiftOutOfStock(
                        f"{available} units are free to be taken away", sku=sku, needed=-units, available=available
                    )
            elif await sql.movement_by_key(tx, tenant_id, idempotency_key) != (sku, request):
                raise IdempotencyConflict("this idempotency key already changed a stock otherwise")
            return (await sql.gifts_of(tx, tenant_id, [sku]))[0]

    async def gifts(self, tenant_id: UUID) -> Sequence[Gift]:
        """The whole catalogue, by sku."""
        async with self._database.transaction() as tx:
            return await sql.gifts_of(tx, tenant_id)

    async def for_points(self, tenant_id: UUID) -> Sequence[Gift]:
        """What a shop offers for points, by sku."""
        return [gift for gift in await self.gifts(tenant_id) if gift.offered and gift.programme is not None]

    async def take(
        self,
        holder_id: UUID,
        merchant: UUID,
        sku: str,
        units: int,
        *,
        delivery: Delivery,
        shipping: str | None,
        idempotency_key: str,
    ) -> GiftDelivery:
        """Buy a gift with points: the points are spent and the units leave the stock, or nothing happens.

        Raises:
            InvalidValue: No units, or an address that is too long.
            NotFound: The shop offers no such gift for points.
            GiftOutOfStock, PointsNotEnough: `needed`, `available`.
            IdempotencyConflict: The key took something else.
        """
        if not 0 < units <= 1_000 or len(shipping or "") > MAX_SHIPPING_LENGTH:
            raise InvalidValue(f"take 1 to 1,000 units; an address has at most {MAX_SHIPPING_LENGTH} characters")
        to = None if shipping is None else self._data.index(_SHIPPING, shipping).hex()
        said = {"merchant": str(merchant), "sku": sku, "units": units, "way": delivery.value, "to": to}
        request = keccak256(encode_canonical(said))
        now = int(self._clock.now().timestamp())
        async with self._database.transaction() as tx:
            gift = next((one for one in await sql.gifts_of(tx, merchant, [sku]) if one.offered), None)
            if gift is None or gift.programme is None or gift.points_price is None:
                raise NotFound("the shop offers no such gift for points", sku=sku)
            taken = new_delivery(
                merchant,
                sku,
                gift.name,
                units,
                holder_id,
                delivery,
                DeliveryStatus.DUE,
                sealed=self._seal(holder_id, shipping),
            )
            if not await sql.insert_delivery(tx, taken, idempotency_key=idempotency_key, request_hash=request):
                known = await sql.delivery_by_key(tx, holder_id, idempotency_key)
                if known is None or known[1] != request:
                    raise IdempotencyConflict("this idempotency key already took something else")
                return self._shown(known[0])
            await sql.release_overdue(tx, merchant, sku)
            if not await sql.change_stock(tx, merchant, sku, -units):
                raise GiftOutOfStock(
                    f"{gift.available} units of {sku} are in stock", sku=sku, needed=units, available=gift.available
                )
            await sql.insert_movement(tx, merchant, sku, -units, "given")
            await buy_with_points(tx, gift.programme, holder_id, units * gift.points_price, at=now, reference=taken.id)
            await publish(tx, merchant, "gift.taken", {"sku": sku, "delivery": str(taken.id)})
        return self._shown(taken)

    async def deliveries(
        self, *, tenant_id: UUID | None = None, holder_id: UUID | None = None
    ) -> Sequence[GiftDelivery]:
        """Of a shop or of a holder, newest first."""
        async with self._database.transaction() as tx:
            found = await sql.deliveries(tx, tenant_id=tenant_id, holder_id=holder_id)
        return [self._shown(one) for one in found]

    async def advance(self, tenant_id: UUID, delivery_id: UUID, status: DeliveryStatus) -> GiftDelivery:
        """The shop says how far a gift is; a backordered one takes its units from the stock first.

        Raises:
            NotFound
            InvalidValue: That does not come next; `status` says where it stands.
            GiftOutOfStock: Nothing to hand over yet.
        """
        async with self._database.transaction() as tx:
            found = await sql.get_delivery(tx, delivery_id, tenant_id=tenant_id)
            if found is None:
                raise NotFound("no such delivery")
            if status is found.status:
                return self._shown(found)
            if status not in NEXT_STATUS[found.status]:
                raise InvalidValue(
                    f"a delivery that is {found.status.value} cannot be {status.value} next", status=found.status.value
                )
            if found.status is DeliveryStatus.BACKORDERED:
                await self._stock_backorder(tx, found)
            await sql.set_delivery(tx, delivery_id, status)
            await publish(tx, found.holder_id, "gift.delivery", {"delivery": str(delivery_id), "status": status.value})
            after = await sql.get_delivery(tx, delivery_id)
        assert after is not None
        return self._shown(after)

    @staticmethod
    async def _stock_backorder(tx: Transaction, found: GiftDelivery) -> None:
        await sql.release_overdue(tx, found.tenant_id, found.sku)
        units = found.units - found.returned
        if not await sql.change_stock(tx, found.tenant_id, found.sku, -units):
            available = (await sql.gifts_of(tx, found.tenant_id, [found.sku]))[0].available
            raise GiftOutOfStock("stock the gift first", sku=found.sku, needed=units, available=available)
        await sql.insert_movement(tx, found.tenant_id, found.sku, -units, "given", order_id=found.order_id)

    async def ship_to(self, holder_id: UUID, delivery_id: UUID, shipping: str) -> GiftDelivery:
        """The holder says where to; kept until the delivery.

        Raises:
            NotFound
            InvalidValue: Too long, or on its way already.
        """
        if not 0 < len(shipping) <= MAX_SHIPPING_LENGTH:
            raise InvalidValue(f"an address has 1 to {MAX_SHIPPING_LENGTH} characters")
        async with self._database.transaction() as tx:
            found = await sql.get_delivery(tx, delivery_id)
            if found is None or found.holder_id != holder_id:
                raise NotFound("no such delivery")
            if found.status not in (DeliveryStatus.DUE, DeliveryStatus.BACKORDERED):
                raise InvalidValue(f"the delivery is {found.status.value} already", status=found.status.value)
            await sql.set_shipping(tx, delivery_id, self._data.seal(holder_id, _SHIPPING, {"to": shipping}))
            return replace(found, shipping=shipping)

    def _seal(self, holder_id: UUID, shipping: str | None) -> bytes | None:
        return None if shipping is None else self._data.seal(holder_id, _SHIPPING, {"to": shipping})

    def _shown(self, delivery: GiftDelivery) -> GiftDelivery:
        """With its address, unless its holder was erased."""
        if delivery.sealed is None:
            return delivery
        try:
            to = self._data.open(delivery.holder_id, _SHIPPING, delivery.sealed)["to"]
        except PersonErased:
            return delivery
        return replace(delivery, shipping=str(to))
