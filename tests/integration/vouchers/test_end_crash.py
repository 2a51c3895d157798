"""kill -9 of API and worker at every persisted step around a campaign's end: whatever is asked again happens once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from chains import events as facts
from persistence.jobs import Worker
from primitives.voucher_id import CampaignId
from tests.integration.vouchers.ending import (
    DISCOUNT,
    REFUND_SECONDS,
    Ending,
    KeystoreClock,
    balance,
    fresh_key,
)
from tests.integration.vouchers.test_both_chains import network, shop, until
from tests.integration.vouchers.test_races import kill_workers
from vouchers.ledger import sql as ledger

pytestmark = [pytest.mark.xdist_group("campaign_ends"), pytest.mark.timeout(1_800), pytest.mark.soak]
__all__ = ["network", "shop"]

ROOT = Path(__file__).parents[3]
PASSPHRASE = {"passphrase": "correct horse battery staple"}


@pytest.fixture(autouse=True)
def keystore_clock(monkeypatch):
    monkeypatch.setattr("keystore.service.SystemClock", KeystoreClock)
    monkeypatch.setattr(KeystoreClock, "ahead", timedelta(0))


@pytest_asyncio.fixture
async def ending(keystore_clock, shop, network):
    return Ending(shop, network)


async def dies(ending, point, *requests):
    """The API dies at the point while it answers the last of the requests; without any, a worker does."""
    settings = ending.shop.app.settings
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.vouchers.dying_part", str(settings.data_dir), str(settings.key_dir)),
        *(settings.database_url.get_secret_value(), settings.localnet_url),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
        stdin=asyncio.subprocess.PIPE,
    )
    orders = {
        "ahead": KeystoreClock.ahead.total_seconds(),
        "requests": [
            {"method": "POST", "path": path, "headers": {**who, "Idempotency-Key": key}, "body": body}
            for path, who, body, key in requests
        ],
    }
    try:
        await asyncio.wait_for(process.communicate(json.dumps(orders).encode()), 400)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == -signal.SIGKILL, point


@asynccontextmanager
async def new_worker(ending):
    """The one that is started after the dead one."""
    worker = Worker(ending.shop.app.services.database, ending.shop.app.handlers)
    working = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait_for(working, 15)


async def again(ending, path, who, body, key, expect=202):
    answer = await ending.shop.http.post(f"/api/v1{path}", headers={**who, "Idempotency-Key": key}, json=body)
    assert answer.status_code == expect, answer.text
    return answer.json()


async def told(ending, campaign):
    """How often each fact stands in the ledger."""
    async with ending.shop.app.services.database.transaction() as tx:
        entries = await ledger.history(tx, campaign=CampaignId.parse(campaign))
    return Counter(type(entry.event.fact) for entry in entries if not entry.reversing)


@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_nothing_around_a_campaigns_end_happens_twice(ending):
    campaign = await ending.launched(cap=4, transfer="free", **({"payout": "accrued"} if ending.evm else {}))
    name = campaign["id"]
    holder, account, vouchers = await ending.holding(name, 3)
    await handed_on_once(ending, name, holder, account, vouchers[2])
    await dispute_refunded_once(ending, name, holder, account)
    await ending.sold(holder)
    await ending.books(name, 3 * DISCOUNT)
    if ending.evm:
        await settled_once(ending, name)
    await funded_once(ending, name)
    await reminded_once(ending, name)
    await reclaimed_once(ending, campaign)


async def handed_on_once(ending, name, holder, account, voucher):
    if ending.evm:
        await ending.shop.give(account, "native", 10**18)
    other, theirs = await ending.shop.holder("wang")
    path, body, key = f"/vouchers/{voucher}/transfer", {"recipient": theirs}, fresh_key()
    unlock = ("/auth/unlock", holder, PASSPHRASE, fresh_key())
    await dies(ending, "voucher.transfer_requested", unlock, (path, holder, body, key))
    first = await again(ending, path, holder, body, key)
    await until(lambda: ending.shop.ask("GET", "/vouchers", other), lambda page: len(page["items"]) == 1)
    assert (await again(ending, path, holder, body, key))["payment"] == first["payment"]
    conflict = await again(ending, path, holder, {"recipient": account}, key, expect=409)
    assert conflict["code"] == "idempotency_conflict"
    assert (await told(ending, name))[facts.VoucherMoved] == 1


async def dispute_refunded_once(ending, name, holder, account):
    had = await balance(ending.shop, account)
    order = await ending.sold(holder)
    receipt = await ending.shop.ask("GET", f"/orders/{order}/receipt", holder)
    redemption = receipt["payment"]["redemptions"][0]["id"]
    await ending.shop.ask("POST", f"/redemptions/{redemption}/dispute", holder, {"reason": "stale"})
    path, body, key = f"/redemptions/{redemption}/dispute/answer", {"refund": True, "answer": "sorry"}, fresh_key()
    await dies(ending, "dispute.refunded", (path, ending.shop.merchant, body, key))
    # Whoever comes back has another key: the refund is the dispute's all the same.
    ended = await again(ending, path, ending.shop.merchant, body, fresh_key(), expect=200)
    assert await again(ending, path, ending.shop.merchant, body, key, expect=200) == ended
    assert ended["status"] == "refunded"
    page = await until(
        lambda: ending.ask("GET", f"/orders/{order}/refunds"),
        lambda found: [one["status"] for one in found["items"]] == ["done"],
        180,
    )
    assert [one["id"] for one in page["items"]] == [ended["refund"]]
    assert await balance(ending.shop, account) == had
    kind = facts.RedemptionUndone if ending.evm else facts.RedemptionReversed
    await until(lambda: told(ending, name), lambda counts: counts[kind] == 1)


async def settled_once(ending, name):
    await ending.travel(await ending.now() + 2 * REFUND_SECONDS)
    had = await ending.treasury()
    body, key = {"campaign": name, "chain": str(ending.shop.chain)}, fresh_key()
    await dies(ending, "settlement.requested", ("/settlements", ending.shop.merchant, body, key))
    first = await again(ending, "/settlements", ending.shop.merchant, body, key)
    await until(ending.treasury, lambda units: units == had + DISCOUNT)
    assert await again(ending, "/settlements", ending.shop.merchant, body, key) == first
    await until(lambda: told(ending, name), lambda counts: counts[facts.MerchantSettled] == 1)
    await ending.books(name, 3 * DISCOUNT)


async def funded_once(ending, name):
    """The API dies when the act is stored, then the worker when its payment is."""
    await ending.shop.give(str(ending.shop.treasury), "tCNY", 12)
    before = (await told(ending, name))[facts.CampaignFunded]
    path, key = f"/campaigns/{name}/fund", fresh_key()
    body = {"chain": str(ending.shop.chain), "base_units": "5"}
    await dies(ending, "campaign.act_requested", (path, ending.shop.merchant, body, key))
    first = await again(ending, path, ending.shop.merchant, body, key)
    assert [(act["id"], act["status"]) for act in await ending.acts(name, "fund")] == [(first["id"], "done")]
    await ending.books(name, 3 * DISCOUNT + 5)
    await kill_workers()
    await ending.ask("POST", path, {**body, "base_units": "7"})
    await dies(ending, "campaign.act_stored")
    async with new_worker(ending):
        assert [act["status"] for act in await ending.acts(name, "fund")] == ["done"] * 2
        await ending.books(name, 3 * DISCOUNT + 12)
        assert (await told(ending, name))[facts.CampaignFunded] == before + 2


async def reminded_once(ending, name):
    await ending.due_now("expiry.remind")
    await dies(ending, "expiry.reminded")
    async with new_worker(ending):
        await until(lambda: ending.job_count("expiry.remind"), lambda jobs: jobs == 0)
    stages = Counter((one["holder"], one["stage"]) for one in await ending.events("voucher.expiring"))
    assert set(stages.values()) == {1}
    assert {stage for _, stage in stages} == {"week", "day"}
    assert len(stages) == 4  # both holders


async def reclaimed_once(ending, campaign):
    name = campaign["id"]
    await ending.travel(campaign["ends"] + REFUND_SECONDS)
    had = await ending.treasury()
    await ending.due_now("expiry.reclaim")
    await dies(ending, "expiry.reclaim_asked")
    async with new_worker(ending):
        assert [act["status"] for act in await ending.acts(name, "reclaim")] == ["done"]
        await ending.books(name, 0)
    assert await ending.treasury() == had + 3 * DISCOUNT + 12
    assert len(await ending.events("campaign.expired")) == 1
    assert (await told(ending, name))[facts.EscrowReclaimed] == 1
