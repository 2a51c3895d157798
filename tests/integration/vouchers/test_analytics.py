"""A campaign's figures against hand-made histories, and against the ledger after reorganisations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from primitives.errors import CampaignNotFound, InvalidValue
from tests.fakes.clock import StoppedClock
from tests.fakes.vouchers import VALID_FROM, cart
from tests.integration.vouchers.stage import Stage
from vouchers.activity.sql import VoucherSource
from vouchers.analytics.model import By, Uplift
from vouchers.analytics.service import AnalyticsService
from vouchers.ledger.sql import campaign_counts
from wallets.activity.model import ActivityState, Wanted


@pytest.fixture
def stage(database):
    return Stage(database, give_up_after=timedelta(hours=1))


async def bought(stage, person, *prices, store=None, with_voucher=True, at=None):
    """A paid order; `at`: when, in Unix seconds."""
    made = cart(*prices, merchant=str(stage.merchant), store=store)
    order = await stage.orders.create(stage.merchant, made, created_by=stage.merchant, idempotency_key=uuid4().hex)
    quote = await stage.orders.quote(person, order.id)
    assert bool(quote.price.used) is with_voucher
    await stage.pay(person, quote)
    await stage.work()
    stage.chain.mine(3)
    await stage.work()
    await stage.scan()
    if at is not None:
        async with stage.database.transaction() as tx:
            moment = datetime.fromtimestamp(at, UTC)
            await tx.execute(text("UPDATE till_order SET paid_at = :at WHERE id = :id"), {"at": moment, "id": order.id})
    return order


async def figures(stage, campaign, by=By.DAY, zone="UTC"):
    clock = StoppedClock(datetime.fromtimestamp(VALID_FROM + 86_400, UTC))
    return await AnalyticsService(stage.database, clock=clock).campaign(stage.merchant, campaign.id, by, zone)


async def test_a_small_campaign_by_hand(stage):
    """Two customers, one of them twice; every figure can be counted on fingers."""
    campaign = await stage.campaign()
    li, account = stage.holder(10**9)
    wang, theirs = stage.holder(10**9)
    before = await bought(stage, li, 9_000, with_voucher=False, at=VALID_FROM - 3_600)
    await stage.issue(campaign, account, account, theirs)
    await bought(stage, li, 10_000, 500, store="west", at=VALID_FROM + 3_600)
    await bought(stage, wang, 20_000, store="east", at=VALID_FROM + 7_200)
    await bought(stage, wang, 8_000, with_voucher=False, at=VALID_FROM + 10_800)
    found = await figures(stage, campaign)

    total = found.total
    assert (total.issued, total.claimed, total.held, total.redeemed, total.settled) == (3, 0, 1, 2, 2)
    assert (total.orders, total.sales_minor, total.discount_minor) == (2, 30_500, 4_000)
    assert (found.cost.discount_minor, found.cost.sponsor_minor, found.cost.merchant_minor) == (4_000, 4_000, 0)
    assert sum(row.redeemed for row in found.rows) == 2
    stores = {row.key: (row.redeemed, row.sales_minor) for row in (await figures(stage, campaign, By.STORE)).rows}
    assert stores == {"west": (1, 10_500), "east": (1, 20_000)}
    segments = {row.key: row.redeemed for row in (await figures(stage, campaign, By.SEGMENT)).rows}
    assert segments == {"returning": 1, "new": 1}, "li had bought before"
    (chain,) = (await figures(stage, campaign, By.CHAIN)).rows
    assert (chain.key, chain.issued, chain.held) == (str(stage.chain.chain_id), 3, 1)

    uplift = found.uplift
    assert (uplift.with_orders, uplift.with_sales_minor) == (2, 30_500)
    assert (uplift.without_orders, uplift.without_sales_minor) == (1, 8_000)
    assert (uplift.before_orders, uplift.before_sales_minor) == (1, 9_000)
    assert uplift.basket_uplift_bp == 30_500 * 10_000 // (2 * 8_000) - 10_000
    assert (found.repeat.persons, found.repeat.first_timers, found.repeat.came_back) == (2, 1, 1)
    assert {row.sku: (row.units_with, row.units_without) for row in found.stock} == {"sku-0": (2, 1), "sku-1": (1, 0)}
    last = found.liability[-1]
    assert (last.outstanding, last.breakage) == (1, 0)
    assert last.liability_units == campaign.terms(stage.chain.chain_id).max_payout

    async with stage.database.transaction() as tx:
        await tx.execute(
            text("UPDATE till_order SET paid_at = paid_at - interval '40 days' WHERE id = :id"), {"id": before.id}
        )
    cohorts = await AnalyticsService(stage.database).cohorts(stage.merchant, "CNY", "Asia/Shanghai")
    found = [(row.month, row.persons, row.after, row.active) for row in cohorts]
    assert found == [("2026-12", 1, 0, 1), ("2026-12", 1, 1, 1), ("2027-01", 1, 0, 1)], "li came back, wang is new"


async def test_figures_and_the_holders_list_follow_a_reorganisation(stage):
    """What the ledger takes back is in no sum, and stays in the holder's list as reversed."""
    campaign = await stage.campaign()
    stage.chain.mine(5)
    _, account = stage.holder()
    await stage.issue(campaign, account, account)

    async def seen():
        async with stage.database.transaction() as tx:
            counts = (await campaign_counts(tx, [campaign.id]))[campaign.id]
            source = VoucherSource(lambda tenant, assets: _nothing())
            entries = await source.entries(tx, uuid4(), Wanted(accounts=(account,)))
        total = (await figures(stage, campaign)).total
        assert (total.issued, total.held) == (counts.issued, counts.live)
        return total.issued, [entry.state for entry in entries]

    assert await seen() == (2, [ActivityState.PENDING] * 2)
    block = stage.chain.blocks[-1]
    stage.chain.reorganise(1)
    await stage.scan()
    assert await seen() == (0, [ActivityState.REVERSED] * 2)
    stage.chain.blocks[-1] = block
    await stage.scan()
    stage.chain.mine(5)
    await stage.scan()
    assert await seen() == (2, [ActivityState.DONE] * 2)


async def _nothing():
    return ()


async def test_an_empty_campaign_has_figures_of_zero(stage):
    campaign = await stage.campaign()
    found = await figures(stage, campaign, zone="Asia/Shanghai")
    assert (found.total.issued, found.rows, found.uplift.basket_uplift_bp) == (0, (), None)
    assert [(row.outstanding, row.liability_units) for row in found.liability] == [(0, 0)]
    with pytest.raises(InvalidValue, match="time zone"):
        await figures(stage, campaign, zone="Mars/Olympus")
    with pytest.raises(CampaignNotFound):
        await AnalyticsService(stage.database).campaign(uuid4(), campaign.id, By.DAY)


def test_uplift_is_a_ratio_of_averages():
    uplift = Uplift(2, 30_000, 3, 30_000, 4, 40_000, 3_600)
    assert uplift.basket_uplift_bp == 5_000, "15,000 against 10,000"
    assert uplift.sales_uplift_bp == 5_000, "60,000 against 40,000"
    assert Uplift(1, 1, 0, 0, 0, 0, 0).sales_uplift_bp is None
