"""Rules that are malformed, contradict each other or can never apply are refused with their place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from primitives.errors import InvalidPolicy
from tests.unit.wallets.policy.scene import CHAIN, COIN, OTHER, OWNER, TOKEN, account
from wallets.policy.coherence import require_coherent
from wallets.policy.document import MAX_RULES, document_to_json, parse_document
from wallets.policy.strictness import loosened

ANN, BOB = str(UUID(int=1)), str(UUID(int=2))
LIMIT = {"id": "a", "kind": "limit", "window": "payment", "asset": str(COIN.id), "at_most": "100"}
DAY = {**LIMIT, "id": "b", "window": "day", "at_most": "500"}
ONLY = {"id": "c", "kind": "recipients", "mode": "only", "accounts": [str(account(1)), str(account(2))]}
APPROVAL: dict[str, Any] = {
    "id": "d",
    "kind": "approval",
    "asset": str(COIN.id),
    "above": "50",
    "approvers": [ANN, BOB],
    "needed": 1,
    "seconds": 600,
}
HOURS: dict[str, Any] = {
    "id": "e",
    "kind": "hours",
    "spans": [{"days": [1, 2], "start": "09:00", "until": "18:00"}],
}
COOLING = {"id": "f", "kind": "cooling", "seconds": 3600, "currency": "CNY", "above": "5"}
CODE = {"id": "g", "kind": "second_factor", "asset": str(COIN.id), "above": "40"}
CALLS = {"id": "h", "kind": "calls", "effect": "deny"}
BLIND = {"id": "j", "kind": "blind", "effect": "second_factor"}
RISK = {"id": "i", "kind": "risk", "at_least": 60, "effect": "second_factor"}
ALL = [LIMIT, DAY, ONLY, APPROVAL, HOURS, COOLING, CODE, CALLS, BLIND, RISK]


def read(*rules: Any, zone: Any = "Asia/Shanghai", has_risk: bool = True) -> None:
    document = parse_document({"zone": zone, "rules": list(rules)})
    require_coherent(document, OWNER, [CHAIN], has_risk=has_risk)


def test_a_whole_document_comes_back_equal() -> None:
    read(*ALL)
    document = parse_document({"zone": "Asia/Shanghai", "rules": ALL})
    assert parse_document(document_to_json(document)) == document


def only(name: str, *numbers: int) -> dict[str, Any]:
    return {**ONLY, "id": name, "accounts": [str(account(number)) for number in numbers]}


def during(name: str, *days: int) -> dict[str, Any]:
    return {**HOURS, "id": name, "spans": [{"days": list(days), "start": "09:00", "until": "18:00"}]}


WRONG: list[tuple[str, list[Any]]] = [
    ("rules.0", ["x"]),
    ("rules.0.kind", [{"id": "a", "kind": "magic"}]),
    ("rules.0.id", [{**LIMIT, "id": "A b"}]),
    ("rules.1.id", [LIMIT, {**DAY, "id": "a"}]),
    ("rules.0.extra", [{**LIMIT, "extra": 1}]),
    ("rules.0.at_most", [{**LIMIT, "at_most": 100}]),
    ("rules.0.at_most", [{**LIMIT, "at_most": "-1"}]),
    ("rules.0.at_most", [{**LIMIT, "at_most": "01"}]),
    ("rules.0.at_most", [{**LIMIT, "at_most": str(2**256)}]),
    ("rules.0.asset", [{**LIMIT, "currency": "CNY"}]),
    ("rules.0.asset", [{**LIMIT, "asset": None}]),
    ("rules.0.asset", [{**LIMIT, "asset": "eip155:1"}]),
    ("rules.0.currency", [{**COOLING, "currency": "yuan"}]),
    ("rules.0.window", [{**LIMIT, "window": "week"}]),
    ("rules.0.seconds", [{**LIMIT, "window": "rolling"}]),
    ("rules.0.seconds", [{**LIMIT, "seconds": 60}]),
    ("rules.0.seconds", [{**COOLING, "seconds": True}]),
    ("rules.0.accounts.1", [{**ONLY, "accounts": [str(account(1)), "0x12"]}]),
    ("rules.0.accounts.1", [{**ONLY, "accounts": [str(account(1)), str(account(1))]}]),
    ("rules.0.approvers.0", [{**APPROVAL, "approvers": ["ann"]}]),
    ("rules.0.needed", [{**APPROVAL, "needed": 3}]),
    ("rules.0.spans", [{**HOURS, "spans": []}]),
    ("rules.0.spans.0.days", [{**HOURS, "spans": [{"days": [8], "start": "09:00", "until": "10:00"}]}]),
    ("rules.0.spans.0.start", [{**HOURS, "spans": [{"days": [1], "start": "9:00", "until": "10:00"}]}]),
    ("rules.0.spans.0.until", [{**HOURS, "spans": [{"days": [1], "start": "10:00", "until": "10:00"}]}]),
    ("rules.0.effect", [{**CALLS, "effect": "allow"}]),
    ("rules.0.at_least", [{**RISK, "at_least": 0}]),
    ("rules", [{**CALLS, "id": f"c{n}"} for n in range(MAX_RULES + 1)]),
]
CONTRADICTORY: list[tuple[str, list[Any]]] = [
    ("rules.0.accounts", [{**ONLY, "accounts": []}]),
    ("rules.1.accounts", [ONLY, {**ONLY, "id": "n", "mode": "never", "accounts": [str(account(2))]}]),
    ("rules.1.accounts", [ONLY, {**ONLY, "id": "n", "accounts": [str(account(3))]}]),
    ("rules.1.spans", [HOURS, {**HOURS, "id": "n", "spans": [{"days": [3], "start": "09:00", "until": "18:00"}]}]),
    ("rules.0.approvers", [{**APPROVAL, "approvers": [str(OWNER), ANN]}]),
    ("rules.2.accounts", [only("a", 1, 2), only("b", 2, 3), only("c", 1, 3)]),
    ("rules.2.spans", [during("a", 1, 2), during("b", 2, 3), during("c", 1, 3)]),
]
UNREACHABLE: list[tuple[str, list[Any]]] = [
    ("rules.0.chains", [{**CALLS, "chains": [str(OTHER)]}]),
    ("rules.0.asset", [{**LIMIT, "asset": str(COIN.id).replace("424242", "77")}]),
    ("rules.0.accounts", [{**ONLY, "accounts": [str(account(1, OTHER))], "chains": [str(CHAIN)]}]),
    ("rules.0.at_most", [{**LIMIT, "at_most": "500"}, DAY]),
    ("rules.1.at_most", [DAY, {**LIMIT, "at_most": "501"}]),
    ("rules.1.at_most", [LIMIT, {**LIMIT, "id": "n"}]),
    ("rules.1.above", [LIMIT, {**APPROVAL, "above": "100"}]),
    ("rules.0.above", [{**CODE, "above": "100"}, LIMIT]),
    ("rules.0.accounts", [{**ONLY, "mode": "never", "accounts": []}]),
    ("rules.1", [CODE, {**CODE, "id": "n", "above": "41"}]),
    ("rules.0", [{**CODE, "id": "n", "above": "41"}, CODE]),
    ("rules.1", [CALLS, {**CALLS, "id": "n", "effect": "second_factor"}]),
    ("rules.1", [BLIND, {**BLIND, "id": "n", "chains": [str(CHAIN)]}]),
    ("rules.1", [RISK, {**RISK, "id": "n", "at_least": 61}]),
    ("rules.1", [{**COOLING, "seconds": 3601}, {**COOLING, "id": "n"}]),
    ("rules.0", [COOLING, {"id": "n", "kind": "cooling", "seconds": 3600}]),
    ("rules.1", [ONLY, {**ONLY, "id": "n", "accounts": [*ONLY["accounts"], str(account(3))]}]),
    ("rules.1", [HOURS, {**HOURS, "id": "n", "spans": [{"days": [1, 2], "start": "08:00", "until": "24:00"}]}]),
    ("rules.1", [APPROVAL, {**APPROVAL, "id": "n", "above": "60", "seconds": 700}]),
]
FITTING: list[list[Any]] = [
    [CALLS, {**BLIND, "effect": "second_factor"}],
    [{**CALLS, "chains": [str(CHAIN)], "effect": "second_factor"}, {**RISK, "at_least": 10}],
    [RISK, {**RISK, "id": "n", "at_least": 80, "effect": "deny"}],
    [CODE, {**CODE, "id": "n", "asset": str(TOKEN.id)}],
    [APPROVAL, {**APPROVAL, "id": "n", "above": "60", "needed": 2}],
    [COOLING, {**COOLING, "id": "n", "seconds": 7200, "above": "50"}],
]


@pytest.mark.parametrize(("place", "rules"), [*WRONG, *CONTRADICTORY, *UNREACHABLE])
def test_what_is_wrong_is_named(place: str, rules: list[Any]) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        read(*rules)
    assert refused.value.facts["field"] == place


@pytest.mark.parametrize("rules", FITTING)
def test_what_each_decides_alone_fits_together(rules: list[Any]) -> None:
    read(*rules)


@pytest.mark.parametrize("zone", [None, "", "Mars/Base", "../etc/passwd", 8])
def test_a_zone_must_exist(zone: Any) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        read(LIMIT, zone=zone)
    assert refused.value.facts["field"] == "zone"


def test_where_nobody_scores_a_rule_about_scores_never_applies() -> None:
    with pytest.raises(InvalidPolicy, match="scores"):
        read(RISK, has_risk=False)


SAME = {"zone": "Asia/Shanghai", "rules": ALL}
TIGHTER: list[dict[str, Any]] = [
    SAME,
    {**SAME, "rules": [*ALL, {**LIMIT, "id": "n", "asset": str(TOKEN.id)}]},
    {**SAME, "rules": [{**LIMIT, "at_most": "99"}, *ALL[1:]]},
    {**SAME, "rules": [*ALL[:2], {**ONLY, "accounts": [str(account(1))]}, *ALL[3:]]},
    {**SAME, "rules": [*ALL[:3], {**APPROVAL, "needed": 2, "seconds": 300, "above": "10"}, *ALL[4:]]},
    {**SAME, "rules": [*ALL[:5], {"id": "f", "kind": "cooling", "seconds": 3600}, *ALL[6:]]},
    {**SAME, "rules": [*ALL[:9], {**RISK, "effect": "deny", "at_least": 30}]},
]
LOOSER: list[tuple[str, dict[str, Any]]] = [
    ("a", {**SAME, "rules": ALL[1:]}),
    ("a", {**SAME, "rules": [{**LIMIT, "at_most": "101"}, *ALL[1:]]}),
    ("a", {**SAME, "rules": [{**LIMIT, "asset": str(TOKEN.id)}, *ALL[1:]]}),
    ("b", {**SAME, "zone": "Europe/Berlin"}),
    ("c", {**SAME, "rules": [*ALL[:2], {**ONLY, "accounts": [*ONLY["accounts"], str(account(3))]}, *ALL[3:]]}),
    ("d", {**SAME, "rules": [*ALL[:3], {**APPROVAL, "approvers": [ANN, str(UUID(int=9))]}, *ALL[4:]]}),
    ("d", {**SAME, "rules": [*ALL[:3], {**APPROVAL, "seconds": 601}, *ALL[4:]]}),
    (
        "e",
        {
            **SAME,
            "rules": [
                *ALL[:4],
                {**HOURS, "spans": [{"days": [1, 2], "start": "08:59", "until": "18:00"}]},
                *ALL[5:],
            ],
        },
    ),
    ("f", {**SAME, "rules": [*ALL[:5], {**COOLING, "seconds": 3599}, *ALL[6:]]}),
    ("g", {**SAME, "rules": [*ALL[:6], {**CODE, "above": "41"}, *ALL[7:]]}),
    ("h", {**SAME, "rules": [*ALL[:7], {**CALLS, "effect": "second_factor"}, *ALL[8:]]}),
    ("h", {**SAME, "rules": [*ALL[:7], {**CALLS, "chains": [str(CHAIN)]}, *ALL[8:]]}),
    ("j", {**SAME, "rules": [*ALL[:8], RISK]}),
]


@pytest.mark.parametrize("changed", TIGHTER)
def test_a_tightening_is_known(changed: dict[str, Any]) -> None:
    assert loosened(parse_document(SAME), parse_document(changed)) == []


@pytest.mark.parametrize(("rule", "changed"), LOOSER)
def test_whatever_is_not_plainly_stricter_loosens(rule: str, changed: dict[str, Any]) -> None:
    assert rule in loosened(parse_document(SAME), parse_document(changed))
