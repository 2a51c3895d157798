"""A points programme, and what a holder has of it. Times are Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from primitives.voucher_id import CampaignId
from vouchers.rules import RuleDocument


class ProgrammeStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    """Nothing more is earned; what was earned is spent until it expires."""


@dataclass(frozen=True, slots=True)
class Programme:
    """`rules_hash`: keccak256 of its rule document; `earned`: all points ever earned, never above the cap."""

    id: CampaignId
    tenant_id: UUID
    status: ProgrammeStatus
    rules: RuleDocument
    rules_hash: bytes
    earned: int
    created_at: datetime


class PointsAct(StrEnum):
    """Why an entry was made."""

    EARN = "earn"
    HOLD = "hold"
    RELEASE = "release"
    SPEND = "spend"
    GIFT = "gift"
    RETURN = "return"
    TAKE_BACK = "take_back"
    EXPIRE = "expire"


class PointsSide(StrEnum):
    """The two sides of an entry: the holder's accounts, then the programme's."""

    AVAILABLE = "available"
    HELD = "held"
    DEBT = "debt"
    """Never above zero: points taken back that were spent already."""
    ISSUED = "issued"
    SPENT = "spent"
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class PointsAccount:
    """One holder's points of one programme. `debt` is paid by the next points that come.

    Attributes:
        entries: How many entries there are; `head` is the hash of the last, 32 bytes.
    """

    programme: CampaignId
    holder_id: UUID
    tenant_id: UUID
    available: int
    held: int
    debt: int
    entries: int
    head: bytes


@dataclass(frozen=True, slots=True)
class PointsLot:
    """Points that expire together; spent soonest-expiring first."""

    id: UUID
    expires_at: int
    points: int
    left: int


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """One act on a holder's account. `postings` sum to zero; `hash` is over the entry and the one before."""

    number: int
    act: PointsAct
    at: int
    reference: str | None
    postings: tuple[tuple[PointsSide, int], ...]
    hash: bytes


@dataclass(frozen=True, slots=True)
class PointsTotals:
    """A programme's books: per side over all holders, and what lots and accounts say. `balanced`: they agree."""

    by_side: dict[PointsSide, int]
    accounts: int
    lots: int

    @property
    def balanced(self) -> bool:
        return sum(self.by_side.values()) == 0 and self.accounts == self.lots == self.outstanding

    @property
    def outstanding(self) -> int:
        """Points that can still be spent: the shop's liability, before debts."""
        return self.by_side.get(PointsSide.AVAILABLE, 0) + self.by_side.get(PointsSide.HELD, 0)
