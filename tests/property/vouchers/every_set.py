"""The price of every set of vouchers, tried one after the other: slow, and with nothing clever to be wrong about.

Written from docs/rules.md, beside the search and sharing only the allocation and the total order with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from bench.checkout.shop_carts import NOW, ShopCase
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.allocation import allocate
from vouchers.checkout.price import order_key
from vouchers.rules import RuleDocument, VoucherKind

Thing = VoucherId | CampaignId


@dataclass(frozen=True)
class Best:
    """What the best set gives, and the set in the total order (a campaign's id stands for its points)."""

    discount: int
    tender: int
    chosen: tuple[Thing, ...]


def best_of_every_set(case: ShopCase, most: int) -> Best:
    """The largest discount, then the largest tender, then the fewest vouchers, then the first in the total order."""
    things: list[Thing] = [*case.vouchers, *case.holdings.points]
    ordered = sorted(things, key=lambda thing: order_key(thing, _rules(case, thing)))
    best: tuple[int, int, int, tuple[int, ...]] = (0, 0, 0, ())
    for size in range(1, most + 1 + len(case.holdings.points)):
        for places in combinations(range(len(ordered)), size):
            chosen = [ordered[place] for place in places]
            if not _allowed(case, chosen, most):
                continue
            taken = _apply(case, chosen)
            if 0 in taken:
                continue
            paid = sum(worth for worth, one in zip(taken, chosen, strict=True) if _rules(case, one).kind.is_tender)
            best = min(best, (-(sum(taken) - paid), -paid, size, places))
    return Best(-best[0], -best[1], tuple(ordered[place] for place in best[3]))


def _campaign(thing: Thing) -> CampaignId:
    return thing if isinstance(thing, CampaignId) else thing.campaign


def _rules(case: ShopCase, thing: Thing) -> RuleDocument:
    return case.terms[_campaign(thing)]


def _allowed(case: ShopCase, chosen: list[Thing], most: int) -> bool:
    """Consent of every pair both ways, and the three counts: order, terms and campaign."""
    vouchers = [one for one in chosen if isinstance(one, VoucherId)]
    for one in chosen:
        stacking, campaign = _rules(case, one).stacking, _campaign(one)
        same = sum(_campaign(other) == campaign for other in chosen)
        if len(vouchers) > min(most, stacking.max_per_order) or same > stacking.per_campaign:
            return False
        if same > case.holdings.uses_left.get(campaign, same):
            return False
        for other in chosen:
            group, others = stacking.group, _rules(case, other).stacking.group
            if one != other and (group == "exclusive" or (group != "joint" and others not in stacking.consents)):
                return False
    return True


def _apply(case: ShopCase, chosen: list[Thing]) -> list[int]:
    """What each takes, line by line; 0 where it has no effect."""
    amounts = [line.amount_minor for line in case.cart.lines]
    left = list(amounts)
    freed = {line.sku: 0 for line in case.cart.lines}
    stock = {sku: gift.available for sku, gift in case.stock.items()}
    taken = []
    for one in chosen:
        rules = _rules(case, one)
        assert rules.valid_from <= NOW < rules.valid_until
        eligible = rules.eligible
        counts = [
            line.sku not in eligible.excluded_skus
            and (eligible.categories is None or line.category in eligible.categories)
            for line in case.cart.lines
        ]
        counted = [line for line, count in zip(case.cart.lines, counts, strict=True) if count]
        subtotal, units = sum(line.amount_minor for line in counted), sum(line.quantity for line in counted)
        if not counted or subtotal < rules.effect.min_spend or units < rules.effect.min_quantity:
            taken.append(0)
            continue
        if rules.kind is VoucherKind.GIFT:
            taken.append(_gift(case, rules, counts, left, freed, stock))
            continue
        weights = [amount if count else 0 for amount, count in zip(left, counts, strict=True)]
        amount = min(_computed(case, one, rules, subtotal, sum(weights)), sum(weights))
        share = allocate(amount, weights)
        left = [before - part for before, part in zip(left, share, strict=True)]
        taken.append(amount)
    return taken


def _gift(
    case: ShopCase,
    rules: RuleDocument,
    counts: list[bool],
    left: list[int],
    freed: dict[str, int],
    stock: dict[str, int],
) -> int:
    """Unit by unit: those in the cart first, as long as what is paid for still meets the trigger; the rest is added."""
    sku, quantity = rules.effect.sku, rules.effect.quantity
    assert sku is not None and quantity is not None  # noqa: PT018
    if stock.get(sku, 0) < quantity:
        return 0
    stock[sku] -= quantity
    in_cart = [
        (index, line.unit_price_minor)
        for index, line in enumerate(case.cart.lines)
        if line.sku == sku
        for _ in range(line.quantity)
    ]
    spend = sum(line.amount_minor for line, count in zip(case.cart.lines, counts, strict=True) if count)
    units = sum(line.quantity for line, count in zip(case.cart.lines, counts, strict=True) if count)
    may_free = 0
    for index, price in in_cart[:quantity]:
        if counts[index]:
            spend, units = spend - price, units - 1
        if spend < rules.effect.min_spend or units < rules.effect.min_quantity:
            break
        may_free += 1
    before = freed.get(sku, 0)
    now_free = in_cart[before : before + may_free]
    worth = 0
    for index in {index for index, _ in now_free}:
        here = sum(one == index for one, _ in now_free)
        rest = sum(one == index for one, _ in in_cart[before:])
        price = case.cart.lines[index].unit_price_minor
        value = min(here * price, left[index]) if rules.base == "original" else left[index] * here // rest
        left[index] -= value
        worth += value
    freed[sku] = before + len(now_free)
    unit = min([price for _, price in in_cart], default=case.stock[sku].unit_price_minor)
    return worth + (quantity - len(now_free)) * unit


def _computed(case: ShopCase, one: Thing, rules: RuleDocument, subtotal: int, available: int) -> int:
    effect = rules.effect
    if rules.kind is VoucherKind.PERCENT:
        assert effect.percent_bp is not None and effect.max_off is not None  # noqa: PT018
        base = subtotal if rules.base == "original" else available
        return min((base * effect.percent_bp + 5_000) // 10_000, effect.max_off)
    if rules.kind is VoucherKind.STORED_VALUE:
        assert isinstance(one, VoucherId) and effect.balance is not None  # noqa: PT018
        known = case.holdings.balances.get(one)
        return effect.balance if known is None else known.balance_minor
    if rules.kind is VoucherKind.POINTS:
        assert isinstance(one, CampaignId) and effect.redeem_rate is not None  # noqa: PT018
        rate = effect.redeem_rate
        points = min(case.holdings.points[one], available * rate.points // rate.minor)
        return points * rate.minor // rate.points
    assert effect.amount_off is not None
    if not effect.per_each:
        return effect.amount_off
    assert effect.max_off is not None
    return min(effect.amount_off * (subtotal // effect.min_spend), effect.max_off)
