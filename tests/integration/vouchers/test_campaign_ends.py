"""A campaign from its sale to its end on the real local chains: parts returned, credit settled, escrow reclaimed.

After each step books = escrow = chain, and whatever is asked for twice happens once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from tests.integration.vouchers.ending import (
    DISCOUNT,
    REFUND_SECONDS,
    Ending,
    KeystoreClock,
    at_once,
    balance,
    fresh_key,
)
from tests.integration.vouchers.test_both_chains import FEES, network, shop, until

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("campaign_ends"), pytest.mark.timeout(300)]
__all__ = ["network", "shop"]

BOTH = pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)


@pytest.fixture(autouse=True)
def keystore_clock(monkeypatch):
    monkeypatch.setattr("keystore.service.SystemClock", KeystoreClock)
    monkeypatch.setattr(KeystoreClock, "ahead", timedelta(0))


@pytest_asyncio.fixture
async def ending(keystore_clock, shop, network):
    return Ending(shop, network)


@BOTH
async def test_from_a_sale_to_the_end_of_the_campaign(ending):
    """A sale of two units, one comes back, and half of the payout with it (EVM; on Solana sponsor and merchant are one
    and owe each other nothing). What no voucher claimed is the sponsor's after window and refund window."""
    campaign = await ending.launched(payout="accrued" if ending.evm else "immediate")
    name, chain = campaign["id"], str(ending.shop.chain)
    holder, account, _ = await ending.holding(name, 2)
    order = await ending.sold(holder)
    settle = {"campaign": name, "chain": chain}
    if ending.evm:
        early = await ending.ask("POST", "/settlements", settle, expect=409)
        assert early["code"] == "nothing_to_settle"
    await ending.books(name, 2 * DISCOUNT)

    escrow = await part_comes_back(ending, name, order, holder, account)
    if ending.evm:
        escrow = await credit_is_settled(ending, campaign, settle, escrow)
    else:
        refused = await ending.ask("POST", "/settlements", settle, expect=409)
        assert refused["code"] == "nothing_to_settle"
    escrow = await more_is_funded(ending, name, escrow)
    await window_ends_and_the_rest_is_reclaimed(ending, campaign, holder, escrow)


async def part_comes_back(ending, name, order, holder, account):
    """One of two units: 40.00 of the 80.00 to the holder; the payout's half where the chain takes parts back."""
    had = await balance(ending.shop, account)
    refund = await ending.refunded(order, [1])
    steps = {step["kind"]: step for step in refund["steps"]}
    assert (refund["status"], steps["money"]["status"]) == ("done", "done")
    assert await balance(ending.shop, account) == had + 40_000_000
    left = 2 * DISCOUNT
    if ending.evm:
        # It came out of the merchant's credit, which was set aside before.
        assert steps["return_payout"]["base_units"] == str(DISCOUNT // 2)
        left += DISCOUNT // 2
    await ending.books(name, left)
    assert (await ending.ask("GET", "/settlements/debts"))["items"] == []
    return left


async def credit_is_settled(ending, campaign, settle, escrow):
    name = campaign["id"]
    (before,) = (await ending.ask("GET", f"/settlements/credit/{name}"))["items"]
    assert (before["due"], before["waiting"]) == ("0", str(DISCOUNT // 2))
    await ending.travel(await ending.now() + 2 * REFUND_SECONDS)  # epochs are as long as the window: two, and it is due
    (then,) = (await ending.ask("GET", f"/settlements/credit/{name}"))["items"]
    assert (then["due"], then["waiting"]) == (str(DISCOUNT // 2), "0")
    had = await ending.treasury()
    key = fresh_key()
    asked = await at_once(*(ending.post("/settlements", settle, key) for _ in range(3)))
    assert len({one["payment"] for one in asked}) == 1
    await until(ending.treasury, lambda units: units == had + DISCOUNT // 2)
    # The same key is the same payment for ever; another one finds nothing.
    assert (await ending.post("/settlements", settle, key))["payment"] == asked[0]["payment"]
    assert (await ending.ask("POST", "/settlements", settle, expect=409))["code"] == "nothing_to_settle"
    await ending.books(name, escrow)
    return escrow


async def more_is_funded(ending, name, escrow):
    await ending.shop.give(str(ending.shop.treasury), "tCNY", 7)
    key, body = fresh_key(), {"chain": str(ending.shop.chain), "base_units": "7"}
    asked = await at_once(*(ending.post(f"/campaigns/{name}/fund", body, key) for _ in range(3)))
    assert len({act["id"] for act in asked}) == 1
    assert [act["status"] for act in await ending.acts(name, "fund")] == ["done"]
    await ending.books(name, escrow + 7)
    return escrow + 7


async def window_ends_and_the_rest_is_reclaimed(ending, campaign, holder, escrow):
    name, body = campaign["id"], {"chain": str(ending.shop.chain)}
    opens = campaign["ends"] + REFUND_SECONDS
    refused = await ending.ask("POST", f"/campaigns/{name}/reclaim", body, expect=409)
    assert (refused["code"], refused["opens"]) == ("campaign_not_active", opens)
    (before,) = (await ending.ask("GET", f"/settlements/liability/{name}"))["items"]
    assert (before["outstanding"], before["liability"], before["breakage"]) == (1, str(DISCOUNT), 0)

    await ending.travel(campaign["ends"])
    (over,) = (await ending.ask("GET", f"/settlements/liability/{name}"))["items"]
    assert (over["outstanding"], over["liability"], over["breakage"], over["breakage_bp"]) == (0, "0", 1, 5_000)
    assert over["surplus"] == over["escrow"] == str(escrow)
    order = await ending.ask(
        "POST",
        "/orders",
        {"currency": "CNY", "lines": [{"sku": "tea", "name": "t", "quantity": 1, "unit_price_minor": 10_000}]},
    )
    quote = await ending.shop.ask("POST", f"/orders/{order['id']}/quote", holder, {})
    assert (quote["used"], [one["reason"] for one in quote["unused"]]) == ([], ["expired"])
    refused = await ending.ask("POST", f"/campaigns/{name}/reclaim", body, expect=409)
    assert refused["code"] == "campaign_not_active"  # what was sold in the last hour may still come back

    await ending.travel(opens)
    had = await ending.treasury()
    key = fresh_key()
    by_hand = [ending.post(f"/campaigns/{name}/reclaim", body, key) for _ in range(3)]
    acts, _ = await at_once(at_once(*by_hand), ending.due_now("expiry.reclaim"))
    assert len({act["id"] for act in acts}) == 1
    await until(lambda: ending.events("campaign.expired"), lambda found: len(found) == 1)
    both = await ending.acts(name, "reclaim")
    assert [act["status"] for act in both] == ["done", "done"], both
    assert sorted(act["tx_hash"] is None for act in both) == [False, True]  # the later one found nothing left
    assert await ending.treasury() == had + escrow
    await ending.books(name, 0)
    again = await ending.ask("POST", f"/campaigns/{name}/reclaim", body)
    assert again["id"] not in {act["id"] for act in both}
    assert [act["status"] for act in await ending.acts(name, "reclaim")] == ["done"] * 3
    assert await ending.treasury() == had + escrow
    days = {"first": datetime.now(UTC) - timedelta(days=1), "last": datetime.now(UTC) + timedelta(days=30)}
    query = "&".join(f"{name}={day.date()}" for name, day in days.items())
    report = (await ending.ask("GET", f"/settlements/payouts?{query}&zone=Asia/Shanghai"))["items"]
    total = {
        field: sum(int(line[field]) for line in report) for field in ("paid", "credited", "remainders", "returned")
    }
    assert total == {
        "paid": DISCOUNT // 2 if ending.evm else DISCOUNT,
        "credited": 0,
        "remainders": 80_000_000,
        "returned": 40_000_000,
    }, report


@pytest.mark.soak
@BOTH
async def test_the_only_voucher_comes_back_again_and_again(ending):
    """Each time it is paid like the first: on Solana the vault's allowance is renewed before a payout returns."""
    campaign = await ending.launched(cap=1)
    holder, account, _ = await ending.holding(campaign["id"])
    # More than the voucher can ever cost: nothing waits for an allowance of that much.
    extra = await more_is_funded(ending, campaign["id"], DISCOUNT) - DISCOUNT
    for _ in range(3):
        order = await ending.sold(holder)
        await ending.books(campaign["id"], extra)
        back = await ending.refunded(order, None)
        assert back["status"] == "done", back
        await until(
            lambda: ending.shop.ask("GET", "/vouchers", holder), lambda page: page["items"][0]["status"] == "live"
        )
        await ending.books(campaign["id"], DISCOUNT + extra)
    counts = (await ending.ask("GET", f"/campaigns/{campaign['id']}"))["counts"]
    assert (counts["live"], counts["alarms"]) == (1, 0)
    assert await balance(ending.shop, account) == 200_000_000


@pytest.mark.soak
@BOTH
async def test_another_shop_gives_back_what_the_sponsor_paid(ending):
    """A partner sells for a voucher of the sponsor's. One of two units comes back: the partner's account returns half
    of the payout (EVM), or it is a debt (Solana). The holder disputes the rest: refused, or refunded, once."""
    partner = await another_shop(ending)
    campaign = await ending.launched(
        merchants=[ending.shop.merchant["Organisation-Id"], partner["Organisation-Id"]], partner=partner
    )
    name = campaign["id"]
    holder, account, _ = await ending.holding(name, 2)
    orders = [await ending.sold(holder, at=partner) for _ in range(2)]
    await ending.books(name, DISCOUNT)
    refund = await ending.refunded(orders[0], [1], at=partner)
    steps = {step["kind"]: step["status"] for step in refund["steps"]}
    debts = (await ending.shop.ask("GET", "/settlements/debts", partner))["items"]
    if ending.evm:
        assert (steps, debts) == ({"money": "done", "return_payout": "done"}, [])
        await ending.books(name, DISCOUNT + DISCOUNT // 2)
    else:
        assert (refund["status"], steps) == ("owing", {"money": "done", "return_payout": "owing"})
        (debt,) = debts
        assert (debt["refund"], debt["campaign"], debt["base_units"]) == (refund["id"], name, str(DISCOUNT // 2))
        assert (debt["failure"]["code"], debt["settled_at"]) == ("feature_unavailable", None)
        await ending.books(name, DISCOUNT)
    assert (await ending.ask("GET", "/settlements/debts"))["items"] == []
    await disputes_end_once(ending, orders, holder, account, partner)


async def another_shop(ending):
    """Registered, with fees: its headers."""
    owner = await ending.shop.person("bo")
    made = await ending.shop.ask("POST", "/organisations", owner, {"name": "博记书店"})
    accounts = await until(
        lambda: ending.shop.app.services.organisation_accounts(UUID(made["id"])), lambda found: len(found) == 4
    )
    here = [held for held in accounts if held.account.chain == ending.shop.chain]
    for held in here:
        await ending.shop.give(str(held.account), "native", FEES[ending.shop.chain.family])
    return {**owner, "Organisation-Id": made["id"]}


async def disputes_end_once(ending, orders, holder, account, partner):
    ask = ending.shop.ask
    first, second = [
        (await ask("GET", f"/orders/{order}/receipt", holder))["payment"]["redemptions"][0]["id"] for order in orders
    ]
    stranger = await ending.shop.person("eve")
    reason = {"reason": "the tea was stale"}
    await ask("POST", f"/redemptions/{second}/dispute", stranger, reason, expect=404)
    answer = {"refund": True, "answer": "sorry"}
    # Nobody answers what nobody contested.
    await ask("POST", f"/redemptions/{second}/dispute/answer", partner, answer, expect=404)
    opened = await at_once(*(ask("POST", f"/redemptions/{one}/dispute", holder, reason) for one in [second] * 3))
    assert {(one["id"], one["status"]) for one in opened} == {(opened[0]["id"], "open")}
    assert opened[0]["evidence"]["facts"][0]["kind"] in ("redeemed", "paid")
    # The campaign's sponsor is not the merchant of this sale.
    await ask("POST", f"/redemptions/{second}/dispute/answer", ending.shop.merchant, answer, expect=404)
    had = await balance(ending.shop, account)
    ends = [await ask("POST", f"/redemptions/{second}/dispute/answer", partner, answer) for _ in range(2)]
    assert [(one["status"], one["refund"]) for one in ends] == [("refunded", ends[0]["refund"])] * 2
    await ask("POST", f"/redemptions/{second}/dispute", holder, reason, expect=409)
    page = await until(
        lambda: ask("GET", f"/orders/{orders[1]}/refunds", holder),
        lambda found: [one["status"] for one in found["items"]] == ["done"],
        90,
    )
    assert page["items"][0]["id"] == ends[0]["refund"]
    assert await balance(ending.shop, account) == had + 80_000_000
    await ask("POST", f"/redemptions/{first}/dispute", holder, reason)
    refused = await ask(
        "POST", f"/redemptions/{first}/dispute/answer", partner, {"refund": False, "answer": "it was drunk"}
    )
    assert (refused["status"], refused["refund"]) == ("refused", None)
    closed = await ask("POST", f"/redemptions/{first}/dispute/answer", partner, answer, expect=409)
    assert closed["code"] == "dispute_closed"
