"""Points: earned, held, spent, expired, taken back; the books agree after everything."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from primitives.errors import GiftOutOfStock, IdempotencyConflict, InvalidTerms, InvalidValue, NotFound, PointsNotEnough
from tests.fakes.clock import StoppedClock
from vouchers.checkout.model import Cart, CartLine, SpentPoints
from vouchers.gifts.model import Gift
from vouchers.gifts.service import GiftCatalogue
from vouchers.points import sql
from vouchers.points.acts import (
    earn_points,
    hold_points,
    keep_points,
    points_of,
    release_points,
    return_points,
    spend_points,
    take_back_points,
)
from vouchers.points.book import PointsBook, entry_hash
from vouchers.points.model import PointsAct, PointsSide, Programme
from vouchers.points.service import PointsService, ProgrammeTerms
from vouchers.rules import Delivery, PointRate

pytestmark = pytest.mark.xdist_group("gifts_and_points")

SHOP = UUID("11111111-1111-4111-8111-111111111111")
HOLDER = UUID("22222222-2222-4222-8222-222222222222")
MINUTE = timedelta(minutes=1)
START = 1_800_000_000
LIFETIME = 1_000
TERMS = ProgrammeTerms(
    title="Tea points",
    currency="CNY",
    earn_rate=PointRate(1, 100),
    redeem_rate=PointRate(10, 100),
    lifetime_seconds=LIFETIME,
    valid_from=START,
    valid_until=START + 100_000,
    zone="Asia/Shanghai",
    cap=1_000_000,
    excluded_skus=frozenset({"card"}),
)


@pytest.fixture
async def programme(database: Database) -> Programme:
    return await PointsService(database).open(SHOP, TERMS, created_by=HOLDER, idempotency_key="first")


def basket(*prices: int) -> Cart:
    lines = tuple(CartLine(f"sku-{index}", "x", 1, price) for index, price in enumerate(prices))
    return Cart(str(SHOP), "CNY", lines)


async def earn(database: Database, paid: int, at: int = START, order: UUID | None = None) -> UUID:
    order = order or uuid4()
    async with database.transaction() as tx:
        await earn_points(tx, basket(paid), [paid], order_id=order, holder_id=HOLDER, at=at)
    return order


def tender(programme: Programme, points: int) -> list[SpentPoints]:
    return [SpentPoints(programme.id, points, points * 10, (points * 10,), points)]


async def hold(database: Database, programme: Programme, points: int, at: int, lifetime: timedelta = MINUTE) -> UUID:
    order = uuid4()
    async with database.transaction() as tx:
        await hold_points(
            tx, tender(programme, points), order_id=order, attempt=1, holder_id=HOLDER, at=at, lifetime=lifetime
        )
    return order


async def balance(database: Database, programme: Programme) -> tuple[int, int, int]:
    """Available, held and owed, after the books were found to agree."""
    async with database.transaction() as tx:
        books = await sql.totals(tx, programme.id)
        account = await sql.locked_account(tx, programme.id, HOLDER, SHOP)
    assert books.balanced, books
    return account.available, account.held, account.debt


class TestEarning:
    async def test_on_the_paid_amount_rounded_down_once_per_order(self, database, programme):
        order = await earn(database, 19_999)
        await earn(database, 19_999, order=order)
        assert await balance(database, programme) == (199, 0, 0)

    async def test_excluded_lines_other_currencies_and_closed_windows_earn_nothing(self, database, programme):
        lines = (CartLine("card", "Gift card", 1, 50_000), CartLine("tea", "Tea", 1, 300))
        async with database.transaction() as tx:
            given = await earn_points(
                tx, Cart(str(SHOP), "CNY", lines), [50_000, 300], order_id=uuid4(), holder_id=HOLDER, at=START
            )
            assert given == {programme.id: 3}
            for cart, at in (
                (Cart(str(SHOP), "USD", lines), START),
                (basket(500), START - 1),
                (basket(500), START + 10**6),
            ):
                assert await earn_points(tx, cart, [500], order_id=uuid4(), holder_id=HOLDER, at=at) == {}

    async def test_never_above_the_cap(self, database):
        service = PointsService(database)
        terms = replace(TERMS, cap=150)
        programme = await service.open(SHOP, terms, created_by=HOLDER, idempotency_key="small")
        await asyncio.gather(*(earn(database, 10_000) for _ in range(3)))
        assert await balance(database, programme) == (150, 0, 0)
        assert (await service.programmes(SHOP))[0].earned == 150

    async def test_a_closed_programme_gives_no_more_and_its_points_stay(self, database, programme):
        service = PointsService(database)
        await earn(database, 10_000)
        await service.close(SHOP, programme.id)
        await earn(database, 10_000)
        assert await balance(database, programme) == (100, 0, 0)
        with pytest.raises(NotFound):
            await service.close(HOLDER, programme.id)


class TestSpending:
    async def test_the_soonest_expiring_go_first(self, database, programme):
        await earn(database, 5_000, START + 50)
        await earn(database, 3_000, START)
        order = await hold(database, programme, 40, START + 60)
        async with database.transaction() as tx:
            assert [(lot.expires_at, lot.left) for lot in await sql.lots(tx, programme.id, HOLDER)] == [
                (START + 50 + LIFETIME, 40)
            ]
            await spend_points(tx, order_id=order, attempt=1, at=START + 70)
            await spend_points(tx, order_id=order, attempt=1, at=START + 70)
        assert await balance(database, programme) == (40, 0, 0)

    async def test_no_more_than_there_are_in_any_race(self, database, programme):
        await earn(database, 10_000)
        answers = await asyncio.gather(
            *(hold(database, programme, 30, START) for _ in range(10)), return_exceptions=True
        )
        refused = [answer for answer in answers if isinstance(answer, PointsNotEnough)]
        assert (len(refused), refused[0].available) == (7, 10)
        assert await balance(database, programme) == (10, 90, 0)

    async def test_a_lapsed_hold_is_free_by_itself(self, database, programme):
        await earn(database, 10_000)
        await hold(database, programme, 100, START, timedelta(0))
        async with database.transaction() as tx:
            found = await points_of(tx, SHOP, HOLDER, START)
        assert found[programme.id][1] == 100
        await hold(database, programme, 60, START)
        assert await balance(database, programme) == (40, 60, 0)

    async def test_released_points_are_spendable_unless_they_expired_meanwhile(self, database, programme):
        await earn(database, 10_000)
        for at, left in ((START + 1, 100), (START + LIFETIME, 0)):
            order = await hold(database, programme, 100, START)
            async with database.transaction() as tx:
                await release_points(tx, order_id=order, attempt=1, at=at)
                await release_points(tx, order_id=order, attempt=1, at=at)
            assert await balance(database, programme) == (left, 0, 0)

    async def test_a_payment_keeps_them_and_a_late_one_may_be_refused(self, database, programme):
        await earn(database, 10_000)
        kept = await hold(database, programme, 60, START, timedelta(0))
        async with database.transaction() as tx:
            await keep_points(tx, order_id=kept, attempt=1, at=START)
        assert await balance(database, programme) == (40, 60, 0)
        late = await hold(database, programme, 40, START, timedelta(0))
        await hold(database, programme, 30, START)
        with pytest.raises(PointsNotEnough):
            async with database.transaction() as tx:
                await keep_points(tx, order_id=late, attempt=1, at=START)

    async def test_a_final_payment_spends_what_is_gone_as_a_debt(self, database, programme):
        await earn(database, 10_000)
        order = await hold(database, programme, 80, START, timedelta(0))
        await hold(database, programme, 90, START)
        async with database.transaction() as tx:
            await spend_points(tx, order_id=order, attempt=1, at=START)
        assert await balance(database, programme) == (0, 90, 70)


class TestExpiry:
    async def test_half_open(self, database, programme):
        await earn(database, 10_000)
        for now, left in ((START + LIFETIME - 1, 100), (START + LIFETIME, 0)):
            async with database.transaction() as tx:
                assert (await sql.spendable(tx, [programme.id], HOLDER, now)).get(programme.id, 0) == left
                await PointsBook.opened(tx, programme.id, HOLDER, SHOP, now)
            assert await balance(database, programme) == (left, 0, 0)


class TestRefunds:
    async def test_what_stays_is_what_the_rest_earns(self, database, programme):
        order = await earn(database, 10_050)
        for kept, left in ((10_000, 100), (9_999, 99), (150, 1), (0, 0)):
            for _ in range(2):
                async with database.transaction() as tx:
                    await take_back_points(tx, basket(10_050), [kept], order_id=order, at=START)
            assert await balance(database, programme) == (left, 0, 0)

    async def test_spent_points_become_a_debt_that_the_next_ones_pay(self, database, programme):
        order = await earn(database, 10_000)
        used = await hold(database, programme, 70, START)
        async with database.transaction() as tx:
            await spend_points(tx, order_id=used, attempt=1, at=START)
            await take_back_points(tx, basket(10_000), [0], order_id=order, at=START)
        assert await balance(database, programme) == (0, 0, 70)
        with pytest.raises(PointsNotEnough):
            await hold(database, programme, 1, START)
        await earn(database, 10_000)
        assert await balance(database, programme) == (30, 0, 0)

    async def test_spent_points_come_back_in_proportion_with_the_life_they_had(self, database, programme):
        await earn(database, 10_000)
        order = await hold(database, programme, 70, START + 400)
        async with database.transaction() as tx:
            await spend_points(tx, order_id=order, attempt=1, at=START + 400)
        later = START + 5_000
        for amount, back in ((350, 35), (350, 0), (700, 35)):
            async with database.transaction() as tx:
                assert await return_points(tx, programme.id, order_id=order, amount_minor=amount, at=later) == back
        async with database.transaction() as tx:
            assert {lot.expires_at for lot in await sql.lots(tx, programme.id, HOLDER)} == {later + LIFETIME - 400}
            with pytest.raises(InvalidValue):
                await return_points(tx, programme.id, order_id=order, amount_minor=701, at=later)


class TestStatement:
    async def test_every_entry_sums_to_zero_and_carries_the_hash_before(self, database, programme):
        service = PointsService(database)
        await earn(database, 10_000)
        await hold(database, programme, 30, START)
        held, entries = await service.statement(HOLDER, programme.id)
        previous = sql.NO_HEAD
        for entry in entries:
            assert sum(points for _, points in entry.postings) == 0
            previous = entry_hash(
                programme.id, HOLDER, entry.number, entry.act, entry.at, entry.reference, entry.postings, previous
            )
            assert entry.hash == previous
        assert previous == held.account.head
        assert [entry.act for entry in entries] == [PointsAct.EARN, PointsAct.HOLD]
        with pytest.raises(NotFound):
            await service.statement(SHOP, programme.id)

    async def test_the_same_key_opens_one_programme(self, database, programme):
        service = PointsService(database)
        again = await service.open(SHOP, TERMS, created_by=HOLDER, idempotency_key="first")
        assert again.id == programme.id
        other = replace(TERMS, cap=5)
        with pytest.raises(IdempotencyConflict):
            await service.open(SHOP, other, created_by=HOLDER, idempotency_key="first")
        with pytest.raises(InvalidTerms) as refusal:
            wrong = replace(TERMS, lifetime_seconds=0)
            await service.open(SHOP, wrong, created_by=HOLDER, idempotency_key="bad")
        assert refusal.value.pointer == "/effect/lifetime_seconds"


class TestGiftsForPoints:
    async def test_points_and_stock_go_together_or_not_at_all(self, database, programme, tmp_path):
        clock = StoppedClock()
        catalogue = GiftCatalogue(database, PersonalData(ErasureKeys(tmp_path / "erasure")), clock=clock)
        now = int(clock.now().timestamp())
        await catalogue.put(Gift(SHOP, "cup", "Cup", "CNY", 2_000, None, 0, 0, programme.id, 40, True))
        await catalogue.change_stock(SHOP, "cup", 2, created_by=SHOP, idempotency_key="s")
        async with database.transaction() as tx:
            book = await PointsBook.opened(tx, programme.id, HOLDER, SHOP, now)
            await book.add(PointsAct.EARN, PointsSide.ISSUED, 100, now + LIFETIME, None)

        async def take(units: int, key: str):
            return await catalogue.take(
                HOLDER, SHOP, "cup", units, delivery=Delivery.PICKUP, shipping=None, idempotency_key=key
            )

        with pytest.raises(GiftOutOfStock):
            await take(3, "a")
        first = await take(1, "b")
        assert (await take(1, "b")).id == first.id
        with pytest.raises(IdempotencyConflict):
            await take(2, "b")
        assert await balance(database, programme) == (60, 0, 0)
        await take(1, "c")
        await catalogue.change_stock(SHOP, "cup", 1, created_by=SHOP, idempotency_key="t")
        with pytest.raises(PointsNotEnough):
            await take(1, "d")
        assert await balance(database, programme) == (20, 0, 0)
        assert (await catalogue.gifts(SHOP))[0].stock == 1
        assert len(await catalogue.deliveries(holder_id=HOLDER)) == 2
        with pytest.raises(NotFound):
            await catalogue.take(HOLDER, SHOP, "hat", 1, delivery=Delivery.PICKUP, shipping=None, idempotency_key="e")


async def test_the_books_agree_after_anything(database: Database, programme: Programme) -> None:
    """A random walk through all acts: sums stay zero, and lots, accounts and entries say the same."""
    chance = random.Random(7)
    at = START
    paid: dict[UUID, int] = {}
    holds: list[UUID] = []
    for _ in range(60):
        at += chance.randint(0, 150)
        act = chance.choice(("earn", "earn", "hold", "hold", "release", "spend", "take_back", "return"))
        if act == "earn":
            amount = chance.randint(0, 9_000)
            paid[await earn(database, amount, at)] = amount
        elif act == "hold":
            try:
                lifetime = chance.choice((MINUTE, timedelta(0)))
                holds.append(await hold(database, programme, chance.randint(1, 60), at, lifetime))
            except PointsNotEnough:
                continue
        elif act == "take_back" and paid:
            order = chance.choice(list(paid))
            async with database.transaction() as tx:
                kept = chance.randint(0, paid[order])
                await take_back_points(tx, basket(paid[order]), [kept], order_id=order, at=at)
        elif holds:
            order = chance.choice(holds)
            async with database.transaction() as tx:
                if act == "release":
                    await release_points(tx, order_id=order, attempt=1, at=at)
                elif act == "spend":
                    await spend_points(tx, order_id=order, attempt=1, at=at)
                else:
                    (row,) = await sql.holds_of(tx, order)
                    if row.state == "spent":
                        amount = chance.randint(0, row.amount_minor)
                        await return_points(tx, programme.id, order_id=order, amount_minor=amount, at=at)
        await balance(database, programme)
