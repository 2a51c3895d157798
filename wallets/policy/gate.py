"""The owner's rules as a gate of the engine: asked under the account's lock, in the transaction that signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from people.events import publish_many
from persistence.database import Transaction
from persistence.jobs import enqueue
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.errors import ApprovalNeeded, PolicyRefused, QuanbaoError
from wallets.engine.gates import Asked, Authority
from wallets.engine.model import Payment
from wallets.engine.reservations import sql as reservations
from wallets.engine.reservations.model import Reservation
from wallets.policy import sql
from wallets.policy.approving import sql as words
from wallets.policy.defaults import Defaults
from wallets.policy.facts import PaymentFacts, facts_of
from wallets.policy.judge import Circumstances, Reason, Verdict, judge, measure
from wallets.policy.model import Version
from wallets.policy.ports import RiskAssessor
from wallets.policy.rules import Cooling, Document, Limit, Outcome, RiskScore
from wallets.policy.windows import reservations_for, scope_of, used_of, windowed_of
from wallets.policy.worth import Parts, totals, worth_of
from wallets.prices.ports import PriceSource

EXPIRES = "policy.approval_expires"
ASKED = "approval.asked"
WAITS_FOR_CODE = timedelta(hours=1)
"""How long a payment waits for its payer's second factor."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One payment before the rules."""

    payment: Payment
    facts: PaymentFacts
    document: Document
    version: Version | None


class PolicyGate:
    """`wallets.engine.gates.Gate`, for all payments of a commit together.

    Every answer is stored with its reasons, and what windowed limits count is reserved in the engine's table, in the
    same transaction: two payments never share the last of a limit.

    Args:
        decimals: Of the money that is known on the configured chains.
        risk: Scores payments for rules that ask for a score.
    """

    def __init__(
        self,
        defaults: Defaults,
        prices: PriceSource,
        decimals: Mapping[AssetId, int],
        *,
        risk: RiskAssessor | None = None,
    ) -> None:
        self.defaults = defaults
        self._prices = prices
        self._decimals = decimals
        self._risk = risk

    async def admit(self, tx: Transaction, payment: Payment, authority: Authority) -> None:
        """Raises PolicyRefused, ApprovalNeeded; PriceUnavailable, PriceStale: ask again."""
        (error,) = await self.admit_many(tx, [(payment, authority)])
        if error is not None:
            raise error

    async def admit_many(self, tx: Transaction, asked: Sequence[Asked]) -> Sequence[QuanbaoError | None]:
        """What `admit` would raise for each. Only first signatures are decided: a dearer one moves no more value."""
        governed: dict[UUID, tuple[Payment, PaymentFacts]] = {}
        for payment, authority in asked:
            if authority.signing == "pay":
                facts = facts_of(payment, self._decimals)
                if facts.is_governed:
                    governed[payment.id] = (payment, facts)
        if not governed:
            return [None] * len(asked)
        cases, now = await self._cases(tx, list(governed.values()))
        errors = await self._decide(tx, cases, now)
        return [errors.get(payment.id) for payment, _ in asked]

    def document_for(self, facts: PaymentFacts, version: Version | None) -> Document:
        """The owner's rules, or the default ones."""
        if version is not None:
            return version.document
        return self.defaults.person if facts.signs == "person" else self.defaults.organisation

    async def _cases(
        self, tx: Transaction, governed: Sequence[tuple[Payment, PaymentFacts]]
    ) -> tuple[list[_Case], datetime]:
        tenants = {facts.tenant_id for _, facts in governed}
        versions, now = await sql.current_versions(tx, tenants)
        locked = {
            facts.tenant_id
            for _, facts in governed
            if windowed_of(self.document_for(facts, versions.get(facts.tenant_id)), facts)
        }
        if locked:
            await reservations.lock_scopes(tx, [scope_of(tenant) for tenant in locked])
            # Somebody may have changed the rules while we waited for the lock.
            versions, now = await sql.current_versions(tx, tenants)
        return [
            _Case(payment, facts, self.document_for(facts, version), version)
            for payment, facts in governed
            for version in (versions.get(facts.tenant_id),)
        ], now

    async def _decide(self, tx: Transaction, cases: Sequence[_Case], now: datetime) -> Mapping[UUID, QuanbaoError]:
        known = await self._known(tx, cases)
        windows: dict[tuple[UUID, str], int] = {}
        asked = [case.payment.id for case in cases]
        errors: dict[UUID, QuanbaoError] = {}
        decided = []
        reserved: list[tuple[UUID, Reservation]] = []
        for case in cases:
            limits = windowed_of(case.document, case.facts)
            for limit in limits:
                key = (case.facts.tenant_id, limit.id)
                if key not in windows:
                    windows[key] = await used_of(tx, case.facts.tenant_id, limit, case.document, now, without=asked)
            parts = await self.worth(case.facts, case.document)
            risk = await self._score(tx, case)
            verdict = await self._verdict(tx, case, now, parts, known, windows, risk)
            decided.append(_row(case, verdict, risk))
            error = await self._consequence(tx, case, verdict, now)
            if error is not None:
                errors[case.payment.id] = error
                continue
            reserved += [(case.payment.id, one) for one in reservations_for(case.facts, limits, parts)]
            worths = totals(parts)
            for limit in limits:
                windows[case.facts.tenant_id, limit.id] += measure(limit.at_most, case.facts, worths)
        await reservations.reserve(tx, reserved)
        await sql.insert_decisions(tx, decided)
        return errors

    async def worth(self, facts: PaymentFacts, document: Document) -> Parts:
        """What leaves, in every currency that a rule counts in."""
        currencies = {one.currency for one in document.sums(facts.sender.chain) if one.currency is not None}
        return await worth_of(facts, currencies, self._prices) if facts.leaving else {one: {} for one in currencies}

    async def _known(self, tx: Transaction, cases: Sequence[_Case]) -> Mapping[tuple[UUID, AccountId], datetime]:
        wanted = {
            (case.facts.tenant_id, recipient)
            for case in cases
            for recipient in case.facts.recipients
            if any(isinstance(rule, Cooling) and rule.is_of(recipient.chain) for rule in case.document.rules)
        }
        return await sql.known_since(tx, wanted)

    async def _score(self, tx: Transaction, case: _Case) -> int | None:
        if self._risk is None or not any(isinstance(rule, RiskScore) for rule in case.document.rules):
            return None
        return (await self._risk.assess(tx, case.facts)).score

    async def _verdict(
        self,
        tx: Transaction,
        case: _Case,
        now: datetime,
        parts: Parts,
        known: Mapping[tuple[UUID, AccountId], datetime],
        windows: Mapping[tuple[UUID, str], int],
        risk: int | None,
    ) -> Verdict:
        facts = case.facts

        def used(limit: Limit) -> int:
            return windows[facts.tenant_id, limit.id]

        circumstances = Circumstances(
            now=now,
            worths=totals(parts),
            used=used,
            known_since={
                recipient: known[facts.tenant_id, recipient]
                for recipient in facts.recipients
                if (facts.tenant_id, recipient) in known
            },
            risk=risk,
        )
        verdict = judge(case.document, facts, circumstances)
        if verdict.outcome not in (Outcome.APPROVAL, Outcome.SECOND_FACTOR):
            return verdict
        approvals, proved_at = await words.words_of(tx, case.payment, facts.payload_hash)
        if not approvals and proved_at is None:
            return verdict
        return judge(case.document, facts, replace(circumstances, approvals=approvals, proved_at=proved_at))

    async def _consequence(self, tx: Transaction, case: _Case, verdict: Verdict, now: datetime) -> QuanbaoError | None:
        if verdict.outcome is Outcome.ALLOW:
            return None
        if verdict.price_error is not None:
            return verdict.price_error
        speaking = [reason for reason in verdict.reasons if reason.effect is verdict.outcome]
        text = "; ".join(reason.message for reason in speaking)
        if verdict.outcome is Outcome.DENY:
            return PolicyRefused(f"your rules do not allow this: {text}", rule=",".join(one.rule for one in speaking))
        needs = [reason for reason in verdict.reasons if reason.effect is not Outcome.ALLOW]
        expires_at = now + _patience(needs)
        await words.put_request(tx, case.payment, case.facts.payload_hash, [one.to_json() for one in needs], expires_at)
        await enqueue(tx, EXPIRES, str(case.payment.id), {"payment_id": str(case.payment.id)}, delay=expires_at - now)
        asked = {UUID(person) for one in needs for person in one.facts.get("approvers", ())}
        data = {"payment_id": str(case.payment.id), "act": case.facts.act}
        await publish_many(tx, [(person, ASKED, data) for person in sorted(asked)])
        return ApprovalNeeded(text, needs=[reason.rule for reason in needs], until=expires_at)


def _patience(needs: Sequence[Reason]) -> timedelta:
    seconds = [int(reason.facts["seconds"]) for reason in needs if reason.kind == "approval"]
    return timedelta(seconds=min(seconds)) if seconds else WAITS_FOR_CODE


def _row(case: _Case, verdict: Verdict, risk: int | None) -> Mapping[str, object]:
    return {
        "tenant_id": case.facts.tenant_id,
        "payment_id": case.payment.id,
        "act": case.facts.act,
        "account": str(case.facts.sender),
        "outcome": verdict.outcome.value,
        "leaving": [
            {
                "asset": str(one.asset),
                "base_units": str(one.base_units),
                "recipient": None if one.recipient is None else str(one.recipient),
            }
            for one in case.facts.leaving
        ],
        "reasons": [reason.to_json() for reason in verdict.reasons],
        "policy_id": None if case.version is None else case.version.id,
        "risk": risk,
    }
