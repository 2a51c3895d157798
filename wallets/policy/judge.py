"""What the rules say of one payment. Every rule is asked, and the strictest answer counts: order never matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from primitives.account_id import AccountId
from primitives.errors import PriceError
from wallets.policy.facts import PaymentFacts
from wallets.policy.rules import (
    AnyRule,
    Approval,
    BlindSigning,
    Cooling,
    Document,
    Hours,
    Limit,
    Outcome,
    Recipients,
    RiskScore,
    SecondFactor,
    Sum,
    UnreadableCalls,
)

SECOND_FACTOR_FOR = timedelta(minutes=15)
"""How long a code that was proved for a payment counts."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a person has said about one payment, bound to its hash; only of persons who may still say it."""

    person_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that rules look at beside the payment itself.

    Attributes:
        worths: By currency: what leaves, in minor units rounded up, or why nobody can say.
        used: What a limit's window holds already, in its units, this payment not included.
        known_since: When each recipient was first meant to be paid.
        approvals: Of approvers who still are.
        proved_at: When the payer last proved a second factor for this payment.
        risk: Score of the risk rules; None where there are none.
    """

    now: datetime
    worths: Mapping[str, int | PriceError] = field(default_factory=dict)
    used: Callable[[Limit], int] = lambda limit: 0
    known_since: Mapping[AccountId, datetime] = field(default_factory=dict)
    approvals: Sequence[Word] = ()
    proved_at: datetime | None = None
    risk: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule says; `facts` are plain JSON, amounts as decimal text."""

    rule: str
    kind: str
    effect: Outcome
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "kind": self.kind,
            "effect": self.effect.value,
            "message": self.message,
            "facts": dict(self.facts),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome and everything that speaks for it, by rule.

    Attributes:
        price_error: Set when nothing but a missing or stale price denies it: a later try may be allowed.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    price_error: PriceError | None = None


def judge(document: Document, facts: PaymentFacts, now: Circumstances) -> Verdict:
    """Ask every rule that applies on the payment's chain."""
    reasons: list[Reason] = []
    price_errors: list[PriceError] = []
    for rule in document.rules:
        if not rule.is_of(facts.sender.chain):
            continue
        try:
            found = _ask(rule, document, facts, now)
        except PriceError as error:
            price_errors.append(error)
            found = Reason(rule.id, "price", Outcome.DENY, f"nobody can say what it is worth: {error.message}")
        if found is not None:
            reasons.append(found)
    reasons.sort(key=lambda reason: reason.rule)
    outcome = max((reason.effect for reason in reasons), key=lambda effect: effect.rank, default=Outcome.ALLOW)
    denying = [reason for reason in reasons if reason.effect is Outcome.DENY]
    only_prices = bool(denying) and all(reason.kind == "price" for reason in denying)
    return Verdict(outcome, tuple(reasons), price_errors[0] if only_prices else None)


def _ask(rule: AnyRule, document: Document, facts: PaymentFacts, now: Circumstances) -> Reason | None:
    match rule:
        case Limit():
            return _limit(rule, facts, now)
        case Recipients():
            return _recipients(rule, facts)
        case Cooling():
            return _cooling(rule, facts, now)
        case Hours():
            return _hours(rule, document, now)
        case Approval():
            return _approval(rule, facts, now)
        case SecondFactor():
            if measure(rule.above, facts, now.worths) <= rule.above.units:
                return None
            return _proof(rule.id, "second_factor", f"more than {_text(rule.above)} needs a second factor", now)
        case UnreadableCalls():
            if facts.readable or facts.is_signature:
                return None
            return _unread(rule.id, "calls", rule.effect, "nobody here can read what this call does", now)
        case BlindSigning():
            if facts.readable or not facts.is_signature:
                return None
            return _unread(rule.id, "blind", rule.effect, "nobody here can read what this signature lets happen", now)
        case RiskScore():
            if now.risk is None or now.risk < rule.at_least:
                return None
            message = f"the risk rules score it {now.risk} of 100"
            if rule.effect is Outcome.DENY:
                return Reason(rule.id, "risk", Outcome.DENY, message, {"score": now.risk})
            return _proof(rule.id, "risk", f"{message}: it needs a second factor", now)


def measure(wanted: Sum, facts: PaymentFacts, worths: Mapping[str, int | PriceError]) -> int:
    """How much of a sum's unit the payment takes. Raises PriceError."""
    if wanted.currency is None:
        return sum(one.base_units for one in facts.leaving if one.asset == wanted.asset)
    if not facts.leaving:
        return 0
    worth = worths[wanted.currency]
    if isinstance(worth, PriceError):
        raise worth
    return worth


def _limit(rule: Limit, facts: PaymentFacts, now: Circumstances) -> Reason | None:
    takes = measure(rule.at_most, facts, now.worths)
    if takes == 0:
        return None
    used = 0 if rule.window == "payment" else now.used(rule)
    if used + takes <= rule.at_most.units:
        return None
    window = {"payment": "one payment", "day": "one day", "rolling": f"{rule.seconds} seconds"}[rule.window]
    return Reason(
        rule.id,
        "limit",
        Outcome.DENY,
        f"{takes} would pass the limit of {_text(rule.at_most)} in {window}, of which {used} are used",
        {"unit": rule.at_most.unit, "at_most": str(rule.at_most.units), "used": str(used), "takes": str(takes)},
    )


def _recipients(rule: Recipients, facts: PaymentFacts) -> Reason | None:
    if rule.mode == "never":
        refused = [one for one in facts.recipients if one in rule.accounts]
        message = "is on the list of those who are never paid"
    else:
        refused = [one for one in facts.recipients if one not in rule.accounts]
        message = "is not on the list of those who may be paid"
        if not facts.readable and facts.called is None:
            return Reason(rule.id, "recipients", Outcome.DENY, "nobody here can read who would be paid")
    if not refused:
        return None
    named = [str(one) for one in refused]
    return Reason(rule.id, "recipients", Outcome.DENY, f"{named[0]} {message}", {"recipients": named})


def _cooling(rule: Cooling, facts: PaymentFacts, now: Circumstances) -> Reason | None:
    if rule.above is not None and measure(rule.above, facts, now.worths) <= rule.above.units:
        return None
    span = timedelta(seconds=rule.seconds)
    fresh = {one: now.known_since.get(one, now.now) + span for one in facts.recipients}
    waiting = {str(one): until for one, until in fresh.items() if until > now.now}
    if not waiting:
        return None
    until = max(waiting.values())
    return Reason(
        rule.id,
        "cooling",
        Outcome.DENY,
        f"{next(iter(waiting))} is new: this much can be paid there from {until.isoformat(timespec='seconds')} on",
        {"recipients": list(waiting), "until": until.isoformat()},
    )


def _hours(rule: Hours, document: Document, now: Circumstances) -> Reason | None:
    local = now.now.astimezone(document.zone)
    minute = local.hour * 60 + local.minute
    if any(local.isoweekday() in span.days and minute in span.minutes for span in rule.spans):
        return None
    message = (
        f"it is {local:%H:%M} of weekday {local.isoweekday()} in {document.zone.key}, outside the hours for payments"
    )
    return Reason(rule.id, "hours", Outcome.DENY, message, {"local_time": local.isoformat(timespec="minutes")})


def _approval(rule: Approval, facts: PaymentFacts, now: Circumstances) -> Reason | None:
    if measure(rule.above, facts, now.worths) <= rule.above.units:
        return None
    span = timedelta(seconds=rule.seconds)
    # Neither the payer nor whoever asked ever counts, whatever the rule lists.
    others = rule.approvers - {facts.tenant_id, facts.asked_by}
    have = {word.person_id for word in now.approvals if word.person_id in others and now.now < word.at + span}
    told = {
        "needed": rule.needed,
        "have": len(have),
        "approvers": sorted(str(one) for one in others),
        "seconds": rule.seconds,
    }
    if len(others) < rule.needed:
        message = f"it needs {rule.needed} approvals, and only {len(others)} others than who asked for it may give one"
        return Reason(rule.id, "approval", Outcome.DENY, message, told)
    if len(have) >= rule.needed:
        return Reason(rule.id, "approval", Outcome.ALLOW, f"approved by {len(have)}", told)
    message = f"more than {_text(rule.above)} needs {rule.needed} approvals and has {len(have)}"
    return Reason(rule.id, "approval", Outcome.APPROVAL, message, told)


def _unread(rule_id: str, kind: str, effect: Outcome, message: str, now: Circumstances) -> Reason:
    if effect is Outcome.DENY:
        return Reason(rule_id, kind, Outcome.DENY, message)
    return _proof(rule_id, kind, f"{message}: it needs a second factor", now)


def _proof(rule_id: str, kind: str, message: str, now: Circumstances) -> Reason:
    if now.proved_at is not None and now.now < now.proved_at + SECOND_FACTOR_FOR:
        return Reason(rule_id, kind, Outcome.ALLOW, "a second factor was proved for this payment")
    return Reason(rule_id, kind, Outcome.SECOND_FACTOR, message)


def _text(value: Sum) -> str:
    return f"{value.units} ({value.unit})"
