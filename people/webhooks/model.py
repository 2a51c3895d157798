"""An endpoint, and what is sent to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from primitives.errors import InvalidValue

BODY_VERSION = 1
"""Rises when a field changes its meaning; it is in the body and so below the signature."""

GROUPS = (
    "account",
    "campaign",
    "case",
    "claim",
    "gift",
    "issuance",
    "order",
    "organisation",
    "payment",
    "redemption",
    "settlement",
    "trigger",
    "voucher",
)
"""First parts of the names of events that organisations are told."""

TEST_KIND = "webhook.test"
MAX_ENDPOINTS = 20
MAX_KINDS = 40

PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400)
)
"""Between attempts; after the last one a delivery has failed, and is sent again by hand only."""

DISABLED_AFTER = timedelta(days=3)
"""An endpoint that has answered nothing for so long is switched off, and its organisation told."""

LONGEST_QUIET = timedelta(minutes=5)
"""While an endpoint fails, one of its deliveries at a time finds out whether it is back."""

ROTATION = timedelta(hours=24)
"""How long a replaced secret still signs beside the new one."""

_KIND = re.compile(r"(?:\*|[a-z]+\.(?:\*|[a-z_]+))")


class EndpointStatus(StrEnum):
    """Whether anything is sent."""

    ACTIVE = "active"
    PAUSED = "paused"
    """By its organisation."""
    DISABLED = "disabled"
    """By us: it failed for too long, or said that it is gone."""


class DeliveryStatus(StrEnum):
    """Of one event to one endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an organisation's events go.

    Attributes:
        kinds: Names (`order.paid`), groups (`order.*`), or everything (`*`).
        failing_since: When the first of an unbroken row of failures was.
        quiet_until: Nothing is sent before.
    """

    id: UUID
    organisation_id: UUID
    url: str
    kinds: Sequence[str]
    status: EndpointStatus
    created_at: datetime
    failing_since: datetime | None
    failures: int
    quiet_until: datetime | None
    reason: str | None
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint; `body` is sent as it is at every attempt."""

    id: UUID
    endpoint_id: UUID
    message_id: str
    kind: str
    body: str
    status: DeliveryStatus
    attempts: int
    tries: int
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. `answer` is the HTTP status, None where there was none; `problem` then says why."""

    number: int
    at: datetime
    answer: int | None
    problem: str | None
    milliseconds: int


def checked_kinds(kinds: Collection[str]) -> list[str]:
    """In order, each once. Raises InvalidValue: none, too many, or one that no event can have."""
    wrong = sorted(
        kind for kind in set(kinds) if not _KIND.fullmatch(kind) or (kind != "*" and kind.split(".")[0] not in GROUPS)
    )
    if wrong or not kinds or len(kinds) > MAX_KINDS:
        raise InvalidValue(
            f"events are `*`, a group like `order.*`, or a name like `order.paid`; groups are {', '.join(GROUPS)}",
            unknown=wrong[:5],
        )
    return sorted(set(kinds))


def wants(kinds: Collection[str], kind: str) -> bool:
    """Whether an endpoint with these names is sent an event of this kind."""
    group = kind.partition(".")[0]
    return kind in kinds or f"{group}.*" in kinds or ("*" in kinds and group in GROUPS)
