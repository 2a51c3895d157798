"""An order that its holder cannot pay is refused before anything is locked, with both figures."""

from __future__ import annotations

import pytest

from primitives.errors import InsufficientFunds
from tests.fakes.voucher_chain import ConsentSigner
from tests.integration.vouchers.stage import Stage
from vouchers.orders.model import OrderStatus


@pytest.fixture
def stage(database):
    return Stage(database)


class TestShortOfMoney:
    async def test_paying_is_refused_and_the_order_stays_open(self, stage):
        person, _ = stage.holder(balance=79_999_999)
        order = await stage.order(8_000)
        quote = await stage.orders.quote(person, order.id)
        assert quote.short_by == 1
        with pytest.raises(InsufficientFunds) as refused:
            await stage.orders.pay(person, order.id, quote.id, ConsentSigner(), idempotency_key="pay")
        assert (refused.value.needed, refused.value.available) == (80_000_000, 79_999_999)
        assert refused.value.asset == str(quote.redemption.remainder.asset.id)
        found, attempt = await stage.orders.progress(order.id)
        assert (found.status, attempt) == (OrderStatus.OPEN, None)

    async def test_an_outside_wallet_is_told_before_it_signs(self, stage):
        person, _ = stage.holder(balance=0)
        order = await stage.order(8_000)
        quote = await stage.orders.quote(person, order.id)
        with pytest.raises(InsufficientFunds):
            await stage.orders.prepare(person, order.id, quote.id)

    async def test_with_the_money_the_same_quote_is_paid(self, stage):
        person, account = stage.holder(balance=0)
        order = await stage.order(8_000)
        quote = await stage.orders.quote(person, order.id)
        stage.chain.balances[account] = 80_000_000
        await stage.orders.pay(person, order.id, quote.id, ConsentSigner(), idempotency_key="pay")
        await stage.work()
        assert (await stage.orders.get(order.id)).status is OrderStatus.PAID
