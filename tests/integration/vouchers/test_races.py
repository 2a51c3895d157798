"""Many at once for one voucher, over HTTP, on the real local chains: one gets it, the others are told why not."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from persistence.jobs import Worker
from primitives.account_id import AccountId
from tests.integration.vouchers.test_both_chains import charged, issued, network, shop, until
from tests.integration.vouchers.test_refunds_on_chains import CAP, equal_books, launched

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("refunds_on_chains"), pytest.mark.timeout(600)]
__all__ = ["network", "shop"]

_CLEAR = {"voucher_in_flight", "voucher_already_redeemed", "quote_expired"}


async def kill_workers() -> None:
    """As far as the database can tell: whatever they hold stays leased until it is taken over."""
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__qualname__", "") == "Worker.run":
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _race(shop, many: int, *, kill: bool) -> None:
    assert shop.treasury is not None
    await shop.give(str(shop.treasury), "tCNY", CAP * 20_000_000)
    campaign = await launched(shop)
    holder, account = await shop.holder("li")
    await shop.give(account, "tCNY", many * 80_000_000)
    (voucher,) = await issued(shop, campaign, account)
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    orders = [await charged(shop) for _ in range(many)]
    quotes = [await shop.ask("POST", f"/orders/{order}/quote", holder, {}) for order in orders]
    assert all([used["voucher"] for used in quote["used"]] == [voucher] for quote in quotes)

    async def pay(order: str, quote: dict) -> tuple[int, str]:
        answer = await shop.http.post(
            f"/api/v1/orders/{order}/pay",
            headers={**holder, "Idempotency-Key": uuid4().hex},
            json={"quote": quote["id"]},
        )
        return answer.status_code, answer.json().get("code", "paying")

    paying = [asyncio.create_task(pay(*one)) for one in zip(orders, quotes, strict=True)]
    replacement = None
    if kill:
        await asyncio.wait(paying, return_when=asyncio.FIRST_COMPLETED)
        await kill_workers()
        worker = Worker(shop.app.services.database, shop.app.handlers)
        replacement = asyncio.create_task(worker.run())
    answers = Counter(await asyncio.gather(*paying))
    try:
        assert answers[202, "paying"] == 1, answers
        others = {key: count for key, count in answers.items() if key[0] != 202}
        assert sum(others.values()) == many - 1
        assert {code for _, code in others} <= _CLEAR, answers
        assert {status for status, _ in others} <= {409, 410}
        states = await until(
            lambda: asyncio.gather(*(shop.ask("GET", f"/orders/{order}", holder) for order in orders)),
            lambda found: all(one["order"]["status"] in ("open", "paid") for one in found),
            90,
        )
        assert Counter(one["order"]["status"] for one in states) == {"paid": 1, "open": many - 1}
        await until(lambda: shop.ask("GET", f"/vouchers/{voucher}", holder), lambda view: view["status"] == "redeemed")
        assert await shop.balance(AccountId.parse(account)) == (many - 1) * 80_000_000
        assert (await equal_books(shop, campaign))["escrow"] == str((CAP - 1) * 20_000_000)
    finally:
        if replacement is not None:
            worker.stop()
            await asyncio.wait_for(replacement, 10)


@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_eight_at_once_and_the_worker_dies_meanwhile(shop):
    await _race(shop, 8, kill=True)


@pytest.mark.soak
@pytest.mark.parametrize("kill", [False, True], ids=["steady", "killed"])
@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_two_hundred_at_once(shop, kill):
    await _race(shop, 200, kill=kill)
