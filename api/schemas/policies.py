"""Schemas of owners' rules, decisions, limits and approvals."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from api.schemas.amounts import AssetText, BaseUnitsText
from api.schemas.base import Moment, RequestBody, ResponseBody
from wallets.engine.model import Payment
from wallets.policy.approvals import Heard
from wallets.policy.document import MAX_ACCOUNTS, MAX_APPROVERS, MAX_RULES, MAX_SPANS, document_to_json
from wallets.policy.model import ApprovalRequest, Decision, LimitUsed, PolicyState, Version
from wallets.policy.replay import DryRun, Tried
from wallets.policy.rules import Outcome

Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]
"""Six digits of an authenticator, or a recovery code."""
Text = Annotated[str, StringConstraints(max_length=120)]
HashText = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]


class SpanBody(RequestBody):
    """Wall-clock time of the zone on some weekdays, half-open."""

    days: list[int] = Field(min_length=1, max_length=7, description="1 Monday to 7 Sunday")
    start: Text = Field(examples=["09:00"])
    until: Text = Field(examples=["18:00", "24:00"])


class RuleBody(RequestBody):
    """One rule; which fields it has is decided by `kind` (docs/policy.md)."""

    id: Text = Field(description="The owner's name for it: a-z, 0-9, dot, dash, underscore")
    kind: Literal["limit", "recipients", "cooling", "hours", "approval", "second_factor", "calls", "blind", "risk"]
    chains: list[Text] | None = Field(default=None, max_length=50, description="CAIP-2; left out: on all chains")
    window: Text | None = Field(default=None, description="limit: `payment`, `day` or `rolling`")
    seconds: int | None = Field(default=None, description="limit (rolling), cooling, approval: how long")
    asset: AssetText | None = Field(default=None, description="CAIP-19: sums are base units of it")
    currency: Text | None = Field(default=None, description="ISO 4217: sums are minor units of all that leaves")
    at_most: BaseUnitsText | None = Field(default=None, description="limit")
    above: BaseUnitsText | None = Field(default=None, description="cooling, approval, second_factor")
    mode: Text | None = Field(default=None, description="recipients: `only` or `never`")
    accounts: list[Text] | None = Field(default=None, max_length=MAX_ACCOUNTS, description="recipients: CAIP-10")
    spans: list[SpanBody] | None = Field(default=None, max_length=MAX_SPANS, description="hours: when payments may be")
    approvers: list[UUID] | None = Field(default=None, max_length=MAX_APPROVERS, description="approval: persons")
    needed: int | None = Field(default=None, description="approval: how many of them")
    at_least: int | None = Field(default=None, description="risk: score from 1 to 100")
    effect: Text | None = Field(default=None, description="calls, blind, risk: `deny` or `second_factor`")


class PolicyBody(RequestBody):
    """All rules of one owner."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "zone": "Asia/Shanghai",
                "rules": [
                    {"id": "daily", "kind": "limit", "window": "day", "currency": "CNY", "at_most": "500000"},
                    {"id": "code", "kind": "second_factor", "currency": "CNY", "above": "100000"},
                ],
            }
        }
    )

    zone: Text = Field(description="IANA zone: when a day begins, and which hours are meant")
    rules: list[RuleBody] = Field(max_length=MAX_RULES)

    def to_json(self) -> dict[str, Any]:
        """As `wallets.policy.document` reads it: what was left out stays out."""
        document: dict[str, Any] = self.model_dump(mode="json", exclude_unset=True)
        return document


class PolicySave(RequestBody):
    """New rules; with a code, when they loosen earlier ones."""

    policy: PolicyBody
    code: Code | None = Field(default=None, repr=False, description="Of the caller's authenticator, for a loosening")


class DryRunRequest(RequestBody):
    """Rules to try out on the past."""

    policy: PolicyBody
    days: int = Field(default=30, ge=1, le=366, description="How far back")


class CodeBody(RequestBody):
    """A proof of the caller's second factor, where one is set up."""

    code: Code | None = Field(default=None, repr=False)


class ApprovalBody(RequestBody):
    """A word about exactly one payment."""

    payload_hash: HashText = Field(description="Of the payment that was shown; another one is refused")
    decision: Literal["approve", "refuse"] = "approve"
    code: Code | None = Field(
        default=None, repr=False, description="Of the caller's authenticator, where one is set up"
    )


class VersionRead(ResponseBody):
    """Rules that were saved."""

    id: UUID
    policy: dict[str, Any]
    created_by: UUID
    created_at: Moment
    effective_at: Moment
    loosens: list[str] = Field(description="Earlier rules that these hold less strictly")
    approved_by: UUID | None

    @classmethod
    def of(cls, version: Version) -> Self:
        return cls(
            id=version.id,
            policy=document_to_json(version.document),
            created_by=version.created_by,
            created_at=version.created_at,
            effective_at=version.effective_at,
            loosens=list(version.loosens),
            approved_by=version.approved_by,
        )


class PolicyRead(ResponseBody):
    """The rules that count now."""

    policy: dict[str, Any] = Field(description="As `PUT` takes them")
    default: bool = Field(description="Whether these are the installation's default rules")
    current: VersionRead | None
    waiting: VersionRead | None = Field(description="A loosening whose time has not come")

    @classmethod
    def of(cls, state: PolicyState) -> Self:
        return cls(
            policy=document_to_json(state.document),
            default=state.current is None,
            current=None if state.current is None else VersionRead.of(state.current),
            waiting=None if state.waiting is None else VersionRead.of(state.waiting),
        )


class ReasonRead(ResponseBody):
    """What one rule said."""

    rule: str
    kind: str
    effect: Outcome
    message: str
    facts: dict[str, Any]


class LeavingRead(ResponseBody):
    """A part of what a payment takes away."""

    asset: str
    base_units: str
    recipient: str | None


class DecisionRead(ResponseBody):
    """What the rules said of a payment, with every reason."""

    id: UUID
    payment_id: UUID | None
    subject: dict[str, str] | None = Field(
        description="Of what is no payment of the owner's own: `order`, or `request` of a dApp, by id"
    )
    act: str
    account: str
    outcome: Outcome
    leaving: list[LeavingRead]
    reasons: list[ReasonRead]
    policy_id: UUID | None = Field(description="The version that was asked; null: the default rules")
    risk: int | None
    decided_at: Moment

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(
            id=decision.id,
            payment_id=decision.payment_id,
            subject=None if decision.subject is None else dict(decision.subject),
            act=decision.act,
            account=decision.account,
            outcome=decision.outcome,
            leaving=[LeavingRead(**one) for one in decision.leaving],
            reasons=[ReasonRead(**one) for one in decision.reasons],
            policy_id=decision.policy_id,
            risk=decision.risk,
            decided_at=decision.decided_at,
        )


class LimitRead(ResponseBody):
    """A limit, and how much of it is used."""

    rule: str
    window: Literal["payment", "day", "rolling"]
    seconds: int
    unit: str = Field(description="CAIP-19, or ISO 4217")
    at_most: str
    used: str
    left: str
    since: Moment | None

    @classmethod
    def of(cls, used: LimitUsed) -> Self:
        limit = used.limit
        return cls(
            rule=limit.id,
            window=limit.window,
            seconds=limit.seconds,
            unit=limit.at_most.unit,
            at_most=str(limit.at_most.units),
            used=str(used.used),
            left=str(max(0, limit.at_most.units - used.used)),
            since=used.since,
        )


class TriedRead(ResponseBody):
    """A past payment of which the tried rules say something else."""

    payment_id: UUID
    act: str
    created_at: Moment
    now: Outcome = Field(description="What the present rules say")
    then: Outcome
    reasons: list[ReasonRead]

    @classmethod
    def of(cls, tried: Tried) -> Self:
        return cls(
            payment_id=tried.payment.id,
            act=tried.payment.act,
            created_at=tried.payment.created_at,
            now=tried.now,
            then=tried.then.outcome,
            reasons=[ReasonRead(**one.to_json()) for one in tried.then.reasons],
        )


class DryRunRead(ResponseBody):
    """What the tried rules would have said; prices are today's, and nobody's approval is assumed."""

    payments: int
    outcomes: dict[Outcome, int]
    changed: list[TriedRead]
    complete: bool = Field(description="False: there were more payments, and the newest were tried")

    @classmethod
    def of(cls, run: DryRun) -> Self:
        return cls(
            payments=run.payments,
            outcomes=dict(run.outcomes),
            changed=[TriedRead.of(one) for one in run.changed],
            complete=run.complete,
        )


class ApprovalRead(ResponseBody):
    """A payment that waits for words, the rest of an order, or something that a dApp wants signed."""

    payment_id: UUID = Field(description="By which the word is said: `POST /transfers/{payment_id}/approve`")
    subject: dict[str, str] | None = Field(
        description="Of what is no payment of the owner's own: `order`, or `request` of a dApp, by id"
    )
    owner: UUID
    act: str
    intent: dict[str, Any] = Field(description="What would happen, in full")
    payload_hash: HashText
    needs: list[ReasonRead]
    approved_by: list[UUID]
    created_at: Moment
    expires_at: Moment

    @classmethod
    def of(cls, request: ApprovalRequest, payment: Payment | None) -> Self:
        commitment = request.commitment or {}
        return cls(
            payment_id=request.payment_id,
            subject=commitment.get("subject"),
            owner=request.tenant_id,
            act=commitment["act"] if payment is None else payment.act,
            intent=dict(commitment) if payment is None else payment.intent.to_json(),
            payload_hash="0x" + request.payload_hash.hex(),
            needs=[ReasonRead(**one) for one in request.needs],
            approved_by=list(request.words),
            created_at=request.created_at,
            expires_at=request.expires_at,
        )


class ApprovedRead(ResponseBody):
    """Where it stands after the word."""

    payment_id: UUID
    status: str

    @classmethod
    def of(cls, heard: Heard) -> Self:
        return cls(payment_id=heard.id, status=heard.status.value)
