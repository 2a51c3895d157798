"""What a simple till does: take the voucher that gives most, then the next that may stand beside it."""

from __future__ import annotations

from dataclasses import replace

from bench.checkout.shop_carts import NOW, ShopCase
from primitives.voucher_id import VoucherId
from vouchers.checkout.combination import combine_well
from vouchers.checkout.price import price, price_with
from vouchers.rules import MAX_PER_ORDER, RULES_VERSION


def biggest_first(case: ShopCase) -> int:
    """The discount, in minor units; tender is left aside, as it is the holder's own money."""
    alone = {}
    for voucher in case.vouchers:
        holdings = replace(case.holdings, points={})
        answer = price(case.cart, [voucher], case.terms, case.stock, NOW, RULES_VERSION, holdings=holdings)
        alone[voucher] = answer.discount_minor
    chosen: list[VoucherId] = []
    most = MAX_PER_ORDER
    for voucher in sorted(case.vouchers, key=lambda one: (-alone[one], str(one))):
        if not alone[voucher] or len(chosen) >= most:
            break
        stacking = case.terms[voucher.campaign].stacking
        same = sum(other.campaign == voucher.campaign for other in chosen)
        allowed = min(stacking.per_campaign, case.holdings.uses_left.get(voucher.campaign, MAX_PER_ORDER))
        fits = same < allowed and len(chosen) < stacking.max_per_order
        if fits and all(combine_well(stacking, case.terms[other.campaign].stacking) for other in chosen):
            chosen.append(voucher)
            most = min(most, stacking.max_per_order)
    return price_with(
        case.cart,
        chosen,
        case.terms,
        case.stock,
        NOW,
        RULES_VERSION,
        holdings=replace(case.holdings, points={}, uses_left={}),
    ).discount_minor
