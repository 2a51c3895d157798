"""A notification, its kinds, and what a person wants of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from primitives.errors import InvalidValue

Language = Literal["en", "zh-CN"]


class NotificationKind(StrEnum):
    """What a person can be told of, and switch off or have by mail one by one."""

    LAUNCH = "launch"
    """A merchant that the person follows has launched a campaign."""
    RECEIVED = "received"
    """A voucher came."""
    EXPIRING = "expiring"
    """Vouchers end soon."""
    REDEEMED = "redeemed"
    """An order of the person's is paid, with vouchers or without."""
    REFUNDED = "refunded"
    """An order was refunded."""
    FROZEN = "frozen"
    """An account, a campaign or a person was frozen, or is free again."""
    PAYMENT_FAILED = "payment_failed"
    """A payment ended without effect."""
    DISPUTE = "dispute"
    """A redemption is disputed, or its dispute was decided."""
    CASE = "case"
    """There is an answer in a support case, or a new case."""
    WEBHOOK = "webhook"
    """An endpoint of the person's organisation was switched off."""
    ACCOUNT = "account"
    """Somebody joined or left an organisation, or an account runs low."""


ALWAYS = frozenset({NotificationKind.FROZEN})
"""Shown even to those who muted it: whoever froze an account in their name must not be able to hide it."""

BY_MAIL = frozenset({NotificationKind.EXPIRING, NotificationKind.FROZEN, NotificationKind.REFUNDED})
"""Mailed unless the person chose otherwise."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing told to one person. `facts` fill in the text, which is written when it is read."""

    id: UUID
    person_id: UUID
    kind: NotificationKind
    facts: Mapping[str, Any]
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Preferences:
    """None: not chosen. `zone` is an IANA name."""

    language: Language | None = None
    zone: str | None = None
    mail: frozenset[NotificationKind] = field(default=BY_MAIL)
    muted: frozenset[NotificationKind] = frozenset()

    def in_zone(self, fallback: str | None = None) -> ZoneInfo:
        """The person's zone, else the one that the facts came with, else UTC."""
        return ZoneInfo(self.zone or fallback or "UTC")


def checked_preferences(
    language: Language | None,
    zone: str | None,
    mail: Collection[NotificationKind],
    muted: Collection[NotificationKind],
) -> Preferences:
    """Raises InvalidValue: no such time zone."""
    if zone is not None and zone not in available_timezones():
        raise InvalidValue("a zone is a name like Asia/Shanghai")
    return Preferences(language, zone, frozenset(mail), frozenset(muted) - ALWAYS)
