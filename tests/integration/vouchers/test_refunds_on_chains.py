"""Refunds, transfers and books over HTTP, on the real local chains."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

import pytest

from chains.campaign import TransferPolicy
from primitives.account_id import AccountId
from tests.integration.vouchers.test_both_chains import charged, issued, network, settled, shop, until
from vouchers.campaigns.model import DraftTerms
from vouchers.refunds import progress
from vouchers.rules import Effect, Eligibility, RefundTerms, Stacking, VoucherKind

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(300)]
__all__ = ["network", "shop"]

CAP = 5


async def launched(shop, **changes):
    """An active campaign whose vouchers come back within a day."""
    now = int(time.time())
    values = {
        "title": "满100减20",
        "kind": VoucherKind.THRESHOLD,
        "effect": Effect(min_spend=10_000, amount_off=2_000),
        "currency": "CNY",
        "valid_from": now - 86_400,
        "valid_until": now + 30 * 86_400,
        "zone": "Asia/Shanghai",
        "caps": {shop.chain: CAP},
        "per_holder": None,
        "eligible": Eligibility(merchants=None),
        "stacking": Stacking("exclusive", frozenset()),
        "sponsor_bp": 10_000,
        "transfer": TransferPolicy.FREE,
        "refund": RefundTerms(window_seconds=86_400),
    }
    shop_id = UUID(shop.merchant["Organisation-Id"])
    drafted = await shop.app.services.campaigns.draft(
        shop_id, DraftTerms(**{**values, **changes}), created_by=shop_id, idempotency_key=uuid4().hex
    )
    await shop.ask("POST", f"/campaigns/{drafted.id}/launch", shop.merchant, {}, expect=202)
    active = await until(
        lambda: shop.ask("GET", f"/campaigns/{drafted.id}", shop.merchant),
        lambda found: found["status"] in ("active", "failed"),
    )
    assert active["status"] == "active", active["lanes"]
    return str(drafted.id)


async def refunded(shop, order, refund, who):
    return await until(
        lambda: shop.ask("GET", f"/orders/{order}/refunds", who),
        lambda page: next(one for one in page["items"] if one["id"] == refund)["status"] in ("done", "owing"),
        180,
    )


async def equal_books(shop, campaign):
    books = await until(
        lambda: shop.ask("GET", f"/settlements/books/{campaign}", shop.merchant),
        lambda found: all(lane["equal"] and lane["pending"] == "0" for lane in found["lanes"]),
    )
    return books["lanes"][0]


@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_a_full_refund_brings_money_and_voucher_back_and_the_books_agree(shop):
    """The holder pays 80.00 with a voucher of 20.00, gets 80.00 and a new voucher back, hands it on, and the escrow is
    what it was."""
    assert shop.treasury is not None
    await shop.give(str(shop.treasury), "tCNY", 200_000_000)
    campaign = await launched(shop)
    holder, account = await shop.holder("li")
    await shop.give(account, "tCNY", 100_000_000)
    (voucher,) = await issued(shop, campaign, account)
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    order = await charged(shop)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
    assert (await settled(shop, order, holder))["order"]["status"] == "paid"
    await until(lambda: shop.ask("GET", f"/vouchers/{voucher}", holder), lambda view: view["status"] == "redeemed")
    lane = await equal_books(shop, campaign)
    assert lane["escrow"] == str(CAP * 20_000_000 - 20_000_000)

    outside = await shop.ask("POST", f"/orders/{order}/refund", shop.merchant, {"chargeback": True}, expect=409)
    assert (outside["code"], outside["reason"]) == ("not_refundable", "on_chain")
    made = await shop.ask("POST", f"/orders/{order}/refund", shop.merchant, {}, expect=202)
    assert (made["kind"], made["amount"]["minor"]) == ("full", 8_000)
    page = await refunded(shop, order, made["id"], holder)
    assert [one["status"] for one in page["items"]] == ["done"], [one["failure"] for one in page["items"][0]["steps"]]
    assert await shop.balance(AccountId.parse(account)) == 100_000_000
    held = await until(
        lambda: shop.ask("GET", "/vouchers", holder),
        lambda found: [one["status"] for one in found["items"]] == ["live", "redeemed"],
    )
    fresh = held["items"][0]["id"]
    assert fresh != voucher
    lane = await equal_books(shop, campaign)
    assert lane["escrow"] == str(CAP * 20_000_000)
    again = await shop.ask("POST", f"/orders/{order}/refund", shop.merchant, {}, expect=409)
    assert again["code"] == "not_refundable"

    other, theirs = await shop.holder("wang")
    if shop.chain.family == "eip155":
        await shop.give(account, "native", 10**18)
    sent = await shop.ask("POST", f"/vouchers/{fresh}/transfer", holder, {"recipient": theirs}, expect=202)
    assert sent["status"] in ("unsigned", "in_flight", "done")
    received = await until(lambda: shop.ask("GET", "/vouchers", other), lambda found: found["items"])
    assert [one["id"] for one in received["items"]] == [fresh]


@pytest.mark.parametrize("shop", ["eip155"], indirect=True)
async def test_stored_value_is_spent_bit_by_bit_and_comes_back(shop):
    """A card of 100.00 pays 30.00, then 70.00 of 90.00 and is used up; the refund of the first order revives it."""
    await shop.give(str(shop.treasury), "tCNY", CAP * 100_000_000)
    campaign = await launched(
        shop, kind=VoucherKind.STORED_VALUE, effect=Effect(balance=10_000), title="储值卡", per_holder=1
    )
    holder, account = await shop.holder("li")
    await shop.give(account, "tCNY", 100_000_000)
    (voucher,) = await issued(shop, campaign, account)
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)

    async def buy(price):
        order = await charged(shop, price)
        quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
        await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
        assert (await settled(shop, order, holder))["order"]["status"] == "paid"
        return order, quote["remainder"]["minor"]

    async def seen(status):
        await until(lambda: shop.ask("GET", f"/vouchers/{voucher}", holder), lambda view: view["status"] == status)

    first, rest = await buy(3_000)
    assert rest == 0
    await seen("live")
    assert (await equal_books(shop, campaign))["escrow"] == str(CAP * 100_000_000 - 30_000_000)
    _, rest = await buy(9_000)
    assert rest == 2_000
    await seen("redeemed")
    assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 1) * 100_000_000)
    made = await shop.ask("POST", f"/orders/{first}/refund", shop.merchant, {}, expect=202)
    assert [step["kind"] for step in made["steps"]] == ["reverse"]
    page = await refunded(shop, first, made["id"], holder)
    assert page["items"][0]["status"] == "done", page
    await seen("live")
    assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 1) * 100_000_000 + 30_000_000)
    _, rest = await buy(3_000)
    assert rest == 0


@pytest.mark.parametrize("shop", ["eip155"], indirect=True)
async def test_value_that_cannot_come_back_is_paid_in_money_once(shop, monkeypatch):
    """A card pays three orders. Its payer gets money back, and the merchant keeps what escrow paid for the value: for a
    part of an order, when it was too late for a reversal that was decided, and when the card is another's by then."""
    await shop.give(str(shop.treasury), "tCNY", (CAP + 1) * 100_000_000)
    campaign = await launched(
        shop, kind=VoucherKind.STORED_VALUE, effect=Effect(balance=10_000), title="储值卡", per_holder=1
    )
    holder, account = await shop.holder("li")
    await shop.give(account, "native", 10**18)
    (voucher,) = await issued(shop, campaign, account)
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    line = {"sku": "tea", "name": "龙井 250g", "quantity": 2, "unit_price_minor": 1_000}
    orders = []
    for left in (8_000, 6_000, 4_000):
        order = await shop.ask("POST", "/orders", shop.merchant, {"currency": "CNY", "lines": [line]}, expect=201)
        quote = await shop.ask("POST", f"/orders/{order['id']}/quote", holder, {})
        await shop.ask("POST", f"/orders/{order['id']}/pay", holder, {"quote": quote["id"]}, expect=202)
        assert (await settled(shop, order["id"], holder))["order"]["status"] == "paid"
        spent = str(CAP * 100_000_000 - (10_000 - left) * 10_000)
        assert (await equal_books(shop, campaign))["escrow"] == spent
        orders.append(order["id"])

    async def comes_back_as_money(order, body, decided, minor):
        before = await shop.balance(AccountId.parse(account))
        made = await shop.ask("POST", f"/orders/{order}/refund", shop.merchant, body, expect=202)
        assert [step["kind"] for step in made["steps"]] == [decided]
        page = await refunded(shop, order, made["id"], holder)
        (done,) = [one for one in page["items"] if one["id"] == made["id"]]
        assert (done["status"], [step["kind"] for step in done["steps"]]) == ("done", ["money"]), done
        assert (
            await shop.balance(AccountId.parse(account)) - before == minor * 10_000 == done["amount"]["minor"] * 10_000
        )
        assert (await equal_books(shop, campaign))["escrow"] == spent

    async def too_late(*_):
        return False

    await comes_back_as_money(orders[0], {"returned": [1]}, "money", 1_000)
    with monkeypatch.context() as patched:
        patched.setattr(progress, "revives", too_late)
        await comes_back_as_money(orders[1], {}, "reverse", 2_000)
    other, theirs = await shop.holder("wang")
    await shop.ask("POST", f"/vouchers/{voucher}/transfer", holder, {"recipient": theirs}, expect=202)
    await until(lambda: shop.ask("GET", "/vouchers", other), lambda found: found["items"])
    await comes_back_as_money(orders[2], {}, "money", 2_000)
    assert (await shop.ask("GET", "/settlements/debts", shop.merchant))["items"] == []
