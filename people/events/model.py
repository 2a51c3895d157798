"""An event and its place in the feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from primitives.errors import InvalidValue

_CURSOR = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")


@dataclass(frozen=True, slots=True, order=True)
class EventCursor:
    """A place in the feed: the writing transaction's number, then the row's.

    Row numbers are handed out before commit, so that a reader who only remembers the last row number would miss a row
    that commits late. Ordering by the transaction's number, and reading only below the oldest running transaction,
    misses nothing.
    """

    transaction: int
    row: int

    @classmethod
    def parse(cls, text: str) -> Self:
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise InvalidValue("this is not a place in the event feed")
        place = cls(int(match[1]), int(match[2]))
        if max(place.transaction, place.row) >= 2**63:
            raise InvalidValue("this is not a place in the event feed")
        return place

    def __str__(self) -> str:
        return f"{self.transaction}-{self.row}"


@dataclass(frozen=True, slots=True)
class Place:
    """How far all events were handed on; rows up to `behind_row` were handed on by an earlier server."""

    cursor: EventCursor
    behind_row: int


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is a dotted name (`payment.final`, `order.paid`); `data` is JSON without secrets."""

    cursor: EventCursor
    tenant_id: UUID
    kind: str
    data: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that one consumer failed at `tries` times; the others have it behind them."""

    event: Event
    consumer: str
    tries: int
