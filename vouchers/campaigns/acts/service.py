"""Fund, pause, resume, end and reclaim: asked for once, carried out by a job, one payment after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog

from chains.campaign import CampaignPower, IssuerPower
from chains.intent import Intent
from chains.ports import Chains
from codec.canonical_json import encode_canonical
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    AmountNotPositive,
    CampaignNotActive,
    IdempotencyConflict,
    QuanbaoError,
)
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.campaigns import sql as campaigns
from vouchers.campaigns.acts import sql
from vouchers.campaigns.acts.sql import Act, ActKind, ActStatus
from vouchers.campaigns.model import Campaign, CampaignStatus, Lane
from vouchers.campaigns.progress import failure_of
from vouchers.issuance.drops.ending import drop_committed, drop_failed, drop_to_commit
from vouchers.ports import PaymentOrder, Payments, PaymentState

log = structlog.get_logger()

JOB = "campaign.act"
_BEHIND_ANOTHER = timedelta(seconds=1)


class CampaignActs:
    """Acts of an organisation on its launched campaigns. Who may call what is decided above."""

    def __init__(self, database: Database, chains: Chains, payments: Payments, *, clock: Clock | None = None) -> None:
        self._database = database
        self._chains = chains
        self._payments = payments
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {JOB: self._advance}

    async def fund(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        chain: ChainId,
        base_units: int,
        *,
        created_by: UUID,
        idempotency_key: str,
    ) -> Act:
        """Pay more into escrow from the treasury.

        Raises:
            AmountNotPositive, CampaignNotFound, InvalidTerms (not on this chain), CampaignNotActive (not launched)
            IdempotencyConflict: The key was used with another request.
        """
        if base_units <= 0:
            raise AmountNotPositive("funding moves at least one base unit")
        facts = {"base_units": str(base_units)}
        return await self._ask(tenant_id, campaign_id, chain, ActKind.FUND, facts, created_by, idempotency_key)

    async def reclaim(
        self, tenant_id: UUID, campaign_id: CampaignId, chain: ChainId, *, created_by: UUID, idempotency_key: str
    ) -> Act:
        """Take back what is left in escrow, to the funder, once the window and the refund window are over.

        Raises:
            CampaignNotFound, InvalidTerms (not on this chain)
            CampaignNotActive: Not launched, or vouchers can still be redeemed: `opens`.
            NodeUnavailable
        """
        async with self._database.transaction() as tx:
            campaign = await campaigns.get_campaign(tx, campaign_id, tenant_id)
            terms = campaign.terms(chain)
        now = await self._chains.adapter(chain).block_time()
        await self._chains.book(chain).reclaim(terms, now=now)
        return await self._ask(tenant_id, campaign_id, chain, ActKind.RECLAIM, {}, created_by, idempotency_key)

    async def pause(
        self, tenant_id: UUID, campaign_id: CampaignId, *, created_by: UUID, idempotency_key: str
    ) -> Campaign:
        """Stop issuing and claiming at once, on every active chain; where the terms declare the power, the chain itself
        stops redeeming as well.

        Raises:
            CampaignNotFound, CampaignNotActive, IdempotencyConflict
        """
        return await self._switch(
            tenant_id,
            campaign_id,
            (CampaignStatus.ACTIVE,),
            CampaignStatus.PAUSED,
            ActKind.PAUSE,
            created_by,
            idempotency_key,
        )

    async def resume(
        self, tenant_id: UUID, campaign_id: CampaignId, *, created_by: UUID, idempotency_key: str
    ) -> Campaign:
        """End a pause. Raises as `pause`."""
        return await self._switch(
            tenant_id,
            campaign_id,
            (CampaignStatus.PAUSED,),
            CampaignStatus.ACTIVE,
            ActKind.RESUME,
            created_by,
            idempotency_key,
        )

    async def end(self, tenant_id: UUID, campaign_id: CampaignId) -> Campaign:
        """Issue and give out nothing any more; ending again changes nothing. What holders have stays good.

        Raises:
            CampaignNotFound
            CampaignNotActive: It was never launched, or a pause must be resumed first, so that holders can redeem.
        """
        async with self._database.transaction() as tx:
            campaign = await campaigns.get_campaign(tx, campaign_id, tenant_id)
            pausable = CampaignPower.PAUSE in campaign.rules.powers.declared
            ended = 0
            for one in campaign.lanes:
                lane = await campaigns.lock_lane(tx, campaign_id, one.chain)
                assert lane is not None
                if lane.status is CampaignStatus.PAUSED and pausable:
                    raise CampaignNotActive("resume the campaign before it ends", status=lane.status.value)
                if lane.status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED, CampaignStatus.ENDED):
                    await campaigns.update_lane(tx, lane, status=CampaignStatus.ENDED.value)
                    ended += 1
            if not ended:
                raise CampaignNotActive("the campaign was never active", status=campaign.status.value)
            status = await campaigns.refresh_campaign_status(tx, campaign_id)
            await publish(tx, tenant_id, "campaign.ended", {"campaign": str(campaign_id), "status": status.value})
            return await campaigns.get_campaign(tx, campaign_id)

    async def powers(self, campaign_id: CampaignId) -> Mapping[ChainId, Sequence[IssuerPower]]:
        """What issuer and platform can still do, chain by chain, as the chains say; for anybody.

        Raises:
            CampaignNotFound: It is on no chain yet.
            NodeUnavailable
        """
        async with self._database.transaction() as tx:
            campaign = await campaigns.get_campaign(tx, campaign_id)
        told = {
            lane.chain: await self._chains.book(lane.chain).powers_of(campaign.terms(lane.chain))
            for lane in campaign.lanes
            if _launched(lane)
        }
        if not told:
            raise campaigns.no_campaign(campaign_id)
        return told

    async def acts(self, tenant_id: UUID, campaign_id: CampaignId) -> Sequence[Act]:
        """Newest first. Raises CampaignNotFound."""
        async with self._database.transaction() as tx:
            await campaigns.get_campaign(tx, campaign_id, tenant_id)
            return await sql.acts_of(tx, campaign_id)

    # ------------------------------------------------------------------------------------------------------- asking

    async def _ask(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        chain: ChainId,
        kind: ActKind,
        facts: Mapping[str, Any],
        created_by: UUID,
        idempotency_key: str,
    ) -> Act:
        async with self._database.transaction() as tx:
            campaign = await campaigns.get_campaign(tx, campaign_id, tenant_id)
            campaign.rules.lane_of(chain)
            lane = await campaigns.lock_lane(tx, campaign_id, chain)
            assert lane is not None
            if not _launched(lane):
                raise CampaignNotActive(
                    f"the campaign is {lane.status.value} on {chain}: launch it first", status=lane.status.value
                )
            act = await request_act(
                tx, lane, kind, facts, created_by=created_by, idempotency_key=idempotency_key, now=self._clock
            )
        fault_point("campaign.act_requested")
        return act

    async def _switch(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        before: tuple[CampaignStatus, ...],
        after: CampaignStatus,
        kind: ActKind,
        created_by: UUID,
        idempotency_key: str,
    ) -> Campaign:
        async with self._database.transaction() as tx:
            campaign = await campaigns.get_campaign(tx, campaign_id, tenant_id)
            switched = 0
            for one in campaign.lanes:
                lane = await campaigns.lock_lane(tx, campaign_id, one.chain)
                assert lane is not None
                key = f"{idempotency_key}:{lane.lane}"
                known = await sql.act_by_key(tx, tenant_id, key)
                if known is not None:
                    if known[0].kind is not kind or known[0].campaign_id != campaign_id:
                        raise IdempotencyConflict("this idempotency key was used for another act")
                    switched += 1
                    continue
                if lane.status not in before:
                    continue
                await campaigns.update_lane(tx, lane, status=after.value)
                on_chain = CampaignPower.PAUSE in campaign.rules.powers.declared
                await request_act(
                    tx,
                    lane,
                    kind,
                    {"on_chain": on_chain},
                    created_by=created_by,
                    idempotency_key=key,
                    now=self._clock,
                )
                switched += 1
            if not switched:
                raise CampaignNotActive(
                    f"no chain of the campaign is {' or '.join(one.value for one in before)}",
                    status=campaign.status.value,
                )
            await campaigns.refresh_campaign_status(tx, campaign_id)
            await publish(tx, tenant_id, f"campaign.{after.value}", {"campaign": str(campaign_id)})
            found = await campaigns.get_campaign(tx, campaign_id)
        fault_point("campaign.act_requested")
        return found

    # --------------------------------------------------------------------------------------------------- carrying out

    async def _advance(self, ctx: JobContext) -> Again | None:
        """Safe to run twice, at once, or after a crash."""
        act_id = UUID(ctx.job.payload.get("reference", ctx.job.payload)["act"])
        async with ctx.transaction() as tx:
            act = await sql.lock_act(tx, act_id)
            if act is None or act.status in (ActStatus.DONE, ActStatus.FAILED):
                return None
            campaign = await campaigns.get_campaign(tx, act.campaign_id)
            if act.kind is ActKind.RECLAIM and await sql.is_behind(tx, act):
                return Again(_BEHIND_ANOTHER)  # It finds what the one before leaves, not what that one is taking.
            if act.payment_id is not None:
                payment = await self._payments.view(tx, act.tenant_id, act.payment_id)
                if payment.state is PaymentState.FAILED:
                    await self._failed(tx, act, payment.failure or {})
                    return None
                if payment.state is not PaymentState.DONE:
                    return None  # its end enqueues this job again
                if act.last:
                    await self._done(tx, act, payment.tx_hash)
                    return None
                await sql.update_act(tx, act.id, payment_id=None)
        try:
            intents = await self._intents(act, campaign)
        except QuanbaoError as error:
            if error.retryable:
                raise
            async with ctx.transaction() as tx:
                if await self._unchanged(tx, act):
                    await self._failed(tx, act, failure_of(error))
            return None
        async with ctx.transaction() as tx:
            if not await self._unchanged(tx, act):
                return Again(timedelta(0))
            if not intents:
                await self._done(tx, act, None)
                return None
            step = act.step + 1
            payment_id = await self._payments.request(
                tx,
                PaymentOrder(
                    tenant_id=act.tenant_id,
                    idempotency_key=f"campaign_act:{act.id}:{step}",
                    intent=intents[0],
                    act=f"campaign.{act.kind.value}",
                    signs="service",
                    on_end=JOB,
                    reference={"act": str(act.id)},
                    asked_by=act.created_by,
                ),
            )
            await sql.update_act(
                tx,
                act.id,
                step=step,
                payment_id=payment_id,
                last=len(intents) == 1,
                status=ActStatus.IN_FLIGHT.value,
            )
        fault_point("campaign.act_stored")
        return None

    async def _intents(self, act: Act, campaign: Campaign) -> Sequence[Intent]:
        book, terms = self._chains.book(act.chain), campaign.terms(act.chain)
        match act.kind:
            case ActKind.FUND:
                return await book.fund(terms, int(act.facts["base_units"]))
            case ActKind.PAUSE:
                return (await book.pause(terms),) if act.facts["on_chain"] else ()
            case ActKind.RESUME:
                return (await book.resume(terms),) if act.facts["on_chain"] else ()
            case ActKind.RECLAIM:
                now = await self._chains.adapter(act.chain).block_time()
                return await book.reclaim(terms, now=now)
            case ActKind.DROP:
                async with self._database.transaction() as tx:
                    drop = await drop_to_commit(tx, act)
                return (await book.commit_drop(terms, drop.number, drop.root or b"", drop.count),)

    async def _unchanged(self, tx: Transaction, before: Act) -> bool:
        now = await sql.lock_act(tx, before.id)
        return now is not None and now.step == before.step and now.payment_id is None and now.status not in _OVER

    async def _done(self, tx: Transaction, act: Act, tx_hash: str | None) -> None:
        await sql.update_act(tx, act.id, status=ActStatus.DONE.value, tx_hash=tx_hash)
        if act.kind is ActKind.DROP:
            await drop_committed(tx, act)
        if act.kind is ActKind.RESUME:
            # What waited while the campaign was paused.
            reference = {"campaign": str(act.campaign_id), "chain": str(act.chain)}
            await enqueue(tx, "issuance.advance", f"{act.campaign_id}:{act.chain}", reference)
        await enqueue(tx, "ledger.scan", str(act.chain), {"chain": str(act.chain)})
        await self._tell(tx, act, "done")

    async def _failed(self, tx: Transaction, act: Act, failure: Mapping[str, Any]) -> None:
        log.warning("campaign_act_failed", campaign=str(act.campaign_id), act=act.kind.value, code=failure.get("code"))
        await sql.update_act(tx, act.id, status=ActStatus.FAILED.value, failure=dict(failure))
        if act.kind is ActKind.DROP:
            await drop_failed(tx, act)
        await self._tell(tx, act, "failed", code=failure.get("code"))

    async def _tell(self, tx: Transaction, act: Act, end: str, **data: Any) -> None:
        told = {"campaign": str(act.campaign_id), "chain": str(act.chain), "act": str(act.id), **data}
        await publish(tx, act.tenant_id, f"campaign.{act.kind.value}_{end}", told)


_OVER = (ActStatus.DONE, ActStatus.FAILED)


def _launched(lane: Lane) -> bool:
    return lane.status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED, CampaignStatus.ENDED)


async def request_act(
    tx: Transaction,
    lane: Lane,
    kind: ActKind,
    facts: Mapping[str, Any],
    *,
    created_by: UUID,
    idempotency_key: str,
    now: Clock,
) -> Act:
    """Store it and its job in the caller's transaction, which holds the lane; the same key again is the same act.

    Raises:
        IdempotencyConflict: The key was used with another act.
    """
    named = {"campaign": str(lane.campaign_id), "chain": str(lane.chain), "kind": kind.value, "facts": dict(facts)}
    request = keccak256(encode_canonical(named))
    known = await sql.act_by_key(tx, lane.tenant_id, idempotency_key)
    if known is not None:
        if known[1] != request:
            raise IdempotencyConflict("this idempotency key was used for another act")
        return known[0]
    act = Act(
        id=uuid4(),
        tenant_id=lane.tenant_id,
        campaign_id=lane.campaign_id,
        chain=lane.chain,
        kind=kind,
        facts=facts,
        status=ActStatus.REQUESTED,
        step=0,
        last=False,
        payment_id=None,
        tx_hash=None,
        failure=None,
        created_at=now.now(),
        created_by=created_by,
    )
    await sql.insert_act(tx, act, idempotency_key=idempotency_key, request_hash=request)
    await enqueue(tx, JOB, str(act.id), {"act": str(act.id)})
    return act
