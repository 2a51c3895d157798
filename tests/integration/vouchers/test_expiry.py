"""Reminders before the end, in the reader's zone; the end itself; what was never used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from people.events.sql import event_table
from people.notifications.model import Preferences
from people.notifications.sql import put_preferences
from people.persons.sql import insert_person
from persistence.jobs import Worker
from primitives.asset import Amount
from primitives.clock import SystemClock
from tests.fakes.vouchers import EVM, UNITS_PER_MINOR, VALID_UNTIL
from tests.integration.vouchers.stage import Stage
from vouchers.expiry.service import ExpiryService, told_in
from vouchers.rules import Effect, VoucherKind

WEEK_BEFORE = datetime.fromtimestamp(VALID_UNTIL, UTC) - timedelta(days=7)


class At(SystemClock):
    def __init__(self, moment):
        self.moment = moment

    def now(self):
        return self.moment


@pytest.fixture
def stage(database):
    return Stage(database)


async def events(stage, kind):
    async with stage.database.transaction() as tx:
        rows = await tx.execute(select(event_table).where(event_table.c.kind == kind))
        return [(row.tenant_id, row.data) for row in rows]


async def work(stage, expiry):
    await Worker(stage.database, expiry.handlers()).run_due()


async def test_every_holder_is_told_once_per_stage_in_the_own_zone(stage):
    campaign = await stage.campaign()
    (mei, hers), (li, his) = stage.holder(), stage.holder()
    await stage.issue(campaign, hers, hers, his)

    async with stage.database.transaction() as tx:
        await insert_person(tx, li, b"sealed", None, None, SystemClock().now())
        await put_preferences(tx, li, Preferences(zone="America/New_York"))
    expiry = ExpiryService(stage.database, stage.chains, stage.accounts, clock=At(WEEK_BEFORE))
    for _ in range(2):
        async with stage.database.transaction() as tx:
            await expiry.watch(tx, campaign)
        await work(stage, expiry)
    told = dict(await events(stage, "voucher.expiring"))
    assert set(told) == {mei, li}
    assert len(await events(stage, "voucher.expiring")) == 2
    assert (told[mei]["vouchers"], told[mei]["zone"], told[mei]["stage"]) == (2, "Asia/Shanghai", "week")
    assert (told[li]["vouchers"], told[li]["zone"]) == (1, "America/New_York")


async def test_everybody_who_has_the_account_is_told(stage):
    """Of a watched or twice imported account each once, in the own zone."""
    campaign = await stage.campaign()
    (mei, account), (li, _) = stage.holder(), stage.holder()
    stage.accounts.persons[li] = [account]
    await stage.issue(campaign, account)
    expiry = ExpiryService(stage.database, stage.chains, stage.accounts, clock=At(WEEK_BEFORE))
    for _ in range(2):
        async with stage.database.transaction() as tx:
            await expiry.watch(tx, campaign)
        await work(stage, expiry)
    assert sorted(tenant for tenant, _ in await events(stage, "voucher.expiring")) == sorted([mei, li])


async def test_many_holders_are_told_some_at_a_time(stage, monkeypatch):
    campaign = await stage.campaign()
    holders = [stage.holder() for _ in range(5)]
    await stage.issue(campaign, *(account for _, account in holders))
    monkeypatch.setattr("vouchers.expiry.service._AT_ONCE", 2)
    expiry = ExpiryService(stage.database, stage.chains, stage.accounts, clock=At(WEEK_BEFORE))
    async with stage.database.transaction() as tx:
        await expiry.watch(tx, campaign)
    await work(stage, expiry)
    told = [tenant for tenant, _ in await events(stage, "voucher.expiring")]
    assert sorted(told) == sorted(person for person, _ in holders)


async def test_a_window_that_pauses_moved_on_is_looked_at_again(stage):
    """The chain says when its vouchers end: not before that is the campaign told to be over."""
    campaign = await stage.campaign()
    moved = VALID_UNTIL + 3_600
    asked = []

    async def reclaim(found):
        asked.append(found.id)
        return moved if len(asked) == 1 else None

    expiry = ExpiryService(
        stage.database,
        stage.chains,
        stage.accounts,
        reclaim=reclaim,
        clock=At(datetime.fromtimestamp(VALID_UNTIL, UTC)),
    )
    stage.chain.mine(seconds=VALID_UNTIL)
    async with stage.database.transaction() as tx:
        await expiry.watch(tx, campaign)
    await work(stage, expiry)
    assert asked == [campaign.id]
    assert await events(stage, "campaign.expired") == []
    async with stage.database.transaction() as tx:
        wait = await tx.exec_driver_sql("SELECT due_at - now() AS pause FROM job WHERE kind = 'expiry.reclaim'")
        assert wait.scalar_one() > timedelta(minutes=50)
        await tx.exec_driver_sql("UPDATE job SET due_at = now() WHERE kind = 'expiry.reclaim'")
    await work(stage, expiry)
    assert len(asked) == 2
    assert len(await events(stage, "campaign.expired")) == 1


async def test_the_rest_is_reclaimed_by_the_chains_own_clock_and_once(stage):
    campaign = await stage.campaign()
    asked = []

    async def reclaim(found):
        asked.append(found.id)

    late = At(datetime.fromtimestamp(VALID_UNTIL + 1, UTC))
    expiry = ExpiryService(stage.database, stage.chains, stage.accounts, reclaim=reclaim, clock=late)
    async with stage.database.transaction() as tx:
        await expiry.watch(tx, campaign)
    await Worker(stage.database, expiry.handlers()).run_due(rounds=1)
    assert asked == []  # by the chain's clock vouchers are still good
    stage.chain.mine(seconds=VALID_UNTIL)
    async with stage.database.transaction() as tx:
        await expiry.watch(tx, campaign)
        await tx.exec_driver_sql("UPDATE job SET due_at = now() WHERE kind = 'expiry.reclaim'")
    await work(stage, expiry)
    assert asked == [campaign.id]
    assert len(await events(stage, "campaign.expired")) == 1


async def test_liability_before_the_end_and_breakage_after_it(stage):
    campaign = await stage.campaign()
    _, account = stage.holder()
    await stage.issue(campaign, account, account)

    async def escrow(terms):

        return Amount(terms.full_funding, terms.settlement)

    stage.chain.escrow = escrow
    expiry = ExpiryService(stage.database, stage.chains, stage.accounts)
    (lane,) = await expiry.liability(stage.merchant, campaign.id)
    most = campaign.rules.lanes[0].max_payout
    assert (lane.outstanding, lane.liability, lane.breakage) == (2, 2 * most, 0)
    assert lane.surplus == lane.escrow - 2 * most
    stage.chain.mine(seconds=VALID_UNTIL)
    (lane,) = await expiry.liability(stage.merchant, campaign.id)
    assert (lane.outstanding, lane.liability, lane.breakage, lane.breakage_bp) == (0, 0, 2, 10_000)


async def test_what_is_spent_of_stored_value_is_owed_no_more(stage):
    campaign = await stage.campaign(kind=VoucherKind.STORED_VALUE, effect=Effect(balance=10_000))
    person, account = stage.holder()
    await stage.issue(campaign, account, account)
    terms = campaign.terms(EVM)

    async def escrow(_):
        return Amount(terms.full_funding, terms.settlement)

    stage.chain.escrow = escrow
    expiry = ExpiryService(stage.database, stage.chains, stage.accounts)
    owed = []
    for price in (0, 6_000, 4_000):
        if price:
            quote = await stage.quoter.quote(person, (await stage.order(price)).id)
            await stage.pay(person, quote)
            await stage.work()
            await stage.scan()
        (lane,) = await expiry.liability(stage.merchant, campaign.id)
        owed.append(lane.liability // UNITS_PER_MINOR)
    assert owed == [20_000, 14_000, 10_000]


@pytest.mark.parametrize(
    ("until", "zone", "day", "last"),
    [
        ("2026-05-31T16:00:00+00:00", "Asia/Shanghai", "2026-05-31", "2026-05-31T23:59:59+08:00"),
        # The clock goes back an hour in this night, and forward in that one.
        ("2026-11-01T05:00:00+00:00", "America/New_York", "2026-11-01", "2026-11-01T00:59:59-04:00"),
        ("2026-11-01T06:00:00+00:00", "America/New_York", "2026-11-01", "2026-11-01T01:59:59-04:00"),
        ("2026-11-01T07:00:00+00:00", "America/New_York", "2026-11-01", "2026-11-01T01:59:59-05:00"),
        ("2026-03-29T01:00:00+00:00", "Europe/Berlin", "2026-03-29", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T22:00:00+00:00", "Europe/Berlin", "2026-03-29", "2026-03-29T23:59:59+02:00"),
    ],
)
def test_the_last_moment_of_a_half_open_window(until, zone, day, last):
    told = told_in(int(datetime.fromisoformat(until).timestamp()), zone)
    assert (told["last_day"], told["last_moment"]) == (day, last)
