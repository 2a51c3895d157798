"""The price of every set of vouchers, tried one after the other: slow, and with nothing clever to be wrong about."""

from __future__ import annotations

from itertools import combinations

from bench.checkout.shop_carts import NOW, ShopCase
from primitives.voucher_id import VoucherId
from vouchers.checkout.allocation import allocate
from vouchers.checkout.price import order_key
from vouchers.rules import RuleDocument, VoucherKind


def best_of_every_set(case: ShopCase, most: int) -> tuple[int, list[VoucherId]]:
    """The largest discount, then the fewest vouchers, then the first in the total order."""
    ordered = sorted(case.vouchers, key=lambda voucher: order_key(voucher, case.terms[voucher.campaign]))
    best: tuple[int, int, tuple[int, ...]] = (0, 0, ())
    for size in range(1, most + 1):
        for chosen in combinations(range(len(ordered)), size):
            rules = [case.terms[ordered[one].campaign] for one in chosen]
            if not _all_consent(rules):
                continue
            taken = _apply(case, rules)
            if 0 not in taken:
                best = min(best, (-sum(taken), size, chosen))
    return -best[0], [ordered[one] for one in best[2]]


def _all_consent(rules: list[RuleDocument]) -> bool:
    for one in rules:
        for other in rules:
            if one is other:
                continue
            group = one.stacking.group
            if group == "exclusive" or (group != "joint" and other.stacking.group not in one.stacking.consents):
                return False
    return True


def _apply(case: ShopCase, rules: list[RuleDocument]) -> list[int]:
    """What each takes, line by line; 0 where a voucher has no effect."""
    assert all(one.valid_from <= NOW < one.valid_until for one in rules)
    left = [line.amount_minor for line in case.cart.lines]
    taken = []
    for one in rules:
        eligible = one.eligible
        counts = [
            line.sku not in eligible.excluded_skus
            and (eligible.categories is None or line.category in eligible.categories)
            for line in case.cart.lines
        ]
        subtotal = sum(line.amount_minor for line, counted in zip(case.cart.lines, counts, strict=True) if counted)
        weights = [amount if counted else 0 for amount, counted in zip(left, counts, strict=True)]
        amount = 0 if subtotal < one.effect.min_spend else min(_computed(one, subtotal, sum(weights)), sum(weights))
        share = allocate(amount, weights)
        left = [before - part for before, part in zip(left, share, strict=True)]
        taken.append(amount)
    return taken


def _computed(rules: RuleDocument, subtotal: int, available: int) -> int:
    effect = rules.effect
    if rules.kind is VoucherKind.PERCENT:
        assert effect.percent_bp is not None and effect.max_off is not None  # noqa: PT018
        return min((available * effect.percent_bp + 5_000) // 10_000, effect.max_off)
    assert effect.amount_off is not None
    if not effect.per_each:
        return effect.amount_off
    assert effect.max_off is not None
    return min(effect.amount_off * (subtotal // effect.min_spend), effect.max_off)
