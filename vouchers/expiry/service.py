"""Reminders before a campaign's end, reclaim after it, and what was never used.

All of it hangs on jobs with a due time, one per campaign and stage, so that a restart forgets nothing and nobody is
told twice. Windows are half-open in block time: a voucher is good until the second before `valid_until`, which pauses
on its chain move on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from chains.ports import Chains
from people.events import publish
from people.notifications.sql import preferences_of
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.voucher_id import CampaignId
from vouchers.campaigns.model import Campaign, CampaignStatus
from vouchers.campaigns.sql import get_campaign
from vouchers.expiry import sql
from vouchers.ledger.sql import campaign_counts
from vouchers.pauses.model import NO_PAUSES, Window, window_of
from vouchers.pauses.sql import pauses_of, window_on
from vouchers.ports import Accounts
from vouchers.rules import ClaimWay, VoucherKind

log = structlog.get_logger()

STAGES: Mapping[str, timedelta] = {"week": timedelta(days=7), "day": timedelta(days=1)}
"""How long before the end holders are told."""
_AT_ONCE = 200
_LOOK_AGAIN = timedelta(seconds=5)
_WHILE_PAUSED = timedelta(minutes=10)


class Reclaiming(Protocol):
    """Takes the rest of a campaign's escrow back (`vouchers.campaigns`)."""

    async def __call__(self, campaign: Campaign) -> int | None:
        """Ask for every lane whose time has come, once each.

        Returns:
            Unix seconds of block time at which another lane's time comes: pauses move a window on; None: all are asked.
        """
        ...


class UnclaimedLeaves(Protocol):
    """What lies ready in drops (`vouchers.orders.leaves.Leaves`)."""

    async def waiting(
        self, campaign_id: CampaignId, accounts: Sequence[AccountId], now: int
    ) -> Mapping[AccountId, int]:
        """How many vouchers of the campaign each of these accounts of one chain could still claim at `now`."""
        ...


class Zones(Protocol):
    """The zone that a person reads times in."""

    async def __call__(self, tx: Transaction, tenant_id: UUID) -> str | None: ...


async def chosen_zone(tx: Transaction, tenant_id: UUID) -> str | None:
    """What the person has chosen for everything that is told; None: nothing."""
    return (await preferences_of(tx, tenant_id)).zone


@dataclass(frozen=True, slots=True)
class LaneLiability:
    """One lane in base units of its settlement asset.

    Attributes:
        outstanding: Live vouchers. `liability`: the most that they can still cost.
        escrow: What the chain holds. `surplus`: what no voucher can claim any more.
        breakage: Vouchers that ended unused: the window is over.
    """

    chain: str
    asset: str
    funded: int
    paid: int
    issued: int
    redeemed: int
    outstanding: int
    liability: int
    escrow: int
    surplus: int
    breakage: int
    breakage_bp: int


class ExpiryService:
    """Handlers of `expiry.remind`, `expiry.remind_unclaimed` and `expiry.reclaim`.

    Args:
        leaves: Whom to tell of vouchers of drops that they have not claimed; None: nobody.
        reclaim: What takes the rest of an ended campaign back; None: its organisation asks for it itself.
        zones: The zone of a person; where it is none, the campaign's.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        *,
        reclaim: Reclaiming | None = None,
        leaves: UnclaimedLeaves | None = None,
        zones: Zones = chosen_zone,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._reclaim_rest = reclaim
        self._leaves = leaves
        self._zones = zones
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "expiry.remind": self._remind,
            "expiry.remind_unclaimed": self._remind_unclaimed,
            "expiry.reclaim": self._reclaim,
        }

    def after(self, advance: Handler) -> Handler:
        """The handler of a campaign's launch, with the campaign's end put down once it is active."""

        async def handle(ctx: JobContext) -> Again | None:
            answer = await advance(ctx)
            if not ctx.finished:
                named = ctx.job.payload.get("reference", ctx.job.payload)
                async with ctx.transaction() as tx:
                    campaign = await get_campaign(tx, CampaignId.parse(named["campaign"]))
                    if campaign.status is CampaignStatus.ACTIVE:
                        await self.watch(tx, campaign)
            return answer

        return handle

    async def watch(self, tx: Transaction, campaign: Campaign) -> None:
        """Put down what is due for a campaign that is launched; doing it again changes nothing."""
        now, rules = self._clock.now(), campaign.rules
        end = datetime.fromtimestamp(rules.valid_until, UTC)
        told = {"expiry.remind": end}
        if self._leaves is not None and ClaimWay.DROP in rules.claim.ways:
            told["expiry.remind_unclaimed"] = datetime.fromtimestamp(rules.claimable_until, UTC)
        for kind, ends in told.items():
            for stage, before in STAGES.items():
                due = ends - before
                if due > datetime.fromtimestamp(rules.valid_from, UTC):
                    for lane in campaign.lanes:
                        named = {"campaign": str(campaign.id), "stage": stage, "chain": str(lane.chain)}
                        await self._put(tx, kind, _key(named), named, due - now)
        opens = end + timedelta(seconds=campaign.rules.refund.window_seconds)
        named = {"campaign": str(campaign.id), "stage": "reclaim"}
        await self._put(tx, "expiry.reclaim", str(campaign.id), named, opens - now)

    async def _put(self, tx: Transaction, kind: str, key: str, payload: Mapping[str, str], delay: timedelta) -> None:
        await enqueue(tx, kind, key, payload, delay=max(timedelta(0), delay), urgent=False)

    async def _remind(self, ctx: JobContext) -> Again | None:
        """Tell every holder of a live voucher of one lane once per stage, some at a time.

        Where pauses moved the end on, the time to tell it is reckoned again; while one runs, nobody is told.
        """
        campaign_id, stage = CampaignId.parse(ctx.job.payload["campaign"]), ctx.job.payload["stage"]
        now = int(self._clock.now().timestamp())
        async with ctx.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
            if "chain" not in ctx.job.payload:
                await self.watch(tx, campaign)  # Put down by a version that had one job for all lanes.
                return None
            chain = ChainId.parse(ctx.job.payload["chain"])
            window = await window_on(tx, campaign, chain, now)
            if now >= window.valid_until:
                return None
            if (later := _later(window, window.valid_until, stage, now)) is not None:
                return later
            page = await sql.holders_to_tell(tx, campaign_id, chain, ctx.job.payload.get("after", ""), _AT_ONCE)
            for holder, count in page:
                for tenant_id in await self._accounts.tenants_of(tx, AccountId.parse(holder)):
                    if await sql.note(tx, campaign_id, stage, holder, tenant_id, count):
                        await self._tell(tx, tenant_id, campaign, window.valid_until, stage, holder, count)
            if len(page) == _AT_ONCE:
                following = {**ctx.job.payload, "after": page[-1][0]}
                await enqueue(tx, "expiry.remind", _key(following), following)
        fault_point("expiry.reminded")
        return None

    async def _remind_unclaimed(self, ctx: JobContext) -> Again | None:
        """The same for whoever is on a drop's list and has not claimed, before the end of claiming: the accounts of
        this installation are looked up in the lists, some at a time."""
        campaign_id, stage = CampaignId.parse(ctx.job.payload["campaign"]), ctx.job.payload["stage"]
        chain, now = ChainId.parse(ctx.job.payload["chain"]), int(self._clock.now().timestamp())
        async with ctx.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
            window = await window_on(tx, campaign, chain, now)
            if self._leaves is None or now >= window.claimable_until:
                return None
            if (later := _later(window, window.claimable_until, stage, now)) is not None:
                return later
            accounts = await self._accounts.accounts_on(tx, chain, ctx.job.payload.get("after", ""), _AT_ONCE)
        waiting = await self._leaves.waiting(campaign_id, accounts, now) if accounts else {}
        async with ctx.transaction() as tx:
            for account in sorted(waiting, key=str):
                count, holder = waiting[account], str(account)
                for tenant_id in await self._accounts.tenants_of(tx, account):
                    if await sql.note(tx, campaign_id, f"{stage}:unclaimed", holder, tenant_id, count):
                        ends = window.claimable_until
                        await self._tell(tx, tenant_id, campaign, ends, stage, holder, count, "voucher.unclaimed")
            if len(accounts) == _AT_ONCE:
                following = {**ctx.job.payload, "after": accounts[-1].address}
                await enqueue(tx, "expiry.remind_unclaimed", _key(following), following)
        return None

    async def _tell(
        self,
        tx: Transaction,
        tenant_id: UUID,
        campaign: Campaign,
        ends: int,
        stage: str,
        holder: str,
        count: int,
        kind: str = "voucher.expiring",
    ) -> None:
        zone = await self._zones(tx, tenant_id) or campaign.rules.zone
        await publish(
            tx,
            tenant_id,
            kind,
            {
                "campaign": str(campaign.id),
                "title": campaign.rules.title,
                "holder": holder,
                "vouchers": count,
                "stage": stage,
                "valid_until": ends,
                **told_in(ends, zone),
            },
        )

    async def _reclaim(self, ctx: JobContext) -> Again | None:
        """After window and refund window, by the chains' own clocks."""
        campaign_id = CampaignId.parse(ctx.job.payload["campaign"])
        async with ctx.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
        opens = campaign.rules.valid_until + campaign.rules.refund.window_seconds
        for lane in campaign.lanes:
            if lane.status in (CampaignStatus.DRAFT, CampaignStatus.FAILED):
                continue
            if await self._chains.adapter(lane.chain).block_time() < opens:
                return Again(_LOOK_AGAIN)
        later = await self._reclaim_rest(campaign) if self._reclaim_rest is not None else None
        if later is not None:
            return Again(max(_LOOK_AGAIN, timedelta(seconds=later) - self._since_epoch()))
        async with ctx.transaction() as tx:
            await publish(tx, campaign.tenant_id, "campaign.expired", {"campaign": str(campaign_id)})
            await ctx.finish(tx)
        fault_point("expiry.reclaim_asked")
        return None

    def _since_epoch(self) -> timedelta:
        return self._clock.now() - datetime.fromtimestamp(0, UTC)

    # ------------------------------------------------------------------------------------------------------- reports

    async def liability(self, tenant_id: UUID, campaign_id: CampaignId) -> Sequence[LaneLiability]:
        """What a campaign may still cost, and what was never used.

        Raises:
            CampaignNotFound, NodeUnavailable
        """
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id, tenant_id)
            counts = (await campaign_counts(tx, [campaign_id]))[campaign_id]
            by_chain = await sql.counts_by_chain(tx, campaign_id)
            stored = campaign.rules.kind is VoucherKind.STORED_VALUE
            spent = await sql.paid_for_live(tx, campaign_id) if stored else {}
            pauses = await pauses_of(tx, [campaign])
        lines = []
        for lane in campaign.lanes:
            terms = campaign.terms(lane.chain)
            now = await self._chains.adapter(lane.chain).block_time()
            paused = pauses.get((campaign_id, lane.chain), NO_PAUSES)
            over = now >= window_of(campaign.rules, paused, now).valid_until
            held = await self._chains.book(lane.chain).escrow(terms)
            here = by_chain.get(str(lane.chain), {})
            live, redeemed = here.get("live", 0), here.get("redeemed", 0)
            issued = sum(here.values())
            outstanding = 0 if over else live
            liability = 0 if over else outstanding * terms.max_payout - spent.get(str(lane.chain), 0)
            asset = str(terms.settlement.id)
            lines.append(
                LaneLiability(
                    chain=str(lane.chain),
                    asset=asset,
                    funded=counts.funded.get(str(lane.chain), 0),
                    paid=counts.paid_out.get(asset, 0),
                    issued=issued,
                    redeemed=redeemed,
                    outstanding=outstanding,
                    liability=liability,
                    escrow=held.base_units,
                    surplus=max(0, held.base_units - liability),
                    breakage=live if over else 0,
                    breakage_bp=live * 10_000 // issued if over and issued else 0,
                )
            )
        return lines


def _later(window: Window, ends: int, stage: str, now: int) -> Again | None:
    """When a reminder comes instead, where pauses moved the end on or one runs."""
    if window.paused:
        return Again(_WHILE_PAUSED)
    early = ends - int(STAGES[stage].total_seconds()) - now
    return Again(timedelta(seconds=early)) if window.paused_seconds and early > 0 else None


def _key(named: Mapping[str, str]) -> str:
    """Of a lane's reminder."""
    return f"{named['campaign']}:{named['stage']}:{named['chain']}"


def told_in(moment: int, zone: str) -> dict[str, str]:
    """The last whole second of a half-open window, as people in the zone read it: 1 June 00:00 is "until 31 May"."""
    last = datetime.fromtimestamp(moment - 1, UTC).astimezone(ZoneInfo(zone))
    return {"zone": zone, "last_day": last.date().isoformat(), "last_moment": last.isoformat()}
