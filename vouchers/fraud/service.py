"""Looks for patterns of fraud whenever an order, a claim or a transfer is added, and tells whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from people.events.model import Event
from persistence.database import Database, Transaction
from persistence.jobs import Handler, JobContext, enqueue_many
from primitives.asset import AssetId
from primitives.clock import Clock, SystemClock
from primitives.errors import CampaignNotFound, InvalidValue
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.fraud import sql
from vouchers.fraud.model import Flows, Pattern
from vouchers.fraud.patterns import find
from wallets.risk.model import NewAlert, Source, Verdict
from wallets.risk.service import RiskService

LOOK = "fraud.look"
"""Job kind; key `shop:<organisation>` or `campaign:<id>`: however much happens at once is looked at once."""
WINDOW = timedelta(days=7)
_SOON = timedelta(seconds=5)
"""The chains' facts are in the ledger by then."""
_ORDERS = frozenset(("order.paid",))
_CAMPAIGNS = frozenset(("claim.issued", "voucher.sent", "voucher.received"))


class FraudWatch:
    """Patterns of vouchers.

    Args:
        units_per_minor: Base units of each known money for one minor unit of its currency.
    """

    def __init__(
        self,
        database: Database,
        risk: RiskService,
        units_per_minor: Mapping[AssetId, int],
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._risk = risk
        self._units_per_minor = dict(units_per_minor)
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {LOOK: self._look}

    async def consume(self, tx: Transaction, events: Sequence[Event]) -> None:
        """`people.events.fan_out.Consumer`: asks for a look at the shops and campaigns that events are about."""
        orders = {UUID(str(one.data["order"])) for one in events if one.kind in _ORDERS}
        payers = {one.tenant_id for one in events if one.kind == "payment.done" and one.data.get("act") == "transfer"}
        shops: set[UUID] = set()
        if orders:
            shops |= await sql.merchants_of(tx, orders)
        if payers:
            shops |= await sql.shops_of(tx, payers)
        work = {f"shop:{one}": {"shop": str(one)} for one in shops}
        for one in events:
            campaign = _campaign_of(one) if one.kind in _CAMPAIGNS else None
            if campaign is not None:
                work[f"campaign:{campaign}"] = {"campaign": str(campaign)}
        await enqueue_many(tx, LOOK, list(work.items()), delay=_SOON, urgent=False)

    async def look_at_shop(self, tx: Transaction, shop: UUID) -> Sequence[Pattern]:
        """What the shop's orders of a week show."""
        since = self._clock.now() - WINDOW
        orders = await sql.paid_orders(tx, shop, since)
        staff = await sql.staff_of(tx, shop)
        payers = {order.account for order in orders if order.campaigns}
        back = await sql.paybacks(tx, shop, {shop, *staff}, payers, self._units_per_minor, since)
        return find(Flows(orders=orders, paybacks=back, staff={shop: staff}))

    async def look_at_campaign(self, tx: Transaction, campaign: CampaignId) -> Sequence[Pattern]:
        """What the campaign's claims and transfers of a week show."""
        since = self._clock.now() - WINDOW
        claims, handed = await sql.claims_of(tx, campaign, since), await sql.handed(tx, campaign, since)
        return find(Flows(claims=claims, handed=handed))

    async def tell(self, tx: Transaction, patterns: Sequence[Pattern]) -> None:
        """Alert whoever runs the campaign; of what the staff does at the till, the shop as well."""
        for pattern in patterns:
            if pattern.assessment.verdict is Verdict.PASSED:
                continue
            for tenant_id in await self._concerned(tx, pattern):
                alert = NewAlert(tenant_id, Source.VOUCHERS, pattern.key, pattern.digest, pattern.assessment)
                await self._risk.raise_alert(tx, alert)

    async def _concerned(self, tx: Transaction, pattern: Pattern) -> Sequence[UUID]:
        concerned: list[UUID] = []
        if pattern.campaign is not None:
            campaign = CampaignId.parse(pattern.campaign)
            known = (await campaigns_by_id(tx, [campaign])).get(campaign)
            if known is None:
                raise CampaignNotFound("no such campaign", campaign=pattern.campaign)
            concerned.append(known.tenant_id)
        if pattern.merchant is not None and pattern.name == "self_redemption":
            concerned.append(pattern.merchant)
        return list(dict.fromkeys(concerned))

    async def _look(self, ctx: JobContext) -> None:
        about = ctx.job.payload
        async with ctx.transaction() as tx:
            if "shop" in about:
                found = await self.look_at_shop(tx, UUID(about["shop"]))
            else:
                found = await self.look_at_campaign(tx, CampaignId.parse(about["campaign"]))
            await self.tell(tx, found)
            await ctx.finish(tx)


def _campaign_of(event: Event) -> CampaignId | None:
    """None: the event names none that can be read."""
    try:
        if "campaign" in event.data:
            return CampaignId.parse(str(event.data["campaign"]))
        return VoucherId.parse(str(event.data["voucher"])).campaign
    except (InvalidValue, KeyError):
        return None
