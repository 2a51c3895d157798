"""kill -9 of the API and of the worker at every persisted step at the till: nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from persistence.jobs import Worker
from tests.integration.vouchers.test_batches import _ended, _pay, _ready
from tests.integration.vouchers.test_both_chains import network, shop
from tests.integration.vouchers.test_races import kill_workers
from tests.integration.vouchers.test_refund_crash import _dies
from tests.integration.vouchers.test_refunds_on_chains import CAP, equal_books

pytestmark = [pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(600), pytest.mark.soak]
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
    assert await asyncio.wait_for(process.wait(), 120) == -signal.SIGKILL
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


POINTS = ["order.batch_stored", "order.batch_ended", "order.batch_ended:2", "payment.signed", "payment.broadcast"]


@pytest.mark.parametrize("point", POINTS)
@EVM
async def test_a_batch_that_was_cut_off_is_redeemed_once(shop, point):
    campaign, people, orders, quotes = await _ready(shop, 3)
    await kill_workers()
    await _pay(shop, people, orders, quotes)
    await _dies(shop, point)
    async with _working(shop):
        shown = await _ended(shop, orders, people)
        assert [one["payment"]["status"] for one in shown] == ["final"] * 3
        assert len({one["payment"]["tx_hash"] for one in shown}) == 1
        books = await equal_books(shop, campaign)
        assert books["escrow"] == str((CAP - 3) * 20_000_000)
        counts = (await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant))["counts"]
        assert (counts["redeemed"], counts["alarms"]) == (3, 0)


@EVM
async def test_one_alone_and_a_consent_that_nobody_answered_for(shop):
    campaign, people, orders, quotes = await _ready(shop, 2)
    await kill_workers()
    (first, _), (second, _) = people
    path, body = f"/orders/{orders[0]}/pay", {"quote": quotes[0]["id"]}
    key = await _api_dies(shop, "order.consent_stored", first, UNLOCK, ("POST", path, body))
    assert (await _again(shop, first, "POST", path, body, key))["status"] == "requested"
    await _dies(shop, "order.gathered_alone")
    async with _working(shop):
        (shown,) = await _ended(shop, orders[:1], people[:1])
        assert shown["payment"]["status"] == "final"
        await shop.ask("POST", f"/orders/{orders[1]}/pay", second, {"quote": quotes[1]["id"]}, expect=202)
        assert (await _ended(shop, orders[1:], people[1:]))[0]["payment"]["status"] == "final"
        assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 2) * 20_000_000)
