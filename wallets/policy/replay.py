"""Rules tried out on payments that were made: what they would have said, beside what the present ones say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.asset import AssetId
from wallets.engine.model import Payment
from wallets.policy.facts import PaymentFacts, facts_of
from wallets.policy.judge import Circumstances, Verdict, judge, measure
from wallets.policy.ports import RiskAssessor
from wallets.policy.rules import Document, Limit, Outcome, RiskScore
from wallets.policy.windows import since, windowed_of
from wallets.policy.worth import totals, worth_of
from wallets.prices.ports import PriceSource

MOST_PAYMENTS = 2_000


@dataclass(frozen=True, slots=True)
class Tried:
    """One payment: what the present rules say of it, and what the others would."""

    payment: Payment
    now: Outcome
    then: Verdict


@dataclass(frozen=True, slots=True)
class DryRun:
    """Of `payments` in all, those whose outcome would differ, and how many would have ended how.

    Attributes:
        complete: Whether all payments of the time were looked at; else the newest of them.
    """

    payments: int
    outcomes: Mapping[Outcome, int]
    changed: Sequence[Tried]
    complete: bool


@dataclass
class _Course:
    """One document on its way through the past: windows fill with what it lets through."""

    document: Document
    signed: list[tuple[datetime, PaymentFacts, Mapping[str, int]]] = field(default_factory=list)


class Replay:
    """Asks documents about past payments. Prices are today's; nobody's approval is assumed; what the rules let through,
    or would have asked for, counts in their windows."""

    def __init__(
        self, prices: PriceSource, decimals: Mapping[AssetId, int], *, risk: RiskAssessor | None = None
    ) -> None:
        self._prices = prices
        self._decimals = decimals
        self._risk = risk

    def recipients(self, past: Sequence[Payment]) -> Mapping[AccountId, datetime]:
        """Whom these payments were for, and since when."""
        found: dict[AccountId, datetime] = {}
        for payment in past:
            for recipient in facts_of(payment, self._decimals).recipients:
                found.setdefault(recipient, payment.created_at)
        return found

    async def run(self, tx: Transaction, past: Sequence[Payment], present: Document, changed: Document) -> DryRun:
        """`past`: oldest first."""
        courses = [_Course(present), _Course(changed)]
        known: dict[AccountId, datetime] = {}
        tried: list[Tried] = []
        outcomes: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        for payment in past:
            facts = facts_of(payment, self._decimals)
            if not facts.is_governed:
                continue
            for recipient in facts.recipients:
                known.setdefault(recipient, payment.created_at)
            now, then = [await self._ask(tx, one, payment, facts, known) for one in courses]
            outcomes[then.outcome] += 1
            if now.outcome is not then.outcome:
                tried.append(Tried(payment, now.outcome, then))
        return DryRun(sum(outcomes.values()), outcomes, tried, len(past) < MOST_PAYMENTS)

    async def _ask(
        self,
        tx: Transaction,
        course: _Course,
        payment: Payment,
        facts: PaymentFacts,
        known: Mapping[AccountId, datetime],
    ) -> Verdict:
        document, moment = course.document, payment.created_at
        currencies = {one.currency for one in document.sums(facts.sender.chain) if one.currency is not None}
        parts = await worth_of(facts, currencies, self._prices) if facts.leaving else {one: {} for one in currencies}
        worths = totals(parts)
        risk = None
        if self._risk is not None and any(isinstance(rule, RiskScore) for rule in document.rules):
            risk = (await self._risk.assess(tx, facts)).score

        def used(limit: Limit) -> int:
            first = since(limit, document, moment)
            return sum(
                measure(limit.at_most, earlier, worth)
                for at, earlier, worth in course.signed
                if at >= first and limit.is_of(earlier.sender.chain)
            )

        verdict = judge(document, facts, Circumstances(moment, worths, used, known, risk=risk))
        if verdict.outcome is not Outcome.DENY and windowed_of(document, facts):
            counted = {currency: worth for currency, worth in worths.items() if isinstance(worth, int)}
            course.signed.append((moment, facts, counted))
        return verdict
