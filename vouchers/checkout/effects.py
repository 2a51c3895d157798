"""What one voucher of each kind gives on a cart, before it is compared with others."""

from __future__ import annotations

from primitives.errors import InvalidValue
from vouchers.checkout.model import Cart, CartLine, UnusedReason
from vouchers.rules import Base, Effect, Eligibility, PointRate, RuleDocument, VoucherKind


def round_half_up(numerator: int, denominator: int) -> int:
    """Nearest integer of a non-negative fraction, halves upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def window_refusal(rules: RuleDocument, now: int, paused_seconds: int = 0) -> UnusedReason | None:
    """Half-open window: valid_from ≤ now < valid_until + what pauses moved it on, in Unix seconds of block time."""
    if now < rules.valid_from:
        return UnusedReason.NOT_YET_VALID
    if now >= rules.valid_until + paused_seconds:
        return UnusedReason.EXPIRED
    return None


def eligible_lines(cart: Cart, eligible: Eligibility) -> tuple[bool, ...]:
    """Which lines count for a campaign, in the cart's order."""
    if eligible.stores is not None and cart.store not in eligible.stores:
        return (False,) * len(cart.lines)
    return tuple(_line_counts(line, eligible) for line in cart.lines)


def _line_counts(line: CartLine, eligible: Eligibility) -> bool:
    if line.sku in eligible.excluded_skus:
        return False
    if eligible.skus is not None and line.sku not in eligible.skus:
        return False
    return eligible.categories is None or line.category in eligible.categories


def discount_of(rules: RuleDocument, subtotal: int, available: int) -> int:
    """The discount of one voucher whose threshold is met.

    Args:
        subtotal: Eligible lines before any voucher: the base of thresholds, and of percentages with base `original`.
        available: What is left on the eligible lines.

    Raises:
        InvalidValue: A kind that takes nothing off an amount.

    Source: rules.md §1.
    """
    base = subtotal if rules.base is Base.ORIGINAL else available
    return min(_computed(rules.kind, rules.effect, subtotal, base), available)


def _computed(kind: VoucherKind, effect: Effect, subtotal: int, base: int) -> int:
    match kind:
        case VoucherKind.THRESHOLD:
            assert effect.amount_off is not None
            if not effect.per_each:
                return effect.amount_off
            assert effect.max_off is not None
            return min(effect.amount_off * (subtotal // effect.min_spend), effect.max_off)
        case VoucherKind.PERCENT:
            assert effect.percent_bp is not None
            assert effect.max_off is not None
            return min(round_half_up(base * effect.percent_bp, 10_000), effect.max_off)
        case VoucherKind.CASH:
            assert effect.amount_off is not None
            return effect.amount_off
        case VoucherKind.GIFT | VoucherKind.STORED_VALUE | VoucherKind.POINTS:
            raise InvalidValue(f"{kind.value} takes nothing off an amount", kind=kind.value)


def points_worth(rate: PointRate, points: int) -> int:
    """Minor units that spent points are worth, rounded down."""
    return points * rate.minor // rate.points


def points_to_spend(rate: PointRate, available: int, left: int) -> tuple[int, int]:
    """The points that pay as much of `left` as they can without being worth more, and what they pay.

    Args:
        available: Spendable points.
        left: Minor units to pay.

    Returns:
        Points and minor units; the fewest points of that worth, so that none is spent for nothing.
    """
    points = min(available, left * rate.points // rate.minor)
    worth = points_worth(rate, points)
    return -(-worth * rate.points // rate.minor), worth


def points_earned(rate: PointRate, paid: int) -> int:
    """Points for the amount that was paid, in minor units, rounded down."""
    return paid * rate.points // rate.minor
