"""Settlement, returns, gifts, liability and breakage of one campaign, against figures that were reckoned by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from chains import events as facts
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.fakes.clock import StoppedClock
from tests.fakes.vouchers import UNITS_PER_MINOR, VALID_FROM, VALID_UNTIL
from tests.integration.vouchers.stage import Stage
from vouchers.analytics.model import By
from vouchers.analytics.service import AnalyticsService
from vouchers.gifts import sql as gifts
from vouchers.gifts.model import Gift
from vouchers.rules import Delivery, Effect, GiftReturn, RefundTerms, VoucherKind

DAY = 86_400
CUP = Effect(5_000, sku="cup", quantity=1, max_off=3_000, delivery=Delivery.WITH_ORDER)
WORTH = 2_000
"""What a cup costs, in minor units: so much each voucher takes off."""
MOST = 3_000 * UNITS_PER_MINOR
PAYOUT = WORTH * UNITS_PER_MINOR

REFUND = """
    INSERT INTO refund (id, tenant_id, order_id, number, kind, status, returned, amount_minor, detail, idempotency_key,
        request_hash, created_by, created_at, ended_at)
    VALUES (:id, :shop, :order, 1, 'partial', 'done', '[1]', 9000, '{}', 'k', decode('00', 'hex'), :shop, now(), now())
"""


@pytest.fixture
def stage(database):
    return Stage(database, give_up_after=timedelta(hours=1))


async def stocked(stage, units):
    async with stage.database.transaction() as tx:
        await gifts.put_gift(tx, Gift(stage.merchant, "cup", "Cup", "CNY", WORTH, None, 0, 0, None, None, True))
        await gifts.change_stock(tx, stage.merchant, "cup", units)
        await gifts.insert_movement(tx, stage.merchant, "cup", units, "stocked")


async def bought(stage, person):
    """An order of 90.00 and its cup; the fact of its voucher's use."""
    order = await stage.order(9_000)
    await stage.pay(person, await stage.quoter.quote(person, order.id))
    await stage.work()
    found = [fact for block in stage.chain.blocks for _, fact in block.events]
    return order, [fact for fact in found if isinstance(fact, facts.VoucherRedeemed)][-1]


def told(stage, *found):
    stage.chain._add([("0xlater", fact) for fact in found])


async def figures(stage, campaign, at, by=By.CHAIN):
    clock = StoppedClock(datetime.fromtimestamp(at, UTC))
    return await AnalyticsService(stage.database, clock=clock).campaign(stage.merchant, campaign.id, by)


async def history(stage):
    """Five vouchers on the first day. On the second A and B use theirs; A's payout is credit. On the third B's use is
    undone, and B has a new voucher; C uses one for credit; D's is voided; one payout is settled, and A brings cup and
    goods back. E never does anything."""
    await stocked(stage, 5)
    campaign = await stage.campaign(
        kind=VoucherKind.GIFT, effect=CUP, refund=RefundTerms(gift=GiftReturn.BACK_OR_PRICE)
    )
    people = [stage.holder(10**12) for _ in "abcde"]
    await stage.issue(campaign, *(account for _, account in people))
    a, b, c, d, _ = people

    stage.chain.mine(seconds=DAY)
    of_a, use_a = await bought(stage, a[0])
    told(stage, credit(campaign, use_a))
    _, use_b = await bought(stage, b[0])

    stage.chain.mine(seconds=DAY)
    undone = facts.RedemptionUndone(use_b.voucher, use_b.redemption_id, use_b.merchant, PAYOUT, use_b.settlement)
    told(stage, undone)
    stage.chain.issue_elsewhere(campaign.id, 6, b[1])
    of_c, use_c = await bought(stage, c[0])
    told(stage, credit(campaign, use_c))
    fourth = VoucherId(campaign.id, Serial(0, SerialClass.SINGLE, 4))
    told(stage, facts.VoucherVoided(fourth, d[1]))
    told(stage, facts.MerchantSettled(campaign.id, use_a.merchant, PAYOUT, use_a.settlement))
    stage.chain.mine(5)
    await stage.scan()
    await stage.work()

    async with stage.database.transaction() as tx:
        await tx.execute(text(REFUND), {"id": uuid4(), "shop": stage.merchant, "order": of_a.id})
        await gifts.change_stock(tx, stage.merchant, "cup", 1)
        await gifts.insert_movement(tx, stage.merchant, "cup", 1, "returned", order_id=of_a.id)
        done = "UPDATE gift_delivery SET status = 'delivered' WHERE order_id = :order"
        await tx.execute(text(done), {"order": of_c.id})
    return campaign


def credit(campaign, use):
    return facts.PayoutCredited(campaign.id, use.redemption_id, use.merchant, use.payout, use.settlement)


async def test_every_figure_is_the_one_that_was_reckoned_by_hand(stage):
    campaign = await history(stage)
    found = await figures(stage, campaign, VALID_FROM + 3 * DAY)

    total = found.total
    assert (total.issued, total.held, total.redeemed, total.reversed, total.voided) == (6, 2, 2, 1, 1)
    assert total.settled == 1, "of two payouts that are credit the older one was paid out"
    assert (total.discount_minor, total.payout_units) == (2 * WORTH, 2 * PAYOUT), (
        "what was undone saved nobody anything"
    )
    assert (total.orders, total.sales_minor) == (2, 2 * 9_000)
    assert (found.cost.sponsor_minor, found.cost.merchant_minor) == (2 * WORTH, 0)
    (chain,) = found.rows
    assert (chain.issued, chain.held, chain.settled) == (6, 2, 1)

    goods = {row.sku: (row.units_with, row.amount_with_minor, row.units_returned) for row in found.stock}
    assert goods["sku-0"] == (2, 18_000, 1)
    (cup,) = found.gifts
    assert (cup.units_given, cup.units_returned, cup.waiting, cup.delivered) == (2, 1, 1, 1)
    assert cup.stock == 5 - 3 + 1, "B's cup went out too, and only A's came back"

    days = [(row.issued, row.ended, row.outstanding, row.liability_units, row.breakage) for row in found.liability]
    assert days[:3] == [
        (5, 0, 5, 5 * MOST, 0),
        (0, 2, 3, 3 * MOST, 0),
        (1, 2, 2, 2 * MOST, 0),
    ]
    after = await figures(stage, campaign, VALID_UNTIL)
    last = after.liability[-1]
    assert (last.outstanding, last.liability_units, last.breakage) == (2, 0, 2), "B's new one and E's were never used"
    by_day = (await figures(stage, campaign, VALID_FROM + 3 * DAY, By.DAY)).rows
    assert [(row.issued, row.redeemed, row.reversed, row.settled, row.voided) for row in by_day] == [
        (5, 0, 0, 0, 0),
        (0, 1, 1, 1, 0),
        (1, 1, 0, 0, 1),
    ], "each use on its own day, whatever became of it later"


async def test_a_settlement_that_a_reorganisation_takes_away_is_in_no_sum(stage):
    campaign = await history(stage)
    settled = next(
        height
        for height, block in enumerate(stage.chain.blocks)
        if any(isinstance(fact, facts.MerchantSettled) for _, fact in block.events)
    )
    assert (await figures(stage, campaign, VALID_FROM + 3 * DAY)).total.settled == 1
    async with stage.database.transaction() as tx:
        again = text(
            "INSERT INTO ledger_entry SELECT * FROM (SELECT (json_populate_record(e, json_build_object("
            "'observation', e.observation + 1))).* FROM ledger_entry e WHERE e.kind = 'settled' AND e.height = :height"
            ") AS taken"
        )
        await tx.execute(again, {"height": settled})
    assert (await figures(stage, campaign, VALID_FROM + 3 * DAY)).total.settled == 0
