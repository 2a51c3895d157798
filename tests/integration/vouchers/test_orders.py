"""An order is paid once and a voucher redeemed once, whatever races, fails or is interrupted."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from codec.order_document import decode_order_document, order_hash
from persistence.jobs import enqueue, job_table
from primitives.errors import (
    IdempotencyConflict,
    InvalidValue,
    KeystoreLocked,
    NodeUnavailable,
    NotVoucherHolder,
    OrderNotFound,
    OrderNotPayable,
    QuoteExpired,
    TransactionReverted,
    VoucherAlreadyRedeemed,
    VoucherError,
    VoucherExpired,
    VoucherInFlight,
)
from primitives.signing import Curve, Signature
from tests.fakes.voucher_chain import ConsentSigner
from tests.fakes.vouchers import SOLANA, STRANGER, VALID_UNTIL, cart
from tests.integration.vouchers.stage import Stage
from vouchers.checkout.model import UnusedReason
from vouchers.checkout.price import price
from vouchers.documents.sql import document_body
from vouchers.orders.model import AttemptStatus, OrderStatus
from vouchers.orders.quotes import QUOTE_SECONDS, TenderChoice
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.rules import RULES_VERSION


@pytest.fixture
def stage(database):
    return Stage(database, give_up_after=timedelta(hours=1))


async def ready(stage, *, vouchers=1):
    """An active campaign and a holder with that many of its vouchers."""
    campaign = await stage.campaign()
    person, account = stage.holder()
    await stage.issue(campaign, *[account] * vouchers)
    return campaign, person, account


async def statuses(stage, order):
    found, attempt = await stage.orders.progress(order.id)
    _, redemptions = await stage.orders.evidence(attempt)
    return found.status, attempt.status, [redemption.status for redemption in redemptions]


async def interrupt(stage):
    """What a crash right after the lock leaves, and the job that finds it later."""
    async with stage.database.transaction() as tx:
        rows = (await tx.execute(select(job_table).where(job_table.c.kind == "order.attempt_due"))).all()
        for row in rows:
            await enqueue(tx, row.kind, row.key, row.payload)
    await stage.worker().run_due()


class TestQuote:
    async def test_the_voucher_is_found_without_asking(self, stage):
        _, person, account = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        assert (quote.price.discount_minor, quote.price.remainder_minor) == (2_000, 8_000)
        assert quote.account == account
        assert quote.redemption.remainder.base_units == 80_000_000
        assert quote.short_by == 0

    async def test_a_voucher_that_is_kept_for_later_is_left_alone(self, stage):
        _, person, _ = await ready(stage, vouchers=2)
        order = await stage.order(10_000)
        (kept,) = [one.voucher for one in (await stage.orders.quote(person, order.id)).price.used]
        quote = await stage.orders.quote(person, order.id, tender=TenderChoice(kept=frozenset({kept})))
        (used,) = [one.voucher for one in quote.price.used]
        assert used != kept
        none = await stage.orders.quote(person, order.id, tender=TenderChoice(kept=frozenset({kept, used})))
        assert (none.price.used, none.price.unused, none.price.discount_minor) == ((), (), 0)

    async def test_below_the_threshold_it_says_what_is_missing(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(9_999)
        quote = await stage.orders.quote(person, order.id)
        assert quote.redemption.items == ()
        assert [(unused.reason, unused.spend_more) for unused in quote.price.unused] == [
            (UnusedReason.BELOW_MIN_SPEND, 1)
        ]

    async def test_a_voucher_of_another_merchant_is_explained(self, stage):
        _, person, _ = await ready(stage)
        stage.merchant = uuid4()
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        assert [unused.reason for unused in quote.price.unused] == [UnusedReason.OTHER_MERCHANT]

    async def test_missing_money_is_told_exactly(self, stage):
        _, person, account = await ready(stage)
        stage.chain.balances[account] = 79_999_999
        order = await stage.order(10_000)
        assert (await stage.orders.quote(person, order.id)).short_by == 1

    async def test_an_order_that_is_gone_is_not_quoted(self, stage):
        _, person, _ = await ready(stage)
        with pytest.raises(OrderNotFound):
            await stage.orders.quote(person, uuid4())
        order = await stage.order(10_000)
        await stage.orders.cancel(stage.merchant, order.id)
        with pytest.raises(OrderNotPayable) as refusal:
            await stage.orders.quote(person, order.id)
        assert refusal.value.status == "cancelled"

    async def test_a_person_without_account_is_told(self, stage):
        order = await stage.order(10_000)
        with pytest.raises(InvalidValue, match="no account"):
            await stage.orders.quote(uuid4(), order.id)


class TestPay:
    async def test_paid_at_finality_and_replayable_from_its_documents(self, stage):
        campaign, person, _ = await ready(stage)
        order = await stage.order(7_000, 3_000)
        quote = await stage.orders.quote(person, order.id)
        await stage.pay(person, quote)
        assert await statuses(stage, order) == (OrderStatus.PENDING, AttemptStatus.PENDING, [AttemptStatus.PENDING])
        await stage.work()
        assert await statuses(stage, order) == (OrderStatus.PAID, AttemptStatus.FINAL, [AttemptStatus.FINAL])
        assert stage.chain.state.vouchers[quote.redemption.items[0].voucher].redeemed_at is not None
        async with stage.database.transaction() as tx:
            body = await document_body(tx, quote.redemption.order_hash)
        assert order_hash(body) == quote.redemption.order_hash
        document = decode_order_document(body)
        again = price(
            order.cart,
            [item.voucher for item in quote.redemption.items],
            {campaign.id: campaign.rules},
            {},
            document["now"],
            RULES_VERSION,
        )
        assert [list(applied.per_line) for applied in again.used] == [
            voucher["per_line"] for voucher in document["vouchers"]
        ]
        assert again.remainder_minor == document["remainder_minor"] == 8_000

    async def test_one_order_paid_by_many_at_once_is_paid_once(self, stage):
        campaign = await stage.campaign()
        order = await stage.order(10_000)
        quotes = []
        for _ in range(8):
            person, account = stage.holder()
            await stage.campaigns.issue(
                stage.merchant, campaign.id, [account], created_by=stage.merchant, idempotency_key=uuid4().hex
            )
            quotes.append(person)
        await stage.work()
        await stage.scan()
        quotes = [(person, await stage.orders.quote(person, order.id)) for person in quotes]
        results = await asyncio.gather(*(stage.pay(person, quote) for person, quote in quotes), return_exceptions=True)
        lost = [result for result in results if isinstance(result, Exception)]
        assert [type(error) for error in lost] == [OrderNotPayable] * 7
        assert {error.status for error in lost} == {"pending"}
        await stage.work()
        assert sum(state.redeemed_at is not None for state in stage.chain.state.vouchers.values()) == 1

    async def test_one_voucher_on_many_orders_at_once_is_redeemed_once(self, stage):
        _, person, _ = await ready(stage)
        orders = [await stage.order(10_000) for _ in range(8)]
        quotes = [await stage.orders.quote(person, order.id) for order in orders]
        results = await asyncio.gather(*(stage.pay(person, quote) for quote in quotes), return_exceptions=True)
        lost = [type(result) for result in results if isinstance(result, Exception)]
        assert lost == [VoucherInFlight] * 7
        await stage.work()
        paid = [await stage.orders.get(order.id) for order in orders]
        assert sorted(order.status.value for order in paid) == ["open"] * 7 + ["paid"]
        await stage.scan()
        opened = next(order for order in paid if order.status is OrderStatus.OPEN)
        assert (await stage.orders.quote(person, opened.id)).redemption.items == ()

    async def test_the_same_voucher_again_is_refused(self, stage):
        _, person, _ = await ready(stage)
        first, second = await stage.order(10_000), await stage.order(10_000)
        quotes = [await stage.orders.quote(person, order.id) for order in (first, second)]
        await stage.pay(person, quotes[0])
        await stage.work()
        with pytest.raises(VoucherAlreadyRedeemed):
            await stage.pay(person, quotes[1])
        assert (await stage.orders.get(second.id)).status is OrderStatus.OPEN

    async def test_a_stranger_cannot_pay_with_the_quote_or_the_account(self, stage):
        _, person, account = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        stranger, _ = stage.holder()
        with pytest.raises(OrderNotFound):
            await stage.pay(stranger, quote)
        theirs = await stage.orders.quote(stranger, order.id, account=account)
        with pytest.raises(NotVoucherHolder):
            await stage.pay(stranger, theirs)
        assert stage.signer.requests == []

    async def test_a_voucher_that_was_given_away_is_refused(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        stage.chain.move(quote.redemption.items[0].voucher, STRANGER)
        with pytest.raises(NotVoucherHolder):
            await stage.pay(person, quote)

    async def test_after_the_window_it_is_expired_by_block_time(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        stage.chain.mine(seconds=VALID_UNTIL)
        with pytest.raises(VoucherExpired) as refusal:
            await stage.pay(person, quote)
        assert refusal.value.valid_until == VALID_UNTIL

    async def test_an_old_quote_is_refused(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        stage.chain.mine(seconds=QUOTE_SECONDS)
        with pytest.raises(QuoteExpired):
            await stage.pay(person, quote)

    async def test_an_order_past_its_time_is_not_payable(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.orders.create(
            stage.merchant,
            cart(10_000, merchant=str(stage.merchant)),
            created_by=stage.merchant,
            idempotency_key="k",
            expires_at=stage.orders._clock.now() - timedelta(seconds=1),
        )
        quote = await stage.orders.quote(person, order.id)
        with pytest.raises(OrderNotPayable) as refusal:
            await stage.pay(person, quote)
        assert refusal.value.status == "expired"


class TestIdempotency:
    async def test_the_same_key_at_once_is_one_attempt(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        answers = await asyncio.gather(*(stage.pay(person, quote, key="one") for _ in range(6)))
        assert {answer.number for answer in answers} == {1}
        await stage.work()
        again = await stage.pay(person, quote, key="one")
        assert (again.number, again.status) == (1, AttemptStatus.FINAL)
        assert len([p for p in stage.payments.by_id.values() if p.order.act == "order.pay"]) == 1

    async def test_the_same_key_for_another_quote_is_refused(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id), key="one")
        other = await stage.orders.quote(person, (await stage.order(10_000)).id)
        with pytest.raises(IdempotencyConflict):
            await stage.pay(person, other, key="one")

    async def test_charging_with_the_same_key_is_one_order(self, stage):
        async def charge(*prices):
            return await stage.orders.create(
                stage.merchant,
                cart(*prices, merchant=str(stage.merchant)),
                created_by=stage.merchant,
                idempotency_key="k",
            )

        orders = await asyncio.gather(*(charge(100) for _ in range(4)))
        assert len({order.id for order in orders}) == 1
        with pytest.raises(IdempotencyConflict):
            await charge(200)

    async def test_a_cart_for_somebody_else_is_refused(self, stage):
        with pytest.raises(InvalidValue):
            await stage.orders.create(stage.merchant, cart(100), created_by=stage.merchant, idempotency_key="k")


class TestFailure:
    async def test_a_payment_that_the_chain_refuses_opens_the_order_again(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        await stage.pay(person, quote)
        stage.chain.move(quote.redemption.items[0].voucher, STRANGER)
        await stage.work()
        assert await statuses(stage, order) == (OrderStatus.OPEN, AttemptStatus.FAILED, [AttemptStatus.FAILED])
        reopened = await stage.orders.get(order.id)
        assert reopened.failure["facts"]["reason"] == "NotVoucherHolder"

    async def test_after_a_failure_a_new_quote_pays(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        await stage.pay(person, quote, signer=ConsentSigner())
        stage.chain.state.vouchers, kept = {}, stage.chain.state.vouchers
        await stage.payments.land()
        stage.chain.state.vouchers = kept
        await stage.work()
        with pytest.raises(QuoteExpired):
            await stage.pay(person, quote)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        found, attempt = await stage.orders.progress(order.id)
        assert (found.status, attempt.number, found.failure) == (OrderStatus.PAID, 2, None)

    async def test_the_end_told_twice_counts_once(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        payment = next(p for p in stage.payments.by_id.values() if p.order.act == "order.pay")
        await stage.payments.tell(payment)
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID

    async def test_a_holder_who_does_not_sign_leaves_the_order_open(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        with pytest.raises(KeystoreLocked):
            await stage.pay(person, quote, signer=ConsentSigner(KeystoreLocked("locked")))
        assert await statuses(stage, order) == (OrderStatus.OPEN, AttemptStatus.FAILED, [AttemptStatus.FAILED])
        assert not [p for p in stage.payments.by_id.values() if p.order.act == "order.pay"]

    async def test_a_crash_after_the_lock_is_given_up_and_nothing_was_paid(self, stage, monkeypatch):
        """The process dies between the lock and the payment: the job opens the order, the voucher is free."""

        class Dead(BaseException):
            pass

        def die(name):
            if name == "order.pay_requested":
                raise Dead

        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        with monkeypatch.context() as patch:
            patch.setattr("vouchers.orders.locking.fault_point", die)
            with pytest.raises(Dead):
                await stage.pay(person, quote)
        assert await statuses(stage, order) == (OrderStatus.PENDING, AttemptStatus.REQUESTED, [AttemptStatus.REQUESTED])
        assert (await stage.orders.quote(person, (await stage.order(10_000)).id)).in_flight == (
            quote.redemption.items[0].voucher,
        )
        await interrupt(stage)
        assert await statuses(stage, order) == (OrderStatus.OPEN, AttemptStatus.FAILED, [AttemptStatus.FAILED])
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID

    async def test_the_same_key_goes_on_after_a_crash(self, stage, monkeypatch):
        class Dead(BaseException):
            pass

        def die(name):
            if name == "order.pay_requested":
                raise Dead

        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        with monkeypatch.context() as patch:
            patch.setattr("vouchers.orders.locking.fault_point", die)
            with pytest.raises(Dead):
                await stage.pay(person, quote, key="one")
        await stage.pay(person, quote, key="one")
        await interrupt(stage)
        await stage.work()
        assert await statuses(stage, order) == (OrderStatus.PAID, AttemptStatus.FINAL, [AttemptStatus.FINAL])

    async def test_a_cancelled_order_cannot_be_paid_and_a_pending_one_not_cancelled(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        await stage.pay(person, quote)
        with pytest.raises(OrderNotPayable):
            await stage.orders.cancel(stage.merchant, order.id)
        other = await stage.order(10_000)
        await stage.orders.cancel(stage.merchant, other.id)
        assert (await stage.orders.cancel(stage.merchant, other.id)).status is OrderStatus.CANCELLED
        with pytest.raises(OrderNotFound):
            await stage.orders.cancel(uuid4(), order.id)


class TestSolana:
    """The holder signs the transaction itself, so it is signed within the request or never."""

    @pytest.fixture
    def stage(self, database):
        return Stage(database, give_up_after=timedelta(hours=1), chain=SOLANA)

    async def test_the_redemption_is_stored_before_anybody_signs(self, stage, monkeypatch):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        seen = []
        sign = stage.payments.authorise

        async def look_first(payment_id, signer):
            async with stage.database.transaction() as tx:
                seen.extend(await redemption_rows.live_redemptions(tx, [quote.redemption.items[0].voucher]))
            await sign(payment_id, signer)

        monkeypatch.setattr(stage.payments, "authorise", look_first)
        await stage.pay(person, quote)
        assert seen == [quote.redemption.items[0].voucher]
        await stage.work()
        assert await statuses(stage, order) == (OrderStatus.PAID, AttemptStatus.FINAL, [AttemptStatus.FINAL])

    @pytest.mark.parametrize("refusal", [NodeUnavailable("down"), KeystoreLocked("locked")])
    async def test_what_nobody_signed_is_withdrawn_at_once(self, stage, refusal):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        stage.payments.refuse = refusal
        with pytest.raises(type(refusal)):
            await stage.pay(person, await stage.orders.quote(person, order.id))
        assert await statuses(stage, order) == (OrderStatus.OPEN, AttemptStatus.FAILED, [AttemptStatus.FAILED])
        stage.payments.refuse = None
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID

    async def test_a_crash_before_the_signature_is_withdrawn_later(self, stage, monkeypatch):
        class Dead(BaseException):
            pass

        def die(name):
            if name == "order.payment_stored":
                raise Dead

        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        with monkeypatch.context() as patch:
            patch.setattr("vouchers.orders.service.fault_point", die)
            with pytest.raises(Dead):
                await stage.pay(person, quote)
        assert await statuses(stage, order) == (OrderStatus.PENDING, AttemptStatus.PENDING, [AttemptStatus.PENDING])
        await interrupt(stage)
        assert await statuses(stage, order) == (OrderStatus.OPEN, AttemptStatus.FAILED, [AttemptStatus.FAILED])
        assert stage.payments.authorised == []
        assert stage.chain.state.vouchers[quote.redemption.items[0].voucher].redeemed_at is None

    async def test_a_signed_payment_is_never_given_up(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await interrupt(stage)
        assert await statuses(stage, order) == (OrderStatus.PENDING, AttemptStatus.PENDING, [AttemptStatus.PENDING])
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID

    async def test_an_outside_wallet_is_told_that_it_cannot_pay_here(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        with pytest.raises(InvalidValue, match="Solana"):
            await stage.orders.prepare(person, order.id, quote.id)


class TestOutsideWallet:
    async def test_prepare_sign_elsewhere_submit(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        (request,) = await stage.orders.prepare(person, order.id, quote.id)
        assert request.name == "redeem_order"
        signed = {"redeem_order": Signature(Curve.SECP256K1, b"\1" * 65)}
        await stage.orders.submit(person, order.id, quote.id, signed, idempotency_key="one")
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID
        assert stage.signer.requests == []

    async def test_a_wrong_signature_never_holds_up_the_order(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        forged = {"redeem_order": Signature(Curve.SECP256K1, b"\2" * 65)}
        with pytest.raises(TransactionReverted) as refusal:
            await stage.orders.submit(person, order.id, quote.id, forged, idempotency_key="one")
        assert refusal.value.reason == "InvalidSignature"
        found, attempt = await stage.orders.progress(order.id)
        assert (found.status, attempt) == (OrderStatus.OPEN, None)


class TestConstraints:
    """The database refuses what the service would have to get wrong."""

    async def test_a_second_live_redemption_of_a_voucher_has_no_room(self, stage):
        _, person, _ = await ready(stage)
        order = await stage.order(10_000)
        quote = await stage.orders.quote(person, order.id)
        await stage.pay(person, quote)
        async with stage.database.transaction() as tx:
            voucher = quote.redemption.items[0].voucher
            held = (await redemption_rows.live_redemptions(tx, [voucher]))[voucher]
            copy = type(held)(**{**{name: getattr(held, name) for name in held.__slots__}, "id": b"\7" * 32})
            assert not await redemption_rows.lock_voucher(tx, copy, stage.merchant)

    async def test_an_unknown_attempt_is_an_error_not_a_silence(self, stage):
        async with stage.database.transaction() as tx:
            await enqueue(tx, "order.payment_ended", "x", {"reference": {"order": str(uuid4()), "attempt": 1}})
        await stage.worker().run_due()
        async with stage.database.transaction() as tx:
            row = (await tx.execute(select(job_table.c.last_error).where(job_table.c.key == "x"))).one()
        assert row.last_error.startswith("order_not_found")
        assert issubclass(OrderNotFound, VoucherError)
