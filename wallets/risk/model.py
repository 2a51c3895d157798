"""What a rule found, what it adds up to, and what becomes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chains.intent import Intent
from chains.ports import Notice
from primitives.account_id import AccountId
from primitives.canonical_json import canonical_json

ALERT_AT = 40
BLOCK_AT = 80
FREEZE_AT = 100
"""From these scores on the owner is told; the act needs an override with a reason; the account is frozen."""


class Verdict(StrEnum):
    """passed < alert < blocked < frozen."""

    PASSED = "passed"
    ALERT = "alert"
    BLOCKED = "blocked"
    FROZEN = "frozen"

    @classmethod
    def of(cls, score: int) -> Verdict:
        if score >= FREEZE_AT:
            return cls.FROZEN
        if score >= BLOCK_AT:
            return cls.BLOCKED
        return cls.ALERT if score >= ALERT_AT else cls.PASSED

    @property
    def stops(self) -> bool:
        return self in (Verdict.BLOCKED, Verdict.FROZEN)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that holds.

    Attributes:
        rule: Its id, as docs/risk.md lists it (`approval.unlimited`); never reused for something else.
        score: What it adds, 0 to 100.
        message: What the person should know and do.
        evidence: What the rule saw: plain JSON, amounts as decimal text; no secrets, no personal data.
        warning: The code by which the person accepts it before signing; None: nothing to accept.
    """

    rule: str
    score: int
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    warning: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "score": self.score, "message": self.message, "evidence": dict(self.evidence)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        return cls(data["rule"], data["score"], data["message"], data["evidence"])


@dataclass(frozen=True, slots=True)
class Assessment:
    """Findings, each rule once; `overridden` names the rules that somebody has silenced for this very act.

    Attributes:
        score: 0 to 100; overridden rules add nothing.
    """

    findings: tuple[Finding, ...] = ()
    overridden: frozenset[str] = frozenset()
    score: int = field(init=False, compare=False, default=0)
    verdict: Verdict = field(init=False, compare=False, default=Verdict.PASSED)

    def __post_init__(self) -> None:
        # Once: a payment is asked for both a dozen times on its way to its signature.
        counted = [one.score for one in self.findings if one.rule not in self.overridden]
        object.__setattr__(self, "score", min(100, sum(counted)))
        object.__setattr__(self, "verdict", Verdict.of(self.score))

    @classmethod
    def of(cls, findings: Sequence[Finding], overridden: frozenset[str] = frozenset()) -> Assessment:
        """Of several findings of one rule the weightiest counts: ten equal calls in a batch are one danger."""
        best: dict[str, Finding] = {}
        for one in findings:
            known = best.get(one.rule)
            if known is None or one.score > known.score:
                best[one.rule] = one
        return cls(tuple(best.values()), overridden & best.keys())

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(one.rule for one in self.findings)


def notices_of(findings: Sequence[Finding]) -> tuple[Notice, ...]:
    """What must be accepted by name before it is signed."""
    return tuple(Notice(one.warning, one.message) for one in findings if one.warning is not None)


def is_first_payment(findings: Sequence[Finding]) -> bool:
    """Whether the recipient had never been paid, which `velocity.recipients` counts."""
    return any(one.rule == "recipient.first" for one in findings)


def digest_of(intent: Intent) -> bytes:
    """32 bytes SHA-256: the same act again has the same digest, so that an override finds it."""
    return hashlib.sha256(canonical_json(intent.to_json())).digest()


class Source(StrEnum):
    """Where an alert comes from."""

    PAYMENT = "payment"
    SIGNATURE = "signature"
    VOUCHERS = "vouchers"


@dataclass(frozen=True, slots=True)
class NewAlert:
    """What an owner is to be told.

    Attributes:
        tenant_id: Person or organisation that it is for.
        subject: What it is about: the id of a payment or request, the key of a burst of payments or of orders.
        digest: 32 bytes of the act (`digest_of`), by which an override finds it again.
        account: CAIP-10, where it is about one.
    """

    tenant_id: UUID
    source: Source
    subject: str
    digest: bytes
    assessment: Assessment
    account: AccountId | None = None

    @property
    def key(self) -> tuple[UUID, Source, str]:
        """There is one alert for it."""
        return self.tenant_id, self.source, self.subject

    @property
    def verdict(self) -> Verdict:
        """Patterns of vouchers are told to people and stop nothing by themselves."""
        found = self.assessment.verdict
        return Verdict.ALERT if self.source is Source.VOUCHERS and found.stops else found


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody's word that what a rule found is all right.

    Attributes:
        by: The person.
        how: `accepted`: by the code of the warning, before signing. `overridden`: afterwards, on the alert.
        reason: In the person's words; None where a warning was accepted by its code, or they cannot be read any more.
        expires_at: Until then an equal act is not stopped by these rules; None: it silences nothing further.
    """

    id: UUID
    tenant_id: UUID
    rules: tuple[str, ...]
    by: UUID
    how: str
    reason: str | None
    subject: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands."""

    id: UUID
    tenant_id: UUID
    source: Source
    subject: str
    digest: bytes
    account: AccountId | None
    score: int
    verdict: Verdict
    findings: tuple[Finding, ...]
    created_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    overrides: tuple[Override, ...] = ()
