"""Checkout: the best vouchers for 30 vouchers and 100 lines, beside taking the biggest first."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import cycle

from bench.checkout.biggest_first import biggest_first
from bench.checkout.shop_carts import NOW, ShopCase, adversarial_case, random_case
from bench.measure import Case, Report, compare
from vouchers.checkout.model import Quote
from vouchers.checkout.price import price
from vouchers.rules import RULES_VERSION

_VOUCHERS = 30
_LINES = 100


def best_price(case: ShopCase) -> Quote:
    return price(case.cart, case.vouchers, case.terms, case.stock, NOW, RULES_VERSION, holdings=case.holdings)


def _each(cases: list[ShopCase], work: Callable[[ShopCase], object]) -> Callable[[int], None]:
    turn = cycle(cases)

    def run(count: int) -> None:
        for _ in range(count):
            work(next(turn))

    return run


def _timed(cases: list[ShopCase]) -> tuple[list[Quote], str]:
    quotes, took = [], []
    for case in cases:
        started = time.process_time()
        quotes.append(best_price(case))
        took.append(1_000 * (time.process_time() - started))
    cut = statistics.quantiles(took, n=20)[18]
    nodes = [quote.nodes for quote in quotes]
    proven = sum(quote.optimal for quote in quotes)
    return quotes, (
        f"{len(cases)} carts: p50 {statistics.median(took):.1f} ms, p95 {cut:.1f} ms of processor time; "
        f"sets looked at p50 {statistics.median(nodes):,.0f}, most {max(nodes):,}; proven best {proven}"
    )


def run(*, smoke: bool = False) -> list[Report]:
    """Carts priced a second, what taking the biggest first loses, and vouchers that hardly differ."""
    cases = [random_case(seed, vouchers=_VOUCHERS, lines=_LINES) for seed in range(20 if smoke else 400)]
    hard = [
        adversarial_case(seed, vouchers=12 if smoke else _VOUCHERS, lines=_LINES) for seed in range(2 if smoke else 10)
    ]
    quotes, told = _timed(cases)
    losses = [quote.discount_minor - biggest_first(case) for case, quote in zip(cases, quotes, strict=True)]
    worse = [loss / quote.discount_minor for loss, quote in zip(losses, quotes, strict=True) if loss > 0]
    lost = f"biggest first is beaten in {len(worse)} of {len(cases)} carts"
    if worse:
        lost += f", then by {statistics.median(worse):.1%} of the discount (median), at most {max(worse):.1%}"
    hard_quotes, hard_told = _timed(hard)
    gap = max(quote.bound_minor - quote.discount_minor for quote in hard_quotes)
    report = compare(
        f"checkout: {_VOUCHERS} vouchers, {_LINES} lines",
        "carts",
        [
            Case("biggest first (reference)", _each(cases, biggest_first), reference=True),
            Case("best combination", _each(cases, best_price)),
        ],
        rounds=3 if smoke else 9,
        clock=time.process_time,
        remarks=(told, lost, f"hardly different vouchers, {hard_told}; largest gap told {gap} minor units"),
    )
    return [report]
