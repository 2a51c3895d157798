"""Portfolio and activity against the chains themselves, after a reorganisation too."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from chains.evm.movements import EvmMovements
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.voucher_id import CampaignId
from tests.integration.vouchers.test_both_chains import charged, issued, launched, network, settled, shop, until
from vouchers.campaigns.sql import get_campaign

pytestmark = [pytest.mark.xdist_group("wallet_views"), pytest.mark.timeout(300)]
__all__ = ["network", "shop"]


def reckoned(items):
    """What an account must hold by its own list: by asset, what came less what went, fees included."""
    sums = Counter()
    for item in items:
        stands = item["state"] in ("done", "pending")
        amount, fee = item["amount"], item["fee"]
        if stands and amount is not None and amount["asset"] is not None:
            sums[amount["asset"]] += int(amount["units"]) * {"in": 1, "out": -1, "none": 0}[item["direction"]]
        if fee is not None and item["state"] != "reversed":
            sums[fee["asset"]] -= int(fee["units"])
    return {asset: units for asset, units in sums.items() if units}


async def held(shop, account):
    """Native coin and test money, read from the node itself."""
    adapter = shop.app.services.chains.adapter(shop.chain)
    found = {}
    for asset in (adapter.native, shop.money):
        units = (await adapter.balance(AccountId.parse(account), asset)).base_units
        if units:
            found[str(asset.id)] = units
    return found


def _settled(items):
    """The voucher's use is told, and nothing waits for another block."""
    return any(one["kind"] == "voucher.redeemed" for one in items) and all(one["state"] != "pending" for one in items)


async def everything(shop, who, limit=3, **query):
    items, cursor = [], None
    while True:
        asked = "&".join(
            [f"{name}={value}" for name, value in query.items()] + ([f"cursor={cursor}"] if cursor else [])
        )
        page = await shop.ask("GET", f"/activity?limit={limit}&{asked}", who)
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


async def _told_in_words(shop, holder, items, order):
    """Test money is no gift of somebody's, and the shop has its name, which search finds too."""
    name = (await shop.ask("GET", f"/orders/{order}", holder))["order"]["merchant_name"]
    texts = {one["text"] for one in items if one["kind"] == "received" and one["state"] == "done"}
    coin = "1 ETH" if shop.chain.family == "eip155" else "1 SOL"
    assert texts == {f"Test money from the local faucet: {amount}" for amount in (coin, "250 tCNY")}
    (paid,) = [one for one in items if one["kind"] == "order.paid"]
    assert paid["text"] == f"Paid {paid['amount']['text']} tCNY at {name}"
    assert (paid["facts"]["shop"], paid["facts"]["order"]) == (name, order)
    found = await everything(shop, holder, q=name)
    assert (
        {"order.paid", "voucher.redeemed"}
        <= {one["kind"] for one in found}
        <= {"order.paid", "voucher.redeemed", "order.pay"}
    )


@pytest.mark.parametrize("shop", ["eip155", pytest.param("solana", marks=pytest.mark.soak)], indirect=True)
async def test_what_a_wallet_shows_is_what_the_chain_says(shop):
    """Coins and test money come, a voucher comes and is used, a block is replaced: sums of the list equal balances, the
    total equals balances times prices, and the same list in pages, in a file and by search."""
    holder, account = await shop.holder("li")
    _, friend = await shop.holder("wang")
    evm = shop.chain.family == "eip155"
    await shop.give(str(shop.treasury), "tCNY", 5 * 20_000_000)
    await shop.give(account, "native", 10**18 if evm else 10**9)
    await shop.give(account, "tCNY", 250_000_000)
    campaign = await launched(shop)
    await issued(shop, campaign, account, account)
    if evm:
        # Whatever of it was not final yet is put into other blocks, or has to be sent again.
        await shop.app.services.chains.client(shop.chain).call("anvil_reorg", 1, [])
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 2)
    order = await charged(shop)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
    assert (await settled(shop, order, holder))["order"]["status"] == "paid"
    sent = {"sender": account, "recipient": friend, "asset": str(shop.money.id), "value": "12.5"}
    transfer = await shop.ask("POST", "/transfers", holder, sent, expect=202)
    await until(
        lambda: shop.ask("GET", f"/transfers/{transfer['id']}", holder), lambda found: found["status"] == "done"
    )

    truth = await held(shop, account)
    items = await until(
        lambda: everything(shop, holder, limit=200),
        lambda found: reckoned(found) == truth and _settled(found),
    )
    assert await everything(shop, holder) == items, "in pages of three it is the same list"
    kinds = Counter(one["kind"] for one in items if one["state"] == "done")
    assert (kinds["received"], kinds["voucher.received"], kinds["voucher.redeemed"]) == (2, 2, 1)
    # Told once, by what knows most of it; on Solana the sender also pays the rent of the friend's new token account.
    assert (kinds["order.paid"], kinds["transfer"], kinds["sent"]) == (1, 1, 0 if evm else 1)
    assert len({one["id"] for one in items}) == len(items)
    await _told_in_words(shop, holder, items, order)
    assert [one["at"] for one in items] == sorted((one["at"] for one in items), reverse=True)

    view = await shop.ask("GET", "/portfolio?currency=CNY", holder)
    coins = {one["amount"]["asset"]: int(one["amount"]["base_units"]) for one in view["items"] if one["amount"]}
    assert coins == truth, "neither less nor more, and no voucher counted as a token"
    (voucher,) = [one["right"] for one in view["items"] if one["kind"] == "voucher"]
    assert (voucher["reference"], voucher["count"], voucher["in_shop"]) == (
        campaign,
        1,
        {"minor": 2_000, "currency": "CNY"},
    )
    money = truth[str(shop.money.id)] // 10_000
    native = truth[str(AssetId.native(shop.chain))]
    # Declared for local networks: 20,000 CNY an ether, 1,000 CNY a SOL, 1 CNY a test CNY.
    coin = native * 20_000 * 100 // 10**18 if evm else native * 1_000 * 100 // 10**9
    assert view["total"]["money"] == {"minor": money + coin, "currency": "CNY"}
    assert view["total"]["complete"]
    assert view["total"]["sources"]
    assert view["total"]["priced_at"]
    asked = f"/worth?asset={AssetId.native(shop.chain)}&base_units={native}&currency="
    assert (await shop.ask("GET", f"{asked}CNY", holder))["money"]["minor"] == coin
    refused = await shop.ask("GET", f"{asked}KWD", holder, expect=503)
    assert (refused["code"], refused["retryable"]) == ("price_unavailable", True)
    rate = await shop.ask("GET", "/exchange-rates?base=USD&quote=CNY&minor=1000", holder)
    assert (rate["rate"], rate["money"]) == ("7.1", {"minor": 7_100, "currency": "CNY"})
    assert rate["source"]
    assert rate["rated_at"]
    euros = await shop.ask("GET", "/portfolio?currency=EUR", holder)
    assert euros["total"]["complete"], "priced in dollars, at the rate of the euro"
    spent = await shop.ask("GET", "/spending?shown_in=USD", holder)
    (line,) = spent["sent"]
    assert (line["amount"]["base_units"], line["transfers"]) == ("12500000", 1), "the order is not among it"
    assert (line["worth"]["money"], spent["shown"]["complete"]) == ({"minor": 175, "currency": "USD"}, True)
    assert spent["shown"]["spent_minor"] == spent["totals"][0]["spent_minor"] * 10 // 71
    watched = await shop.ask("POST", "/wallets/watch", holder, {"label": "cold"}, expect=201)
    address = {"network": str(shop.chain), "address": friend.rpartition(":")[2]}
    await shop.ask("POST", f"/wallets/{watched['id']}/watched", holder, address, expect=201)
    seen = await shop.ask("GET", "/portfolio?currency=CNY", holder)
    assert seen["total"]["money"] == view["total"]["money"], "nothing of it can be spent here"
    assert [one["amount"] for one in seen["items"]] == [one["amount"] for one in view["items"]]
    assert ("12500000", str(shop.money.id)) in [
        (one["amount"]["base_units"], one["amount"]["asset"]) for one in seen["watched"]
    ]
    assert seen["watched_total"]["money"]["minor"] >= 1_250
    other = await shop.ask("GET", "/portfolio?currency=KWD", holder)
    assert not other["total"]["complete"], "nobody says what a test ether is in dinars"
    assert {one["no_worth"] for one in other["items"] if one["amount"]} == {"price_missing"}

    await _funnel(shop, campaign)
    await _searched(shop, holder, items, campaign)
    if evm:
        await _fresh_scan(shop, account, items)


async def _funnel(shop, campaign):
    """The shop's figures are what the ledger counts and what the contract itself says."""
    read = await shop.ask("GET", f"/campaigns/{campaign}/analytics?by=store&zone=Asia/Shanghai", shop.merchant)
    counts = (await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant))["counts"]
    total = read["total"]
    assert (total["issued"], total["held"], total["redeemed"]) == (counts["issued"], counts["live"], counts["redeemed"])
    assert (total["issued"], total["held"], total["redeemed"], total["settled"]) == (2, 1, 1, 1)
    assert (total["discount_minor"], total["sales_minor"], total["payout_units"]) == (2_000, 10_000, "20000000")
    assert [(row["key"], row["redeemed"]) for row in read["rows"]] == [("none", 1)]
    assert read["liability"][-1]["outstanding"] == 1
    if shop.chain.family == "eip155":
        services = shop.app.services
        async with services.database.transaction() as tx:
            terms = (await get_campaign(tx, CampaignId.parse(campaign))).terms(shop.chain)
        said = await services.chains.book(shop.chain).campaign(terms)
        assert (said.issued_ever, said.live, said.redeemed) == (total["issued"], total["held"], total["redeemed"])
    answer = await shop.http.get(f"/api/v1/campaigns/{campaign}/analytics.csv?part=stock", headers=shop.merchant)
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["sku"], row["units_with"], row["name"]) == ("tea", "1", "龙井 250g")
    (cohort,) = (await shop.ask("GET", "/analytics/cohorts", shop.merchant))["items"]
    assert (cohort["persons"], cohort["after"], cohort["active"]) == (1, 0, 1)


async def _searched(shop, holder, items, campaign):
    used = next(one for one in items if one["kind"] == "voucher.redeemed")
    title, name = used["facts"]["title"], used["facts"]["shop"]
    assert used["text"] == f"Used the voucher “{title}” at {name} and saved 20 CNY"
    chinese = await shop.ask("GET", "/activity?kind=voucher.redeemed", {**holder, "Accept-Language": "zh-CN"})
    assert [one["text"] for one in chinese["items"]] == [f"在 {name} 使用券“{title}”，优惠 20 CNY"]
    for needle in ("使用券", used["facts"]["voucher"][:20].upper(), used["tx_hash"]):
        found = await everything(shop, holder, q=needle)
        assert used["id"] in [one["id"] for one in found], needle
        assert len(found) < len(items), needle
    assert {one["id"] for one in await everything(shop, holder, q="tcny")} >= {
        one["id"] for one in items if one["kind"] in ("transfer", "received") and "tCNY" in one["text"]
    }
    assert await everything(shop, holder, q="%25") == [], "a percent sign is a percent sign"

    await shop.ask("PUT", f"/activity/{used['id']}/note", holder, {"note": "Tea with Wang"}, expect=204)
    (found,) = await everything(shop, holder, q="TEA WITH")
    assert (found["id"], found["note"]) == (used["id"], "Tea with Wang")
    (sent,) = [one for one in items if one["kind"] == "transfer"]
    contact = {"account": sent["counterparty"], "name": "老王"}
    await shop.ask("POST", "/address-book", holder, contact, expect=201)
    (named,) = (await shop.ask("GET", "/activity?kind=transfer", holder))["items"]
    assert named["text"] == "Sent 12.5 tCNY to 老王"
    assert [one["id"] for one in await everything(shop, holder, q="老王")] == [sent["id"]]
    stranger, _ = await shop.holder("zhao")
    await shop.ask("PUT", f"/activity/{used['id']}/note", stranger, {"note": "Mine"}, expect=404)
    await shop.ask("GET", f"/activity?account={used['account']}", stranger, expect=422)
    assert await everything(shop, stranger) == []
    await shop.ask("DELETE", f"/activity/{used['id']}/note", holder, expect=204)
    assert len(await everything(shop, holder)) == len(items)

    answer = await shop.http.get("/api/v1/activity/export?format=csv", headers=holder)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == [one["id"] for one in items]
    answer = await shop.http.get("/api/v1/activity/export?format=jsonl", headers=holder)
    assert len(answer.text.splitlines()) == len(items)
    await shop.ask("GET", "/activity?kind=nonsense", holder, expect=422)
    await shop.ask("GET", "/activity?cursor=nonsense", holder, expect=422)


async def _fresh_scan(shop, account, items):
    """Every transaction of the account on the chain is in the list, and nothing else stands in it."""
    services = shop.app.services
    heads = await services.chains.adapter(shop.chain).heads()
    reader = EvmMovements(shop.chain, services.chains.client(shop.chain))
    raw = AccountId.parse(account).raw
    hashes = set()
    for since in range(0, heads.included + 1, 100):
        page = await reader.page([raw], since, min(heads.included, since + 99))
        hashes |= {one.tx_hash for one in page.movements}
    assert hashes == {one["tx_hash"] for one in items if one["state"] != "reversed"}
