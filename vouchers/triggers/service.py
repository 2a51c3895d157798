"""Triggers of campaigns: what earns a voucher, and each grant exactly once for its subject.

A grant and its issuance are one commit. What earns it is read from what is final: an order is paid only when its
payment is final on chain, so that a block that is replaced before grants nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog

from chains.ports import Chains
from codec.canonical_json import encode_canonical
from people.events import publish
from persistence.database import Database, Transaction, lock_for_transaction
from persistence.faults import fault_point
from persistence.jobs import Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    ClaimCodeInvalid,
    IdempotencyConflict,
    NotFound,
)
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.progress import failure_of
from vouchers.campaigns.sql import get_campaign, issued_per_holder
from vouchers.claims import sql as claim_rows
from vouchers.claims.model import Claim, ClaimCode, ClaimLink, ClaimSource, LinkPurpose
from vouchers.claims.service import Claims, request_hash, require_claiming
from vouchers.issuance.requests import request_issuance
from vouchers.issuance.segments import sql as segment_rows
from vouchers.issuance.segments.service import Segment
from vouchers.pauses.sql import window_on
from vouchers.triggers import sql
from vouchers.triggers.rules import checked_rule
from vouchers.triggers.sql import Grant, Trigger, TriggerKind

log = structlog.get_logger()

ORDER_PAID = "trigger.order_paid"
DATE_COME = "trigger.date_come"
GRANT_SETTLED = "trigger.grant_settled"

_AT_PAYMENT = (TriggerKind.FIRST_PAYMENT, TriggerKind.LOYALTY, TriggerKind.SPEND, TriggerKind.CASHBACK)
_MOST_ON_A_DATE = 10_000


class Triggers:
    """Triggers of organisations, and the jobs that watch for what they name."""

    def __init__(self, database: Database, chains: Chains, claims: Claims, *, clock: Clock | None = None) -> None:
        self._database = database
        self._chains = chains
        self._claims = claims
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {ORDER_PAID: self._order_paid, DATE_COME: self._date_come, GRANT_SETTLED: self._grant_settled}

    # ------------------------------------------------------------------------------------------------------- triggers

    async def create(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        kind: TriggerKind,
        rule: Mapping[str, Any],
        *,
        created_by: UUID,
        idempotency_key: str,
    ) -> tuple[Trigger, ClaimCode | None]:
        """Let something earn vouchers of a campaign from now on. A visit answers the code to show in the shop, once.

        Raises:
            CampaignNotFound, InvalidTerms, IdempotencyConflict
        """
        checked = checked_rule(kind, rule)
        if kind is TriggerKind.DATE:
            checked["segment"] = Segment.from_json(checked["segment"]).to_json()
        named = {"campaign": str(campaign_id), "kind": kind.value, "rule": checked}
        request = keccak256(encode_canonical(named))
        async with self._database.transaction() as tx:
            await get_campaign(tx, campaign_id, tenant_id)
            await lock_for_transaction(tx, "trigger", tenant_id, idempotency_key)
            known = await sql.trigger_by_key(tx, tenant_id, idempotency_key)
            if known is not None:
                if known[1] != request:
                    raise IdempotencyConflict("this idempotency key already made another trigger")
                return known[0], None
            trigger = Trigger(uuid4(), tenant_id, campaign_id, kind, checked, None, self._clock.now())
            await sql.insert_trigger(
                tx, trigger, created_by=created_by, idempotency_key=idempotency_key, request_hash=request
            )
            code = None
            if kind is TriggerKind.VISIT:
                code = await self._code(tx, trigger, LinkPurpose.VISIT, created_by)
            if kind is TriggerKind.DATE:
                at = datetime.fromtimestamp(checked["at"], UTC)
                delay = max(timedelta(0), at - self._clock.now())
                await enqueue(tx, DATE_COME, str(trigger.id), {"trigger": str(trigger.id)}, delay=delay)
        return trigger, code

    async def _code(self, tx: Transaction, trigger: Trigger, purpose: LinkPurpose, person_id: UUID) -> ClaimCode:
        code = ClaimCode.fresh()
        link = ClaimLink(
            id=uuid4(),
            tenant_id=trigger.tenant_id,
            campaign_id=trigger.campaign_id,
            purpose=purpose,
            uses=None,
            used=0,
            per_identity=None,
            closes_at=None,
            revoked_at=None,
            trigger_id=trigger.id,
            person_id=person_id if purpose is LinkPurpose.REFERRAL else None,
            note=None,
            created_at=self._clock.now(),
        )
        await claim_rows.insert_links(
            tx,
            [(link, code.locator, code.digest)],
            created_by=person_id,
            idempotency_key=None,
            request_hash=None,
        )
        return code

    async def triggers(self, tenant_id: UUID, campaign_id: CampaignId) -> Sequence[Trigger]:
        """Newest first. Raises CampaignNotFound."""
        async with self._database.transaction() as tx:
            await get_campaign(tx, campaign_id, tenant_id)
            return await sql.triggers_of(tx, campaign_id)

    async def grants(self, tenant_id: UUID, campaign_id: CampaignId, trigger_id: UUID) -> Sequence[Grant]:
        """Newest first, the last hundred. Raises CampaignNotFound, NotFound."""
        async with self._database.transaction() as tx:
            await get_campaign(tx, campaign_id, tenant_id)
            trigger = await sql.get_trigger(tx, trigger_id)
            if trigger is None or trigger.campaign_id != campaign_id:
                raise NotFound("no such trigger")
            return await sql.grants_of(tx, trigger_id, 100)

    async def end(self, tenant_id: UUID, campaign_id: CampaignId, trigger_id: UUID) -> None:
        """Nothing is earned from now on; ending again changes nothing. Raises CampaignNotFound, NotFound."""
        async with self._database.transaction() as tx:
            await get_campaign(tx, campaign_id, tenant_id)
            if not await sql.end_trigger(tx, campaign_id, trigger_id, self._clock.now()):
                raise NotFound("no such trigger")

    # ------------------------------------------------------------------------------------------------ what people ask

    async def welcome(
        self, person_id: UUID, campaign_id: CampaignId, account: AccountId, *, device: str | None, idempotency_key: str
    ) -> Claim:
        """The welcome of an organisation that the person has never paid: once for each.

        Raises:
            NotFound: The campaign welcomes nobody.
            CampaignExhausted: They have had it, or are no newcomer; also the cap.
            CampaignNotActive, TooManyAttempts, IdempotencyConflict, NodeUnavailable
        """
        request = request_hash("welcome", str(campaign_id), account)
        known = await self._claims.known(person_id, idempotency_key, request)
        if known is not None:
            return known
        await self._claims.require_pace(person_id)
        now = await self._chains.adapter(account.chain).block_time()
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
            trigger = await self._running(tx, campaign, TriggerKind.WELCOME)
            campaign.rules.lane_of(account.chain)
            await require_claiming(tx, campaign, account.chain, now)
            await self._require_newcomer(tx, campaign.tenant_id, person_id)
            claim, fresh = await self._claims.enter(
                tx, campaign, None, person_id, account, device, idempotency_key, request, ClaimSource.WELCOME
            )
            if fresh and not await sql.insert_grant(
                tx, self._grant(trigger, f"person:{person_id}", person_id, account)
            ):
                raise CampaignExhausted("you have had this welcome", cap=1, issued=1, limit="identity")
        fault_point("claim.stored")
        return claim

    async def visit(self, person_id: UUID, code: str, account: AccountId, *, address: str) -> Grant:
        """Check in with the code that the shop shows: once a day. Each `every`-th visit earns a voucher.

        Raises:
            ClaimCodeInvalid, TooManyAttempts, CampaignNotActive, CampaignExhausted (checked in today; also the cap),
            InvalidTerms (not on this chain), NodeUnavailable
        """
        await self._claims.require_pace(person_id)
        link = await self._claims.open_code(code, address)
        if link.purpose is not LinkPurpose.VISIT or link.trigger_id is None:
            raise ClaimCodeInvalid("this code is not valid: it may be wrong, used up or closed")
        now = await self._chains.adapter(account.chain).block_time()
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, link.campaign_id)
            trigger = await sql.get_trigger(tx, link.trigger_id)
            if trigger is None or trigger.ended_at is not None:
                raise ClaimCodeInvalid("this code is not valid: it may be wrong, used up or closed")
            campaign.rules.lane_of(account.chain)
            await require_claiming(tx, campaign, account.chain, now)
            await lock_for_transaction(tx, "visit", trigger.id, person_id)
            visits = await sql.grants_of_person(tx, trigger.id, person_id)
            today = self._clock.now().astimezone(ZoneInfo(campaign.rules.zone)).date().isoformat()
            earns = (visits + 1) % int(trigger.rule["every"]) == 0
            grant = self._grant(trigger, f"person:{person_id}:{today}", person_id, account, count=1 if earns else 0)
            if not await sql.insert_grant(tx, grant):
                raise CampaignExhausted("you have checked in today: come back tomorrow", cap=1, issued=1, limit="day")
            if earns:
                await self._issue(tx, campaign, grant)
        fault_point("trigger.granted")
        return grant

    async def referral_code(self, person_id: UUID, campaign_id: CampaignId, account: AccountId) -> ClaimCode:
        """A code of the person's own; each call makes another. Raises NotFound, InvalidTerms, CampaignNotActive."""
        now = await self._chains.adapter(account.chain).block_time()
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
            trigger = await self._running(tx, campaign, TriggerKind.REFERRAL)
            campaign.rules.lane_of(account.chain)
            await require_claiming(tx, campaign, account.chain, now)
            await sql.insert_grant(
                tx, replace(self._grant(trigger, f"referrer:{person_id}", person_id, account), count=0)
            )
            return await self._code(tx, trigger, LinkPurpose.REFERRAL, person_id)

    async def referred(
        self, person_id: UUID, code: str, account: AccountId, *, device: str | None, address: str, idempotency_key: str
    ) -> Claim:
        """A newcomer claims by somebody's referral; that one's voucher follows, at once or after the newcomer's first
        payment, as the rule says.

        Raises:
            ClaimCodeInvalid, TooManyAttempts, CampaignNotActive, IdempotencyConflict, NodeUnavailable
            CampaignExhausted: Not a newcomer, referred before, or the cap.
        """
        request = request_hash("referral", code.upper(), account)
        known = await self._claims.known(person_id, idempotency_key, request)
        if known is not None:
            return known
        await self._claims.require_pace(person_id)
        link = await self._claims.open_code(code, address)
        if link.purpose is not LinkPurpose.REFERRAL or link.trigger_id is None or link.person_id is None:
            raise ClaimCodeInvalid("this code is not valid: it may be wrong, used up or closed")
        now = await self._chains.adapter(account.chain).block_time()
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, link.campaign_id)
            trigger = await sql.get_trigger(tx, link.trigger_id)
            if trigger is None or trigger.ended_at is not None or link.person_id == person_id:
                raise ClaimCodeInvalid("this code is not valid: it may be wrong, used up or closed")
            campaign.rules.lane_of(account.chain)
            await require_claiming(tx, campaign, account.chain, now)
            await self._require_newcomer(tx, campaign.tenant_id, person_id)
            claim, fresh = await self._claims.enter(
                tx, campaign, link, person_id, account, device, idempotency_key, request, ClaimSource.LINK
            )
            if fresh:
                newcomer = self._grant(trigger, f"newcomer:{person_id}", person_id, account)
                if not await sql.insert_grant(tx, newcomer):
                    raise CampaignExhausted("somebody has referred you before", cap=1, issued=1, limit="identity")
                await self._reward(tx, campaign, trigger, link.person_id, person_id, account.chain)
        fault_point("claim.stored")
        return claim

    async def _reward(
        self,
        tx: Transaction,
        campaign: Campaign,
        trigger: Trigger,
        referrer: UUID,
        newcomer: UUID,
        chain: ChainId,
    ) -> None:
        await lock_for_transaction(tx, "referrer", trigger.id, referrer)
        rewards = await sql.grants_like(tx, trigger.id, f"referral:{referrer}:")
        own = await sql.get_grant(tx, trigger.id, f"referrer:{referrer}")
        if rewards >= int(trigger.rule["most"]) or own is None or own.account is None:
            return
        waits = f"first_payment:{newcomer}" if trigger.rule["reward_on"] == "first_payment" else None
        grant = replace(self._grant(trigger, f"referral:{referrer}:{newcomer}", referrer, own.account), waits_for=waits)
        if await sql.insert_grant(tx, grant) and waits is None:
            await self._issue(tx, campaign, grant)

    async def _running(self, tx: Transaction, campaign: Campaign, kind: TriggerKind) -> Trigger:
        for trigger in await sql.triggers_of(tx, campaign.id):
            if trigger.kind is kind and trigger.ended_at is None:
                return trigger
        raise NotFound(f"this campaign has no {kind.value}")

    async def _require_newcomer(self, tx: Transaction, tenant_id: UUID, person_id: UUID) -> None:
        orders, _ = await segment_rows.standing(tx, tenant_id, person_id, None)
        if orders:
            what = "this is for people who have not paid here yet"
            raise CampaignExhausted(what, cap=0, issued=orders, limit="newcomer")

    # ----------------------------------------------------------------------------------------------------------- jobs

    async def _order_paid(self, ctx: JobContext) -> None:
        """An order's payment is final. One commit grants everything that it earns."""
        granted = False
        async with ctx.transaction() as tx:
            paid = await segment_rows.payment_of_order(tx, UUID(ctx.job.payload["order"]))
            if paid is None:
                return
            tenant_id, person_id, account, currency, spent = paid
            # Two orders of a person at once: the second sees what the first has earned.
            await lock_for_transaction(tx, "trigger.person", tenant_id, person_id)
            orders, total = await segment_rows.standing(tx, tenant_id, person_id, currency)
            for trigger in await sql.running_triggers(tx, tenant_id, _AT_PAYMENT):
                campaign = await get_campaign(tx, trigger.campaign_id)
                if campaign.rules.currency != currency or campaign.lane_of(account.chain) is None:
                    continue
                if trigger.kind is TriggerKind.FIRST_PAYMENT:
                    earlier, _ = await segment_rows.standing(tx, tenant_id, person_id, None, before=trigger.created_at)
                    if earlier:
                        continue  # a customer from before
                for subject, count in _earned(trigger, person_id, ctx.job.payload["order"], orders, total, spent):
                    grant = self._grant(trigger, subject, person_id, account, count=count)
                    granted |= await self._give(tx, campaign, grant)
            for waiting in await sql.waiting_grants(tx, tenant_id, f"first_payment:{person_id}"):
                found = await sql.get_trigger(tx, waiting.trigger_id)
                assert found is not None
                await sql.update_grant(tx, waiting, waits_for=None)
                await self._issue(tx, await get_campaign(tx, found.campaign_id), waiting)
                granted = True
        if granted:
            fault_point("trigger.granted")

    async def _date_come(self, ctx: JobContext) -> None:
        """A date has come: everybody of the segment, each once."""
        async with ctx.transaction() as tx:
            trigger = await sql.get_trigger(tx, UUID(ctx.job.payload["trigger"]))
            if trigger is None or trigger.ended_at is not None:
                return
            campaign = await get_campaign(tx, trigger.campaign_id)
            segment = Segment.from_json(trigger.rule["segment"])
            for lane in campaign.lanes:
                people = await segment_rows.people(
                    tx, trigger.tenant_id, lane.chain, **_segment_arguments(segment), limit=_MOST_ON_A_DATE
                )
                for person_id, account in people:
                    await self._give(tx, campaign, self._grant(trigger, f"person:{person_id}", person_id, account))
            await sql.end_trigger(tx, trigger.campaign_id, trigger.id, self._clock.now())
        fault_point("trigger.granted")

    async def _grant_settled(self, ctx: JobContext) -> None:
        """Tell the person what came of a grant."""
        async with ctx.transaction() as tx:
            grant = await sql.grant_of_issuance(tx, UUID(ctx.job.payload["issuance"]))
            if grant is None:
                return
            code = ctx.job.payload.get("code")
            if code is not None:
                await sql.update_grant(tx, grant, refusal={"code": code, "message": "the issue failed", "facts": {}})
            told = {"campaign": ctx.job.payload["campaign"], "trigger": str(grant.trigger_id)}
            kind = "trigger.granted" if code is None else "trigger.failed"
            for tenant in (grant.person_id, grant.tenant_id):
                await publish(tx, tenant, kind, told)

    async def _give(self, tx: Transaction, campaign: Campaign, grant: Grant) -> bool:
        """Once for its subject; whether this was the once."""
        if not await sql.insert_grant(tx, grant):
            return False
        await self._issue(tx, campaign, grant)
        return True

    async def _issue(self, tx: Transaction, campaign: Campaign, grant: Grant) -> None:
        """In the grant's own commit. What cannot be issued is kept as the grant's refusal, and stays refused."""
        assert grant.account is not None
        try:
            await self._require_room(tx, campaign, grant.account, grant.count)
            issuance = await request_issuance(
                tx,
                campaign,
                [grant.account] * grant.count,
                origin=GRANT_SETTLED,
                idempotency_key=f"trigger:{grant.trigger_id}:{grant.subject}",
                created_by=grant.person_id,
                now=self._clock.now(),
            )
        except (CampaignExhausted, CampaignNotActive) as error:
            log.info("trigger_refused", campaign=str(campaign.id), code=error.code)
            await sql.update_grant(tx, grant, refusal=failure_of(error))
            return
        await sql.update_grant(tx, grant, issuance_id=issuance)

    async def _require_room(self, tx: Transaction, campaign: Campaign, account: AccountId, count: int) -> None:
        now = int(self._clock.now().timestamp())
        if now >= (await window_on(tx, campaign, account.chain, now)).claimable_until:
            raise CampaignNotActive("the time for giving out is over", status="ended")
        limit = campaign.rules.per_holder
        if limit is not None:
            issued = (await issued_per_holder(tx, campaign.id, [account])).get(str(account), 0)
            if issued + count > limit:
                raise CampaignExhausted(
                    f"{account} has {issued} vouchers of this campaign; the limit is {limit}",
                    cap=limit,
                    issued=issued,
                    holder=str(account),
                )

    def _grant(self, trigger: Trigger, subject: str, person_id: UUID, account: AccountId, *, count: int = 1) -> Grant:
        return Grant(
            trigger.id,
            subject,
            trigger.tenant_id,
            person_id,
            account,
            count,
            None,
            None,
            None,
            self._clock.now(),
        )


def _earned(
    trigger: Trigger, person_id: UUID, order: str, orders: int, total: int, spent: int
) -> Sequence[tuple[str, int]]:
    """Subjects and how many vouchers each earns by this order. What was earned before is refused by its row."""
    rule, person = trigger.rule, f"person:{person_id}"
    match trigger.kind:
        case TriggerKind.FIRST_PAYMENT:
            return [(person, 1)] if spent >= rule["min_minor"] else []
        case TriggerKind.LOYALTY:
            # Every multiple up to now: two orders that became final together are both counted already.
            reached = orders // rule["every"]
            return [(f"{person}:{n}", 1) for n in range(1, min(reached, rule["times"] or reached) + 1)]
        case TriggerKind.SPEND:
            reached = total // rule["minor"]
            return [(f"{person}:{n}", 1) for n in range(1, (reached if rule["repeat"] else min(reached, 1)) + 1)]
        case TriggerKind.CASHBACK:
            if spent < rule["min_minor"] or spent <= 0:
                return []
            count = spent // rule["per_minor"] if rule["per_minor"] else 1
            return [(f"order:{order}", min(count, rule["most"]))] if count else []
        case _:
            return []


def _segment_arguments(segment: Segment) -> dict[str, Any]:
    return {
        "bought_sku": segment.bought_sku,
        "holds": segment.holds,
        "spent_minor": segment.spent_minor,
        "currency": segment.currency,
        "seen_within_days": segment.seen_within_days,
        "not_seen_within_days": segment.not_seen_within_days,
    }
