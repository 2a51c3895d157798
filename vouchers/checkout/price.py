"""The price of a cart with the vouchers that its holder has.

A pure function: the same input gives the same output for ever, so that an auditor can replay every redemption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.allocation import allocate
from vouchers.checkout.effects import discount_of, eligible_lines, window_refusal
from vouchers.checkout.model import AppliedVoucher, Cart, Quote, UnusedReason, UnusedVoucher
from vouchers.rules import RULES_VERSION, RuleDocument

OrderKey = tuple[int, str, int, int]


def order_key(voucher: VoucherId, rules: RuleDocument) -> OrderKey:
    """The one total order of vouchers: priority, campaign id, expiry, serial (rules.md §3; all are order discounts)."""
    return rules.stacking.priority, str(voucher.campaign), rules.valid_until, int(voucher.serial)


def price(
    cart: Cart,
    vouchers: Sequence[VoucherId],
    terms: Mapping[CampaignId, RuleDocument],
    stock: Mapping[str, int],
    now: int,
    rules_version: int,
) -> Quote:
    """Choose the best voucher and say for every other why it is not used.

    Rules version 1 uses one voucher per order: the largest discount, ties by `order_key`.

    Args:
        vouchers: The holder's live vouchers, in any order.
        terms: The rules of each voucher's campaign.
        stock: Units per sku that gifts may take; version 1 has no gifts and reads nothing from it.
        now: Block time, Unix seconds.
        rules_version: Which text of the rules decides.

    Raises:
        InvalidValue: An unknown version, a voucher named twice or without terms.

    Source: rules.md §1–§4.
    """
    if rules_version != RULES_VERSION:
        raise InvalidValue(f"rules version {rules_version} is not known here", rules_version=rules_version)
    if len(set(vouchers)) != len(vouchers):
        raise InvalidValue("a voucher is named twice")
    missing = [voucher for voucher in vouchers if voucher.campaign not in terms]
    if missing:
        raise InvalidValue(f"the rules of voucher {missing[0]} are not given", voucher=str(missing[0]))
    ordered = sorted(vouchers, key=lambda voucher: order_key(voucher, terms[voucher.campaign]))
    outcomes = [(voucher, _alone(cart, voucher, terms[voucher.campaign], now)) for voucher in ordered]
    candidates = [(voucher, outcome) for voucher, outcome in outcomes if isinstance(outcome, AppliedVoucher)]
    # `max` keeps the first of equals, and the list stands in the total order.
    best = max((applied for _, applied in candidates), key=lambda applied: applied.amount_minor, default=None)
    used = () if best is None else (best,)
    unused = tuple(
        outcome
        if isinstance(outcome, UnusedVoucher)
        else UnusedVoucher(voucher, UnusedReason.NOT_BEST, outcome.amount_minor)
        for voucher, outcome in outcomes
        if outcome is not best
    )
    amounts = [line.amount_minor for line in cart.lines]
    taken = [0] * len(amounts) if best is None else list(best.per_line)
    payable = tuple(amount - share for amount, share in zip(amounts, taken, strict=True))
    discount = sum(taken)
    return Quote(
        currency=cart.currency,
        total_minor=cart.total_minor,
        discount_minor=discount,
        remainder_minor=cart.total_minor - discount,
        payable_per_line=payable,
        used=used,
        unused=unused,
        now=now,
        rules_version=rules_version,
    )


def _alone(cart: Cart, voucher: VoucherId, rules: RuleDocument, now: int) -> AppliedVoucher | UnusedVoucher:
    refusal = window_refusal(rules, now)
    if refusal is not None:
        return UnusedVoucher(voucher, refusal)
    if rules.currency != cart.currency:
        return UnusedVoucher(voucher, UnusedReason.OTHER_CURRENCY)
    if rules.eligible.merchants is not None and cart.merchant not in rules.eligible.merchants:
        return UnusedVoucher(voucher, UnusedReason.OTHER_MERCHANT)
    counts = eligible_lines(cart, rules.eligible)
    if not any(counts):
        return UnusedVoucher(voucher, UnusedReason.NOTHING_ELIGIBLE)
    left = [line.amount_minor if counted else 0 for line, counted in zip(cart.lines, counts, strict=True)]
    subtotal = sum(left)
    if subtotal < rules.effect.min_spend:
        return UnusedVoucher(voucher, UnusedReason.BELOW_MIN_SPEND, spend_more=rules.effect.min_spend - subtotal)
    amount = discount_of(rules, subtotal, left)
    if amount == 0:
        return UnusedVoucher(voucher, UnusedReason.NO_EFFECT)
    per_line = allocate(amount, left)
    sponsor = amount * rules.sponsor_bp // 10_000
    return AppliedVoucher(
        voucher=voucher,
        amount_minor=amount,
        sponsor_minor=sponsor,
        per_line=per_line,
        sponsor_per_line=allocate(sponsor, per_line),
    )
