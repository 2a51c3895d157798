"""Gift stock: who gets the last unit, what lapses, what is owed, what comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from primitives.errors import GiftOutOfStock, IdempotencyConflict, InvalidValue, NotFound
from vouchers.gifts import sql
from vouchers.gifts.acts import (
    gift_stock,
    give_gifts,
    keep_gifts,
    release_gifts,
    reserve_gifts,
    take_back_gift,
)
from vouchers.gifts.model import DeliveryStatus, Gift
from vouchers.gifts.service import GiftCatalogue
from vouchers.rules import Delivery

pytestmark = pytest.mark.xdist_group("gifts_and_points")

SHOP = UUID("11111111-1111-4111-8111-111111111111")
HOLDER = UUID("22222222-2222-4222-8222-222222222222")
MINUTE = timedelta(minutes=1)
LAPSED = timedelta(0)
CUP = Gift(SHOP, "cup", "Cup", "CNY", 2_000, "cups", 0, 0, None, None, True)


@pytest.fixture
async def data(tmp_path: Path) -> PersonalData:
    data = PersonalData(ErasureKeys(tmp_path / "erasure"))
    await data.begin(HOLDER)
    return data


@pytest.fixture
async def catalogue(database: Database, data: PersonalData) -> GiftCatalogue:
    """A shop with five cups."""
    catalogue = GiftCatalogue(database, data)
    await catalogue.put(CUP)
    await catalogue.change_stock(SHOP, "cup", 5, created_by=uuid4(), idempotency_key="first")
    return catalogue


async def reserve(database: Database, units: int, lifetime: timedelta = MINUTE, order: UUID | None = None) -> UUID:
    order = order or uuid4()
    async with database.transaction() as tx:
        await reserve_gifts(tx, SHOP, {"cup": units}, order_id=order, attempt=1, lifetime=lifetime)
    return order


async def available(database: Database) -> int:
    async with database.transaction() as tx:
        assert await sql.stock_equals_movements(tx, SHOP) == []
        return (await gift_stock(tx, SHOP, "CNY"))["cup"].available


class TestReserving:
    async def test_the_last_units_go_to_as_many_as_there_are(self, database, catalogue):
        """Twenty at once want one of five cups: five get it."""
        answers = await asyncio.gather(*(reserve(database, 1) for _ in range(20)), return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, GiftOutOfStock)]
        assert len(refused) == 15
        assert (refused[0].needed, refused[0].available) == (1, 0)
        assert await available(database) == 0

    async def test_a_lapsed_reservation_is_free_again_by_itself(self, database, catalogue):
        await reserve(database, 5, LAPSED)
        assert await available(database) == 5
        await reserve(database, 5)
        assert await available(database) == 0

    async def test_reserving_twice_for_one_attempt_is_once(self, database, catalogue):
        order = await reserve(database, 3)
        await reserve(database, 3, order=order)
        assert await available(database) == 2

    async def test_released_units_are_free(self, database, catalogue):
        order = await reserve(database, 5)
        for _ in range(2):
            async with database.transaction() as tx:
                await release_gifts(tx, SHOP, order_id=order, attempt=1)
        assert await available(database) == 5

    async def test_a_payment_keeps_them(self, database, catalogue):
        order = await reserve(database, 5, LAPSED)
        async with database.transaction() as tx:
            await keep_gifts(tx, SHOP, order_id=order, attempt=1)
        assert await available(database) == 0
        with pytest.raises(GiftOutOfStock):
            await reserve(database, 1)

    async def test_a_payment_that_comes_too_late_is_refused(self, database, catalogue):
        late = await reserve(database, 3, LAPSED)
        await reserve(database, 4)
        with pytest.raises(GiftOutOfStock):
            async with database.transaction() as tx:
                await keep_gifts(tx, SHOP, order_id=late, attempt=1)

    async def test_what_is_not_offered_is_not_reserved(self, database, catalogue):
        await catalogue.put(Gift(SHOP, "cup", "Cup", "CNY", 2_000, None, 0, 0, None, None, False))
        with pytest.raises(GiftOutOfStock):
            await reserve(database, 1)
        async with database.transaction() as tx:
            assert await gift_stock(tx, SHOP, "CNY") == {}


async def give(database: Database, order: UUID) -> list:
    async with database.transaction() as tx:
        ways = {"cup": Delivery.SHIPPED}
        return list(await give_gifts(tx, SHOP, ways, order_id=order, attempt=1, holder_id=HOLDER))


class TestGiving:
    async def test_given_units_leave_the_stock_once(self, database, catalogue):
        order = await reserve(database, 2)
        (delivery,) = await give(database, order)
        assert await give(database, order) == []
        assert (delivery.units, delivery.status, delivery.delivery) == (2, DeliveryStatus.DUE, Delivery.SHIPPED)
        assert await available(database) == 3
        assert (await catalogue.gifts(SHOP))[0].stock == 3

    async def test_a_final_payment_is_owed_even_without_stock(self, database, catalogue):
        """Nobody kept the reservation and the cups went elsewhere: the holder has paid, so the shop owes."""
        order = await reserve(database, 5, LAPSED)
        other = await reserve(database, 5)
        await give(database, other)
        (owed,) = await give(database, order)
        assert owed.status is DeliveryStatus.BACKORDERED
        with pytest.raises(GiftOutOfStock):
            await catalogue.advance(SHOP, owed.id, DeliveryStatus.DUE)
        await catalogue.change_stock(SHOP, "cup", 6, created_by=uuid4(), idempotency_key="more")
        assert (await catalogue.advance(SHOP, owed.id, DeliveryStatus.DUE)).status is DeliveryStatus.DUE
        assert await available(database) == 1

    async def test_the_address_is_erased_at_delivery(self, database, catalogue):
        (delivery,) = await give(database, await reserve(database, 1))
        assert (await catalogue.ship_to(HOLDER, delivery.id, "1 Lake Road")).shipping == "1 Lake Road"
        with pytest.raises(NotFound):
            await catalogue.ship_to(uuid4(), delivery.id, "elsewhere")
        await catalogue.advance(SHOP, delivery.id, DeliveryStatus.SHIPPED)
        with pytest.raises(InvalidValue, match="shipped"):
            await catalogue.ship_to(HOLDER, delivery.id, "too late")
        done = await catalogue.advance(SHOP, delivery.id, DeliveryStatus.DELIVERED)
        assert (done.status, done.shipping) == (DeliveryStatus.DELIVERED, None)
        with pytest.raises(InvalidValue):
            await catalogue.advance(SHOP, delivery.id, DeliveryStatus.DUE)
        with pytest.raises(NotFound):
            await catalogue.advance(uuid4(), delivery.id, DeliveryStatus.DELIVERED)

    async def test_the_address_goes_with_the_person(self, database, catalogue, data):
        (delivery,) = await give(database, await reserve(database, 1))
        await catalogue.ship_to(HOLDER, delivery.id, "1 Lake Road")
        async with database.transaction() as tx:
            (stored,) = await sql.deliveries(tx, holder_id=HOLDER)
        assert b"Lake" not in stored.sealed
        assert (await catalogue.deliveries(holder_id=HOLDER))[0].shipping == "1 Lake Road"
        await data.destroy(HOLDER)
        assert (await catalogue.deliveries(holder_id=HOLDER))[0].shipping is None

    async def test_units_that_come_back_are_in_stock_again(self, database, catalogue):
        order = await reserve(database, 3)
        await give(database, order)
        for units, status in ((1, DeliveryStatus.DUE), (2, DeliveryStatus.RETURNED)):
            async with database.transaction() as tx:
                assert (await take_back_gift(tx, order_id=order, sku="cup", units=units)).status is status
        assert await available(database) == 5
        with pytest.raises(InvalidValue):
            async with database.transaction() as tx:
                await take_back_gift(tx, order_id=order, sku="cup", units=1)


class TestStock:
    async def test_the_same_key_changes_it_once(self, database, catalogue):
        for _ in range(2):
            gift = await catalogue.change_stock(SHOP, "cup", 7, created_by=HOLDER, idempotency_key="k")
            assert gift.stock == 12
        with pytest.raises(IdempotencyConflict):
            await catalogue.change_stock(SHOP, "cup", 8, created_by=HOLDER, idempotency_key="k")

    async def test_reserved_units_are_not_taken_away(self, database, catalogue):
        await reserve(database, 3)
        with pytest.raises(GiftOutOfStock):
            await catalogue.change_stock(SHOP, "cup", -3, created_by=HOLDER, idempotency_key="k")
        assert (await catalogue.change_stock(SHOP, "cup", -2, created_by=HOLDER, idempotency_key="l")).available == 0

    async def test_nonsense_is_refused(self, database, catalogue):
        with pytest.raises(InvalidValue):
            await catalogue.change_stock(SHOP, "cup", 0, created_by=HOLDER, idempotency_key="k")
        with pytest.raises(NotFound):
            await catalogue.change_stock(SHOP, "hat", 1, created_by=HOLDER, idempotency_key="k")
        with pytest.raises(InvalidValue, match="points"):
            await catalogue.put(Gift(SHOP, "cup", "Cup", "CNY", 2_000, None, 0, 0, None, 5, True))
