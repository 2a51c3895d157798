"""Whether a voucher, or a programme's points, can do anything on a cart; if not, why.

Source: rules.md §1, §2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.candidate import Candidate, take
from vouchers.checkout.effects import eligible_lines, window_refusal
from vouchers.checkout.gifts import GiftOffer, gift_offer
from vouchers.checkout.model import Cart, GiftStock, Holdings, UnusedReason
from vouchers.rules import RuleDocument, VoucherKind


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it gives nothing; `spend_more` minor units or `units_more` units are missing."""

    reason: UnusedReason
    spend_more: int | None = None
    units_more: int | None = None


def candidate_of(
    cart: Cart,
    what: VoucherId | CampaignId,
    rules: RuleDocument,
    stock: Mapping[str, GiftStock],
    now: int,
    holdings: Holdings,
) -> Candidate | Refusal:
    """What is named by `what` (a campaign's id: its points), by itself on the whole cart."""
    campaign = what if isinstance(what, CampaignId) else what.campaign
    refusal = _closed(cart, rules, now, holdings.paused_seconds.get(campaign, 0))
    if refusal is not None:
        return Refusal(refusal)
    if campaign in holdings.paused:
        return Refusal(UnusedReason.PAUSED)
    if campaign in holdings.closed_to_level:
        return Refusal(UnusedReason.IDENTITY_LEVEL_TOO_LOW)
    if holdings.uses_left.get(campaign, 1) < 1:
        return Refusal(UnusedReason.LIMIT_REACHED)
    counts = eligible_lines(cart, rules.eligible)
    if not any(counts):
        return Refusal(UnusedReason.NOTHING_ELIGIBLE)
    counted = [line for line, one in zip(cart.lines, counts, strict=True) if one]
    subtotal = sum(line.amount_minor for line in counted)
    if subtotal < rules.effect.min_spend:
        return Refusal(UnusedReason.BELOW_MIN_SPEND, spend_more=rules.effect.min_spend - subtotal)
    units = sum(line.quantity for line in counted)
    if units < rules.effect.min_quantity:
        return Refusal(UnusedReason.BELOW_MIN_QUANTITY, units_more=rules.effect.min_quantity - units)
    offer = _gift(cart, rules, counts, stock)
    if isinstance(offer, Refusal):
        return offer
    candidate = Candidate(campaign, rules, counts, subtotal, _funds(what, rules, holdings), offer)
    taken, _ = take(candidate, [line.amount_minor for line in cart.lines])
    return candidate if taken.worth > 0 else Refusal(UnusedReason.NO_EFFECT)


def _closed(cart: Cart, rules: RuleDocument, now: int, paused_seconds: int) -> UnusedReason | None:
    refusal = window_refusal(rules, now, paused_seconds)
    if refusal is not None:
        return refusal
    if rules.currency != cart.currency:
        return UnusedReason.OTHER_CURRENCY
    if rules.eligible.merchants is not None and cart.merchant not in rules.eligible.merchants:
        return UnusedReason.OTHER_MERCHANT
    return None


def _gift(
    cart: Cart, rules: RuleDocument, counts: Sequence[bool], stock: Mapping[str, GiftStock]
) -> GiftOffer | Refusal | None:
    if rules.kind is not VoucherKind.GIFT:
        return None
    effect = rules.effect
    assert effect.sku is not None
    assert effect.quantity is not None
    known = stock.get(effect.sku)
    if known is None:
        return Refusal(UnusedReason.NO_SUCH_GIFT)
    if known.available < effect.quantity:
        return Refusal(UnusedReason.GIFT_OUT_OF_STOCK, units_more=effect.quantity - known.available)
    return gift_offer(cart, rules, counts, known)


def _funds(what: VoucherId | CampaignId, rules: RuleDocument, holdings: Holdings) -> int:
    if isinstance(what, CampaignId):
        return holdings.points[what]
    return holdings.balance_of(what, rules).balance_minor if rules.kind is VoucherKind.STORED_VALUE else 0
