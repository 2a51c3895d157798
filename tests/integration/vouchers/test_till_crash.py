"""kill -9 of the API and of the worker at every persisted step at the till: nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from persistence.jobs import Worker
from primitives.account_id import AccountId
from tests.integration.vouchers.dying_caller import THE_LAST
from tests.integration.vouchers.test_batches import _charged, _ended, _pay, _ready
from tests.integration.vouchers.test_both_chains import network, shop, until
from tests.integration.vouchers.test_claims import drafted, fresh_accounts, launch
from tests.integration.vouchers.test_leaf_orders import CAP as LEAVES
from tests.integration.vouchers.test_leaf_orders import _dropped
from tests.integration.vouchers.test_races import kill_workers
from tests.integration.vouchers.test_refund_crash import _dies
from tests.integration.vouchers.test_refunds_on_chains import CAP, equal_books, refunded
from vouchers.orders.attempts.sql import last_attempt
from vouchers.orders.sql import get_order

pytestmark = [pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(1_800)]
__all__ = ["network", "shop"]

ROOT = Path(__file__).parents[3]
EVM = pytest.mark.parametrize("shop", ["eip155"], indirect=True)
UNLOCK = ("POST", "/auth/unlock", {"passphrase": "correct horse battery staple"})


async def _api_dies(shop, point, who, *requests, key=None):
    """The requests of one caller, at the last of which the process dies."""
    key = key or uuid4().hex
    settings = shop.app.settings
    told = [
        [method, path, {**who, "Idempotency-Key": key if place == len(requests) - 1 else uuid4().hex}, body]
        for place, (method, path, body) in enumerate(requests)
    ]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.vouchers.dying_caller", str(settings.data_dir), str(settings.key_dir)),
        *(settings.database_url.get_secret_value(), settings.localnet_url, json.dumps(told)),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
    )
    try:
        assert await asyncio.wait_for(process.wait(), 400) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
    return key


@asynccontextmanager
async def _working(shop):
    worker = Worker(shop.app.services.database, shop.app.handlers)
    working = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait_for(working, 15)


async def _again(shop, who, method, path, body, key):
    """The caller asks again, as anybody would who got no answer."""
    answer = await shop.http.request(method, f"/api/v1{path}", headers={**who, "Idempotency-Key": key}, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def _not_given_up(shop):
    """A process here may take longer to start than an attempt waits for its payment: that is not what is looked at."""
    async with shop.app.services.database.transaction() as tx:
        await tx.execute(text("UPDATE job SET due_at = now() + interval '1 hour' WHERE kind = 'order.attempt_due'"))


# Of three orders the second has ended, and the third has not, when the worker dies at `order.batch_ended:2`.
POINTS = ["order.batch_stored", "order.batch_ended", "order.batch_ended:2", "payment.signed", "payment.broadcast"]


@pytest.mark.soak
@pytest.mark.parametrize("point", POINTS)
@EVM
async def test_a_batch_that_was_cut_off_is_redeemed_once(shop, point):
    campaign, people, orders, quotes = await _ready(shop, 3)
    await kill_workers()
    await _pay(shop, people, orders, quotes)
    await _not_given_up(shop)
    await _dies(shop, point)
    async with _working(shop):
        shown = await _ended(shop, orders, people)
        assert [one["payment"]["status"] for one in shown] == ["final"] * 3
        assert len({one["payment"]["tx_hash"] for one in shown}) == 1
        books = await equal_books(shop, campaign)
        assert books["escrow"] == str((CAP - 3) * 20_000_000)
        counts = (await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant))["counts"]
        assert (counts["redeemed"], counts["alarms"]) == (3, 0)


@pytest.mark.soak
@EVM
async def test_one_alone_and_a_consent_that_nobody_answered_for(shop):
    campaign, people, orders, _ = await _ready(shop, 2)
    await kill_workers()
    (first, _), (second, _) = people
    quote, path = ("POST", f"/orders/{orders[0]}/quote", {}), f"/orders/{orders[0]}/pay"
    key = await _api_dies(shop, "order.consent_stored", first, UNLOCK, quote, ("POST", path, {"quote": THE_LAST}))
    await _not_given_up(shop)
    async with shop.app.services.database.transaction() as tx:
        begun = await last_attempt(tx, UUID(orders[0]))
    assert begun is not None
    assert (await _again(shop, first, "POST", path, {"quote": str(begun.quote_id)}, key))["status"] == "requested"
    await _dies(shop, "order.gathered_alone")
    async with _working(shop):
        (shown,) = await _ended(shop, orders[:1], people[:1])
        assert shown["payment"]["status"] == "final"
        # Asked for anew: two processes later the first one may be too old.
        fresh = await shop.ask("POST", f"/orders/{orders[1]}/quote", second, {})
        await shop.ask("POST", f"/orders/{orders[1]}/pay", second, {"quote": fresh["id"]}, expect=202)
        assert (await _ended(shop, orders[1:], people[1:]))[0]["payment"]["status"] == "final"
        assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 2) * 20_000_000)


@pytest.mark.long
@EVM
async def test_a_lock_that_nobody_answered_for_holds_and_is_the_same_again(shop):
    _, people, orders, _ = await _ready(shop, 1)
    (holder, _), order = people[0], orders[0]
    other, _ = await shop.holder("wang")
    lock = {"quote": THE_LAST, "lock_seconds": 600}
    requests = ("POST", f"/orders/{order}/quote", {}), ("POST", f"/orders/{order}/lock", lock)
    await _api_dies(shop, "order.locked", holder, *requests)
    async with shop.app.services.database.transaction() as tx:
        lock["quote"] = str((await get_order(tx, UUID(order))).locked_by)
    theirs = await shop.ask("POST", f"/orders/{order}/quote", other, {})
    held = {"quote": theirs["id"], "lock_seconds": 5}
    refused = await shop.ask("POST", f"/orders/{order}/lock", other, held, expect=409)
    assert refused["code"] == "order_locked"
    await _again(shop, holder, "POST", f"/orders/{order}/lock", lock, uuid4().hex)
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": lock["quote"]}, expect=202)
    (shown,) = await _ended(shop, orders, people)
    assert shown["payment"]["status"] == "final"


@pytest.mark.soak
@EVM
async def test_an_entry_by_hand_and_a_refund_that_nobody_answered_for_are_made_once(shop):
    campaign, people, orders, quotes = await _ready(shop, 1)
    (holder, account), order, quote = people[0], orders[0], quotes[0]
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
    await _ended(shop, orders, people)
    path, entered = f"/orders/{order}/tender", {"method": "card_terminal", "amount_minor": 8_000, "reference": "slip 7"}
    await _api_dies(shop, "order.tender_recorded", shop.merchant, ("POST", path, entered))
    assert (await shop.ask("GET", f"/orders/{order}", holder))["order"]["status"] == "paid"
    first = await _again(shop, shop.merchant, "POST", path, entered, uuid4().hex)
    assert (first["amount_minor"], first["reference"]) == (8_000, "slip 7")
    receipt = await shop.ask("GET", f"/orders/{order}/receipt", holder)
    assert receipt["tender"]["entered_at"] == first["entered_at"], "one entry"

    await equal_books(shop, campaign)
    path = f"/orders/{order}/refund"
    key = await _api_dies(shop, "refund.requested", shop.merchant, ("POST", path, {}))
    again = await _again(shop, shop.merchant, "POST", path, {}, key)
    page = await refunded(shop, order, again["id"], holder)
    assert [one["status"] for one in page["items"]] == ["done"]
    assert (await equal_books(shop, campaign))["escrow"] == str(CAP * 20_000_000)
    assert await shop.balance(AccountId.parse(account)) == 0, "paid by card: nothing moves on chain"


@pytest.mark.soak
@EVM
async def test_a_drop_and_a_claim_that_nobody_answered_for_are_made_once(shop):
    campaign = await drafted(shop, 6)
    await launch(shop, campaign)
    holder, account = await shop.holder("li")
    drop = f"/campaigns/{campaign}/drops/{shop.chain}/0"
    await shop.ask("POST", f"/campaigns/{campaign}/drops", shop.merchant, {"chain": str(shop.chain)}, expect=201)
    part = {"first": 0, "holders": [*fresh_accounts(shop, 2), account]}
    await shop.ask("POST", f"{drop}/holders", shop.merchant, part)
    await _api_dies(shop, "drop.stored", shop.merchant, ("POST", f"{drop}/commit", None))
    await shop.ask("POST", f"{drop}/commit", shop.merchant, expect=202)
    done = await until(
        lambda: shop.ask("GET", drop, shop.merchant), lambda found: found["status"] in ("committed", "failed")
    )
    assert done["status"] == "committed"
    shown = await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant)
    assert shown["lanes"][0]["reserved"] == 3

    wanted = {"campaign": campaign, "account": account}
    key = await _api_dies(shop, "claim.stored", holder, ("POST", "/claims/drops", wanted))
    again = await _again(shop, holder, "POST", "/claims/drops", wanted, key)
    held = await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: page["items"])
    assert len(held["items"]) == 1
    assert [one["id"] for one in (await shop.ask("GET", "/claims", holder))["items"]] == [again["id"]]


@pytest.mark.soak
@EVM
async def test_a_grant_is_given_once_though_the_worker_dies(shop):
    loyal = await drafted(shop, 2, claim={"ways": ["list", "link"]})
    await launch(shop, loyal)
    trigger = {"kind": "first_payment", "rule": {"min_minor": 100}}
    await shop.ask("POST", f"/campaigns/{loyal}/triggers", shop.merchant, trigger, expect=201)
    holder, account = await shop.holder("li")
    await shop.give(account, "tCNY", 100_000_000)
    order = await _charged(shop, remainder_by="onchain", batch=False)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    await kill_workers()
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
    await _not_given_up(shop)
    await _dies(shop, "trigger.granted")
    async with _working(shop):
        page = await until(lambda: shop.ask("GET", "/vouchers", holder), lambda found: found["items"], 180)
        assert [one["campaign"] for one in page["items"]] == [loyal]
        lanes = (await shop.ask("GET", f"/campaigns/{loyal}", shop.merchant))["lanes"]
        assert lanes[0]["reserved"] == 1


@pytest.mark.soak
@pytest.mark.parametrize("point", ["order.payment_stored", "payment.broadcast"])
@EVM
async def test_a_leaf_is_claimed_and_redeemed_once(shop, point):
    """In one transaction, whoever died before, while or after it was sent."""
    holder, account = await shop.holder("li")
    campaign = await _dropped(shop, account)
    order = await _charged(shop, batch=False)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    (voucher,) = quote["unclaimed"]
    await kill_workers()
    path, body = f"/orders/{order}/pay", {"quote": quote["id"]}
    if point == "order.payment_stored":
        fresh = ("POST", f"/orders/{order}/quote", {})
        key = await _api_dies(shop, point, holder, UNLOCK, fresh, ("POST", path, {"quote": THE_LAST}))
        await _not_given_up(shop)
        async with shop.app.services.database.transaction() as tx:
            begun = await last_attempt(tx, UUID(order))
        assert begun is not None
        await _again(shop, holder, "POST", path, {"quote": str(begun.quote_id)}, key)
    else:
        await shop.ask("POST", path, holder, body, expect=202)
        await _not_given_up(shop)
        await _dies(shop, point)
    async with _working(shop):
        (shown,) = await _ended(shop, [order], [(holder, account)])
        assert shown["payment"]["status"] == "final"
        await _used_once(shop, holder, voucher, campaign)


@pytest.mark.soak
@pytest.mark.parametrize("shop", ["solana"], indirect=True)
async def test_a_leaf_that_has_to_be_claimed_first_is_claimed_and_redeemed_once(shop):
    holder, account = await shop.holder("li")
    campaign = await _dropped(shop, account)
    await shop.give(account, "tCNY", 100_000_000)
    order = await _charged(shop, batch=False, remainder_by="onchain")
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    (voucher,) = quote["unclaimed"]
    path, body = f"/orders/{order}/pay", {"quote": quote["id"]}
    key = await _api_dies(shop, "claim.stored", holder, UNLOCK, ("POST", path, body))

    async def pay():
        answer = await shop.http.post(f"/api/v1{path}", headers={**holder, "Idempotency-Key": key}, json=body)
        assert answer.status_code == 202 or answer.json()["code"] == "voucher_in_flight", answer.text
        return answer.status_code

    await until(pay, lambda status: status == 202, 180)
    (shown,) = await _ended(shop, [order], [(holder, account)])
    assert shown["payment"]["status"] == "final"
    assert await shop.balance(AccountId.parse(account)) == 20_000_000
    await _used_once(shop, holder, voucher, campaign)
    assert len((await shop.ask("GET", "/claims", holder))["items"]) == 1


async def _used_once(shop, holder, voucher, campaign):
    await until(lambda: shop.ask("GET", f"/vouchers/{voucher}", holder), lambda view: view["status"] == "redeemed")
    assert (await equal_books(shop, campaign))["escrow"] == str((LEAVES - 1) * 20_000_000)
    counts = (await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant))["counts"]
    assert (counts["redeemed"], counts["alarms"]) == (1, 0)
