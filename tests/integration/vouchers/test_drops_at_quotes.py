"""A quote looks at drops of which something can still be claimed, by an index, and in as few statements for many."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import event, select, text

from people.events.sql import event_table
from persistence.jobs import Worker
from primitives.account_id import AccountId
from tests.fakes.vouchers import SOLANA
from tests.integration.vouchers.stage import terms
from tests.integration.vouchers.test_handouts import Handing
from vouchers.expiry.service import ExpiryService
from vouchers.orders.leaves import Leaves
from vouchers.rules import ClaimTerms, ClaimWay

_COPY = text(
    """
    INSERT INTO campaign_drop
        (campaign_id, chain, number, tenant_id, status, count, holder_bytes, root, leaves_hash, upper, holders_index,
         claim_until, created_by)
    SELECT campaign_id, chain, at, tenant_id, :status, count, holder_bytes, root, leaves_hash, upper, holders_index,
        :claim_until, created_by
    FROM campaign_drop, generate_series(CAST(:first AS int), CAST(:last AS int)) AS at WHERE number = 0
    """
)


@pytest.fixture
def stage(database):
    return Handing(database, SOLANA)


async def _dropped(stage, *holders):
    campaign = await stage.campaigns.draft(
        stage.merchant,
        terms(caps={SOLANA: 600}, claim=ClaimTerms(frozenset({ClaimWay.DROP}))),
        created_by=stage.merchant,
        idempotency_key=uuid4().hex,
    )
    named = (stage.merchant, campaign.id, SOLANA)
    await stage.hand.drops.open(*named, created_by=stage.merchant, number=0)
    await stage.hand.drops.add(*named, 0, 0, [stage.holder()[1] for _ in range(300)] + list(holders))
    await stage.hand.drops.commit(*named, 0, created_by=stage.merchant)
    await stage.campaigns.launch(stage.merchant, campaign.id)
    await stage.work()
    return campaign


async def test_what_is_over_costs_a_quote_nothing(stage):
    _, account = stage.holder()
    campaign = await _dropped(stage, account)
    now = campaign.rules.claimable_until - 10
    leaves = Leaves(stage.database, stage.chains, stage.hand.drops, stage.hand.direct)
    statements: list[str] = []
    event.listen(
        stage.database.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_rest: statements.append(statement),
    )

    async def offered(at=now):
        found, _ = await leaves.offered(account, at)
        statements.clear()
        again, _ = await leaves.offered(account, at)
        assert again == found
        return len(found), len(statements)

    assert (await offered())[0] == 1
    many, few = await offered(), 12
    async with stage.database.transaction() as tx:
        over = {"status": "committed", "claim_until": now, "first": 1, "last": 300}
        await tx.execute(_COPY, over)
        await tx.execute(_COPY, {**over, "status": "committing", "claim_until": now + 100, "first": 301, "last": 400})
    assert await offered() == many
    assert many[1] <= few
    assert (await offered(now + 10))[0] == 0
    async with stage.database.transaction() as tx:
        await tx.execute(text("UPDATE campaign_lane SET status = 'paused'"))
    assert (await offered())[0] == 0


async def test_drops_of_other_people_are_asked_together(stage):
    await _dropped(stage)
    _, nobody = stage.holder()
    drops = stage.hand.drops
    async with stage.database.transaction() as tx:
        until = (await tx.execute(text("SELECT max(claim_until) FROM campaign_drop"))).scalar_one()
        await tx.execute(_COPY, {"status": "committed", "claim_until": until, "first": 1, "last": 40})
    assert await drops.unclaimed([nobody], until - 1) == {}
    statements: list[str] = []
    event.listen(
        stage.database.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_rest: statements.append(statement),
    )
    assert await drops.unclaimed([nobody], until - 1) == {}
    assert len(statements) == 2


async def test_what_waits_is_told_to_its_holder_until_the_end(stage):
    _, account = stage.holder()
    _, other = stage.holder()
    campaign = await _dropped(stage, account, account)
    leaves = Leaves(stage.database, stage.chains, stage.hand.drops, stage.hand.direct)
    now = campaign.rules.claimable_until - 10

    async def waits(at=now):
        found = await leaves.ready_for([account], at)
        return [(one.campaign.rules.title, one.claimable_until, one.claim and one.claim.status.value) for one in found]

    until = campaign.rules.claimable_until
    assert await waits() == [(campaign.rules.title, until, None)] * 2
    assert await leaves.ready_for([other], now) == [], "lists are asked for the own accounts alone"
    assert await leaves.ready_for([], now) == []
    assert await waits(until) == []
    first, second = await leaves.ready_for([account], now)
    assert first.leaf.voucher != second.leaf.voucher
    async with stage.database.transaction() as tx:
        await tx.execute(text("UPDATE campaign_lane SET status = 'paused'"))
    assert await waits() == []


async def test_they_are_found_by_the_index(stage):
    campaign = await _dropped(stage)
    async with stage.database.transaction() as tx:
        await tx.execute(
            _COPY, {"status": "committed", "claim_until": campaign.rules.valid_from, "first": 1, "last": 2_000}
        )
        await tx.execute(text("ANALYZE campaign_drop"))
        found = await tx.execute(
            text(
                "EXPLAIN SELECT number FROM campaign_drop "
                "WHERE chain = :chain AND status = 'committed' AND claim_until > :now"
            ),
            {"chain": str(SOLANA), "now": campaign.rules.claimable_until - 10},
        )
        plan = "\n".join(found.scalars())
    assert "ix_campaign_drop_claimable" in plan, plan


async def test_who_is_on_the_list_is_told_before_claiming_ends(stage):
    """Once per stage, with what is still unclaimed; nobody without a leaf, and no account that is held elsewhere."""
    (mei, account), (li, _) = stage.holder(), stage.holder()
    elsewhere = AccountId.from_raw(SOLANA, b"\x09" * 32)
    campaign = await _dropped(stage, account, account, elsewhere)
    leaves = Leaves(stage.database, stage.chains, stage.hand.drops, stage.hand.direct)
    now = datetime.fromtimestamp(campaign.rules.claimable_until - 86_400, UTC)
    expiry = ExpiryService(
        stage.database, stage.chains, stage.accounts, leaves=leaves, clock=SimpleNamespace(now=lambda: now)
    )

    async def told():
        async with stage.database.transaction() as tx:
            await expiry.watch(tx, campaign)
        await Worker(stage.database, expiry.handlers()).run_due()
        async with stage.database.transaction() as tx:
            rows = await tx.execute(
                select(event_table.c.tenant_id, event_table.c.data).where(event_table.c.kind == "voucher.unclaimed")
            )
            return [(row.tenant_id, row.data) for row in rows if row.tenant_id in (mei, li)]

    found = await told()
    assert sorted((one, data["stage"], data["vouchers"]) for one, data in found) == [(mei, "day", 2), (mei, "week", 2)]
    assert {data["valid_until"] for _, data in found} == {campaign.rules.claimable_until}
    assert await told() == found
