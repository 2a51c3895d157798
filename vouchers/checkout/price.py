"""The price of a cart with the vouchers that its holder has.

A pure function: the same input gives the same output for ever, so that an auditor can replay every redemption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.allocation import allocate
from vouchers.checkout.combination import MAX_PER_ORDER, Candidate, best_combination, combine_well
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
    max_per_order: int = MAX_PER_ORDER,
) -> Quote:
    """Choose the best vouchers that consent to each other, and say for every other why it is not used.

    Args:
        vouchers: The holder's live vouchers, in any order.
        terms: The rules of each voucher's campaign.
        stock: Units per sku that gifts may take; version 1 has no gifts and reads nothing from it.
        now: Block time, Unix seconds.
        rules_version: Which text of the rules decides.
        max_per_order: Most vouchers that the order's chain takes in one act, at most 5.

    Raises:
        InvalidValue: An unknown version, a voucher named twice or without terms, or a limit outside 1..5.

    Source: rules.md §1–§4.
    """
    _check(vouchers, terms, rules_version, max_per_order)
    ordered = sorted(vouchers, key=lambda voucher: order_key(voucher, terms[voucher.campaign]))
    refused: dict[VoucherId, UnusedVoucher] = {}
    alone: dict[VoucherId, Candidate] = {}
    first_of: dict[CampaignId, VoucherId] = {}
    gives: dict[VoucherId, int] = {}
    for voucher in ordered:
        outcome = _alone(cart, voucher, terms[voucher.campaign], now)
        if isinstance(outcome, UnusedVoucher):
            refused[voucher] = outcome
            continue
        candidate, gives[voucher] = outcome
        if first_of.setdefault(voucher.campaign, voucher) == voucher:
            alone[voucher] = candidate
    amounts = [line.amount_minor for line in cart.lines]
    found = best_combination(list(alone.values()), amounts, limit=max_per_order)
    places = list(alone)
    used = tuple(
        _applied(places[one], per_line, terms[places[one].campaign])
        for one, per_line in zip(found.chosen, found.per_line, strict=True)
    )
    reasons = _Reasons(terms, tuple(applied.voucher for applied in used), first_of, max_per_order)
    chosen = set(reasons.used)
    unused = tuple(
        refused.get(voucher) or UnusedVoucher(voucher, reasons.why(voucher), gives[voucher])
        for voucher in ordered
        if voucher not in chosen
    )
    payable = tuple(amount - sum(taken) for amount, *taken in zip(amounts, *found.per_line, strict=True))
    return Quote(
        currency=cart.currency,
        total_minor=cart.total_minor,
        discount_minor=found.total,
        remainder_minor=cart.total_minor - found.total,
        payable_per_line=payable,
        used=used,
        unused=unused,
        now=now,
        rules_version=rules_version,
        nodes=found.nodes,
        bound_minor=found.bound,
    )


def _check(
    vouchers: Sequence[VoucherId], terms: Mapping[CampaignId, RuleDocument], rules_version: int, max_per_order: int
) -> None:
    if rules_version != RULES_VERSION:
        raise InvalidValue(f"rules version {rules_version} is not known here", rules_version=rules_version)
    if not 1 <= max_per_order <= MAX_PER_ORDER:
        raise InvalidValue(f"an order uses 1 to {MAX_PER_ORDER} vouchers", max_per_order=max_per_order)
    if len(set(vouchers)) != len(vouchers):
        raise InvalidValue("a voucher is named twice")
    missing = [voucher for voucher in vouchers if voucher.campaign not in terms]
    if missing:
        raise InvalidValue(f"the rules of voucher {missing[0]} are not given", voucher=str(missing[0]))


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Why a voucher that would give something alone is not among the used."""

    terms: Mapping[CampaignId, RuleDocument]
    used: tuple[VoucherId, ...]
    first_of: Mapping[CampaignId, VoucherId]
    max_per_order: int

    def why(self, voucher: VoucherId) -> UnusedReason:
        if self.first_of[voucher.campaign] in self.used:
            return UnusedReason.ONE_PER_CAMPAIGN
        stacking = self.terms[voucher.campaign].stacking
        if any(not combine_well(stacking, self.terms[other.campaign].stacking) for other in self.used):
            return UnusedReason.NOT_COMBINABLE
        return UnusedReason.ORDER_FULL if len(self.used) == self.max_per_order else UnusedReason.NOT_BEST


def _alone(cart: Cart, voucher: VoucherId, rules: RuleDocument, now: int) -> tuple[Candidate, int] | UnusedVoucher:
    """The voucher with what it gives by itself, in minor units, or why it gives nothing."""
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
    subtotal = sum(line.amount_minor for line, counted in zip(cart.lines, counts, strict=True) if counted)
    if subtotal < rules.effect.min_spend:
        return UnusedVoucher(voucher, UnusedReason.BELOW_MIN_SPEND, spend_more=rules.effect.min_spend - subtotal)
    amount = discount_of(rules, subtotal, subtotal)
    if amount == 0:
        return UnusedVoucher(voucher, UnusedReason.NO_EFFECT)
    return Candidate(rules, counts, subtotal), amount


def _applied(voucher: VoucherId, per_line: tuple[int, ...], rules: RuleDocument) -> AppliedVoucher:
    amount = sum(per_line)
    sponsor = amount * rules.sponsor_bp // 10_000
    return AppliedVoucher(
        voucher=voucher,
        amount_minor=amount,
        sponsor_minor=sponsor,
        per_line=per_line,
        sponsor_per_line=allocate(sponsor, per_line),
    )
