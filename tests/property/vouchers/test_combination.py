"""The best combination is the best: compared with every set of at most 5 of up to 12 vouchers."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from bench.checkout.shop_carts import NOW, ShopCase, adversarial_case, random_case
from primitives.voucher_id import CampaignId, VoucherId
from tests.property.vouchers.every_set import best_of_every_set
from vouchers.checkout.combination import best_combination
from vouchers.checkout.model import Quote
from vouchers.checkout.price import price, price_with
from vouchers.checkout.quote_json import quote_from_json, quote_to_json
from vouchers.rules import MAX_PER_ORDER, RULES_VERSION, VoucherKind

_IN_CI = 2_000
_IN_SOAK = 100_000
_PARTS = 8


def _compare(seed: int) -> set[VoucherKind]:
    chance = random.Random(seed)
    case = random_case(seed, vouchers=chance.randint(1, 12), lines=chance.randint(1, 6))
    most = chance.choice((1, 2, 3, 5, 5, 5))
    answer = _price(case, most)
    best = best_of_every_set(case, most)
    chosen: set[VoucherId | CampaignId] = {
        *(one.voucher for one in answer.used),
        *(one.programme for one in answer.points),
    }
    assert (answer.discount_minor, answer.tender_minor, chosen) == (best.discount, best.tender, {*best.chosen}), (
        f"seed {seed}"
    )
    assert answer.optimal, f"seed {seed}"
    assert (answer.bound_minor, answer.tender_bound_minor) == (best.discount, best.tender)
    assert_adds_up(case, answer)
    shuffled = list(case.vouchers)
    chance.shuffle(shuffled)
    assert _price(replace(case, vouchers=tuple(shuffled)), most) == answer
    return {one.kind for one in answer.used}


def _price(case: ShopCase, most: int = MAX_PER_ORDER) -> Quote:
    return price(case.cart, case.vouchers, case.terms, case.stock, NOW, RULES_VERSION, most, holdings=case.holdings)


def assert_adds_up(case: ShopCase, answer: Quote) -> None:
    """What holds for every quote, whatever the vouchers."""
    assert answer.total_minor == answer.discount_minor + answer.tender_minor + answer.remainder_minor
    assert answer.remainder_minor == sum(answer.payable_per_line) >= 0
    assert all(0 <= left <= line.amount_minor for left, line in zip(answer.payable_per_line, answer.lines, strict=True))
    assert answer.lines[: len(case.cart.lines)] == case.cart.lines
    assert len(answer.used) + len(answer.unused) == len(case.vouchers)
    assert len(answer.points) + len(answer.unused_points) == len(case.holdings.points)
    for applied in answer.used:
        assert applied.amount_minor > 0
        assert sum(applied.per_line) == applied.amount_minor
        assert sum(applied.sponsor_per_line) == applied.sponsor_minor <= applied.amount_minor
        if applied.balance is not None:
            assert applied.amount_minor <= applied.balance.balance_minor
        if applied.gift is not None:
            assert sum(units for _, units in applied.gift.freed) + applied.gift.added == applied.gift.quantity
    for sku, units in answer.gifts.items():
        assert units <= case.stock[sku].available
    for spent in answer.points:
        assert 0 < spent.points <= spent.balance
        assert sum(spent.per_line) == spent.amount_minor
    assert quote_from_json(json.loads(json.dumps(quote_to_json(answer)))) == answer
    again = price_with(
        case.cart,
        [one.voucher for one in answer.used],
        case.terms,
        case.stock,
        NOW,
        RULES_VERSION,
        holdings=replace(
            case.holdings,
            points={one.programme: case.holdings.points[one.programme] for one in answer.points},
            uses_left={},
        ),
    )
    assert (again.used, again.points, again.payable_per_line) == (answer.used, answer.points, answer.payable_per_line)


@pytest.mark.parametrize("part", range(_PARTS))
def test_no_set_is_better(part: int) -> None:
    used: set[VoucherKind] = set()
    for seed in range(part, _IN_CI, _PARTS):
        used |= _compare(seed)
    assert used == set(VoucherKind) - {VoucherKind.POINTS}


@pytest.mark.soak
@pytest.mark.parametrize("part", range(_PARTS))
def test_no_set_is_better_in_many_carts(part: int) -> None:
    for seed in range(_IN_CI + part, _IN_CI + _IN_SOAK, _PARTS):
        _compare(seed)


def test_vouchers_that_no_bound_tells_apart() -> None:
    for seed in range(5):
        case = adversarial_case(seed, vouchers=10, lines=8)
        answer = price(case.cart, case.vouchers, case.terms, {}, NOW, RULES_VERSION)
        assert answer.discount_minor == best_of_every_set(case, MAX_PER_ORDER).discount, f"seed {seed}"


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
