"""Orders paid with vouchers of a drop that their holder never claimed, over HTTP on the real local chains."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from codec.evm.book import calls
from primitives.account_id import AccountId
from primitives.voucher_id import VoucherId
from tests.integration.vouchers.test_both_chains import network, settled, shop, until
from tests.integration.vouchers.test_claims import drafted, fresh_accounts, launch
from tests.integration.vouchers.test_refunds_on_chains import equal_books

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(300)]
__all__ = ["network", "shop"]

CAP = 6


async def _dropped(shop, *holders):
    """An active campaign with a committed drop in which each of the holders stands, among others."""
    campaign = await drafted(shop, CAP)
    solana = shop.chain.family == "solana"
    if not solana:
        await launch(shop, campaign)
    drop = f"/campaigns/{campaign}/drops/{shop.chain}/0"
    await shop.ask("POST", f"/campaigns/{campaign}/drops", shop.merchant, {"chain": str(shop.chain)}, expect=201)
    accounts = [*fresh_accounts(shop, 2), *holders]
    await shop.ask("POST", f"{drop}/holders", shop.merchant, {"first": 0, "holders": accounts})
    await shop.ask("POST", f"{drop}/commit", shop.merchant, expect=202)
    done = await until(
        lambda: shop.ask("GET", drop, shop.merchant), lambda found: found["status"] in ("committed", "failed")
    )
    assert done["status"] == "committed", done
    if solana:
        await launch(shop, campaign)
    return campaign


async def _charged(shop, **more):
    line = {"sku": "tea", "name": "龙井 250g", "quantity": 1, "unit_price_minor": 10_000}
    made = await shop.ask("POST", "/orders", shop.merchant, {"currency": "CNY", "lines": [line], **more}, expect=201)
    return str(made["id"])


async def _pay(shop, order, quote, holder):
    """Until it is under way: a claim that comes first may take longer than the answer waits."""
    key = uuid4().hex
    for _ in range(20):
        answer = await shop.http.post(
            f"/api/v1/orders/{order}/pay", headers={**holder, "Idempotency-Key": key}, json={"quote": quote["id"]}
        )
        if answer.status_code != 409 or answer.json()["code"] != "voucher_in_flight":
            break
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("shop", [pytest.param("eip155", marks=pytest.mark.soak), "solana"], indirect=True)
async def test_who_never_claimed_pays_with_the_voucher_and_the_remainder_moves(shop):
    """Claimed first: on Solana always, on EVM as the remainder takes a permit."""
    holder, account = await shop.holder("li")
    campaign = await _dropped(shop, account)
    await shop.give(account, "tCNY", 100_000_000)
    before = await shop.balance(shop.treasury)
    order = await _charged(shop)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    (used,) = quote["used"]
    assert quote["unclaimed"] == [used["voucher"]]
    assert quote["remainder"]["minor"] == 8_000
    await _pay(shop, order, quote, holder)
    assert (await settled(shop, order, holder))["order"]["status"] == "paid"
    assert await shop.balance(shop.treasury) == before + 100_000_000
    assert await shop.balance(AccountId.parse(account)) == 20_000_000
    (claim,) = (await shop.ask("GET", "/claims", holder))["items"]
    assert (claim["status"], claim["voucher"]) == ("issued", used["voucher"])
    view = await until(
        lambda: shop.ask("GET", f"/vouchers/{used['voucher']}", holder), lambda found: found["status"] == "redeemed"
    )
    assert view["redemption"]
    again = await _charged(shop)
    assert (await shop.ask("POST", f"/orders/{again}/quote", holder, {}))["used"] == []
    assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 1) * 20_000_000)


@pytest.mark.parametrize("shop", ["eip155"], indirect=True)
async def test_claimed_and_redeemed_in_one_transaction_once_of_many_orders(shop):
    """Where no permit is needed, the call that redeems claims as well. Of several orders at once one gets the voucher;
    what is claimed meanwhile, by anybody, is redeemed all the same."""
    holder, account = await shop.holder("li")
    other, theirs = await shop.holder("wang")
    campaign = await _dropped(shop, account, theirs)
    orders = [await _charged(shop, remainder_by="recorded") for _ in range(5)]
    quotes = [await shop.ask("POST", f"/orders/{order}/quote", holder, {}) for order in orders]
    (voucher,) = {quote["unclaimed"][0] for quote in quotes}

    async def pay(order, quote):
        answer = await shop.http.post(
            f"/api/v1/orders/{order}/pay",
            headers={**holder, "Idempotency-Key": uuid4().hex},
            json={"quote": quote["id"]},
        )
        return answer.status_code, answer.json().get("code")

    answers = Counter(await asyncio.gather(*(pay(*one) for one in zip(orders, quotes, strict=True))))
    assert answers[202, None] == 1, answers
    assert {code for status, code in answers if status != 202} <= {"voucher_in_flight", "voucher_already_redeemed"}
    shown = await until(
        lambda: asyncio.gather(*(shop.ask("GET", f"/orders/{order}", holder) for order in orders)),
        lambda found: any(one["payment"] is not None and one["payment"]["status"] == "final" for one in found),
    )
    (paid,) = [one for one in shown if one["payment"] is not None and one["payment"]["status"] == "final"]
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    view = await shop.ask("GET", f"/vouchers/{voucher}", holder)
    assert view["status"] == "redeemed"
    assert view["order_hash"] == paid["payment"]["order_hash"]
    assert (await shop.ask("GET", "/claims", holder))["items"] == [], "no claim of its own"

    late = await _charged(shop, remainder_by="recorded")
    quote = await shop.ask("POST", f"/orders/{late}/quote", other, {})
    assert quote["unclaimed"] == [quote["used"][0]["voucher"]]
    await _claimed_elsewhere(shop, campaign, theirs, quote["unclaimed"][0])
    await _pay(shop, late, quote, other)
    await until(
        lambda: shop.ask("GET", f"/orders/{late}", other),
        lambda found: found["payment"]["status"] in ("final", "failed"),
    )
    done = await shop.ask("GET", f"/orders/{late}", other)
    assert done["payment"]["status"] == "final", done
    assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 2) * 20_000_000)


async def _claimed_elsewhere(shop, campaign, account, voucher):
    """Anybody may claim for the holder; here nobody knows of it."""
    rpc = shop.app.services.chains.client(shop.chain)
    book = shop.app.services.chains.book(shop.chain)
    drop = f"/campaigns/{campaign}/drops/{shop.chain}/0"
    (leaf,) = (await shop.http.get(f"/api/v1{drop}/proof", params={"holder": account})).json()["items"]
    proof = [bytes.fromhex(one) for one in leaf["proof"]]
    data = calls.claim_from_drop_call(VoucherId.parse(voucher), AccountId.parse(account).raw, proof)
    anybody = "0x" + "78" * 20
    await rpc.call("anvil_setBalance", anybody, hex(10**18))
    await rpc.call("anvil_impersonateAccount", anybody)
    call = {"from": anybody, "to": book.address.address, "data": "0x" + data.hex(), "gas": hex(300_000)}
    tx_hash = await rpc.call("eth_sendTransaction", call)
    receipt = await until(lambda: rpc.call("eth_getTransactionReceipt", tx_hash), lambda found: found is not None)
    assert receipt["status"] == "0x1"
