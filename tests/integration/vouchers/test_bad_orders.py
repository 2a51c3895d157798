"""What cannot be paid is refused with its own error, and nothing is left behind."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from primitives.errors import IdempotencyConflict, InvalidValue, OrderNotFound, QuoteExpired, UnknownAsset
from primitives.signing import Curve, Signature
from tests.fakes.vouchers import cart
from tests.integration.vouchers.stage import Stage
from vouchers.checkout.model import UnusedReason
from vouchers.orders.model import OrderStatus
from vouchers.orders.quotes import QUOTE_SECONDS
from vouchers.rules import Eligibility


@pytest.fixture
def stage(database):
    return Stage(database, give_up_after=timedelta(hours=1))


async def charged(stage, currency):
    return await stage.orders.create(
        stage.merchant,
        cart(10_000, merchant=str(stage.merchant), currency=currency),
        created_by=stage.merchant,
        idempotency_key=uuid4().hex,
    )


async def test_a_currency_that_nothing_settles(stage):
    person, _ = stage.holder()
    order = await charged(stage, "JPY")
    with pytest.raises(UnknownAsset) as refusal:
        await stage.orders.quote(person, order.id)
    assert refusal.value.currency == "JPY"
    assert (await stage.orders.get(order.id)).status is OrderStatus.OPEN


async def test_what_is_no_currency_code(stage):
    with pytest.raises(InvalidValue):
        await charged(stage, "cny")


async def test_a_sku_that_no_voucher_counts_is_explained(stage):
    campaign = await stage.campaign(eligible=Eligibility(merchants=None, skus=frozenset({"coffee"})))
    person, account = stage.holder()
    await stage.issue(campaign, account)
    quote = await stage.orders.quote(person, (await stage.order(10_000)).id)
    assert [one.reason for one in quote.price.unused] == [UnusedReason.NOTHING_ELIGIBLE]


async def test_an_expired_quote_of_an_outside_wallet(stage):
    person, _ = stage.holder()
    order = await stage.order(10_000)
    quote = await stage.orders.quote(person, order.id)
    stage.chain.mine(seconds=QUOTE_SECONDS)
    signed = {"redeem_order": Signature(Curve.SECP256K1, b"\1" * 65)}
    with pytest.raises(QuoteExpired):
        await stage.orders.submit(person, order.id, quote.id, signed, idempotency_key="one")
    assert (await stage.orders.get(order.id)).attempts == 0


async def test_a_replayed_order_is_refused_under_every_key(stage):
    person, _ = stage.holder()
    order, other = await stage.order(10_000), await stage.order(10_000)
    quote = await stage.orders.quote(person, order.id)
    await stage.pay(person, quote, key="one")
    await stage.work()
    assert (await stage.pay(person, quote, key="one")).number == 1
    with pytest.raises(OrderNotFound):
        await stage.orders.pay(person, other.id, quote.id, stage.signer, idempotency_key="two")
    with pytest.raises(IdempotencyConflict):
        await stage.pay(person, await stage.orders.quote(person, other.id), key="one")
    assert (await stage.orders.get(order.id)).attempts == 1
