"""Locks, codes and money that is taken by hand."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from primitives.clock import SystemClock
from primitives.errors import (
    InvalidValue,
    NotRefundable,
    OrderLocked,
    OrderNotFound,
    OrderNotPayable,
    PresentmentNotFound,
    QuoteExpired,
    TenderMismatch,
    TransactionReverted,
    VoucherInFlight,
)
from tests.fakes.vouchers import cart
from tests.integration.vouchers.stage import Stage
from vouchers.orders.model import OrderStatus
from vouchers.orders.quotes import QUOTE_SECONDS
from vouchers.refunds.model import StepKind
from vouchers.refunds.service import RefundService
from vouchers.rules import RefundTerms
from vouchers.till.model import RemainderBy, TenderMethod
from vouchers.till.service import PRESENTMENT_SECONDS, TillService


class LateClock(SystemClock):
    """Now, and some seconds."""

    late = timedelta(0)

    def now(self):
        return super().now() + self.late


@pytest.fixture
def stage(database):
    return Stage(database, give_up_after=timedelta(hours=1))


@pytest.fixture
def clock():
    return LateClock()


@pytest.fixture
def till(stage, clock):
    return TillService(stage.database, stage.chains, stage.accounts, clock=clock)


async def ready(stage, *, vouchers=1, **terms):
    campaign = await stage.campaign(**terms)
    person, account = stage.holder()
    await stage.issue(campaign, *[account] * vouchers)
    return person, account


class TestLock:
    async def test_of_many_holders_one_has_the_order_until_it_is_over(self, stage, till):
        order = await stage.order(10_000)
        people = [stage.holder()[0] for _ in range(6)]
        quotes = [(person, await stage.orders.quote(person, order.id)) for person in people]
        won = await asyncio.gather(
            *(till.lock(person, order.id, quote.id, 60) for person, quote in quotes), return_exceptions=True
        )
        assert [type(one) for one in won].count(OrderLocked) == 5
        (has,) = [at for at, one in enumerate(won) if not isinstance(one, Exception)]
        other = quotes[(has + 1) % 6]
        with pytest.raises(OrderLocked):
            await stage.pay(*other)
        await stage.pay(*quotes[has])
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID

    async def test_a_lock_holds_the_voucher_against_other_orders_and_ends_by_itself(self, stage, till):
        person, _ = await ready(stage)
        first, second = await stage.order(10_000), await stage.order(10_000)
        quotes = [await stage.orders.quote(person, order.id) for order in (first, second)]
        await till.lock(person, first.id, quotes[0].id, 1)
        with pytest.raises(OrderLocked):
            await stage.pay(person, quotes[1])
        with pytest.raises(OrderLocked):
            await till.lock(person, second.id, quotes[1].id, 60)
        held = await stage.orders.quote(person, second.id)
        assert (held.redemption.items, len(held.in_flight)) == ((), 1)
        async with asyncio.timeout(20):
            while (await stage.orders.quote(person, second.id)).in_flight:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await till.lock(person, second.id, quotes[1].id, 60)
        await stage.pay(person, quotes[1])
        await stage.work()
        assert (await stage.orders.get(second.id)).status is OrderStatus.PAID

    async def test_nobody_keeps_others_from_their_vouchers(self, stage, till):
        """A quote may be of any account, for wallets that sign elsewhere; its lock holds the order and no voucher."""
        person, account = await ready(stage)
        stranger, _ = stage.holder()
        theirs, own = await stage.order(10_000), await stage.order(10_000)
        asked = await stage.orders.quote(stranger, theirs.id, account=account)
        assert asked.redemption.items
        await till.lock(stranger, theirs.id, asked.id, 600)
        quote = await stage.orders.quote(person, own.id)
        assert (len(quote.redemption.items), quote.in_flight) == (1, ())
        await till.lock(person, own.id, quote.id, 60)
        await stage.pay(person, quote)
        await stage.work()
        assert (await stage.orders.get(own.id)).status is OrderStatus.PAID

    async def test_the_own_lock_is_replaced_and_let_go(self, stage, till):
        person, _ = await ready(stage)
        order = await stage.order(10_000)
        quotes = [await stage.orders.quote(person, order.id) for _ in range(2)]
        await till.lock(person, order.id, quotes[0].id, 60)
        await till.lock(person, order.id, quotes[1].id, 60)
        with pytest.raises(OrderLocked):
            await stage.pay(person, quotes[0])
        await till.unlock(person, order.id)
        await stage.pay(person, quotes[0])

    async def test_what_is_being_redeemed_cannot_be_locked(self, stage, till):
        person, _ = await ready(stage)
        first, second = await stage.order(10_000), await stage.order(10_000)
        quotes = [await stage.orders.quote(person, order.id) for order in (first, second)]
        await stage.pay(person, quotes[0])
        with pytest.raises(VoucherInFlight):
            await till.lock(person, second.id, quotes[1].id, 60)
        assert (await stage.orders.get(second.id)).locked_until is None

    @pytest.mark.parametrize("seconds", [0, -1, 601])
    async def test_its_time_is_said_and_bounded(self, stage, till, seconds):
        person, _ = stage.holder()
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        with pytest.raises(InvalidValue):
            await till.lock(person, order.id, quote.id, seconds)

    async def test_an_old_or_foreign_quote_is_not_locked(self, stage, till):
        person, _ = stage.holder()
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        with pytest.raises(OrderNotFound):
            await till.lock(uuid4(), order.id, quote.id, 60)
        stage.chain.mine(seconds=QUOTE_SECONDS)
        with pytest.raises(QuoteExpired):
            await till.lock(person, order.id, quote.id, 60)


class TestPresentment:
    async def test_a_till_scans_it_once_and_the_holder_is_asked(self, stage, till):
        person, _ = stage.holder()
        code = await till.present(person)
        assert len(code.secret) == 22
        order = await stage.order(10_000)
        found = await asyncio.gather(
            *(till.scan(stage.merchant, order.id, code.secret) for _ in range(5)), return_exceptions=True
        )
        assert [type(one) for one in found].count(PresentmentNotFound) == 4
        shown = await till.presentment(person, code.id)
        assert (shown.order_id, shown.merchant_id) == (order.id, stage.merchant)
        assert (await stage.orders.get(order.id)).status is OrderStatus.OPEN

    async def test_it_lasts_a_minute(self, stage, till, clock):
        person, _ = stage.holder()
        code = await till.present(person)
        clock.late = timedelta(seconds=PRESENTMENT_SECONDS)
        order = await stage.order(10_000)
        with pytest.raises(PresentmentNotFound):
            await till.scan(stage.merchant, order.id, code.secret)

    async def test_guessing_and_other_shops_get_one_answer_each(self, stage, till):
        person, _ = stage.holder()
        code = await till.present(person)
        order = await stage.order(10_000)
        with pytest.raises(PresentmentNotFound):
            await till.scan(stage.merchant, order.id, "A" * 22)
        with pytest.raises(OrderNotFound):
            await till.scan(uuid4(), order.id, code.secret)
        with pytest.raises(PresentmentNotFound):
            await till.presentment(uuid4(), code.id)
        await till.scan(stage.merchant, order.id, code.secret)


class TestRecordedTender:
    async def order(self, stage, *prices):
        return await stage.orders.create(
            stage.merchant,
            cart(*prices, merchant=str(stage.merchant)),
            created_by=stage.merchant,
            idempotency_key=uuid4().hex,
            remainder_by=RemainderBy.RECORDED,
        )

    async def test_vouchers_go_on_chain_and_the_rest_is_entered(self, stage, till):
        person, account = await ready(stage)
        stage.chain.balances[account] = 0
        order = await self.order(stage, 10_000)
        quote = await stage.orders.quote(person, order.id)
        assert (quote.price.remainder_minor, quote.redemption.remainder.base_units, quote.short_by) == (8_000, 0, 0)
        await stage.pay(person, quote)
        with pytest.raises(OrderNotPayable):
            await till.record(stage.merchant, order.id, TenderMethod.CASH, 8_000, entered_by=stage.merchant)
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PENDING
        with pytest.raises(TenderMismatch) as refusal:
            await till.record(stage.merchant, order.id, TenderMethod.CASH, 10_000, entered_by=stage.merchant)
        assert refusal.value.expected == 8_000
        entered = [
            await till.record(stage.merchant, order.id, TenderMethod.CASH, 8_000, entered_by=stage.merchant)
            for _ in range(2)
        ]
        assert entered[0].amount_minor == entered[1].amount_minor == 8_000
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID

    async def test_without_vouchers_the_entry_alone_pays(self, stage, till):
        order = await self.order(stage, 700)
        with pytest.raises(OrderNotFound):
            await till.record(uuid4(), order.id, TenderMethod.CASH, 700, entered_by=stage.merchant)
        await till.record(stage.merchant, order.id, TenderMethod.CARD_TERMINAL, 700, entered_by=stage.merchant)
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID
        with pytest.raises(OrderNotPayable):
            await till.record(stage.merchant, order.id, TenderMethod.CASH, 700, entered_by=stage.merchant)

    async def test_what_is_paid_on_chain_is_not_entered(self, stage, till):
        order = await stage.order(700)
        with pytest.raises(OrderNotPayable):
            await till.record(stage.merchant, order.id, TenderMethod.CASH, 700, entered_by=stage.merchant)


class TestGivingBack:
    """What was entered by hand, or never was."""

    @pytest.fixture
    def refunds(self, stage):
        return RefundService(stage.database, stage.chains, stage.accounts, stage.payments)

    async def order(self, stage, *prices):
        return await TestRecordedTender().order(stage, *prices)

    async def test_cash_after_an_attempt_that_failed_comes_back_whole(self, stage, till, refunds, monkeypatch):
        """The voucher of that attempt was never used, and its discount never given."""
        person, _ = await ready(stage)
        order = await self.order(stage, 10_000)
        quote = await stage.orders.quote(person, order.id)

        def refuse(*_):
            raise TransactionReverted("the chain refused", reason="for the test")

        with monkeypatch.context() as patched:
            patched.setattr(stage.chain, "execute", refuse)
            await stage.pay(person, quote)
            await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.OPEN
        await till.record(stage.merchant, order.id, TenderMethod.CASH, 10_000, entered_by=stage.merchant)
        made = await refunds.refund(
            stage.merchant, order.id, None, created_by=stage.merchant, idempotency_key=uuid4().hex
        )
        assert (made.refund.amount_minor, made.refund.holder_tenant_id) == (10_000, None)
        assert [(step.kind, step.base_units) for step in made.steps] == [(StepKind.RECORDED, 10_000)]

    async def test_a_rest_that_nobody_pays_gives_the_voucher_back_and_ends_the_order(self, stage, till, refunds):
        person, _ = await ready(stage, refund=RefundTerms(window_seconds=86_400))
        order = await self.order(stage, 10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        with pytest.raises(NotRefundable):
            await refunds.refund(stage.merchant, order.id, None, created_by=stage.merchant, idempotency_key="early")
        await stage.work()
        with pytest.raises(NotRefundable):
            await refunds.refund(stage.merchant, order.id, [0], created_by=stage.merchant, idempotency_key="a part")
        made = await refunds.refund(stage.merchant, order.id, None, created_by=stage.merchant, idempotency_key="once")
        assert made.refund.amount_minor == 0, "nothing was paid"
        assert [step.kind for step in made.steps] == [StepKind.REVERSE]
        assert (await stage.orders.get(order.id)).status is OrderStatus.CANCELLED
        with pytest.raises(OrderNotPayable):
            await till.record(stage.merchant, order.id, TenderMethod.CASH, 8_000, entered_by=stage.merchant)
        with pytest.raises(NotRefundable):
            await refunds.refund(stage.merchant, order.id, None, created_by=stage.merchant, idempotency_key="twice")
        again = await refunds.refund(stage.merchant, order.id, None, created_by=stage.merchant, idempotency_key="once")
        assert again.refund.id == made.refund.id

    @pytest.mark.long
    async def test_an_entry_and_a_giving_back_at_once_end_in_one_of_them(self, stage, till, refunds):
        person, _ = await ready(stage, refund=RefundTerms(window_seconds=86_400))
        order = await self.order(stage, 10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        entered, given = await asyncio.gather(
            till.record(stage.merchant, order.id, TenderMethod.CASH, 8_000, entered_by=stage.merchant),
            refunds.refund(stage.merchant, order.id, None, created_by=stage.merchant, idempotency_key="once"),
            return_exceptions=True,
        )
        status = (await stage.orders.get(order.id)).status
        if status is OrderStatus.CANCELLED:
            assert isinstance(entered, OrderNotPayable)
            assert given.refund.amount_minor == 0
        else:
            assert status is OrderStatus.PAID
            assert entered.amount_minor == 8_000
            assert isinstance(given, NotRefundable) or given.refund.amount_minor == 8_000

    async def test_one_key_for_two_orders_at_once_makes_one_refund(self, stage, till, refunds):
        orders = [await self.order(stage, 700) for _ in range(2)]
        for order in orders:
            await till.record(stage.merchant, order.id, TenderMethod.CASH, 700, entered_by=stage.merchant)
        answers = await asyncio.gather(
            *(
                refunds.refund(stage.merchant, order.id, None, created_by=stage.merchant, idempotency_key="same")
                for order in orders
            ),
            return_exceptions=True,
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["IdempotencyConflict", "RefundView"]
