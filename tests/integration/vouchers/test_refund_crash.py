"""kill -9 of the worker at every persisted step of a refund: money, payout and voucher go back once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from persistence.jobs import Worker
from primitives.account_id import AccountId
from tests.integration.vouchers.test_both_chains import charged, issued, network, settled, shop, until
from tests.integration.vouchers.test_races import kill_workers
from tests.integration.vouchers.test_refunds_on_chains import CAP, equal_books, launched, refunded

pytestmark = [pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(1_800), pytest.mark.soak]
__all__ = ["network", "shop"]

ROOT = Path(__file__).parents[3]


async def _dies(shop, point):
    settings = shop.app.settings
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.vouchers.dying_worker", str(settings.data_dir), str(settings.key_dir)),
        *(settings.database_url.get_secret_value(), settings.localnet_url),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
    )
    try:
        assert await asyncio.wait_for(process.wait(), 400) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()


@pytest.mark.parametrize(
    "point",
    [
        "refund.step_requested",
        "refund.step_requested:2",
        "refund.payment_ended",
        "refund.payment_ended:2",
        "books.posted",
    ],
)
@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_a_refund_that_was_cut_off_is_made_once(shop, point):
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
    await kill_workers()
    made = await shop.ask("POST", f"/orders/{order}/refund", shop.merchant, {}, expect=202)
    await _dies(shop, point)
    worker = Worker(shop.app.services.database, shop.app.handlers)
    working = asyncio.create_task(worker.run())
    try:
        page = await refunded(shop, order, made["id"], holder)
        assert [one["status"] for one in page["items"]] == ["done"], page
        assert await shop.balance(AccountId.parse(account)) == 100_000_000
        assert (await equal_books(shop, campaign))["escrow"] == str(CAP * 20_000_000)
        held = await until(lambda: shop.ask("GET", "/vouchers", holder), lambda found: len(found["items"]) == 2)
        assert [one["status"] for one in held["items"]] == ["live", "redeemed"]
    finally:
        worker.stop()
        await asyncio.wait_for(working, 15)
