"""How many more redemptions a campaign's limits allow: rules.md §2, "Limits"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from persistence.database import Transaction
from primitives.errors import CampaignExhausted
from primitives.voucher_id import CampaignId
from vouchers.checkout import sql
from vouchers.rules import LimitPeriod, RuleDocument


def period_start(period: LimitPeriod, now: int, zone: str) -> datetime | None:
    """Midnight in the zone at which the calendar period of `now` (Unix seconds) began; None: it never did.

    Where clocks skip midnight, the first moment of the day.
    """
    if period is LimitPeriod.EVER:
        return None
    day = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    if period is LimitPeriod.WEEK:
        day -= timedelta(days=day.weekday())
    if period is LimitPeriod.MONTH:
        day = day.replace(day=1)
    # By way of UTC: a midnight that does not exist becomes the moment at which the clocks were put forward.
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


async def uses_left(
    tx: Transaction, terms: Mapping[CampaignId, RuleDocument], *, holder_id: UUID, merchant: UUID
) -> Mapping[CampaignId, int]:
    """Redemptions that the limits still allow this holder at this merchant, for campaigns that have limits.

    Those that a payment under way would make are counted, those that failed are not; each in the period in which its
    payment began, by the clock of the database.
    """
    if not any(rules.limits for rules in terms.values()):
        return {}
    left: dict[CampaignId, int] = {}
    now = await sql.seconds_now(tx)
    for campaign, rules in terms.items():
        for limit in rules.limits:
            since = period_start(limit.period, now, rules.zone)
            used = await sql.redemptions_since(tx, campaign, limit.entity, since, holder_id, merchant)
            left[campaign] = min(left.get(campaign, limit.count), max(0, limit.count - used))
    return left


async def require_within_limits(
    tx: Transaction,
    terms: Mapping[CampaignId, RuleDocument],
    wanted: Mapping[CampaignId, int],
    *,
    holder_id: UUID,
    merchant: UUID,
) -> None:
    """Decide about the last use before its redemptions are stored: of many at once, one after the other.

    Args:
        wanted: Vouchers of each campaign that the order redeems.

    Raises:
        CampaignExhausted: `cap` and `issued` (here: uses allowed and made), `campaign`.
    """
    limited = {campaign: rules for campaign, rules in terms.items() if rules.limits and wanted.get(campaign)}
    for campaign in sorted(limited, key=str):
        await sql.one_at_a_time(tx, campaign)
    left = await uses_left(tx, limited, holder_id=holder_id, merchant=merchant)
    for campaign, rest in left.items():
        if wanted[campaign] > rest:
            raise CampaignExhausted(
                f"the campaign's limits allow {rest} more redemptions now",
                cap=rest,
                issued=wanted[campaign],
                campaign=str(campaign),
            )
