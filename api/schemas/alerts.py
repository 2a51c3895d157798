"""Schemas of alerts, scores and freezes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.base import Moment, RequestBody, ResponseBody
from wallets.freeze.model import Freeze
from wallets.risk.model import Alert, Finding, Override, Source, Verdict
from wallets.risk.sql import Decision

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=40)]


class FindingRead(ResponseBody):
    """A rule that holds."""

    rule: str = Field(examples=["approval.unlimited"], description="Its id, as docs/risk.md lists it")
    score: int = Field(ge=0, le=100)
    message: str
    evidence: dict[str, Any] = Field(description="What the rule saw")

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(rule=finding.rule, score=finding.score, message=finding.message, evidence=dict(finding.evidence))


class OverrideRead(ResponseBody):
    """Somebody's word that it is all right."""

    how: Literal["accepted", "overridden"] = Field(
        description="accepted: by the warning's code, before signing; overridden: afterwards, with a reason"
    )
    rules: list[str]
    by: UUID
    reason: str | None
    created_at: Moment
    expires_at: Moment | None = Field(description="Until then the rules do not stop an equal act")

    @classmethod
    def of(cls, override: Override) -> Self:
        return cls(
            how="overridden" if override.how == "overridden" else "accepted",
            rules=list(override.rules),
            by=override.by,
            reason=override.reason,
            created_at=override.created_at,
            expires_at=override.expires_at,
        )


class AlertRead(ResponseBody):
    """What the rules told, and what was said of it."""

    id: UUID
    tenant_id: UUID = Field(description="The person or the organisation that it is for")
    source: Source
    subject: str = Field(
        description="A payment's or a request's id, or the name of a burst of payments or of a pattern of orders"
    )
    account: str | None = Field(description="CAIP-10")
    score: int = Field(ge=0, le=100)
    verdict: Verdict = Field(description="alert: told; blocked: not signed; frozen: not signed, and the account frozen")
    findings: list[FindingRead]
    created_at: Moment
    acknowledged_at: Moment | None
    acknowledged_by: UUID | None
    overrides: list[OverrideRead]

    @classmethod
    def of(cls, alert: Alert) -> Self:
        return cls(
            id=alert.id,
            tenant_id=alert.tenant_id,
            source=alert.source,
            subject=alert.subject,
            account=None if alert.account is None else str(alert.account),
            score=alert.score,
            verdict=alert.verdict,
            findings=[FindingRead.of(one) for one in alert.findings],
            created_at=alert.created_at,
            acknowledged_at=alert.acknowledged_at,
            acknowledged_by=alert.acknowledged_by,
            overrides=[OverrideRead.of(one) for one in alert.overrides],
        )


class OverrideRequest(RequestBody):
    """Why it is all right. `code`: of the authenticator, for whoever uses one."""

    reason: Reason = Field(examples=["this is my own second wallet"])
    code: Code | None = None


class ScoreRead(ResponseBody):
    """How a payment or a signature was scored."""

    subject: UUID
    source: Source
    score: int = Field(ge=0, le=100)
    verdict: Verdict
    findings: list[FindingRead]

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(
            subject=decision.id,
            source=decision.source,
            score=decision.score,
            verdict=decision.verdict,
            findings=[FindingRead.of(one) for one in decision.findings],
        )


class FreezeRequest(RequestBody):
    """Keep an account from signing. No account: all of them. No organisation: the caller's own."""

    account: str | None = Field(default=None, max_length=200, description="CAIP-10", examples=[None])
    organisation_id: UUID | None = Field(default=None, examples=[None])
    reason: Reason = Field(examples=["I have lost my telephone"])


class ReleaseRequest(RequestBody):
    """With a second factor that was in use before the freeze."""

    code: Code = Field(examples=["123456"])
    reason: Reason = Field(examples=["found it again"])


class ReleaseAsked(RequestBody):
    """Why a second person should agree."""

    reason: Reason = Field(examples=["it was a false alarm"])


class FreezeRead(ResponseBody):
    """One freeze. It lasts while `released_at` is null."""

    id: UUID
    tenant_id: UUID
    address: str | None = Field(description="eip155:0x… or solana:…, on every chain of the family; null: all accounts")
    reason: str
    alert_id: UUID | None
    frozen_by: UUID | None = Field(description="null: the rules")
    frozen_at: Moment
    release_asked_by: UUID | None
    release_asked_at: Moment | None
    release_reason: str | None
    released_by: UUID | None
    released_at: Moment | None
    released_how: Literal["second_factor", "second_person"] | None

    @classmethod
    def of(cls, frozen: Freeze) -> Self:
        return cls(**{name: getattr(frozen, name) for name in cls.model_fields})
