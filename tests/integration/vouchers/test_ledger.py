"""The ledger follows the chain through reorganisations and forgets nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains.events import VoucherIssued, VoucherRedeemed
from tests.fakes.vouchers import EVM, SOLANA, STRANGER
from tests.integration.vouchers.stage import Stage
from vouchers.ledger import sql
from vouchers.ledger.model import VoucherStatus, fact_from_json, fact_to_json, kind_of
from vouchers.ledger.projection import rebuild


@pytest.fixture
def stage(database):
    return Stage(database)


async def held(stage, account):
    async with stage.database.transaction() as tx:
        return list(await sql.vouchers_held(tx, [account]))


async def counts(stage, campaign):
    async with stage.database.transaction() as tx:
        return (await sql.campaign_counts(tx, [campaign.id]))[campaign.id]


async def entries(stage, campaign):
    async with stage.database.transaction() as tx:
        return await sql.history(tx, campaign=campaign.id)


class TestScan:
    async def test_what_the_chain_says_is_in_the_projection(self, stage):
        campaign = await stage.campaign()
        person, account = stage.holder()
        await stage.issue(campaign, account, account)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        await stage.scan()
        live, redeemed = await held(stage, account)
        assert (live.status, redeemed.status) == (VoucherStatus.LIVE, VoucherStatus.REDEEMED)
        assert (redeemed.amount_minor, redeemed.payout) == (2_000, 20_000_000)
        found = await counts(stage, campaign)
        assert (found.issued, found.live, found.redeemed, found.cost_minor) == (2, 1, 1, 2_000)
        assert found.paid_out == {str(campaign.rules.lanes[0].settlement.id): 20_000_000}
        assert found.funded == {str(EVM): campaign.terms(EVM).full_funding}
        assert found.alarms == 0

    async def test_reading_again_changes_nothing(self, stage):
        campaign = await stage.campaign()
        await stage.issue(campaign, stage.holder()[1])
        before = await entries(stage, campaign)
        for _ in range(3):
            await stage.scan()
        assert await entries(stage, campaign) == before
        stage.chain.mine(10)
        for _ in range(3):
            await stage.scan()
        assert await entries(stage, campaign) == before

    async def test_every_fact_survives_its_storage(self, stage):
        campaign = await stage.campaign()
        person, account = stage.holder()
        await stage.issue(campaign, account)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        kinds = set()
        for block in stage.chain.blocks:
            for _, fact in block.events:
                kinds.add(kind_of(fact))
                assert fact_from_json(kind_of(fact), fact_to_json(fact)) == fact
        assert kinds == {"launched", "funded", "issued", "redeemed", "paid"}


class TestReorganisation:
    async def test_a_redemption_that_is_gone_is_reversed_and_the_voucher_lives(self, stage):
        campaign = await stage.campaign()
        person, account = stage.holder()
        await stage.issue(campaign, account)
        stage.chain.mine(5)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        await stage.scan()
        assert (await held(stage, account))[0].status is VoucherStatus.REDEEMED
        stage.chain.reorganise(1)
        await stage.scan()
        (voucher,) = await held(stage, account)
        assert voucher.status is VoucherStatus.LIVE
        observed = [
            entry.observation
            for entry in await entries(stage, campaign)
            if isinstance(entry.event.fact, VoucherRedeemed)
        ]
        assert observed == [0, 1]
        assert (await counts(stage, campaign)).redeemed == 0

    async def test_an_issue_that_is_gone_takes_its_voucher_along_but_no_entry(self, stage):
        campaign = await stage.campaign()
        stage.chain.mine(5)
        _, account = stage.holder()
        await stage.issue(campaign, account)
        before = len(await entries(stage, campaign))
        stage.chain.reorganise(1)
        await stage.scan()
        assert await held(stage, account) == []
        assert len(await entries(stage, campaign)) == before + 1

    async def test_the_same_block_back_again_stands_again(self, stage):
        campaign = await stage.campaign()
        stage.chain.mine(5)
        _, account = stage.holder()
        await stage.issue(campaign, account)
        block = stage.chain.blocks[-1]
        stage.chain.reorganise(1)
        await stage.scan()
        stage.chain.blocks[-1] = block
        await stage.scan()
        assert len(await held(stage, account)) == 1
        assert [entry.observation for entry in await entries(stage, campaign)][-3:] == [0, 1, 2]

    async def test_a_replaced_final_block_halts_the_chain(self, stage):
        campaign = await stage.campaign()
        await stage.issue(campaign, stage.holder()[1])
        stage.chain.mine(10)
        await stage.scan()
        await stage.scan()
        before = await entries(stage, campaign)
        stage.chain.reorganise(8)
        await stage.scan()
        async with stage.database.transaction() as tx:
            cursor = await sql.cursor_of(tx, EVM)
        assert "was replaced" in cursor.halted
        assert await entries(stage, campaign) == before

    async def test_a_fact_that_solana_indexes_after_finality_is_not_lost(self, database, monkeypatch):
        """Nor does a finalized fact vanish because a lagging node answers once."""
        stage = Stage(database, chain=SOLANA)
        campaign = await stage.campaign()
        _, account = stage.holder()
        told = stage.chain.events

        async def without_issues(campaigns, since, until):
            page = await told(campaigns, since, until)
            return replace(page, events=tuple(e for e in page.events if not isinstance(e.fact, VoucherIssued)))

        monkeypatch.setattr(stage.chain, "events", without_issues)
        await stage.issue(campaign, account)
        stage.chain.mine(stage.chain.lag + 1)
        await stage.scan()
        assert await held(stage, account) == []
        monkeypatch.setattr(stage.chain, "events", told)
        await stage.scan()
        assert len(await held(stage, account)) == 1
        monkeypatch.setattr(stage.chain, "events", without_issues)
        await stage.scan()
        assert len(await held(stage, account)) == 1
        assert not any(entry.reversing for entry in await entries(stage, campaign))

    async def test_a_rewound_local_chain_is_read_from_its_beginning(self, stage):
        stage.indexer._rewindable = frozenset({EVM})
        campaign = await stage.campaign()
        _, account = stage.holder()
        await stage.issue(campaign, account)
        stage.chain.mine(10)
        await stage.scan()
        assert len(await held(stage, account)) == 1
        stage.chain.reorganise(len(stage.chain.blocks) - 1)
        await stage.scan()
        assert await held(stage, account) == []
        async with stage.database.transaction() as tx:
            assert (await sql.cursor_of(tx, EVM)).halted is None


class TestProjection:
    async def test_rebuilt_from_the_entries_it_is_the_same(self, stage):
        campaign = await stage.campaign()
        person, account = stage.holder()
        await stage.issue(campaign, account, account, account)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        stage.chain.move((await held(stage, account))[-1].id, STRANGER)
        await stage.scan()
        before = await held(stage, account) + await held(stage, STRANGER)
        assert len(before) == 3
        assert await rebuild(stage.database) == 3
        assert await held(stage, account) + await held(stage, STRANGER) == before

    async def test_a_second_redemption_is_an_alarm(self, stage):
        campaign = await stage.campaign()
        person, account = stage.holder()
        await stage.issue(campaign, account)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.orders.quote(person, order.id))
        await stage.work()
        fact = next(
            fact for block in stage.chain.blocks for _, fact in block.events if isinstance(fact, VoucherRedeemed)
        )
        stage.chain._add([("0xagain", fact)])
        await stage.scan()
        (voucher,) = await held(stage, account)
        assert voucher.diverged
        assert (await counts(stage, campaign)).alarms == 1
