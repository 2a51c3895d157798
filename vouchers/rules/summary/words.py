"""Numbers, sums and dates for reading, exact: integers only."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from primitives.currency import currency_decimals
from vouchers.rules.moments import is_start_of_day


def plain_sum(minor: int, currency: str) -> str:
    """Without the currency: "100", "99.50", "1,234"; the decimals of the currency only where they say something."""
    decimals = currency_decimals(currency)
    whole, part = divmod(minor, 10**decimals)
    return f"{whole:,}" + (f".{part:0{decimals}d}" if part else "")


def percentage(basis_points: int) -> str:
    """ "12.5" of 1250."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}" + (f".{part:02d}".rstrip("0") if part else "")


def local_moment(moment: int, zone: str) -> datetime:
    """The wall clock of the zone at a moment in Unix seconds."""
    return datetime.fromtimestamp(moment, ZoneInfo(zone))


def last_day(until: int, zone: str) -> datetime | None:
    """The day that an exclusive end closes, where it is the beginning of the day after; else None."""
    if not is_start_of_day(until, zone):
        return None
    return local_moment(until, zone).replace(tzinfo=None) - timedelta(days=1)


def duration(seconds: int) -> tuple[int, str]:
    """In the largest whole unit: day, hour, minute or second."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0:
            return seconds // length, unit
    return seconds, "second"
