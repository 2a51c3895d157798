"""Figures for the organisation whose campaign, or whose customers, they are about."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.currency import Money
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId
from vouchers.analytics import sql
from vouchers.analytics.model import Analytics, By, CohortRow, Cost, FunnelRow
from vouchers.campaigns.sql import get_campaign
from vouchers.pauses.sql import windows_of


class AnalyticsService:
    """Reads; nothing is stored, so that nothing can be out of date."""

    def __init__(self, database: Database, *, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    async def campaign(self, tenant_id: UUID, campaign_id: CampaignId, by: By, zone: str = "UTC") -> Analytics:
        """All figures of one campaign.

        Args:
            zone: IANA zone of the days.

        Raises:
            CampaignNotFound: Also for another organisation's.
            InvalidValue: No such zone.
        """
        require_zone(zone)
        now = int(self._clock.now().timestamp())
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id, tenant_id)
            rules, name = campaign.rules, str(campaign_id)
            windows = await windows_of(tx, campaign, now)
            # Of several chains the end that comes last: the figures do not tell them apart.
            since = rules.valid_from
            until = max((window.valid_until for window in windows.values()), default=rules.valid_until)
            found = await sql.funnel(tx, tenant_id, name, None, zone)
            total = found[0] if found else _NOTHING
            most = {str(lane.chain): campaign.terms(lane.chain).max_payout for lane in campaign.lanes}
            per_minor = {campaign.terms(lane.chain).units_per_minor for lane in campaign.lanes}
            return Analytics(
                campaign=name,
                currency=rules.currency,
                by=by,
                zone=zone,
                total=total,
                rows=tuple(await sql.funnel(tx, tenant_id, name, by, zone)),
                cost=_cost(total, per_minor.pop() if len(per_minor) == 1 else 0),
                uplift=await sql.uplift(
                    tx, tenant_id, name, currency=rules.currency, since=since, until=until, now=now
                ),
                repeat=await sql.repeat(tx, tenant_id, name),
                stock=tuple(await sql.stock(tx, tenant_id, name, currency=rules.currency, since=since, until=until)),
                gifts=tuple(await sql.gifts(tx, tenant_id, name)),
                liability=tuple(await sql.liability(tx, tenant_id, name, zone=zone, until=until, now=now, most=most)),
            )

    async def cohorts(self, tenant_id: UUID, currency: str, zone: str = "UTC") -> Sequence[CohortRow]:
        """Retention of a shop's customers by the month of their first order. Raises InvalidValue."""
        require_zone(zone)
        Money(0, currency)
        async with self._database.transaction() as tx:
            return await sql.cohorts(tx, tenant_id, currency=currency, zone=zone)


_NOTHING = FunnelRow("", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def _cost(total: FunnelRow, units_per_minor: int) -> Cost:
    """Lanes of one campaign share currency and decimals; where they did not, the sponsor's part would be unknown."""
    sponsor = total.payout_units // units_per_minor if units_per_minor else 0
    return Cost(total.discount_minor, sponsor, total.discount_minor - sponsor, total.payout_units)


def require_zone(zone: str) -> None:
    """Raises InvalidValue: not in the time zone database."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue(f"{zone[:64]!r} is not a time zone: write one like Asia/Shanghai", field="zone") from error
