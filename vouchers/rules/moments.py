"""Dates that people write in a zone, as seconds of block time; and back, as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vouchers.rules.fields import impossible

_DAY = timedelta(days=1)


def zone_of(zone: str) -> ZoneInfo:
    """Raises InvalidTerms: There is no such IANA zone."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise impossible(f"{zone!r} is not an IANA time zone", "window.zone") from error


def moment_of(local: datetime, zone: str, *, field: str) -> int:
    """Unix seconds of a wall-clock time in a zone.

    Args:
        local: Without an offset; whole seconds.
        field: Named by the refusal.

    Raises:
        InvalidTerms: No such zone; or its clocks skip this time, or show it twice: the message says which moments
            would do.
    """
    if local.tzinfo is not None or local.microsecond:
        raise impossible("a local time has no offset and whole seconds", field)
    there = zone_of(zone)
    first, second = local.replace(tzinfo=there, fold=0), local.replace(tzinfo=there, fold=1)
    if first.utcoffset() == second.utcoffset():
        return int(first.timestamp())
    if first.astimezone(UTC).astimezone(there).replace(tzinfo=None) != local:
        later = first.astimezone(UTC).astimezone(there)
        raise impossible(
            f"{local:%Y-%m-%d %H:%M} does not exist in {zone}: the clocks are put forward over it; "
            f"say {later:%Y-%m-%d %H:%M}",
            field,
        )
    raise impossible(f"{local:%Y-%m-%d %H:%M} happens twice in {zone}: give the time with its offset", field)


def start_of_day(day: date, zone: str) -> int:
    """Unix seconds of the day's first moment in a zone; where the clocks skip midnight, the moment after."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp())


def end_of_day(day: date, zone: str) -> int:
    """The first second after the day: "until 31 May" is 1 June 00:00. Source: rules.md §2."""
    return start_of_day(day + _DAY, zone)


def is_start_of_day(moment: int, zone: str) -> bool:
    """Whether a day begins at the moment in the zone."""
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return start_of_day(local.date(), zone) == moment
