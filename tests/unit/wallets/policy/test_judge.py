"""Deny wins: over random rules and orders, and no rule ever makes another one weaker."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primitives.errors import PriceStale
from tests.unit.wallets.policy.scene import CHAIN, COIN, NOW, OTHER, OWNER, TOKEN, account, paying
from wallets.policy.document import parse_document
from wallets.policy.judge import SECOND_FACTOR_FOR, Circumstances, Word, judge
from wallets.policy.rules import Document, Limit, Outcome

SHANGHAI = "Asia/Shanghai"
ANN, BOB = UUID(int=1), UUID(int=2)

_sums = st.integers(0, 40).map(str)
_units = st.sampled_from([{"asset": str(COIN.id)}, {"asset": str(TOKEN.id)}, {"currency": "CNY"}])
_rules = st.one_of(
    st.builds(
        lambda unit, most, window: {
            "kind": "limit",
            "window": window,
            "at_most": most,
            **unit,
            **({"seconds": 3600} if window == "rolling" else {}),
        },
        _units,
        _sums,
        st.sampled_from(["payment", "day", "rolling"]),
    ),
    st.builds(
        lambda mode, numbers: {"kind": "recipients", "mode": mode, "accounts": [str(account(n)) for n in numbers]},
        st.sampled_from(["only", "never"]),
        st.sets(st.integers(1, 4), min_size=1),
    ),
    st.builds(lambda unit, above: {"kind": "second_factor", "above": above, **unit}, _units, _sums),
    st.builds(
        lambda unit, above, needed: {
            "kind": "approval",
            "above": above,
            "approvers": [str(ANN), str(BOB)],
            "needed": needed,
            "seconds": 600,
            **unit,
        },
        _units,
        _sums,
        st.integers(1, 2),
    ),
    st.builds(lambda unit, above: {"kind": "cooling", "seconds": 3600, "above": above, **unit}, _units, _sums),
    st.builds(
        lambda start, day: {"kind": "hours", "spans": [{"days": [day], "start": f"{start:02}:00", "until": "24:00"}]},
        st.integers(0, 23),
        st.integers(1, 2),
    ),
    st.builds(
        lambda least, effect: {"kind": "risk", "at_least": least, "effect": effect},
        st.integers(1, 100),
        st.sampled_from(["deny", "second_factor"]),
    ),
    st.builds(
        lambda kind, effect: {"kind": kind, "effect": effect},
        st.sampled_from(["calls", "blind"]),
        st.sampled_from(["deny", "second_factor"]),
    ),
)


def document(*rules: dict[str, object]) -> Document:
    return parse_document({"zone": SHANGHAI, "rules": [{"id": f"r{n}", **rule} for n, rule in enumerate(rules)]})


_circumstances = st.builds(
    lambda worth, used, known, risk, approvers, proved: Circumstances(
        NOW,
        {"CNY": worth},
        lambda limit: used,
        {account(n): NOW - timedelta(seconds=known) for n in range(1, 5)},
        [Word(one, NOW - timedelta(seconds=60)) for one in approvers],
        NOW if proved else None,
        risk,
    ),
    st.integers(0, 60),
    st.integers(0, 30),
    st.integers(0, 7200),
    st.integers(0, 100),
    st.sets(st.sampled_from([ANN, BOB, OWNER])),
    st.booleans(),
)


@given(st.lists(_rules, max_size=6), _circumstances, st.integers(0, 50), st.integers(1, 4), st.randoms())
def test_the_strictest_rule_counts_in_every_order(
    rules: list[dict[str, object]], now: Circumstances, units: int, to: int, random: Random
) -> None:
    facts, whole = paying(units, to), document(*rules)
    verdict = judge(whole, facts, now)
    shuffled = list(whole.rules)
    random.shuffle(shuffled)
    assert judge(Document(whole.zone, tuple(shuffled)), facts, now) == verdict
    alone = [judge(Document(whole.zone, (rule,)), facts, now).outcome for rule in whole.rules]
    assert verdict.outcome is max(alone, key=lambda one: one.rank, default=Outcome.ALLOW)
    if Outcome.DENY in alone:
        assert verdict.outcome is Outcome.DENY


@given(st.lists(_rules, min_size=1, max_size=6), _circumstances, st.integers(0, 50), st.integers(1, 4))
def test_one_more_rule_never_loosens(rules: list[dict[str, object]], now: Circumstances, units: int, to: int) -> None:
    facts, whole = paying(units, to), document(*rules)
    fewer = judge(Document(whole.zone, whole.rules[:-1]), facts, now)
    assert judge(whole, facts, now).outcome.rank >= fewer.outcome.rank


def outcome(rule: dict[str, object], now: Circumstances, units: int = 10, to: int = 1) -> Outcome:
    return judge(document(rule), paying(units, to), now).outcome


def test_a_limit_counts_what_is_used() -> None:
    day: dict[str, object] = {"kind": "limit", "window": "day", "asset": str(COIN.id), "at_most": "30"}
    assert outcome(day, Circumstances(NOW, used=lambda limit: 20)) is Outcome.ALLOW
    assert outcome(day, Circumstances(NOW, used=lambda limit: 21)) is Outcome.DENY
    single = {**day, "window": "payment", "at_most": "9"}
    assert outcome(single, Circumstances(NOW)) is Outcome.DENY
    assert outcome({**single, "chains": [str(OTHER)]}, Circumstances(NOW)) is Outcome.ALLOW
    assert outcome({**single, "chains": [str(CHAIN)]}, Circumstances(NOW)) is Outcome.DENY


def test_without_a_price_a_limit_in_a_currency_denies() -> None:
    stale = PriceStale("old")
    rule: dict[str, object] = {"kind": "limit", "window": "payment", "currency": "CNY", "at_most": "1000"}
    verdict = judge(document(rule), paying(1), Circumstances(NOW, {"CNY": stale}))
    assert (verdict.outcome, verdict.price_error) == (Outcome.DENY, stale)
    never: dict[str, object] = {"kind": "recipients", "mode": "never", "accounts": [str(account(1))]}
    both = judge(document(rule, never), paying(1), Circumstances(NOW, {"CNY": stale}))
    assert (both.outcome, both.price_error) == (Outcome.DENY, None)
    for kind in ({"kind": "second_factor"}, {"kind": "approval", "approvers": [str(ANN)], "needed": 1, "seconds": 60}):
        asked = document({**kind, "currency": "CNY", "above": "0"})
        assert judge(asked, paying(1), Circumstances(NOW, {"CNY": stale})).outcome is Outcome.DENY


def test_approvals_count_once_each_and_not_for_ever() -> None:
    rule: dict[str, object] = {
        "kind": "approval",
        "asset": str(COIN.id),
        "above": "5",
        "approvers": [str(ANN), str(BOB)],
        "needed": 2,
        "seconds": 600,
    }
    young, old = NOW - timedelta(seconds=599), NOW - timedelta(seconds=600)
    words = [Word(ANN, young), Word(ANN, young), Word(OWNER, young), Word(UUID(int=99), young)]
    assert outcome(rule, Circumstances(NOW, approvals=words)) is Outcome.APPROVAL
    assert outcome(rule, Circumstances(NOW, approvals=[*words, Word(BOB, old)])) is Outcome.APPROVAL
    assert outcome(rule, Circumstances(NOW, approvals=[*words, Word(BOB, young)])) is Outcome.ALLOW
    assert outcome(rule, Circumstances(NOW), units=5) is Outcome.ALLOW


def test_a_payer_among_the_approvers_never_counts() -> None:
    rule: dict[str, object] = {
        "kind": "approval",
        "asset": str(COIN.id),
        "above": "0",
        "approvers": [str(OWNER)],
        "needed": 1,
        "seconds": 600,
    }
    assert outcome(rule, Circumstances(NOW, approvals=[Word(OWNER, NOW)])) is Outcome.DENY


def test_whoever_asked_for_an_organisations_payment_is_none_of_its_approvers() -> None:
    rule: dict[str, object] = {
        "kind": "approval",
        "asset": str(COIN.id),
        "above": "0",
        "approvers": [str(ANN), str(BOB)],
        "needed": 1,
        "seconds": 600,
    }
    asked = replace(paying(1), asked_by=ANN)
    own = judge(document(rule), asked, Circumstances(NOW, approvals=[Word(ANN, NOW)]))
    assert own.outcome is Outcome.APPROVAL
    assert own.reasons[0].facts["approvers"] == [str(BOB)]
    assert judge(document(rule), asked, Circumstances(NOW, approvals=[Word(BOB, NOW)])).outcome is Outcome.ALLOW
    both = judge(document({**rule, "needed": 2}), asked, Circumstances(NOW, approvals=[Word(BOB, NOW)]))
    assert both.outcome is Outcome.DENY, "only one other is left, and nothing to wait for"


def test_what_is_signed_blindly_is_no_call() -> None:
    call, signature = replace(paying(0), readable=False), replace(paying(0), readable=False, is_signature=True)
    for effect, expected in (("deny", Outcome.DENY), ("second_factor", Outcome.SECOND_FACTOR)):
        blind, calls = document({"kind": "blind", "effect": effect}), document({"kind": "calls", "effect": effect})
        now = Circumstances(NOW)
        assert (judge(blind, signature, now).outcome, judge(blind, call, now).outcome) == (expected, Outcome.ALLOW)
        assert (judge(calls, signature, now).outcome, judge(calls, call, now).outcome) == (Outcome.ALLOW, expected)
    proved = Circumstances(NOW, proved_at=NOW)
    assert judge(document({"kind": "blind", "effect": "second_factor"}), signature, proved).outcome is Outcome.ALLOW


def test_a_second_factor_counts_for_a_while() -> None:
    rule: dict[str, object] = {"kind": "second_factor", "asset": str(COIN.id), "above": "5"}
    assert outcome(rule, Circumstances(NOW)) is Outcome.SECOND_FACTOR
    assert outcome(rule, Circumstances(NOW, proved_at=NOW)) is Outcome.ALLOW
    assert outcome(rule, Circumstances(NOW, proved_at=NOW - SECOND_FACTOR_FOR)) is Outcome.SECOND_FACTOR


@pytest.mark.parametrize(
    ("spans", "allowed"),
    [
        ([{"days": [1], "start": "12:00", "until": "12:01"}], True),
        ([{"days": [1], "start": "11:59", "until": "12:00"}], False),
        ([{"days": [2], "start": "00:00", "until": "24:00"}], False),
        ([{"days": [2], "start": "00:00", "until": "24:00"}, {"days": [1], "start": "00:00", "until": "24:00"}], True),
    ],
)
def test_hours_are_of_the_documents_zone(spans: list[dict[str, object]], allowed: bool) -> None:
    verdict = judge(document({"kind": "hours", "spans": spans}), paying(1), Circumstances(NOW))
    assert (verdict.outcome is Outcome.ALLOW) is allowed


def test_new_recipients_cool_down() -> None:
    rule: dict[str, object] = {"kind": "cooling", "seconds": 3600, "asset": str(COIN.id), "above": "5"}
    fresh = Circumstances(NOW, known_since={account(1): NOW - timedelta(seconds=3599)})
    known = Circumstances(NOW, known_since={account(1): NOW - timedelta(seconds=3600)})
    assert outcome(rule, fresh) is Outcome.DENY
    assert outcome(rule, known) is Outcome.ALLOW
    assert outcome(rule, fresh, units=5) is Outcome.ALLOW
    assert outcome({"kind": "cooling", "seconds": 3600}, fresh, units=1) is Outcome.DENY


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    from wallets.policy.windows import since

    limit = document({"kind": "limit", "window": "day", "asset": str(COIN.id), "at_most": "1"}).rules[0]
    assert isinstance(limit, Limit)
    at = since(limit, Document(ZoneInfo(SHANGHAI), ()), NOW)
    assert at.isoformat() == "2026-11-22T16:00:00+00:00"
