"""Orders of a busy till, redeemed in one transaction on the real local chain: each ends by itself, once."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from chains.evm.voucher_book import EvmVoucherBook
from codec.evm.book import calls
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.voucher_id import VoucherId
from tests.integration.vouchers.test_both_chains import issued, network, shop, until
from tests.integration.vouchers.test_races import kill_workers
from tests.integration.vouchers.test_refunds_on_chains import CAP, equal_books, launched, refunded
from vouchers.orders.gathering.service import GATHER

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(300)]
__all__ = ["network", "shop"]

EVM = pytest.mark.parametrize("shop", ["eip155"], indirect=True)


async def _charged(shop, **more):
    line = {"sku": "tea", "name": "龙井 250g", "quantity": 1, "unit_price_minor": 10_000}
    body = {"currency": "CNY", "lines": [line], "remainder_by": "recorded", "batch": True, **more}
    made = await shop.ask("POST", "/orders", shop.merchant, body, expect=201)
    return str(made["id"])


async def _ready(shop, many):
    """A campaign, a holder with vouchers of it, and as many orders, each quoted with another voucher."""
    await shop.give(str(shop.treasury), "tCNY", CAP * 20_000_000)
    campaign = await launched(shop)
    people = [await shop.holder(f"li{number}") for number in range(many)]
    await issued(shop, campaign, *(account for _, account in people))
    orders = [await _charged(shop) for _ in range(many)]
    quotes = []
    for (holder, _), order in zip(people, orders, strict=True):
        await until(lambda holder=holder: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
        quotes.append(await shop.ask("POST", f"/orders/{order}/quote", holder, {}))
    return campaign, people, orders, quotes


async def _pay(shop, people, orders, quotes):
    return await asyncio.gather(
        *(
            shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
            for (holder, _), order, quote in zip(people, orders, quotes, strict=True)
        )
    )


async def _ended(shop, orders, people):
    """Each order as its holder sees it, when nothing is under way any more."""
    return await until(
        lambda: asyncio.gather(
            *(shop.ask("GET", f"/orders/{order}", holder) for order, (holder, _) in zip(orders, people, strict=True))
        ),
        lambda found: all(one["payment"]["status"] in ("final", "failed") for one in found),
        180,
    )


def _relayed(shop):
    """The book as the adapter has it."""
    return shop.app.services.chains.book(shop.chain)


@EVM
async def test_three_orders_in_one_transaction_and_the_merchant_settles_and_refunds(shop):
    campaign, people, orders, quotes = await _ready(shop, 3)
    before = await shop.balance(shop.treasury)
    answers = await _pay(shop, people, orders, quotes)
    assert {answer["status"] for answer in answers} <= {"requested", "pending"}
    shown = await _ended(shop, orders, people)
    assert {one["payment"]["status"] for one in shown} == {"final"}
    (tx_hash,) = {one["payment"]["tx_hash"] for one in shown}
    outcomes = await _relayed(shop).outcomes(tx_hash)
    assert set(outcomes.values()) == {None}
    assert len(outcomes) == 3
    for order in orders:
        entered = {"method": "cash", "amount_minor": 8_000}
        await shop.ask("POST", f"/orders/{order}/tender", shop.merchant, entered, expect=201)
        assert (await shop.ask("GET", f"/orders/{order}", shop.merchant))["order"]["status"] == "paid"
    assert await shop.balance(shop.treasury) == before, "payouts of a batch are credit"
    books = await equal_books(shop, campaign)
    assert books["escrow"] == str((CAP - 3) * 20_000_000)
    (credit,) = (await shop.ask("GET", f"/settlements/credit/{campaign}", shop.merchant))["items"]
    assert int(credit["due"]) + int(credit["waiting"]) == 3 * 20_000_000
    made = await shop.ask("POST", f"/orders/{orders[0]}/refund", shop.merchant, {}, expect=202)
    await refunded(shop, orders[0], made["id"], people[0][0])
    books = await equal_books(shop, campaign)
    assert books["escrow"] == str((CAP - 2) * 20_000_000), "taken from the credit, back into the escrow"


@pytest.mark.soak
@EVM
async def test_one_order_has_its_own_transaction_and_is_paid_out_at_once(shop):
    campaign, people, orders, quotes = await _ready(shop, 1)
    before = await shop.balance(shop.treasury)
    await _pay(shop, people, orders, quotes)
    (shown,) = await _ended(shop, orders, people)
    assert shown["payment"]["status"] == "final"
    assert await shop.balance(shop.treasury) == before + 20_000_000
    assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 1) * 20_000_000)


@pytest.mark.soak
@EVM
async def test_what_becomes_impossible_meanwhile_is_left_out_and_payable_again(shop):
    """Two vouchers move by themselves: one before the batch is made, and is found by its simulation; one when it is
    stored, and is left out by the contract. The others are redeemed."""
    campaign, people, orders, quotes = await _ready(shop, 4)
    await kill_workers()
    await _pay(shop, people, orders, quotes)
    await _moved(shop, people[0][1], quotes[0])
    gathering = Worker(shop.app.services.database, {GATHER: shop.app.handlers[GATHER]})

    async def gathered():
        await gathering.run_due()
        return await asyncio.gather(
            *(shop.ask("GET", f"/orders/{order}", holder) for order, (holder, _) in zip(orders, people, strict=True))
        )

    found = await until(gathered, lambda found: all(one["payment"]["status"] != "requested" for one in found))
    assert Counter(one["payment"]["status"] for one in found) == {"failed": 1, "pending": 3}
    await _moved(shop, people[1][1], quotes[1])
    worker = Worker(shop.app.services.database, shop.app.handlers)
    working = asyncio.create_task(worker.run())
    try:
        shown = await _ended(shop, orders, people)
        assert [one["payment"]["status"] for one in shown] == ["failed", "failed", "final", "final"]
        assert [one["order"]["status"] for one in shown] == ["open", "open", "pending", "pending"]
        for one in shown[:2]:
            assert one["order"]["failure"]["code"] in ("not_voucher_holder", "contract_not_voucher_holder"), one
        await until(
            lambda: shop.ask("GET", f"/campaigns/{campaign}", shop.merchant),
            lambda view: view["counts"]["redeemed"] == 2,
        )
        quote = await shop.ask("POST", f"/orders/{orders[1]}/quote", people[1][0], {})
        assert quote["used"] == [], "the voucher is somebody else's now, and the order can be paid without it"
        assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 2) * 20_000_000)
    finally:
        worker.stop()
        await asyncio.wait_for(working, 15)


async def _moved(shop, account, quote):
    """The voucher leaves its holder without anybody here knowing."""
    rpc = shop.app.services.chains.client(shop.chain)
    holder = AccountId.parse(account)
    (used,) = quote["used"]
    book = _relayed(shop)
    assert isinstance(book, EvmVoucherBook)
    data = calls.safe_transfer_from_call(holder.raw, b"\x77" * 20, VoucherId.parse(used["voucher"]), 1, b"")
    await rpc.call("anvil_setBalance", holder.address, hex(10**18))
    await rpc.call("anvil_impersonateAccount", holder.address)
    call = {"from": holder.address, "to": book.address.address, "data": "0x" + data.hex(), "gas": hex(300_000)}
    tx_hash = await rpc.call("eth_sendTransaction", call)
    receipt = await until(lambda: rpc.call("eth_getTransactionReceipt", tx_hash), lambda found: found is not None)
    assert receipt["status"] == "0x1"
