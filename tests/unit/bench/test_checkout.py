"""The checkout benchmark runs whole in its short form; a search never loses to taking the biggest first."""

from __future__ import annotations

from bench import checkout
from bench.checkout.biggest_first import biggest_first
from bench.checkout.shop_carts import random_case


def test_the_short_form_measures_everything() -> None:
    (report,) = checkout.run(smoke=True)
    assert [result.reference for result in report.results] == [True, False]
    told, lost, hard = report.remarks
    assert "p95" in told
    assert "proven best 20" in told
    assert "beaten in" in lost
    assert "gap" in hard


def test_the_search_never_loses_and_sometimes_wins() -> None:
    won = 0
    for seed in range(40):
        case = random_case(seed, vouchers=12, lines=10)
        best, simple = checkout.best_price(case).discount_minor, biggest_first(case)
        assert best >= simple, f"seed {seed}"
        won += best > simple
    assert won
