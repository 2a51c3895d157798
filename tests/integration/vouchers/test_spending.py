"""Spending by month, category and merchant from paid orders; budgets tell once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from api.wallet_views import kept_by_persons
from persistence.jobs import Worker
from primitives.errors import InvalidValue, NotFound
from tests.fakes.clock import StoppedClock
from tests.integration.vouchers.stage import Stage
from vouchers.checkout.model import Cart, CartLine
from vouchers.spending.sql import OrderSpending
from wallets.erasure.sql import forget_person
from wallets.spending.model import Budget
from wallets.spending.service import SpendingService

JUNE = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def stage(database):
    return Stage(database, give_up_after=timedelta(hours=1))


@pytest.fixture
def spending(database):
    return SpendingService(database, OrderSpending(), clock=StoppedClock(JUNE))


async def bought(stage, person, at, *lines):
    """A paid order of (sku, category, price) lines."""
    cart = Cart(
        str(stage.merchant), "CNY", tuple(CartLine(sku, sku, 1, price, category) for sku, category, price in lines)
    )
    order = await stage.orders.create(stage.merchant, cart, created_by=stage.merchant, idempotency_key=uuid4().hex)
    await stage.pay(person, await stage.orders.quote(person, order.id))
    await stage.work()
    stage.chain.mine(3)
    await stage.work()
    await stage.scan()
    async with stage.database.transaction() as tx:
        await tx.execute(text("UPDATE till_order SET paid_at = :at WHERE id = :id"), {"at": at, "id": order.id})
    return order


async def alerts(stage, person):
    async with stage.database.transaction() as tx:
        rows = await tx.execute(
            text("SELECT data FROM event WHERE tenant_id = :id AND kind = 'spending.budget' ORDER BY id"),
            {"id": person},
        )
        return [(row.data["budget"], row.data["level"]) for row in rows]


async def watched(stage, spending):
    async with stage.database.transaction() as tx:
        await tx.execute(text("DELETE FROM job"))
    await spending.start(stage.database)
    await Worker(stage.database, spending.handlers()).run_due(rounds=1)


async def test_a_person_sees_what_was_spent_and_saved_and_is_told_once(stage, spending):
    campaign = await stage.campaign()
    li, account = stage.holder(10**9)
    await stage.issue(campaign, account)
    await bought(stage, li, JUNE, ("tea", "drinks", 6_000), ("cake", "food", 4_000))
    await bought(stage, li, datetime(2026, 5, 31, 17, tzinfo=UTC), ("tea", "drinks", 500))

    june = await spending.read(li, first=None, last=None, currency=None, zone="UTC")
    assert [(line.category, line.spent_minor, line.saved_minor) for line in june] == [
        ("drinks", 4_800, 1_200),
        ("food", 3_200, 800),
    ], "满100减20, split over the lines in proportion"
    both = await spending.read(li, first="2026-05", last="2026-06", currency="CNY", zone="UTC")
    assert [(line.month, line.spent_minor) for line in both][-1] == ("2026-05", 500)
    shanghai = await spending.read(li, first=None, last=None, currency=None, zone="Asia/Shanghai")
    assert sum(line.spent_minor for line in shanghai) == 8_500, "there it was June already"
    assert await spending.read(uuid4(), first=None, last=None, currency=None, zone="UTC") == []

    state = await spending.put_budget(li, Budget("CNY", None, 10_000, "UTC"))
    assert (state.spent_minor, state.level) == (8_000, 80)
    await spending.put_budget(li, Budget("CNY", "food", 100_000, "UTC"))
    await watched(stage, spending)
    await watched(stage, spending)
    assert await alerts(stage, li) == [(str(state.id), 80)]
    await bought(stage, li, JUNE, ("tea", "drinks", 3_000))
    await watched(stage, spending)
    await watched(stage, spending)
    assert await alerts(stage, li) == [(str(state.id), 80), (str(state.id), 100)]
    changed = await spending.put_budget(li, Budget("CNY", None, 9_000, "UTC"))
    assert (changed.id, changed.level) == (state.id, 100), "one budget for one thing"
    await watched(stage, spending)
    assert len(await alerts(stage, li)) == 3, "a changed budget tells anew"
    async with stage.database.transaction() as tx:
        stored = str((await tx.execute(text("SELECT * FROM spending_budget"))).all())
    assert not any(word in stored for word in ("CNY", "food", "9000", "100000"))

    exported = {name: await say(li) for name, say in kept_by_persons(stage.database).items()}
    assert [one["month_minor"] for one in exported["budgets"]] == [9_000, 100_000]
    assert (exported["address_book"], exported["activity_notes"]) == ([], [])
    async with stage.database.transaction() as tx:
        await forget_person(tx, li)
    assert await spending.budgets(li) == []
    assert await spending.read(li, first=None, last=None, currency=None, zone="UTC"), "what happened stays"


async def test_a_refund_is_taken_off(stage, spending):
    li, _ = stage.holder(10**9)
    order = await bought(stage, li, JUNE, ("tea", None, 6_000))
    refund = """
        INSERT INTO refund (id, tenant_id, order_id, number, kind, status, returned, amount_minor, detail,
            idempotency_key, request_hash, created_by, created_at, ended_at)
        VALUES (:id, :shop, :order, 1, 'partial', 'done', '[1]', 2000, '{}', 'k', ''::bytea, :shop, :at, :at)"""
    async with stage.database.transaction() as tx:
        values = {"id": uuid4(), "shop": stage.merchant, "order": order.id, "at": JUNE}
        await tx.execute(text(refund.replace("''::bytea", "decode('00', 'hex')")), values)
    (budget,) = [await spending.put_budget(li, Budget("CNY", None, 10_000, "UTC"))]
    assert budget.spent_minor == 4_000
    lines = await spending.read(li, first=None, last=None, currency=None, zone="UTC")
    assert sum(line.refunded_minor for line in lines) == 2_000


async def test_what_cannot_be_asked(spending):
    person = uuid4()
    for asked in ({"first": "2026-13"}, {"first": "2020-01", "last": "2026-01"}, {"zone": "Mars/Olympus"}):
        with pytest.raises(InvalidValue):
            await spending.read(person, **{"first": None, "last": None, "currency": None, "zone": "UTC", **asked})
    with pytest.raises(InvalidValue):
        await spending.put_budget(person, Budget("CNY", None, 0, "UTC"))
    with pytest.raises(NotFound):
        await spending.remove_budget(person, "CNY", None)
