"""The best combination is the best: compared with every set of at most 5 of up to 12 vouchers."""

from __future__ import annotations

import random

import pytest

from bench.checkout.shop_carts import NOW, adversarial_case, random_case
from tests.property.vouchers.every_set import best_of_every_set
from vouchers.checkout.combination import best_combination
from vouchers.checkout.price import price
from vouchers.rules import MAX_PER_ORDER, RULES_VERSION

_IN_CI = 2_000
_IN_SOAK = 100_000
_PARTS = 8


def _compare(seed: int) -> None:
    chance = random.Random(seed)
    case = random_case(seed, vouchers=chance.randint(1, 12), lines=chance.randint(1, 6))
    most = chance.choice((1, 2, 3, 5, 5, 5))
    answer = price(case.cart, case.vouchers, case.terms, {}, NOW, RULES_VERSION, max_per_order=most)
    discount, chosen = best_of_every_set(case, most)
    assert (answer.discount_minor, [applied.voucher for applied in answer.used]) == (discount, chosen), f"seed {seed}"
    assert answer.optimal, f"seed {seed}"
    assert answer.bound_minor == discount
    assert sum(answer.payable_per_line) == answer.remainder_minor == answer.total_minor - discount
    shuffled = list(case.vouchers)
    chance.shuffle(shuffled)
    assert price(case.cart, shuffled, case.terms, {}, NOW, RULES_VERSION, max_per_order=most) == answer


@pytest.mark.parametrize("part", range(_PARTS))
def test_no_set_is_better(part: int) -> None:
    for seed in range(part, _IN_CI, _PARTS):
        _compare(seed)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(_PARTS))
def test_no_set_is_better_in_many_carts(part: int) -> None:
    for seed in range(_IN_CI + part, _IN_CI + _IN_SOAK, _PARTS):
        _compare(seed)


def test_vouchers_that_no_bound_tells_apart() -> None:
    for seed in range(5):
        case = adversarial_case(seed, vouchers=10, lines=8)
        answer = price(case.cart, case.vouchers, case.terms, {}, NOW, RULES_VERSION)
        assert answer.discount_minor == best_of_every_set(case, MAX_PER_ORDER)[0], f"seed {seed}"


def test_a_search_given_up_tells_how_much_could_be_missing() -> None:
    from vouchers.checkout import price as pricing

    case = adversarial_case(1, vouchers=12, lines=8)
    whole = price(case.cart, case.vouchers, case.terms, {}, NOW, RULES_VERSION)
    given_up = []

    def few(candidates, amounts, *, limit):
        found = best_combination(candidates, amounts, limit=limit, max_nodes=7)
        given_up.append(found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pricing, "best_combination", few)
        answer = price(case.cart, case.vouchers, case.terms, {}, NOW, RULES_VERSION)
    assert given_up[0].nodes == 7
    assert not answer.optimal
    assert answer.discount_minor <= whole.discount_minor <= answer.bound_minor
