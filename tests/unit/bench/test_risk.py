"""Precision and recall of the risk rules never fall below their floors on the labelled corpus."""

from __future__ import annotations

import pytest

from bench.risk.acts import Maker
from bench.risk.figures import of_acts, of_flows
from bench.risk.flows import TownMaker
from wallets.risk.model import Verdict

_HARD = {
    "approval of all that is held",
    "permit of all that is held, for minutes",
    "taken over: one usual amount",
}
"""What no rule here can tell from an honest act by the act alone."""


def test_acts_stay_above_the_floor() -> None:
    figures = of_acts(7, 3_000)
    assert figures.precision >= 0.90, figures.told()
    assert figures.recall >= 0.90, figures.told()
    assert figures.stopped_honest == 0
    assert set(figures.missed_kinds) <= _HARD


def test_patterns_of_vouchers_stay_above_the_floor() -> None:
    figures = of_flows(7, 6)
    assert figures.precision >= 0.90, figures.told()
    assert figures.recall >= 0.85, figures.told()


def test_the_same_seed_makes_the_same_corpus() -> None:
    assert Maker(5).make(200) == Maker(5).make(200)
    assert TownMaker(5).make(3).flows == TownMaker(5).make(3).flows


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("poisoned address", Verdict.BLOCKED),
        ("borrowed code of a sweeper", Verdict.FROZEN),
        ("Solana: owner of a token account", Verdict.FROZEN),
        ("taken over: everything goes at once", Verdict.FROZEN),
    ],
)
def test_the_worst_is_stopped_every_time(kind: str, verdict: Verdict) -> None:
    found = [case.assess().verdict for case in Maker(9).make(1_000) if case.kind == kind]
    assert found
    assert set(found) == {verdict}
