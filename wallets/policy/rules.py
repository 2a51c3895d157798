"""The rules that an owner can set, as values. What a document may say, and how it is read, is in `document.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId


class Outcome(StrEnum):
    """allow < second_factor < approval < deny: the strictest of all rules counts, whatever their order."""

    ALLOW = "allow"
    SECOND_FACTOR = "second_factor"
    APPROVAL = "approval"
    DENY = "deny"

    @property
    def rank(self) -> int:
        return tuple(Outcome).index(self)


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of one asset (base units), or of everything that leaves, in one currency (ISO 4217 minor units)."""

    units: int
    asset: AssetId | None = None
    currency: str | None = None

    @property
    def unit(self) -> str:
        return self.currency if self.currency is not None else str(self.asset)


Window = Literal["payment", "day", "rolling"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What all rules have.

    Attributes:
        id: The owner's name for it, by which decisions name it.
        chains: Where it applies; empty: everywhere.
    """

    id: str
    chains: frozenset[ChainId] = frozenset()

    def is_of(self, chain: ChainId) -> bool:
        return not self.chains or chain in self.chains


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Rule):
    """Denies what would pass a sum: in one payment, in one calendar day of the document's zone, or in the last
    `seconds`."""

    at_most: Sum
    window: Window
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients(Rule):
    """Denies everybody but the listed (`only`), or the listed (`never`)."""

    mode: Literal["only", "never"]
    accounts: frozenset[AccountId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooling(Rule):
    """Denies more than `above` to a recipient that has been known for less than `seconds`. None: anything at all."""

    seconds: int
    above: Sum | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Wall-clock time of the document's zone on some weekdays (1 Monday to 7 Sunday), half-open; `until` None: the end
    of the day."""

    days: frozenset[int]
    start: time
    until: time | None

    @property
    def minutes(self) -> range:
        """Of a day."""
        last = 24 * 60 if self.until is None else self.until.hour * 60 + self.until.minute
        return range(self.start.hour * 60 + self.start.minute, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours(Rule):
    """Denies outside all of its spans."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Rule):
    """Above a sum, `needed` of the approvers must agree to the exact payment; each word counts for `seconds`."""

    above: Sum
    approvers: frozenset[UUID]
    needed: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor(Rule):
    """Above a sum, the payer proves a second factor for the exact payment."""

    above: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableCalls(Rule):
    """Contract calls and programs that nobody here can read to the end."""

    effect: Literal[Outcome.DENY, Outcome.SECOND_FACTOR]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSigning(Rule):
    """Messages and documents for dApps that nobody here can read: what they let others take is unknown."""

    effect: Literal[Outcome.DENY, Outcome.SECOND_FACTOR]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskScore(Rule):
    """Payments that the risk rules score so high, 1 to 100."""

    at_least: int
    effect: Literal[Outcome.DENY, Outcome.SECOND_FACTOR]


AnyRule = Limit | Recipients | Cooling | Hours | Approval | SecondFactor | UnreadableCalls | BlindSigning | RiskScore


@dataclass(frozen=True, slots=True)
class Document:
    """All rules of one owner; `zone` says when a day begins and which hours are meant."""

    zone: ZoneInfo
    rules: tuple[AnyRule, ...]

    @property
    def windowed(self) -> tuple[Limit, ...]:
        """Limits over more than one payment: what is signed must be reserved."""
        return tuple(rule for rule in self.rules if isinstance(rule, Limit) and rule.window != "payment")

    def sums(self, chain: ChainId) -> tuple[Sum, ...]:
        """Every sum that a payment on this chain is compared with."""
        found: list[Sum] = []
        for rule in self.rules:
            if not rule.is_of(chain):
                continue
            match rule:
                case Limit(at_most=one) | Approval(above=one) | SecondFactor(above=one):
                    found.append(one)
                case Cooling(above=Sum() as one):
                    found.append(one)
        return tuple(found)
