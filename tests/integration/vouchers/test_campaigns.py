"""Drafting, launching and issuing: idempotent, resumable, never above a limit."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from chains.events import VoucherIssued
from people.organisations.service import ORGANISATION_CREATED
from persistence.jobs import enqueue
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    CampaignNotFound,
    IdempotencyConflict,
    InvalidTerms,
    UnknownAsset,
)
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.fakes.vouchers import EVM, SOLANA, STRANGER, VALID_UNTIL
from tests.integration.vouchers.stage import Stage, terms
from vouchers.campaigns.model import CampaignStatus, IssuanceStatus
from vouchers.campaigns.partners.service import Partners
from vouchers.campaigns.progress import CHUNK
from vouchers.rules import Effect, Eligibility


@pytest.fixture
def stage(database):
    return Stage(database)


class TestDraft:
    async def test_the_same_key_and_terms_are_one_campaign(self, stage):
        async def draft(**changes):
            return await stage.campaigns.draft(
                stage.merchant, terms(**changes), created_by=stage.merchant, idempotency_key="k"
            )

        first, second = await asyncio.gather(draft(), draft())
        assert first.id == second.id
        with pytest.raises(IdempotencyConflict):
            await draft(title="another")
        assert [campaign.id for campaign in await stage.campaigns.campaigns(stage.merchant)] == [first.id]

    async def test_equal_terms_twice_are_two_campaigns(self, stage):
        """The salt tells them apart, so that nobody can guess or occupy an id."""
        made = {
            (await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key=key)).id
            for key in ("a", "b")
        }
        assert len(made) == 2

    async def test_nothing_happens_on_chain(self, stage):
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        await stage.work()
        assert drafted.status is CampaignStatus.DRAFT
        assert stage.payments.by_id == {}

    async def test_impossible_terms_leave_nothing(self, stage):
        with pytest.raises(InvalidTerms) as refusal:
            await stage.campaigns.draft(
                stage.merchant,
                terms(effect=Effect(min_spend=100, amount_off=200)),
                created_by=stage.merchant,
                idempotency_key="k",
            )
        assert refusal.value.field == "effect.amount_off"
        assert await stage.campaigns.campaigns(stage.merchant) == []

    async def test_a_currency_without_settlement_is_refused(self, stage):
        with pytest.raises(UnknownAsset):
            await stage.campaigns.draft(
                stage.merchant, terms(currency="JPY"), created_by=stage.merchant, idempotency_key="k"
            )

    async def test_another_merchant_is_bound_by_its_own_word_alone(self, stage):
        """Else anybody could draft "everything free at my rival's till, at the rival's cost"."""
        rival, stranger = await stage.organisation(), await stage.organisation()
        eligible = Eligibility(merchants=frozenset({str(stage.merchant), str(rival)}))
        partners = Partners(stage.database)

        async def draft(key):
            return await stage.campaigns.draft(
                stage.merchant,
                terms(eligible=eligible, sponsor_bp=7_000),
                created_by=stage.merchant,
                idempotency_key=key,
            )

        drafted = await draft("k")
        assert len(drafted.terms(EVM).merchants) == 2
        with pytest.raises(CampaignNotActive) as refusal:
            await stage.campaigns.launch(stage.merchant, drafted.id)
        assert (refusal.value.status, refusal.value.waiting) == ("awaiting_partners", [str(rival)])
        ((asked, campaign),) = await partners.invitations(rival)
        assert (asked.share_bp, asked.answer, campaign.id) == (3_000, None, drafted.id)
        with pytest.raises(CampaignNotFound):
            await partners.answer(stranger, drafted.id, accepts=True, by=stranger)
        with pytest.raises(CampaignNotFound):
            await partners.answer(stage.merchant, drafted.id, accepts=True, by=stage.merchant)
        for _ in range(2):
            await partners.answer(rival, drafted.id, accepts=True, by=rival)
        with pytest.raises(CampaignNotActive):
            await partners.answer(rival, drafted.id, accepts=False, by=rival)
        await stage.campaigns.launch(stage.merchant, drafted.id)
        await stage.work()
        assert (await stage.campaigns.get(stage.merchant, drafted.id)).status is CampaignStatus.ACTIVE
        # The word is for one campaign: the next one asks again, and a refusal stands.
        second = await draft("other")
        await partners.answer(rival, second.id, accepts=False, by=rival)
        with pytest.raises(CampaignNotActive) as refusal:
            await stage.campaigns.launch(stage.merchant, second.id)
        assert refusal.value.status == "refused_by_partner"

    async def test_what_is_both_eligible_and_excluded_is_refused_with_its_field(self, stage):
        eligible = Eligibility(merchants=None, skus=frozenset({"a", "b"}), excluded_skus=frozenset({"b"}))
        with pytest.raises(InvalidTerms) as refusal:
            await stage.campaigns.preview(stage.merchant, terms(eligible=eligible))
        assert refusal.value.field == "eligible.excluded_skus"

    async def test_a_window_that_is_over_is_refused_with_its_field(self, stage):
        with pytest.raises(InvalidTerms) as refusal:
            await stage.campaigns.preview(stage.merchant, terms(valid_from=1_000, valid_until=2_000))
        assert refusal.value.field == "window.valid_until"

    async def test_merchants_that_do_not_exist_get_no_accounts(self, stage, monkeypatch):
        asked = []
        give = stage.accounts.service_account

        async def recorded(tenant_id, purpose, chain):
            asked.append(tenant_id)
            return await give(tenant_id, purpose, chain)

        monkeypatch.setattr(stage.accounts, "service_account", recorded)
        with pytest.raises(InvalidTerms) as refusal:
            await stage.campaigns.draft(
                stage.merchant,
                terms(eligible=Eligibility(merchants=frozenset({str(uuid4())}))),
                created_by=stage.merchant,
                idempotency_key="k",
            )
        assert refusal.value.field == "eligible.merchants"
        assert set(asked) <= {stage.merchant}

    async def test_another_organisation_does_not_see_it(self, stage):
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        with pytest.raises(CampaignNotFound):
            await stage.campaigns.get(uuid4(), drafted.id)
        with pytest.raises(CampaignNotFound):
            await stage.campaigns.launch(uuid4(), drafted.id)


class TestLaunch:
    async def test_every_step_is_one_payment_in_order(self, stage):
        campaign = await stage.campaign()
        keys = [payment.order.idempotency_key for payment in stage.payments.by_id.values()]
        assert keys == [f"campaign:{campaign.id}:{EVM}:{step}" for step in (1, 2, 3)]
        assert stage.chain.state.funded[campaign.id] == campaign.terms(EVM).full_funding
        assert stage.cosigning.allowed == [campaign.id]

    async def test_jobs_that_run_at_once_ask_for_one_payment(self, stage):
        """Two workers, or a job delivered twice, never fund twice."""
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        await stage.campaigns.launch(stage.merchant, drafted.id)
        reference = {"campaign": str(drafted.id), "chain": str(EVM)}
        for _ in range(6):
            async with stage.database.transaction() as tx:
                for copy in range(4):
                    await enqueue(tx, "campaign.advance", f"copy-{copy}", reference)
            await asyncio.gather(*(stage.worker().run_due(rounds=3) for _ in range(3)))
            assert len(stage.payments.waiting) <= 1
            await stage.payments.land()
        await stage.work()
        assert len(stage.payments.by_id) == 3
        assert stage.chain.state.funded[drafted.id] == drafted.terms(EVM).full_funding

    async def test_what_was_read_before_another_worker_went_on_is_not_used(self, stage, monkeypatch):
        """A slow worker comes back with intents of a step that has long been done."""
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        await stage.campaigns.launch(stage.merchant, drafted.id)
        read = stage.chain.launch
        overtaken = []

        async def slow(campaign_terms):
            stale = await read(campaign_terms)
            if not overtaken:
                overtaken.append(True)
                async with stage.database.transaction() as tx:
                    await enqueue(tx, "campaign.advance", "other", {"campaign": str(drafted.id), "chain": str(EVM)})
                await stage.worker().run_due(rounds=1)
                await stage.payments.land()
                stage.chain.down = True  # the other worker sees the end of its payment, and no more
                await stage.worker().run_due(rounds=1)
                stage.chain.down = False
            return stale

        monkeypatch.setattr(stage.chain, "launch", slow)
        await stage.worker().run_due(rounds=1)
        assert [payment.order.idempotency_key[-2:] for payment in stage.payments.by_id.values()] == [":1"]
        await stage.work()
        assert len(stage.payments.by_id) == 3
        assert stage.chain.state.funded[drafted.id] == drafted.terms(EVM).full_funding

    async def test_a_failed_step_stops_and_launching_again_goes_on(self, stage):
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        stage.chain.terms[drafted.id] = drafted.terms(EVM)
        stage.chain.state.created.add(drafted.id)  # somebody else was there first: creation reverts
        await stage.campaigns.launch(stage.merchant, drafted.id)
        await stage.worker().run_due()
        await stage.payments.land()
        stage.chain.state.created.clear()
        await stage.worker().run_due()
        stage.chain.state.created.add(drafted.id)
        await stage.payments.land()
        stage.chain.state.created.clear()
        await stage.work()
        campaign = await stage.campaigns.get(stage.merchant, drafted.id)
        assert campaign.status is CampaignStatus.FAILED
        assert campaign.lanes[0].failure["code"] == "transaction_reverted"
        with pytest.raises(CampaignNotActive) as refusal:
            await stage.issue(campaign, stage.holder()[1])
        assert refusal.value.status == "failed"
        await stage.campaigns.launch(stage.merchant, drafted.id)
        await stage.work()
        campaign = await stage.campaigns.get(stage.merchant, drafted.id)
        assert campaign.status is CampaignStatus.ACTIVE
        assert campaign.lanes[0].failure is None

    async def test_a_shop_whose_fees_are_still_coming_waits_for_them(self, stage):
        """Asking now would find empty accounts, and the first thing that a new merchant sees would be a failure."""
        async with stage.database.transaction() as tx:
            await enqueue(tx, ORGANISATION_CREATED, str(stage.merchant), {"organisation_id": str(stage.merchant)})
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        await stage.campaigns.launch(stage.merchant, drafted.id)
        await stage.worker().run_due(rounds=3)
        assert stage.payments.by_id == {}
        assert (await stage.campaigns.get(stage.merchant, drafted.id)).status is CampaignStatus.LAUNCHING

        async def provisioned(context):
            return None

        await stage.worker(**{ORGANISATION_CREATED: provisioned}).run_due(rounds=1)
        async with stage.database.transaction() as tx:
            await enqueue(
                tx, "campaign.advance", f"{drafted.id}:{EVM}", {"campaign": str(drafted.id), "chain": str(EVM)}
            )
        await stage.work()
        assert (await stage.campaigns.get(stage.merchant, drafted.id)).status is CampaignStatus.ACTIVE

    async def test_a_node_that_is_down_delays_and_loses_nothing(self, stage):
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        await stage.campaigns.launch(stage.merchant, drafted.id)
        stage.chain.down = True
        await stage.worker().run_due()
        assert stage.payments.by_id == {}
        stage.chain.down = False
        await stage.campaigns.launch(stage.merchant, drafted.id)  # changes nothing: it is launching
        async with stage.database.transaction() as tx:
            await enqueue(
                tx, "campaign.advance", f"{drafted.id}:{EVM}", {"campaign": str(drafted.id), "chain": str(EVM)}
            )
        await stage.work()
        assert (await stage.campaigns.get(stage.merchant, drafted.id)).status is CampaignStatus.ACTIVE

    async def test_a_chain_that_the_campaign_is_not_on_is_refused(self, stage):
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        with pytest.raises(InvalidTerms):
            await stage.campaigns.launch(stage.merchant, drafted.id, [SOLANA])


class TestIssue:
    async def test_numbers_follow_each_other_over_issuances(self, stage):
        campaign = await stage.campaign()
        _, first = stage.holder()
        _, second = stage.holder()
        assert (await stage.issue(campaign, first, second)).numbers == (1, 2)
        assert (await stage.issue(campaign, second)).numbers == (3,)

    async def test_issuances_at_once_never_pass_the_cap(self, stage):
        """Twelve requests of five race for 50 vouchers: ten fit."""
        campaign = await stage.campaign()
        _, account = stage.holder()

        async def ask():
            return await stage.campaigns.issue(
                stage.merchant, campaign.id, [account] * 5, created_by=stage.merchant, idempotency_key=uuid4().hex
            )

        results = await asyncio.gather(*(ask() for _ in range(12)), return_exceptions=True)
        refused = [result for result in results if isinstance(result, CampaignExhausted)]
        assert [(refusal.cap, refusal.issued) for refusal in refused] == [(50, 50)] * 2
        await stage.work()
        issued = [fact for block in stage.chain.blocks for _, fact in block.events if isinstance(fact, VoucherIssued)]
        assert sorted(fact.voucher.serial.number for fact in issued) == list(range(1, 51))

    async def test_the_same_key_issues_once(self, stage):
        campaign = await stage.campaign()
        _, account = stage.holder()

        async def ask(*holders):
            return await stage.campaigns.issue(
                stage.merchant, campaign.id, holders, created_by=stage.merchant, idempotency_key="one"
            )

        answers = await asyncio.gather(*(ask(account) for _ in range(5)))
        assert len({answer.id for answer in answers}) == 1
        with pytest.raises(IdempotencyConflict):
            await ask(account, account)
        await stage.work()
        assert len(stage.chain.state.vouchers) == 1

    async def test_the_limit_per_holder_counts_what_is_under_way(self, stage):
        campaign = await stage.campaign(per_holder=2)
        _, account = stage.holder()
        await stage.issue(campaign, account)
        with pytest.raises(CampaignExhausted) as refusal:
            await stage.issue(campaign, account, account)
        assert (refusal.value.cap, refusal.value.issued) == (2, 1)
        await stage.issue(campaign, account)

    async def test_a_failed_issuance_gives_its_numbers_back(self, stage):
        campaign = await stage.campaign(caps={EVM: 3})
        _, account = stage.holder()
        asked = await stage.campaigns.issue(
            stage.merchant, campaign.id, [account] * 3, created_by=stage.merchant, idempotency_key="k"
        )
        await stage.worker().run_due()
        stage.chain.state.next_number[campaign.id] = 0  # the chain has forgotten what it gave out: NotNextNumber
        await stage.payments.land()
        stage.chain.state.next_number[campaign.id] = 1
        await stage.work()
        failed = await stage.campaigns.issuance(stage.merchant, asked.id)
        assert failed.status is IssuanceStatus.FAILED
        assert failed.failure["facts"]["reason"] == "NotNextNumber"
        assert (await stage.issue(campaign, account, account, account)).numbers == (1, 2, 3)

    async def test_what_the_chain_has_issued_already_is_taken_over(self, stage):
        """As after a restore: the items' vouchers exist, one has moved, and a number went to somebody unknown."""
        campaign = await stage.campaign(caps={EVM: 7})
        holders = [stage.holder()[1] for _ in range(3)]
        asked = await stage.campaigns.issue(
            stage.merchant, campaign.id, [holders[0], holders[1]], created_by=stage.merchant, idempotency_key="k"
        )
        await stage.worker().run_due()
        for number, holder in enumerate((holders[0], STRANGER, holders[1]), start=1):
            stage.chain.issue_elsewhere(campaign.id, number, holder)
        stage.chain.move(VoucherId(campaign.id, Serial(0, SerialClass.SINGLE, 3)), holders[2])
        await stage.payments.land()
        await stage.worker().run_due()
        waiting = await stage.campaigns.issuance(stage.merchant, asked.id)
        assert waiting.status is IssuanceStatus.IN_FLIGHT, "nothing is decided before the ledger has read the chain"
        await stage.scan()
        async with stage.database.transaction() as tx:
            await tx.execute(text("UPDATE job SET due_at = now()"))
        await stage.work()
        done = await stage.campaigns.issuance(stage.merchant, asked.id)
        assert (done.status, done.numbers) == (IssuanceStatus.DONE, (1, 3))
        async with stage.database.transaction() as tx:
            rows = await tx.execute(text("SELECT holder FROM voucher ORDER BY id"))
            assert list(rows.scalars()) == [str(one) for one in (holders[0], STRANGER, holders[2])]
            lane = (await tx.execute(text("SELECT next_number, reserved FROM campaign_lane"))).one()
        assert tuple(lane) == (4, 3)
        assert (await stage.issue(campaign, *holders[:3], holders[2])).numbers == (4, 5, 6, 7)
        with pytest.raises(CampaignExhausted):
            await stage.issue(campaign, holders[2])

    async def test_items_that_failed_meanwhile_are_not_issued_by_a_slow_worker(self, stage, monkeypatch):
        """It would bind the lane to a payment that has ended, and give its numbers back a second time."""
        campaign = await stage.campaign(caps={EVM: 3})
        _, account = stage.holder()
        asked = await stage.campaigns.issue(
            stage.merchant, campaign.id, [account] * 3, created_by=stage.merchant, idempotency_key="k"
        )
        build = stage.chain.issue
        overtaken = []

        async def slow(*arguments):
            if not overtaken:
                overtaken.append(True)
                reference = {"campaign": str(campaign.id), "chain": str(EVM)}
                async with stage.database.transaction() as tx:
                    await enqueue(tx, "issuance.advance", "other", reference)
                await stage.worker().run_due(rounds=1)
                stage.chain.state.next_number[campaign.id] = 9
                await stage.payments.land()
                stage.chain.state.next_number[campaign.id] = 1
                await stage.worker().run_due(rounds=1)
            return await build(*arguments)

        monkeypatch.setattr(stage.chain, "issue", slow)
        await stage.work()
        assert (await stage.campaigns.issuance(stage.merchant, asked.id)).status is IssuanceStatus.FAILED
        lane = (await stage.campaigns.get(stage.merchant, campaign.id)).lanes[0]
        assert (lane.reserved, lane.issue_payment_id) == (0, None)
        assert (await stage.issue(campaign, account, account, account)).numbers == (1, 2, 3)

    async def test_a_large_issuance_goes_in_several_payments(self, stage):
        count = CHUNK["eip155"] + 20
        campaign = await stage.campaign(caps={EVM: count})
        _, account = stage.holder()
        done = await stage.issue(campaign, *[account] * count)
        assert done.status is IssuanceStatus.DONE
        assert done.numbers == tuple(range(1, count + 1))

    async def test_after_the_window_nothing_is_issued(self, stage):
        campaign = await stage.campaign()
        stage.chain.mine(seconds=VALID_UNTIL)
        with pytest.raises(CampaignNotActive) as refusal:
            await stage.issue(campaign, stage.holder()[1])
        assert refusal.value.status == "ended"

    async def test_a_draft_issues_nothing(self, stage):
        drafted = await stage.campaigns.draft(stage.merchant, terms(), created_by=stage.merchant, idempotency_key="k")
        with pytest.raises(CampaignNotActive):
            await stage.issue(drafted, stage.holder()[1])
