"""How many more redemptions a campaign's limits allow: rules.md §2, "Limits"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from people.identity.model import IdentityLevel
from people.identity.service import level_of
from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.errors import CampaignExhausted, IdentityLevelTooLow
from primitives.voucher_id import CampaignId
from vouchers.checkout import sql
from vouchers.rules import OF_LEVELS, LimitEntity, LimitPeriod, RedemptionLimit, RuleDocument


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


@dataclass(frozen=True, slots=True)
class Payer:
    """Who would redeem, and where; any of account and person makes the holder the same one."""

    person_id: UUID
    account: AccountId
    merchant: UUID


@dataclass(frozen=True, slots=True)
class LimitsNow:
    """Attributes:
    left: Redemptions that the limits still allow, for campaigns that have limits.
    closed: Campaigns whose terms shut out those who are known no better than the payer, and what they would need.
    level: How well the payer is known.
    """

    left: Mapping[CampaignId, int]
    closed: Mapping[CampaignId, IdentityLevel]
    level: IdentityLevel = IdentityLevel.WALLET


async def limits_now(tx: Transaction, terms: Mapping[CampaignId, RuleDocument], payer: Payer) -> LimitsNow:
    """What the limits still allow this payer.

    Redemptions that a payment under way would make are counted, those that failed are not; each in the period in which
    its payment began, by the clock of the database. One that came back by a full refund is the holder's to use again.
    """
    if not any(rules.limits for rules in terms.values()):
        return LimitsNow({}, {})
    now = await sql.seconds_now(tx)
    level = IdentityLevel.WALLET
    if any(limit.entity.of_level for rules in terms.values() for limit in rules.limits):
        level = await level_of(tx, payer.person_id)
    own = OF_LEVELS[level]
    left: dict[CampaignId, int] = {}
    closed: dict[CampaignId, IdentityLevel] = {}
    for campaign, rules in terms.items():
        for limit in rules.limits:
            if limit.entity.of_level and limit.entity is not own:
                continue
            if limit.count == 0:
                closed[campaign] = _open_from(rules, level)
                left[campaign] = 0
                continue
            since = period_start(limit.period, now, rules.zone)
            used = await _used(tx, campaign, limit, since, payer)
            left[campaign] = min(left.get(campaign, limit.count), max(0, limit.count - used))
    return LimitsNow(left, closed, level)


async def _used(
    tx: Transaction, campaign: CampaignId, limit: RedemptionLimit, since: datetime | None, payer: Payer
) -> int:
    if limit.entity is LimitEntity.CAMPAIGN:
        return await sql.redeemed(tx, campaign, since, limit.count)
    if limit.entity is LimitEntity.MERCHANT:
        return await sql.redeemed(tx, campaign, since, limit.count, payer.merchant)
    return await sql.redeemed_by_holder(tx, campaign, since, payer.person_id, payer.account)


def _open_from(rules: RuleDocument, level: IdentityLevel) -> IdentityLevel:
    """The next level that the terms do not shut out; there is one, or nobody could redeem."""
    shut = {limit.entity for limit in rules.limits if limit.count == 0}
    better = [one for one in IdentityLevel if one > level and OF_LEVELS[one] not in shut]
    return better[0] if better else IdentityLevel.DOCUMENT


async def require_within_limits(
    tx: Transaction, terms: Mapping[CampaignId, RuleDocument], wanted: Mapping[CampaignId, int], payer: Payer
) -> None:
    """Decide about the last use before its redemptions are stored: of many at once, one after the other.

    Args:
        wanted: Vouchers of each campaign that the order redeems.

    Raises:
        IdentityLevelTooLow: The terms shut out who is known so little; `needed` and `have`.
        CampaignExhausted: `cap` and `issued` (here: uses allowed and made), `campaign`.
    """
    limited = {campaign: rules for campaign, rules in terms.items() if rules.limits and wanted.get(campaign)}
    for campaign in sorted(limited, key=str):
        await sql.one_at_a_time(tx, campaign)
    now = await limits_now(tx, limited, payer)
    for needed in now.closed.values():
        raise IdentityLevelTooLow(
            f"this needs the identity level {needed.word}; yours is {now.level.word}",
            needed=needed.word,
            have=now.level.word,
        )
    for campaign, rest in now.left.items():
        if wanted[campaign] > rest:
            raise CampaignExhausted(
                f"the campaign's limits allow {rest} more redemptions now",
                cap=rest,
                issued=wanted[campaign],
                campaign=str(campaign),
            )
