"""Vouchers of a campaign that was paused on chain work as long as the chain takes them, and everybody is told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from chains import events as facts
from chains.campaign import CampaignPower
from people.events.sql import event_table
from persistence.jobs import Worker
from primitives.asset import Amount
from primitives.clock import SystemClock
from primitives.errors import CampaignNotActive, VoucherExpired
from tests.fakes.vouchers import SOLANA, VALID_UNTIL
from tests.integration.vouchers.stage import Stage
from vouchers.checkout.model import UnusedReason
from vouchers.expiry.service import ExpiryService
from vouchers.ledger.model import VoucherStatus
from vouchers.ledger.sql import get_voucher
from vouchers.rules import PowerTerms
from vouchers.views import VoucherViews

MOST = 3_600
BEGUN = VALID_UNTIL - 100
PAUSED = 600
ENDS = VALID_UNTIL + PAUSED


class At(SystemClock):
    def __init__(self, moment: int) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.moment, UTC)


async def paused(stage: Stage):
    powers = PowerTerms(frozenset({CampaignPower.PAUSE}), MOST)
    campaign = await stage.campaign(powers=powers, caps={stage.chain.chain_id: 5})
    person, account = stage.holder()
    await stage.issue(campaign, account, account)
    stage.chain.emit(facts.CampaignPaused(campaign.id), time=BEGUN)
    await stage.scan()
    return campaign, person, account


async def resumed(stage: Stage, campaign) -> None:
    stage.chain.emit(facts.CampaignResumed(campaign.id), time=BEGUN + PAUSED)
    await stage.scan()


def at(stage: Stage, moment: int) -> None:
    stage.chain.mine(seconds=moment - stage.chain.blocks[-1].time)


async def quoted(stage: Stage, person):
    return await stage.orders.quote(person, (await stage.order(10_000)).id)


async def test_the_till_takes_what_the_chain_takes(database):
    stage = Stage(database)
    campaign, person, _ = await paused(stage)
    aside = await quoted(stage, person)
    assert (aside.price.used, {one.reason for one in aside.price.unused}) == ((), {UnusedReason.PAUSED})
    await resumed(stage, campaign)

    at(stage, ENDS - 1)
    quote = await quoted(stage, person)
    assert [one.paused_seconds for one in quote.price.used] == [PAUSED]
    await stage.pay(person, quote)
    await stage.work()
    await stage.scan()
    async with stage.database.transaction() as tx:
        used = await get_voucher(tx, quote.price.used[0].voucher)
    assert used is not None
    assert used.status is VoucherStatus.REDEEMED

    late = await quoted(stage, person)
    assert late.price.used == (), "half-open: the block after it is too late"
    assert {one.reason for one in late.price.unused} == {UnusedReason.EXPIRED}


async def test_a_quote_from_before_a_pause_or_the_end_is_refused_with_the_reason(database):
    stage = Stage(database)
    campaign, person, _ = await paused(stage)
    await resumed(stage, campaign)
    quote = await quoted(stage, person)
    stage.chain.emit(facts.CampaignPaused(campaign.id), time=BEGUN + PAUSED + 10)
    await stage.scan()
    with pytest.raises(CampaignNotActive) as refused:
        await stage.pay(person, quote)
    assert refused.value.facts["status"] == "paused"
    stage.chain.reorganise(1)
    await stage.scan()
    at(stage, ENDS)
    with pytest.raises(VoucherExpired) as over:
        await stage.pay(person, quote)
    assert over.value.facts["valid_until"] == ENDS, "a pause that a reorganisation took back moves nothing"


async def test_holders_issuers_and_reports_see_the_moved_end(database):
    stage = Stage(database)
    campaign, person, account = await paused(stage)
    views = VoucherViews(stage.database, stage.accounts, clock=At(BEGUN + 40))
    shown = await views.held_by(person)
    assert {(one.window.valid_until, one.window.paused) for one in shown} == {(VALID_UNTIL + 40, True)}
    await resumed(stage, campaign)
    shown = await views.held_by(person)
    assert {(one.window.valid_until, one.window.paused) for one in shown} == {(ENDS, False)}

    at(stage, ENDS - 3)
    await stage.issue(campaign, account)
    expiry = ExpiryService(stage.database, stage.chains, stage.accounts)
    stage.chain.escrow = _escrow
    (lane,) = await expiry.liability(stage.merchant, campaign.id)
    assert (lane.outstanding, lane.breakage) == (3, 0)
    at(stage, ENDS)
    (lane,) = await expiry.liability(stage.merchant, campaign.id)
    assert (lane.outstanding, lane.breakage) == (0, 3)
    with pytest.raises(CampaignNotActive) as over:
        await stage.issue(campaign, account)
    assert over.value.facts["valid_until"] == ENDS


async def _escrow(terms):
    return Amount(terms.full_funding, terms.settlement)


async def test_reminders_wait_for_the_end_that_pauses_moved_on(database):
    stage = Stage(database)
    campaign, _, _ = await paused(stage)
    day = timedelta(days=1)
    now_due = "UPDATE job SET due_at = now() WHERE kind = 'expiry.remind' AND key LIKE '%:day:%'"

    async def remind(moment: int) -> list:
        clock = At(moment)
        expiry = ExpiryService(stage.database, stage.chains, stage.accounts, clock=clock)
        async with stage.database.transaction() as tx:
            await tx.exec_driver_sql("DELETE FROM job WHERE kind = 'expiry.remind'")
            await expiry.watch(tx, campaign)
            await tx.exec_driver_sql(now_due)
        await Worker(stage.database, expiry.handlers()).run_due(rounds=1)
        async with stage.database.transaction() as tx:
            rows = await tx.execute(select(event_table.c.data).where(event_table.c.kind == "voucher.expiring"))
            return [one for one in rows.scalars() if one["stage"] == "day"]

    assert await remind(VALID_UNTIL - 50) == [], "while a pause runs nobody can use what they would be told of"
    await resumed(stage, campaign)
    early = ENDS - int(day.total_seconds()) - 1
    assert await remind(early) == []
    (told,) = await remind(early + 1)
    assert told["valid_until"] == ENDS
    assert await remind(ENDS) == [told]


async def test_on_solana_a_pause_stops_and_moves_nothing(database):
    stage = Stage(database, chain=SOLANA)
    campaign, person, _ = await paused(stage)
    aside = await quoted(stage, person)
    assert {one.reason for one in aside.price.unused} == {UnusedReason.PAUSED}
    stage.chain.emit(facts.CampaignResumed(campaign.id), time=VALID_UNTIL - 5)
    await stage.scan()
    assert len((await quoted(stage, person)).price.used) == 1
    at(stage, VALID_UNTIL)
    assert {one.reason for one in (await quoted(stage, person)).price.unused} == {UnusedReason.EXPIRED}
