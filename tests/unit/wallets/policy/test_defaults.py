"""Where money has value, the default rules let nothing leave that nobody can price, and name the missing setting."""

from __future__ import annotations

from datetime import UTC, datetime

from primitives.errors import PriceUnavailable
from tests.unit.wallets.policy.scene import CHAIN, COIN, NOW, OTHER, paying
from wallets.policy.coherence import require_coherent
from wallets.policy.defaults import default_rules
from wallets.policy.judge import Circumstances, judge
from wallets.policy.rules import Document, Outcome
from wallets.policy.worth import totals, worth_of
from wallets.prices.local import LocalPrices
from wallets.prices.model import Price


async def test_without_a_source_of_prices_the_error_names_the_setting() -> None:
    rules = default_rules([COIN], local=set())
    facts = paying(1)
    worths = totals(await worth_of(facts, {"CNY"}, LocalPrices([])))
    for document in (rules.person, rules.organisation):
        verdict = judge(document, facts, Circumstances(NOW, worths))
        assert verdict.outcome is Outcome.DENY
        assert isinstance(verdict.price_error, PriceUnavailable), "to be tried again, and not ended"
        assert verdict.price_error.facts["settings"] == ["QUANBAO_PRICE_FILE", "QUANBAO_PRICE_URL"]
        assert "QUANBAO_PRICE_FILE" in verdict.price_error.message


async def test_with_a_price_they_let_small_sums_leave() -> None:
    price = Price.of_text(COIN.id, "CNY", "20000", "test", datetime.now(UTC))

    class Known:
        async def price(self, asset: object, currency: str) -> Price:
            return price

    person = default_rules([COIN], local=set()).person
    for units, outcome in ((10**17, Outcome.ALLOW), (3 * 10**17, Outcome.SECOND_FACTOR), (3 * 10**18, Outcome.DENY)):
        facts = paying(units)
        worths = totals(await worth_of(facts, {"CNY"}, Known()))
        known = {one: datetime(2026, 1, 1, tzinfo=UTC) for one in facts.recipients}
        assert judge(person, facts, Circumstances(NOW, worths, known_since=known)).outcome is outcome, units


def test_they_fit_together() -> None:
    for local in (set(), {CHAIN}):
        rules = default_rules([COIN], local)
        for document in (rules.person, rules.organisation):
            assert isinstance(document, Document)
            require_coherent(document, paying(1).tenant_id, [CHAIN, OTHER], has_risk=True)
