"""A case, its conversation, and how it ended."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from primitives.spoken_code import spoken_code


class SubjectKind(StrEnum):
    """What a case is about."""

    GENERAL = "general"
    ORDER = "order"
    PAYMENT = "payment"
    VOUCHER = "voucher"
    REDEMPTION = "redemption"


class CaseStatus(StrEnum):
    """Whose turn it is."""

    OPEN = "open"
    """The merchant's or the operator's."""
    ANSWERED = "answered"
    """The asker's."""
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a case ended."""

    SOLVED = "solved"
    REFUNDED = "refunded"
    """The redemption that it is about was reversed."""
    REFUSED = "refused"
    """With reasons."""
    WITHDRAWN = "withdrawn"
    """By the asker."""


class Side(StrEnum):
    """Who says something."""

    HOLDER = "holder"
    MERCHANT = "merchant"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Case:
    """Attributes:
    organisation_id: Who answers; None: the operator.
    reference: To tell on the telephone, `QB-7K3M9PQ2`.
    solved, score: The survey's two answers, once the case is closed.
    """

    id: UUID
    person_id: UUID
    organisation_id: UUID | None
    reference: str
    subject_kind: SubjectKind
    subject: str | None
    status: CaseStatus
    title: str = field(repr=False)
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    outcome: Outcome | None
    solved: bool | None
    score: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a case."""

    id: UUID
    side: Side
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """What askers answered, of the closed cases."""

    closed: int
    answered: int
    solved: int
    scores: dict[int, int]


def new_reference() -> str:
    """Forty random bits."""
    return f"QB-{spoken_code(secrets.randbits(40))}"
