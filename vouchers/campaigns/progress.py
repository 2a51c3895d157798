"""The jobs that carry launches and issuances on, one payment after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from chains.events import VoucherIssued
from chains.intent import Intent
from chains.ports import Chains
from keystore import PLATFORM_TENANT
from people.events import publish
from people.organisations.service import ORGANISATION_CREATED
from persistence.database import Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue, is_pending
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import CampaignNotActive, QuanbaoError
from primitives.signing import KeyPurpose
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from vouchers.campaigns import sql
from vouchers.campaigns.model import ACT_ISSUE, ACT_LAUNCH, Campaign, CampaignStatus, Lane
from vouchers.campaigns.service import lane_reference
from vouchers.issuance import sql as queue
from vouchers.issuance.resync.model import matched, number_wanted
from vouchers.issuance.resync.sql import every_waiting_item, take_over
from vouchers.ledger.sql import standing_facts_of
from vouchers.ports import Accounts, CosigningRules, PaymentOrder, Payments, PaymentState

log = structlog.get_logger()

CHUNK = {"eip155": 100, "solana": 7}
"""Vouchers tried in one transaction; a Solana transaction runs 64 instructions, which make accounts for 7 new holders
whatever was sent to their addresses beforehand."""

_LOOK_AGAIN = timedelta(seconds=1)


class CampaignProgress:
    """Handlers of `campaign.advance` and `issuance.advance`; both are safe to run twice, at once, or after a crash."""

    def __init__(self, chains: Chains, accounts: Accounts, payments: Payments, cosigning: CosigningRules) -> None:
        self._chains = chains
        self._accounts = accounts
        self._payments = payments
        self._cosigning = cosigning

    def handlers(self) -> Mapping[str, Handler]:
        return {"campaign.advance": self.advance_launch, "issuance.advance": self.advance_issuance}

    async def advance_launch(self, ctx: JobContext) -> Again | None:
        campaign_id, chain = _lane_named(ctx)
        async with ctx.transaction() as tx:
            campaign = await sql.get_campaign(tx, campaign_id)
            lane = await sql.lock_lane(tx, campaign_id, chain)
            assert lane is not None
            if lane.status is not CampaignStatus.LAUNCHING:
                return None
            if await is_pending(tx, ORGANISATION_CREATED, str(campaign.tenant_id)):
                return Again(_LOOK_AGAIN)  # a new shop's accounts are still being given what pays their fees
            if lane.payment_id is not None:
                payment = await self._payments.view(tx, campaign.tenant_id, lane.payment_id)
                if payment.state is PaymentState.FAILED:
                    await self._launch_failed(tx, campaign, lane, payment.failure or {})
                    return None
                if payment.state is not PaymentState.DONE:
                    return None  # its end enqueues this job again
                await sql.update_lane(tx, lane, payment_id=None)
        try:
            intents = await self._launch_intents(campaign, chain)
        except QuanbaoError as error:
            if error.retryable:
                raise
            async with ctx.transaction() as tx:
                if await self._unchanged(tx, lane):
                    await self._launch_failed(tx, campaign, lane, failure_of(error))
            return None
        if not intents:
            # Before anybody can hold a voucher that the authority would not know.
            await self._cosigning.allow(campaign.tenant_id, campaign.terms(chain), campaign.rules.per_holder)
        async with ctx.transaction() as tx:
            if not await self._unchanged(tx, lane):
                return Again(timedelta(0))
            if not intents:
                await sql.update_lane(tx, lane, status=CampaignStatus.ACTIVE.value)
                status = await sql.refresh_campaign_status(tx, campaign_id)
                await enqueue(tx, "ledger.scan", str(chain), {"chain": str(chain)})
                await publish(
                    tx,
                    campaign.tenant_id,
                    "campaign.active",
                    {"campaign": str(campaign_id), "chain": str(chain), "status": status.value},
                )
                return None
            step = lane.step + 1
            payment_id = await self._payments.request(
                tx,
                PaymentOrder(
                    tenant_id=campaign.tenant_id,
                    idempotency_key=f"campaign:{campaign_id}:{chain}:{step}",
                    intent=intents[0],
                    act=ACT_LAUNCH,
                    signs="service",
                    on_end="campaign.advance",
                    reference=lane_reference(lane),
                    asked_by=lane.launched_by,
                ),
            )
            await sql.update_lane(tx, lane, step=step, payment_id=payment_id)
        fault_point("campaign.step_requested")
        return None

    async def _launch_intents(self, campaign: Campaign, chain: ChainId) -> Sequence[Intent]:
        book = self._chains.book(chain)
        terms = campaign.terms(chain)
        relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
        appointments = await book.appoint_relayer(terms.funder, relayer.account)
        return [*appointments, *await book.launch(terms)]

    async def _unchanged(self, tx: Transaction, before: Lane) -> bool:
        """Whether nobody asked for a payment since: intents read from the chain are only good for the step they
        were read at."""
        lane = await sql.lock_lane(tx, before.campaign_id, before.chain)
        return (
            lane is not None
            and lane.status is CampaignStatus.LAUNCHING
            and lane.step == before.step
            and lane.payment_id is None
        )

    async def _launch_failed(self, tx: Transaction, campaign: Campaign, lane: Lane, failure: Mapping[str, Any]) -> None:
        log.warning("launch_failed", campaign=str(campaign.id), chain=str(lane.chain), code=failure.get("code"))
        await sql.update_lane(tx, lane, status=CampaignStatus.FAILED.value, failure=dict(failure), payment_id=None)
        await sql.refresh_campaign_status(tx, campaign.id)
        await publish(
            tx,
            campaign.tenant_id,
            "campaign.failed",
            {"campaign": str(campaign.id), "chain": str(lane.chain), "code": failure.get("code")},
        )

    async def advance_issuance(self, ctx: JobContext) -> Again | None:
        campaign_id, chain = _lane_named(ctx)
        async with ctx.transaction() as tx:
            campaign = await sql.get_campaign(tx, campaign_id)
            lane = await sql.lock_lane(tx, campaign_id, chain)
            assert lane is not None
            if lane.issue_payment_id is not None:
                payment = await self._payments.view(tx, campaign.tenant_id, lane.issue_payment_id)
                wanted = number_wanted(payment.failure, lane.next_number, lane.cap)
            else:
                wanted = None
        if wanted is not None:
            return await self._resync(ctx, campaign, lane, wanted)
        async with ctx.transaction() as tx:
            lane = await sql.lock_lane(tx, campaign_id, chain)
            assert lane is not None
            if lane.issue_payment_id is not None:
                if not await self._settle_issue(tx, campaign, lane):
                    return None  # the payment's end enqueues this job again
                lane = await sql.lock_lane(tx, campaign_id, chain)
                assert lane is not None
            waiting = await queue.next_items(tx, campaign_id, chain, CHUNK[chain.family])
        if not waiting or lane.status is CampaignStatus.PAUSED:
            return None  # resuming enqueues this job again
        try:
            intent, count = await self._issue_intent(campaign, lane, [item.holder for item in waiting])
        except QuanbaoError as error:
            if error.retryable:
                raise
            async with ctx.transaction() as tx:
                current = await sql.lock_lane(tx, campaign_id, chain)
                if current is not None and _same_turn(current, lane):
                    await self._issue_failed(tx, campaign, lane.chain, waiting[0].issuance_id, failure_of(error))
            return Again(timedelta(0))
        async with ctx.transaction() as tx:
            current = await sql.lock_lane(tx, campaign_id, chain)
            if current is None or not _same_turn(current, lane):
                return Again(timedelta(0))
            # Another worker may have asked for these very items meanwhile, and have seen them fail. More may wait now.
            now = await queue.next_items(tx, campaign_id, chain, CHUNK[chain.family])
            if now[: len(waiting)] != waiting:
                return Again(timedelta(0))
            items = waiting[:count]
            first = items[0]
            holders = {item.holder for item in items}
            payment_id = await self._payments.request(
                tx,
                PaymentOrder(
                    tenant_id=campaign.tenant_id,
                    idempotency_key=f"issuance:{first.issuance_id}:{first.place}"
                    + (f":{first.attempt}" if first.attempt else ""),
                    intent=intent,
                    act=ACT_ISSUE,
                    signs="service",
                    on_end="issuance.advance",
                    reference=lane_reference(lane),
                    budgets=gas_budgets(campaign_id, holders),
                ),
            )
            await queue.items_sent(tx, items, lane.next_number, payment_id)
            await sql.update_lane(tx, lane, issue_payment_id=payment_id)
        fault_point("issuance.step_requested")
        return None

    async def _issue_intent(self, campaign: Campaign, lane: Lane, holders: Sequence[AccountId]) -> tuple[Intent, int]:
        """One transaction, and how many of the holders it serves: as many as the chain takes at once."""
        book = self._chains.book(lane.chain)
        terms = campaign.terms(lane.chain)
        count = len(holders)
        while True:
            intents = await book.issue(terms, holders[:count], lane.next_number)
            if len(intents) == 1:
                return intents[0], count
            if count == 1:
                raise CampaignNotActive("the chain cannot issue one voucher in one transaction", status="launching")
            count = (count + 1) // 2

    async def _resync(self, ctx: JobContext, campaign: Campaign, lane: Lane, wanted: int) -> Again:
        """The chain has issued more than we know of, as after a restore: take over what was asked for here."""
        terms = campaign.terms(lane.chain)
        numbers = {
            VoucherId(campaign.id, Serial(terms.lane, SerialClass.SINGLE, number)): number
            for number in range(lane.next_number, wanted)
        }
        async with ctx.transaction() as tx:
            facts = await standing_facts_of(tx, list(numbers))
            if len(facts) < len(numbers):
                # The chain's own state no longer shows to whom a voucher was issued that has moved since.
                await enqueue(tx, "ledger.scan", str(lane.chain), {"chain": str(lane.chain)})
                return Again(_LOOK_AGAIN)
        holders = {
            numbers[voucher]: entry.event.fact.holder
            for voucher, entries in facts.items()
            for entry in entries
            if isinstance(entry.event.fact, VoucherIssued)
        }
        async with ctx.transaction() as tx:
            current = await sql.lock_lane(tx, campaign.id, lane.chain)
            if current != lane or lane.issue_payment_id is None:
                return Again(timedelta(0))
            await queue.items_again(tx, lane.issue_payment_id)
            await sql.update_lane(tx, lane, issue_payment_id=None)
            found = matched(await every_waiting_item(tx, lane), holders)
            for ended in await take_over(tx, lane, found, wanted):
                await self._tell(tx, campaign, ended, "issuance.done")
        log.warning(
            "issuance_resynced",
            campaign=str(campaign.id),
            chain=str(lane.chain),
            ours=lane.next_number,
            chains=wanted,
            taken_over=len(found),
        )
        return Again(timedelta(0))

    async def _settle_issue(self, tx: Transaction, campaign: Campaign, lane: Lane) -> bool:
        """Take over what the lane's issue payment came to. False while it is under way."""
        assert lane.issue_payment_id is not None
        payment = await self._payments.view(tx, campaign.tenant_id, lane.issue_payment_id)
        if payment.state is PaymentState.DONE:
            count, complete = await queue.items_issued(tx, lane.issue_payment_id)
            await sql.update_lane(tx, lane, next_number=lane.next_number + count, issue_payment_id=None)
            await enqueue(tx, "ledger.scan", str(lane.chain), {"chain": str(lane.chain)})
            for ended in complete:
                await self._tell(tx, campaign, ended, "issuance.done")
            return True
        if payment.state is PaymentState.FAILED:
            carried = await queue.issuances_of_payment(tx, lane.issue_payment_id)
            await sql.update_lane(tx, lane, issue_payment_id=None)
            if len(carried) == 1:
                await self._issue_failed(tx, campaign, lane.chain, carried[0], payment.failure or {})
            else:
                # Whatever stopped one of them shall not stop the others.
                await queue.items_again(tx, lane.issue_payment_id)
            return True
        return False

    async def _issue_failed(
        self, tx: Transaction, campaign: Campaign, chain: ChainId, issuance_id: UUID, failure: Mapping[str, Any]
    ) -> None:
        """The numbers of a failed payment were never used: the next issuance takes them."""
        ended = await queue.issuance_failed(tx, issuance_id, failure)
        await queue.give_room_back(tx, campaign.id, chain, ended.count)
        await self._tell(tx, campaign, ended, "issuance.failed", code=failure.get("code"))

    async def _tell(
        self, tx: Transaction, campaign: Campaign, ended: queue.EndedIssuance, kind: str, **data: Any
    ) -> None:
        told = {"campaign": str(campaign.id), "issuance": str(ended.id), **data}
        if ended.origin is None:
            await publish(tx, campaign.tenant_id, kind, told)
        else:
            await enqueue(tx, ended.origin, str(ended.id), told)


def gas_budgets(campaign: CampaignId, holders: Collection[AccountId]) -> tuple[str, ...]:
    """What a payment for holders counts against: the campaign's budget, and the holder's where there is just one."""
    of_holder = tuple(f"holder:{holder}" for holder in holders) if len(holders) == 1 else ()
    return (f"campaign:{campaign}", *of_holder)


def _same_turn(current: Lane, before: Lane) -> bool:
    """Whether nobody has issued from the lane since; its reserve may have changed."""
    return current.issue_payment_id is None and current.next_number == before.next_number


def failure_of(error: QuanbaoError) -> dict[str, Any]:
    """What is kept of a refusal."""
    facts = {
        name: value if isinstance(value, int | str | bool | None) else str(value) for name, value in error.facts.items()
    }
    return {"code": error.code, "message": error.message, "facts": facts}


def _lane_named(ctx: JobContext) -> tuple[CampaignId, ChainId]:
    """From our own payload, or from the reference of the payment that has ended."""
    payload = ctx.job.payload
    named = payload.get("reference", payload)
    return CampaignId.parse(named["campaign"]), ChainId.parse(named["chain"])
