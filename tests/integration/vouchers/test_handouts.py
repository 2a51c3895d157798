"""Claims and triggers over a real database and a chain in memory: limits, guesses, and each grant exactly once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.handouts import Handouts
from codec.drop_tree import drop_leaves, proves
from persistence.jobs import Worker, enqueue
from primitives.account_id import AccountId
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    CampaignNotFound,
    ClaimCodeInvalid,
    FeatureUnavailable,
    IdempotencyConflict,
    InvalidTerms,
    NotFound,
    TooManyAttempts,
    TransactionReverted,
    VoucherNotFound,
)
from tests.fakes.clock import StoppedClock
from tests.fakes.vouchers import EVM, SOLANA, VALID_FROM
from tests.integration.vouchers.stage import Stage, terms
from vouchers.campaigns.model import Campaign
from vouchers.claims.guessing import Guessing
from vouchers.claims.model import ClaimStatus
from vouchers.claims.service import Claims, LinkTerms
from vouchers.issuance.segments.service import Segment
from vouchers.rules import ClaimTerms, ClaimWay
from vouchers.triggers.service import DATE_COME, ORDER_PAID, Triggers
from vouchers.triggers.sql import TriggerKind

WAYS = ClaimTerms(frozenset({ClaimWay.LIST, ClaimWay.LINK}))


class Handing(Stage):
    """With everything that hands vouchers out."""

    def __init__(self, database, chain=EVM) -> None:
        super().__init__(database, chain=chain)
        self.clock = StoppedClock(datetime.now(UTC))
        claims = Claims(database, self.chains, clock=self.clock)
        joined = Handouts.join(database, self.chains, self.accounts, self.payments, self.signer)
        self.hand = joined
        self.claims = claims
        self.triggers = Triggers(database, self.chains, claims, clock=self.clock)

    def worker(self, **more: Any) -> Worker:
        return super().worker(**{**self.hand.handlers(), **self.triggers.handlers(), **more})

    async def code(self, campaign: Campaign, **said: Any) -> str:
        values = {"count": 1, "uses": None, "per_identity": None, "closes_at": None, "note": None, **said}
        ((_, code),) = await self.claims.create_links(
            self.merchant, campaign.id, LinkTerms(**values), created_by=self.merchant, idempotency_key=uuid4().hex
        )
        assert code is not None
        return code.reveal()

    async def claim(self, code: str, person: UUID, account: AccountId, **said: Any) -> Any:
        values = {"device": None, "address": "here", "idempotency_key": uuid4().hex, **said}
        return await self.claims.claim(person, code, account, **values)

    async def trigger(self, campaign: Campaign, kind: TriggerKind, **rule: Any) -> Any:
        return await self.triggers.create(
            self.merchant, campaign.id, kind, rule, created_by=self.merchant, idempotency_key=uuid4().hex
        )

    async def granted(self, campaign: Campaign, trigger: Any) -> list[str]:
        found = await self.triggers.grants(self.merchant, campaign.id, trigger.id)
        return sorted(grant.subject for grant in found if grant.issuance_id is not None)

    async def bought(self, person: UUID, price: int = 10_000) -> UUID:
        """An order that the person has paid, to its end."""
        order = await self.order(price)
        quote = await self.quoter.quote(person, order.id)
        await self.pay(person, quote)
        await self.work()
        await self.scan()
        return order.id


@pytest.fixture
def stage(database):
    return Handing(database)


class TestClaim:
    async def test_one_key_is_one_claim_and_another_request_is_refused(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        code = await stage.code(campaign)
        person, account = stage.holder()
        first, second = await asyncio.gather(
            *(stage.claim(code, person, account, idempotency_key="k") for _ in range(2))
        )
        assert first.id == second.id
        with pytest.raises(IdempotencyConflict):
            await stage.claim(code, person, stage.holder()[1], idempotency_key="k")
        await stage.work()
        told = await stage.claims.get(person, first.id)
        assert (told.status, told.voucher.serial.number) == (ClaimStatus.ISSUED, 1)
        with pytest.raises(NotFound):
            await stage.claims.get(uuid4(), first.id)

    async def test_forty_claims_of_ten_vouchers_at_once(self, stage):
        campaign = await stage.campaign(claim=WAYS, caps={EVM: 10})
        code = await stage.code(campaign)
        people = [stage.holder() for _ in range(40)]
        ends = await asyncio.gather(*(stage.claim(code, *one) for one in people), return_exceptions=True)
        assert sum(isinstance(end, CampaignExhausted) for end in ends) == 30
        await stage.work()
        await stage.scan()
        found = [await stage.claims.get(end.person_id, end.id) for end in ends if not isinstance(end, Exception)]
        assert {claim.voucher.serial.number for claim in found} == set(range(1, 11))
        sent = [payment.order.idempotency_key for payment in stage.payments.by_id.values()]
        assert sum(key.startswith("issuance:") for key in sent) == 1, "all ten in one transaction"

    async def test_any_of_account_person_and_device_is_the_same_identity(self, stage):
        campaign = await stage.campaign(claim=ClaimTerms(WAYS.ways, per_identity=1))
        code = await stage.code(campaign)
        person, account = stage.holder()
        stranger, other = stage.holder()
        await stage.claim(code, person, account, device="phone")
        for who, to, device in ((person, other, None), (stranger, account, None), (stranger, other, "phone")):
            with pytest.raises(CampaignExhausted) as refusal:
                await stage.claim(code, who, to, device=device)
            assert refusal.value.limit == "identity"
        await stage.claim(code, stranger, other, device="another phone")

    async def test_one_identity_at_once_gets_one(self, stage):
        campaign = await stage.campaign(claim=ClaimTerms(WAYS.ways, per_identity=1))
        code = await stage.code(campaign)
        person, _ = stage.holder()
        accounts = [stage.holder()[1] for _ in range(6)]
        ends = await asyncio.gather(
            *(stage.claim(code, person, account) for account in accounts), return_exceptions=True
        )
        assert sum(not isinstance(end, Exception) for end in ends) == 1

    async def test_a_claim_that_fails_gives_its_use_and_room_back(self, stage):
        campaign = await stage.campaign(claim=WAYS, caps={EVM: 1})
        code = await stage.code(campaign, uses=1)
        person, account = stage.holder()
        failed = await stage.claim(code, person, account)
        stage.chain.state.next_number[campaign.id] = 7  # the chain will refuse the number
        await stage.work()
        assert (await stage.claims.get(person, failed.id)).status is ClaimStatus.FAILED
        stage.chain.state.next_number[campaign.id] = 1
        again = await stage.claim(code, person, account)
        await stage.work()
        assert (await stage.claims.get(person, again.id)).status is ClaimStatus.ISSUED

    async def test_what_fails_together_is_tried_apart(self, stage, monkeypatch):
        campaign = await stage.campaign(claim=WAYS)
        code = await stage.code(campaign)
        people = [stage.holder() for _ in range(3)]
        claims = [await stage.claim(code, *one) for one in people]
        poisoned = str(people[1][1])
        honest = stage.chain._issue

        def refusing(call):
            if poisoned in call["holders"]:
                raise TransactionReverted("the chain refused: InvalidReceiver", reason="InvalidReceiver")
            return honest(call)

        monkeypatch.setattr(stage.chain, "_issue", refusing)
        await stage.work()
        ends = [(await stage.claims.get(claim.person_id, claim.id)).status.value for claim in claims]
        assert ends == ["issued", "failed", "issued"]
        assert (await stage.campaigns.get(stage.merchant, campaign.id)).lanes[0].reserved == 2

    async def test_rules_without_links_make_none(self, stage):
        campaign = await stage.campaign()
        with pytest.raises(InvalidTerms) as refusal:
            await stage.code(campaign)
        assert refusal.value.field == "claim.ways"

    async def test_a_link_s_code_is_told_once_and_stored_nowhere(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        terms = LinkTerms(2, 1, 1, None, None)

        async def create():
            return await stage.claims.create_links(
                stage.merchant, campaign.id, terms, created_by=stage.merchant, idempotency_key="k"
            )

        first, second = await create(), await create()
        assert [link.id for link, _ in first] == [link.id for link, _ in second]
        assert all(code is None for _, code in second)
        async with stage.database.transaction() as tx:
            rows = (await tx.exec_driver_sql("SELECT claim_link::text FROM claim_link")).scalars().all()
        for _, code in first:
            assert code is not None
            assert not any(code.secret.hex() in row or code.reveal() in row for row in rows)


class TestGuessing:
    async def test_wrong_used_closed_and_unknown_are_one_answer(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        used, closed, right = [await stage.code(campaign, uses=1) for _ in range(3)]
        await stage.claim(used, *stage.holder())
        links = await stage.claims.links(stage.merchant, campaign.id, before=None, limit=10)
        for link in links:
            if link.used == 0:
                await stage.claims.revoke(stage.merchant, campaign.id, link.id)
        answers = set()
        for number, code in enumerate((used, closed, right, "A" * 40, "nonsense", right[:-1] + "A")):
            with pytest.raises(ClaimCodeInvalid) as refusal:
                await stage.claim(code, *stage.holder(), address=f"address {number}")
            answers.add((refusal.value.message, str(refusal.value.facts)))
        assert len(answers) == 1

    async def test_each_wrong_code_costs_more_time_and_a_right_one_buys_none(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        right = await stage.code(campaign)
        for _ in range(3):
            with pytest.raises(ClaimCodeInvalid):
                await stage.claim("A" * 40, *stage.holder())
        waits = []
        for _ in range(3):
            with pytest.raises(TooManyAttempts) as refusal:
                await stage.claim(right, *stage.holder())
            waits.append(refusal.value.retry_after_seconds)
            stage.clock.advance(timedelta(seconds=refusal.value.retry_after_seconds))
            await stage.claim(right, *stage.holder())
            with pytest.raises(ClaimCodeInvalid):
                await stage.claim("A" * 40, *stage.holder())
        assert waits == [1, 2, 4]
        await stage.claim(right, *stage.holder(), address="an honest one")

    async def test_a_campaign_under_attack_delays_doubtful_addresses_alone(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        right = await stage.code(campaign)
        guessing = Guessing(stage.database, stage.clock)
        for number in range(25):
            await guessing.was_wrong(f"guesser {number}", campaign.id)
        with pytest.raises(TooManyAttempts):
            await stage.claim(right, *stage.holder(), address="guesser 3")
        await stage.claim(right, *stage.holder(), address="an honest one")


class TestTriggers:
    async def test_payments_earn_each_once_though_the_job_runs_again(self, stage):
        campaign = await stage.campaign()
        first, _ = await stage.trigger(campaign, TriggerKind.FIRST_PAYMENT)
        loyal, _ = await stage.trigger(campaign, TriggerKind.LOYALTY, every=2)
        spend, _ = await stage.trigger(campaign, TriggerKind.SPEND, minor=15_000)
        back, _ = await stage.trigger(campaign, TriggerKind.CASHBACK, per_minor=4_000, most=2)
        person, _ = stage.holder(10**12)
        orders = [await stage.bought(person) for _ in range(2)]
        for order in orders:
            async with stage.database.transaction() as tx:
                await enqueue(tx, ORDER_PAID, str(order), {"order": str(order)})
        await stage.work()
        assert await stage.granted(campaign, first) == [f"person:{person}"]
        assert await stage.granted(campaign, loyal) == [f"person:{person}:1"]
        assert await stage.granted(campaign, spend) == [f"person:{person}:1"]
        assert len(await stage.granted(campaign, back)) == 2
        lane = (await stage.campaigns.get(stage.merchant, campaign.id)).lanes[0]
        assert lane.reserved == 1 + 1 + 1 + 2 * 2
        assert lane.next_number == lane.reserved + 1

    async def test_a_payment_that_is_not_final_grants_nothing(self, stage):
        campaign = await stage.campaign()
        back, _ = await stage.trigger(campaign, TriggerKind.CASHBACK)
        person, _ = stage.holder(10**12)
        order = await stage.order(10_000)
        await stage.pay(person, await stage.quoter.quote(person, order.id))
        async with stage.database.transaction() as tx:
            await enqueue(tx, ORDER_PAID, str(order.id), {"order": str(order.id)})
        await stage.worker().run_due()
        assert await stage.granted(campaign, back) == []
        await stage.work()
        assert await stage.granted(campaign, back) == [f"order:{order.id}"]

    async def test_an_exhausted_campaign_refuses_and_says_so(self, stage):
        campaign = await stage.campaign(caps={EVM: 1})
        back, _ = await stage.trigger(campaign, TriggerKind.CASHBACK)
        people = [stage.holder(10**12)[0] for _ in range(2)]
        for person in people:
            await stage.bought(person)
        grants = await stage.triggers.grants(stage.merchant, campaign.id, back.id)
        assert sorted(grant.refusal is None for grant in grants) == [False, True]
        assert next(grant.refusal["code"] for grant in grants if grant.refusal) == "campaign_exhausted"

    async def test_a_welcome_is_for_newcomers_once(self, stage):
        campaign = await stage.campaign()
        await stage.trigger(campaign, TriggerKind.WELCOME)
        person, account = stage.holder(10**12)

        async def welcome(who, to):
            return await stage.triggers.welcome(who, campaign.id, to, device=None, idempotency_key=uuid4().hex)

        await welcome(person, account)
        with pytest.raises(CampaignExhausted):
            await welcome(person, account)
        customer, theirs = stage.holder(10**12)
        await stage.bought(customer)
        with pytest.raises(CampaignExhausted) as refusal:
            await welcome(customer, theirs)
        assert refusal.value.limit == "newcomer"
        other = await stage.campaign()
        with pytest.raises(NotFound):
            await stage.triggers.welcome(person, other.id, account, device=None, idempotency_key="k")

    async def test_a_referral_serves_both_sides_after_the_first_payment(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        trigger, _ = await stage.trigger(campaign, TriggerKind.REFERRAL)
        referrer, own = stage.holder(10**12)
        newcomer, theirs = stage.holder(10**12)
        code = (await stage.triggers.referral_code(referrer, campaign.id, own)).reveal()

        async def refer(who, to):
            return await stage.triggers.referred(
                who, code, to, device=None, address="here", idempotency_key=uuid4().hex
            )

        with pytest.raises(ClaimCodeInvalid):
            await refer(referrer, own)
        claim = await refer(newcomer, theirs)
        await stage.work()
        assert (await stage.claims.get(newcomer, claim.id)).status is ClaimStatus.ISSUED
        assert await stage.granted(campaign, trigger) == []
        with pytest.raises(CampaignExhausted):
            await refer(newcomer, theirs)
        for _ in range(2):
            await stage.bought(newcomer)
        assert await stage.granted(campaign, trigger) == [f"referral:{referrer}:{newcomer}"]

    async def test_visits_count_once_a_day(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        trigger, code = await stage.trigger(campaign, TriggerKind.VISIT, every=2)
        assert code is not None
        person, account = stage.holder()

        async def visit():
            return await stage.triggers.visit(person, code.reveal(), account, address="here")

        assert (await visit()).count == 0
        with pytest.raises(CampaignExhausted):
            await visit()
        stage.clock.advance(timedelta(days=1))
        assert (await visit()).count == 1
        await stage.work()
        assert len(await stage.granted(campaign, trigger)) == 1

    async def test_a_date_serves_its_segment_once(self, stage):
        campaign = await stage.campaign()
        rich, poor = (stage.holder(10**12)[0] for _ in range(2))
        for _ in range(2):
            await stage.bought(rich)
        await stage.bought(poor)
        segment = {"spent_minor": 15_000, "currency": "CNY"}
        trigger, _ = await stage.trigger(campaign, TriggerKind.DATE, at=VALID_FROM + 50, segment=segment)
        await stage.work()
        async with stage.database.transaction() as tx:
            await enqueue(tx, DATE_COME, str(trigger.id), {"trigger": str(trigger.id)})
        await stage.work()
        assert await stage.granted(campaign, trigger) == [f"person:{rich}"]

    async def test_segments_single_out_by_goods_and_time(self, stage):
        campaign = await stage.campaign()
        person, account = stage.holder(10**12)
        await stage.bought(person)
        found = stage.hand.segments
        for segment, expected in (
            (Segment(bought_sku="sku-0"), [account]),
            (Segment(bought_sku="nothing"), []),
            (Segment(seen_within_days=1), [account]),
            (Segment(not_seen_within_days=1), []),
            (Segment(holds=campaign.id), []),
        ):
            assert await found.accounts(stage.merchant, EVM, segment, limit=10) == expected
        assert await found.accounts(uuid4(), EVM, Segment(seen_within_days=1), limit=10) == []
        await stage.issue(campaign, account)
        assert await found.accounts(stage.merchant, EVM, Segment(holds=campaign.id), limit=10) == [account]
        with pytest.raises(InvalidTerms):
            Segment()


class TestLife:
    async def test_nothing_is_issued_while_it_is_paused_and_what_waited_goes_on(self, stage):
        campaign = await stage.campaign(claim=WAYS)
        code = await stage.code(campaign)
        person, account = stage.holder()
        waiting = await stage.claim(code, person, account)
        acts = stage.hand.acts

        async def act(kind):
            return await getattr(acts, kind)(
                stage.merchant, campaign.id, created_by=stage.merchant, idempotency_key=kind
            )

        for _ in range(2):
            await act("pause")
        await stage.work()
        assert (await stage.claims.get(person, waiting.id)).status is ClaimStatus.REQUESTED
        with pytest.raises(CampaignNotActive):
            await stage.claim(code, *stage.holder())
        await act("resume")
        await stage.work()
        assert (await stage.claims.get(person, waiting.id)).status is ClaimStatus.ISSUED
        assert (await acts.end(stage.merchant, campaign.id)).status.value == "ended"
        with pytest.raises(CampaignNotActive):
            await stage.claim(code, *stage.holder())


class TestDrop:
    """On Solana's rules, where the commitment is a matter of the database until the launch."""

    async def drafted(self, stage, cap=600):
        return await stage.campaigns.draft(
            stage.merchant,
            terms(caps={SOLANA: cap}, claim=ClaimTerms(frozenset({ClaimWay.DROP}))),
            created_by=stage.merchant,
            idempotency_key=uuid4().hex,
        )

    async def test_every_leaf_is_served_and_an_outsider_has_none(self, database):
        stage = Handing(database, SOLANA)
        campaign, drops = await self.drafted(stage), stage.hand.drops
        named = (stage.merchant, campaign.id, SOLANA)
        holders = [stage.holder()[1] for _ in range(519)]
        holders.append(holders[3])
        await drops.open(*named, created_by=stage.merchant, number=0)
        for first in (0, 300):
            await drops.add(*named, 0, first, holders[first : first + 300])
        with pytest.raises(IdempotencyConflict) as refusal:
            await drops.add(*named, 0, 5, holders[:2])
        assert refusal.value.expected == 520
        with pytest.raises(CampaignExhausted):
            await drops.add(*named, 0, 520, [holders[0]] * 81)
        committed = await asyncio.gather(*(drops.commit(*named, 0, created_by=stage.merchant) for _ in range(3)))
        assert {drop.root for drop in committed} == {committed[0].root}
        lane = (await stage.campaigns.get(stage.merchant, campaign.id)).lanes[0]
        assert (lane.reserved, lane.drop_count, lane.drop_root) == (520, 520, committed[0].root)
        with pytest.raises(CampaignNotActive):
            await drops.add(*named, 0, 520, holders[:1])
        for index in (0, 3, 255, 256, 519):
            leaf = await drops.proof_of_index(campaign.id, SOLANA, 0, index)
            assert leaf.claim.holder == holders[index]
            hashed = drop_leaves(campaign.id, 0, 32, index, holders[index].raw)[0]
            assert proves(leaf.root, hashed, leaf.claim.proof)
            assert await drops.proof_of_voucher(SOLANA, leaf.voucher) == leaf
        both = await drops.proofs_of_holder(campaign.id, SOLANA, 0, holders[3])
        assert [leaf.claim.index for leaf in both] == [3, 519]
        asked, now = [holders[3], holders[9], stage.holder()[1]], campaign.rules.valid_from
        assert await drops.unclaimed(asked, now) == {}, "not before the launch"
        await stage.campaigns.launch(stage.merchant, campaign.id)
        await stage.work()
        assert len(await drops.unclaimed(asked, now)) == 3
        assert len(await drops.unclaimed(asked, campaign.rules.claimable_until - 1)) == 3
        assert await drops.unclaimed(asked, campaign.rules.claimable_until) == {}
        with pytest.raises(VoucherNotFound):
            await drops.proofs_of_holder(campaign.id, SOLANA, 0, stage.holder()[1])
        with pytest.raises(VoucherNotFound):
            await drops.proof_of_index(campaign.id, SOLANA, 0, 520)
        with pytest.raises(CampaignNotFound):
            await drops.commit(uuid4(), campaign.id, SOLANA, 0, created_by=stage.merchant)

    async def test_it_is_fixed_before_the_launch(self, database):
        stage = Handing(database, SOLANA)
        campaign, drops = await self.drafted(stage, 5), stage.hand.drops
        await stage.campaigns.launch(stage.merchant, campaign.id)
        await stage.work()
        with pytest.raises(FeatureUnavailable):
            await drops.open(stage.merchant, campaign.id, SOLANA, created_by=stage.merchant, number=0)
