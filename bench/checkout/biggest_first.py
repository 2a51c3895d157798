"""What a simple till does: take the voucher that gives most, then the next that may stand beside it."""

from __future__ import annotations

from bench.checkout.shop_carts import NOW, ShopCase
from primitives.voucher_id import VoucherId
from vouchers.checkout.allocation import allocate
from vouchers.checkout.combination import combine_well
from vouchers.checkout.effects import discount_of, eligible_lines
from vouchers.checkout.price import order_key, price
from vouchers.rules import MAX_PER_ORDER, RULES_VERSION


def biggest_first(case: ShopCase) -> int:
    """The discount, in minor units."""
    alone = {
        voucher: price(case.cart, [voucher], case.terms, {}, NOW, RULES_VERSION).discount_minor
        for voucher in case.vouchers
    }
    chosen: list[VoucherId] = []
    for voucher in sorted(case.vouchers, key=lambda one: (-alone[one], str(one))):
        stacking = case.terms[voucher.campaign].stacking
        if alone[voucher] and all(combine_well(stacking, case.terms[other.campaign].stacking) for other in chosen):
            chosen.append(voucher)
        if len(chosen) == MAX_PER_ORDER:
            break
    return _together(case, chosen)


def _together(case: ShopCase, chosen: list[VoucherId]) -> int:
    """What these take off, applied in the total order as every set is."""
    amounts = [line.amount_minor for line in case.cart.lines]
    left = list(amounts)
    for voucher in sorted(chosen, key=lambda one: order_key(one, case.terms[one.campaign])):
        rules = case.terms[voucher.campaign]
        counts = eligible_lines(case.cart, rules.eligible)
        subtotal = sum(amount for amount, counted in zip(amounts, counts, strict=True) if counted)
        weights = [amount if counted else 0 for amount, counted in zip(left, counts, strict=True)]
        share = allocate(discount_of(rules, subtotal, sum(weights)), weights)
        left = [before - part for before, part in zip(left, share, strict=True)]
    return sum(amounts) - sum(left)
