"""Gifts, points and limits on the way through an order: quoted, locked, given, earned, spent."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from persistence.database import Database
from primitives.errors import CampaignExhausted, GiftOutOfStock, InvalidTerms, QuanbaoError, QuoteExpired
from tests.fakes.vouchers import VALID_FROM, VALID_UNTIL
from tests.integration.vouchers.stage import Stage, terms
from vouchers.checkout.model import UnusedReason
from vouchers.gifts import sql as gifts
from vouchers.gifts.model import Gift
from vouchers.orders.quotes import TenderChoice
from vouchers.points import sql as points
from vouchers.points.service import PointsService, ProgrammeTerms
from vouchers.rules import (
    ClaimTerms,
    Delivery,
    Effect,
    GiftReturn,
    LimitEntity,
    LimitPeriod,
    PointRate,
    RedemptionLimit,
    RefundTerms,
    VoucherKind,
)

pytestmark = pytest.mark.xdist_group("gifts_and_points")

CUP = Effect(5_000, sku="cup", quantity=1, max_off=3_000, delivery=Delivery.WITH_ORDER)


@pytest.fixture
async def stage(database: Database) -> Stage:
    return Stage(database)


async def stock(stage: Stage, units: int) -> None:
    async with stage.database.transaction() as tx:
        await gifts.put_gift(tx, Gift(stage.merchant, "cup", "Cup", "CNY", 2_000, None, 0, 0, None, None, True))
        await gifts.change_stock(tx, stage.merchant, "cup", units)
        await gifts.insert_movement(tx, stage.merchant, "cup", units, "stocked")


async def gift_campaign(stage: Stage):
    return await stage.campaign(kind=VoucherKind.GIFT, effect=CUP, refund=RefundTerms(gift=GiftReturn.BACK_OR_PRICE))


async def left(stage: Stage) -> tuple[int, int]:
    async with stage.database.transaction() as tx:
        (gift,) = await gifts.gifts_of(tx, stage.merchant)
        assert await gifts.stock_equals_movements(tx, stage.merchant) == []
    return gift.stock, gift.reserved


class TestGifts:
    async def test_a_gift_is_quoted_given_and_on_its_way(self, stage):
        await stock(stage, 3)
        person, account = stage.holder()
        await stage.issue(await gift_campaign(stage), account)
        order = await stage.order(9_000)
        quote = await stage.quoter.quote(person, order.id)
        assert (quote.price.total_minor, quote.price.discount_minor, quote.price.remainder_minor) == (
            11_000,
            2_000,
            9_000,
        )
        await stage.pay(person, quote)
        assert await left(stage) == (3, 1)
        await stage.work()
        assert await left(stage) == (2, 0)
        async with stage.database.transaction() as tx:
            (delivery,) = await gifts.deliveries(tx, holder_id=person)
        assert (delivery.order_id, delivery.units) == (order.id, 1)

    async def test_the_last_one_goes_to_one_of_two(self, stage):
        await stock(stage, 1)
        campaign = await gift_campaign(stage)
        quotes = []
        for _ in range(2):
            person, account = stage.holder()
            await stage.issue(campaign, account)
            quotes.append((person, await stage.quoter.quote(person, (await stage.order(9_000)).id)))
        answers = await asyncio.gather(*(stage.pay(*one) for one in quotes), return_exceptions=True)
        assert sum(isinstance(answer, GiftOutOfStock) for answer in answers) == 1, answers
        await stage.work()
        assert await left(stage) == (0, 0)
        person, account = stage.holder()
        await stage.issue(campaign, account)
        late = await stage.quoter.quote(person, (await stage.order(9_000)).id)
        assert [one.reason for one in late.price.unused] == [UnusedReason.GIFT_OUT_OF_STOCK]

    async def test_a_gift_that_the_catalogue_does_not_have_is_refused_at_the_draft(self, stage):
        with pytest.raises(InvalidTerms) as refusal:
            await gift_campaign(stage)
        assert refusal.value.pointer == "/effect/sku"


TERMS = ProgrammeTerms(
    "Points", "CNY", PointRate(1, 100), PointRate(10, 100), 86_400, VALID_FROM, VALID_UNTIL, "Asia/Shanghai", 10_000
)


class TestPoints:
    async def test_earned_by_one_order_and_spent_by_the_next(self, stage):
        programme = await PointsService(stage.database).open(
            stage.merchant, TERMS, created_by=stage.merchant, idempotency_key="p"
        )
        person, _ = stage.holder(10**12)
        first = await stage.quoter.quote(person, (await stage.order(20_050)).id)
        await stage.pay(person, first)
        await stage.work()
        assert await self.balance(stage, programme, person) == (200, 0)
        order = await stage.order(1_505)
        aside = await stage.quoter.quote(person, order.id, tender=TenderChoice(points=False))
        assert (aside.price.points, aside.price.remainder_minor) == ((), 1_505)
        quote = await stage.quoter.quote(person, order.id)
        (spent,) = quote.price.points
        assert (spent.points, spent.amount_minor, quote.price.remainder_minor) == (150, 1_500, 5)
        await stage.pay(person, quote)
        assert await self.balance(stage, programme, person) == (50, 150)
        await stage.work()
        assert await self.balance(stage, programme, person) == (50, 0)

    async def test_a_launched_points_campaign_is_a_programme(self, stage):
        effect = Effect(earn_rate=PointRate(1, 100), redeem_rate=PointRate(1, 1), lifetime_seconds=60)
        drafted = await stage.campaigns.draft(
            stage.merchant,
            terms(
                kind=VoucherKind.POINTS,
                effect=effect,
                caps={},
                points_cap=500,
                sponsor_bp=0,
                claim=ClaimTerms(frozenset()),
            ),
            created_by=stage.merchant,
            idempotency_key=uuid4().hex,
        )
        for _ in range(2):
            await stage.campaigns.launch(stage.merchant, drafted.id)
        (programme,) = await PointsService(stage.database).programmes(stage.merchant)
        assert (programme.id, programme.rules_hash) == (drafted.id, drafted.rules_hash)

    @staticmethod
    async def balance(stage: Stage, programme, person: UUID) -> tuple[int, int]:
        async with stage.database.transaction() as tx:
            assert (await points.totals(tx, programme.id)).balanced
            (account,) = await points.accounts_of_holder(tx, person)
        return account.available, account.held


class TestStoredValue:
    async def test_it_is_spent_in_parts_until_nothing_is_left(self, stage):
        """100.00 on the card: 60.00, then the rest of 40.00 of a cart of 70.00, then nothing."""
        campaign = await stage.campaign(kind=VoucherKind.STORED_VALUE, effect=Effect(balance=10_000))
        person, account = stage.holder()
        await stage.issue(campaign, account)
        for total, paid, remainder in ((6_000, 6_000, 0), (7_000, 4_000, 3_000), (5_000, 0, 5_000)):
            quote = await stage.quoter.quote(person, (await stage.order(total)).id)
            assert (quote.price.tender_minor, quote.price.remainder_minor) == (paid, remainder)
            await stage.pay(person, quote)
            await stage.work()
            await stage.scan()
            assert (await stage.orders.get(quote.order_id)).status.value == "paid"

    async def test_the_holder_may_keep_it(self, stage):
        campaign = await stage.campaign(kind=VoucherKind.STORED_VALUE, effect=Effect(balance=10_000))
        person, account = stage.holder()
        await stage.issue(campaign, account)
        order = await stage.order(6_000)
        quote = await stage.quoter.quote(person, order.id, tender=TenderChoice(stored_value=False))
        assert (quote.price.tender_minor, quote.price.unused) == (0, ())

    async def test_two_orders_at_once_spend_it_once(self, stage):
        campaign = await stage.campaign(kind=VoucherKind.STORED_VALUE, effect=Effect(balance=10_000))
        person, account = stage.holder()
        await stage.issue(campaign, account)
        quotes = [await stage.quoter.quote(person, (await stage.order(8_000)).id) for _ in range(2)]
        answers = await asyncio.gather(*(stage.pay(person, quote) for quote in quotes), return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, QuanbaoError)]
        assert [answer.code for answer in refused] in (["voucher_in_flight"], ["order_locked"])
        await stage.work()
        await stage.scan()
        (late,) = [quote for quote, answer in zip(quotes, answers, strict=True) if isinstance(answer, QuanbaoError)]
        with pytest.raises(QuoteExpired):
            await stage.pay(person, late)
        again = await stage.quoter.quote(person, late.order_id)
        assert again.price.tender_minor == 2_000


class TestLimits:
    async def test_a_limit_is_told_in_the_quote(self, stage):
        """The campaign allows one redemption a day to a holder, who has two vouchers."""
        limits = (RedemptionLimit(LimitEntity.HOLDER, LimitPeriod.DAY, 1),)
        campaign = await stage.campaign(limits=limits)
        person, account = stage.holder()
        await stage.issue(campaign, account, account)
        quotes = []
        for _ in range(2):
            quotes.append(await stage.quoter.quote(person, (await stage.order(10_000)).id))
        assert [quote.price.discount_minor for quote in quotes] == [2_000, 2_000]
        assert [one.reason for one in quotes[1].price.unused] == [UnusedReason.LIMIT_REACHED]
        await stage.pay(person, quotes[0])
        await stage.work()
        await stage.scan()
        late = await stage.quoter.quote(person, quotes[1].order_id)
        assert late.price.used == ()
        assert [one.reason for one in late.price.unused] == [UnusedReason.LIMIT_REACHED]

    async def test_other_holders_have_their_own(self, stage):
        ever = LimitPeriod.EVER
        limits = (RedemptionLimit(LimitEntity.HOLDER, ever, 1), RedemptionLimit(LimitEntity.CAMPAIGN, ever, 2))
        campaign = await stage.campaign(limits=limits)
        paid = 0
        for _ in range(3):
            person, account = stage.holder()
            await stage.issue(campaign, account)
            quote = await stage.quoter.quote(person, (await stage.order(10_000)).id)
            paid += bool(quote.price.used)
            await stage.pay(person, quote)
            await stage.work()
        assert paid == 2

    async def test_of_many_at_once_as_many_as_the_limit_says(self, stage):
        campaign = await stage.campaign(limits=(RedemptionLimit(LimitEntity.MERCHANT, LimitPeriod.MONTH, 3),))
        quotes = []
        people = [stage.holder() for _ in range(6)]
        await stage.issue(campaign, *(account for _, account in people))
        for person, _ in people:
            quotes.append((person, await stage.quoter.quote(person, (await stage.order(10_000)).id)))
        answers = await asyncio.gather(*(stage.pay(*one) for one in quotes), return_exceptions=True)
        assert sum(isinstance(answer, CampaignExhausted) for answer in answers) == 3, answers
