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
from wallets.policy.commitment import Commitment
from wallets.policy.defaults import Defaults
from wallets.policy.facts import PaymentFacts, facts_of, payload_hash
from wallets.policy.judge import Circumstances, Reason, Verdict, judge, measure
from wallets.policy.model import Version
from wallets.policy.ports import RiskAssessor
from wallets.policy.rules import Cooling, Document, Limit, Outcome, RiskScore
from wallets.policy.windows import reservations_for, scope_of, used_of, windowed_of
from wallets.policy.worth import Parts, totals, worth_of
from wallets.prices.moment import PricesOfAMoment
from wallets.prices.ports import PriceSource

EXPIRES = "policy.approval_expires"
ASKED = "approval.asked"
WAITS_FOR_CODE = timedelta(hours=1)
"""How long a payment waits for its payer's second factor."""


Subject = Payment | Commitment


@dataclass(frozen=True, slots=True)
class _Case:
    """One payment or commitment before the rules."""

    subject: Subject
    facts: PaymentFacts
    document: Document
    version: Version | None

    @property
    def key(self) -> UUID:
        """Under which its share is held."""
        return self.facts.payment_id


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
        governed: dict[UUID, tuple[Subject, PaymentFacts]] = {}
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

    async def foresee(self, tx: Transaction, commitment: Commitment) -> QuanbaoError | None:
        """What `commit` would answer now. Nothing is reserved; what it would refuse is stored as decided."""
        cases, now = await self._cases(tx, [(commitment, commitment.facts)], lock=False)
        errors = await self._decide(tx, cases, now, binding=False)
        return errors.get(commitment.holding)

    async def commit(self, tx: Transaction, commitment: Commitment) -> QuanbaoError | None:
        """Decide, in the transaction that makes it so; what it takes of limits over time is held from then on.

        Returns:
            PolicyRefused, ApprovalNeeded, PriceUnavailable, PriceStale: the caller lets the transaction end, so that
            the decision is kept, and makes nothing so. None: it may be.
        """
        cases, now = await self._cases(tx, [(commitment, commitment.facts)])
        errors = await self._decide(tx, cases, now)
        return errors.get(commitment.holding)

    async def close(self, tx: Transaction, holding: UUID, *, happened: bool) -> None:
        """What a commitment held is taken (and counts until its window has passed), or is free again: only when it is
        known that it can have no effect any more."""
        if happened:
            await reservations.settle(tx, [(holding, True, 0)])
        else:
            await reservations.release(tx, [holding])

    def document_for(self, facts: PaymentFacts, version: Version | None) -> Document:
        """The owner's rules, or the default ones."""
        if version is not None:
            return version.document
        return self.defaults.person if facts.signs == "person" else self.defaults.organisation

    async def _cases(
        self, tx: Transaction, governed: Sequence[tuple[Subject, PaymentFacts]], *, lock: bool = True
    ) -> tuple[list[_Case], datetime]:
        tenants = {facts.tenant_id for _, facts in governed}
        versions, now = await sql.current_versions(tx, tenants)
        locked = {
            facts.tenant_id
            for _, facts in governed
            if lock and windowed_of(self.document_for(facts, versions.get(facts.tenant_id)), facts)
        }
        if locked:
            await reservations.lock_scopes(tx, [scope_of(tenant) for tenant in locked])
            # Somebody may have changed the rules while we waited for the lock.
            versions, now = await sql.current_versions(tx, tenants)
        return [
            _Case(subject, facts, self.document_for(facts, version), version)
            for subject, facts in governed
            for version in (versions.get(facts.tenant_id),)
        ], now

    async def _decide(
        self, tx: Transaction, cases: Sequence[_Case], now: datetime, *, binding: bool = True
    ) -> Mapping[UUID, QuanbaoError]:
        """`binding`: what is allowed will be: it is stored as decided, and its share is held."""
        known = await self._known(tx, cases)
        prices = PricesOfAMoment(self._prices)
        windows: dict[tuple[UUID, str], int] = {}
        asked = [case.key for case in cases]
        errors: dict[UUID, QuanbaoError] = {}
        decided = []
        reserved: list[tuple[UUID, Reservation]] = []
        committed: list[tuple[UUID, Reservation]] = []
        for case in cases:
            limits = windowed_of(case.document, case.facts)
            for limit in limits:
                key = (case.facts.tenant_id, limit.id)
                if key not in windows:
                    windows[key] = await used_of(tx, case.facts.tenant_id, limit, case.document, now, without=asked)
            parts = await _worth(case.facts, case.document, prices)
            risk = await self._score(tx, case)
            verdict = await self._verdict(tx, case, now, parts, known, windows, risk)
            error = await self._consequence(tx, case, verdict, now)
            if error is not None or binding:
                decided.append(_row(case, verdict, risk))
            if error is not None:
                errors[case.key] = error
                continue
            if binding and isinstance(case.subject, Commitment) and verdict.reasons:
                await words.end_request(tx, case.subject.id)
            holds = committed if isinstance(case.subject, Commitment) else reserved
            holds += [(case.key, one) for one in reservations_for(case.facts, limits, parts)]
            worths = totals(parts)
            for limit in limits:
                windows[case.facts.tenant_id, limit.id] += measure(limit.at_most, case.facts, worths)
        if binding:
            await reservations.reserve(tx, reserved)
            # Each is carried out once: whoever asks late finds it closed.
            await reservations.reserve(tx, committed, once=True)
        await sql.insert_decisions(tx, decided)
        return errors

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
        approvals, proved_at = await words.words_of(tx, case.subject.id, case.subject.tenant_id, _digest(case.subject))
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
        subject, digest = case.subject, _digest(case.subject)
        await words.put_request(tx, subject, digest, [one.to_json() for one in needs], expires_at)
        if isinstance(subject, Payment):
            # A commitment that nobody has made needs no end.
            await enqueue(tx, EXPIRES, str(subject.id), {"payment_id": str(subject.id)}, delay=expires_at - now)
        asked = {UUID(person) for one in needs for person in one.facts.get("approvers", ())}
        data = {"payment_id": str(subject.id), "act": case.facts.act}
        await publish_many(tx, [(person, ASKED, data) for person in sorted(asked)])
        return ApprovalNeeded(
            text,
            needs=[reason.rule for reason in needs],
            until=expires_at,
            approval=str(subject.id),
            payload_hash="0x" + digest.hex(),
        )


def _digest(subject: Subject) -> bytes:
    return subject.payload_hash if isinstance(subject, Commitment) else payload_hash(subject)


async def _worth(facts: PaymentFacts, document: Document, prices: PriceSource) -> Parts:
    """What leaves, in every currency that a rule counts in."""
    currencies = {one.currency for one in document.sums(facts.sender.chain) if one.currency is not None}
    return await worth_of(facts, currencies, prices) if facts.leaving else {one: {} for one in currencies}


def _patience(needs: Sequence[Reason]) -> timedelta:
    seconds = [int(reason.facts["seconds"]) for reason in needs if reason.kind == "approval"]
    return timedelta(seconds=min(seconds)) if seconds else WAITS_FOR_CODE


def _row(case: _Case, verdict: Verdict, risk: int | None) -> Mapping[str, object]:
    return {
        "tenant_id": case.facts.tenant_id,
        "payment_id": case.subject.id if isinstance(case.subject, Payment) else None,
        "subject": dict(case.subject.subject) if isinstance(case.subject, Commitment) else None,
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
