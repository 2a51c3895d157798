"""What one refund of an order comes to, from its quote and its campaigns' rules. Pure: no I/O.

Source: rules.md §6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from primitives.errors import InvalidValue, NotRefundable
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.effects import discount_of, eligible_lines
from vouchers.checkout.model import AppliedVoucher, Cart, Quote
from vouchers.refunds.arithmetic import (
    PaidLine,
    kept_share,
    payout_to_return,
    price_of_kept,
    refund_amount,
    returned_everything,
    split_over_tenders,
)
from vouchers.rules import GiftReturn, RefundPolicy, RuleDocument, VoucherKind

MONEY = "money"
"""The tender that is not of vouchers or points: the remainder."""


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier refunds of the order did.

    Attributes:
        returned: Units per line of the quote.
        refunded: Minor units by tender.
        gifts_charged: Minor units kept back for gifts that stayed.
    """

    returned: tuple[int, ...]
    refunded: Mapping[str, int]
    gifts_charged: int = 0

    @property
    def amount(self) -> int:
        return sum(self.refunded.values())


@dataclass(frozen=True, slots=True)
class PaidRedemption:
    """A voucher's redemption. `payout` and `returned`: base units that escrow paid, and that went back.

    Attributes:
        revives: A reversal would put stored value back for its payer: there is time for it, and the voucher is still
            the payer's.
        redeemed_at: Block time, Unix seconds; None: not read from the chain yet.
    """

    voucher: VoucherId
    redemption_id: bytes
    payout: int
    returned: int
    units_per_minor: int
    revives: bool = True
    redeemed_at: int | None = None


@dataclass(frozen=True, slots=True)
class VoucherBack:
    """What becomes of a redemption: a new voucher (`whole`), or base units of its payout."""

    redemption: PaidRedemption
    whole: bool
    base_units: int


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """Attributes:
    returning: Units per line of the quote.
    amount_minor: Back to the holder over all tenders; `tenders` by tender.
    gifts_charged: Kept back for gifts that stay, earlier refunds included.
    gifts_back: Units per sku that come back to the shop.
    vouchers: In the order of the quote.
    """

    returning: tuple[int, ...]
    amount_minor: int
    tenders: Mapping[str, int]
    gifts_charged: int
    gifts_back: Mapping[str, int]
    vouchers: tuple[VoucherBack, ...]


def tenders_of(quote: Quote) -> dict[str, int]:
    """What an order was paid with, in minor units: the remainder first, then stored value and points."""
    paid = {MONEY: quote.remainder_minor}
    for applied in quote.used:
        if applied.kind.is_tender:
            paid[f"voucher:{applied.voucher}"] = applied.amount_minor
    for spent in quote.points:
        paid[f"points:{spent.programme}"] = spent.amount_minor
    return {name: amount for name, amount in paid.items() if amount}


def paid_lines(quote: Quote, returned: Sequence[int]) -> tuple[PaidLine, ...]:
    """Each line with what was paid for it by every tender."""
    paid = list(quote.payable_per_line)
    for applied in quote.used:
        if applied.kind.is_tender:
            paid = [amount + part for amount, part in zip(paid, applied.per_line, strict=True)]
    for spent in quote.points:
        paid = [amount + part for amount, part in zip(paid, spent.per_line, strict=True)]
    return tuple(
        PaidLine(line.quantity, line.unit_price_minor, amount, before)
        for line, amount, before in zip(quote.lines, paid, returned, strict=True)
    )


def plan_refund(
    cart: Cart,
    quote: Quote,
    rules: Mapping[CampaignId, RuleDocument],
    redemptions: Sequence[PaidRedemption],
    before: Before,
    returning: Sequence[int] | None,
    *,
    vouchers_back: bool = True,
) -> RefundPlan:
    """How much goes back, over which tenders, and what becomes of each voucher.

    Args:
        cart: As it was charged; the quote's lines may hold gifts after it.
        returning: Units per line of the quote; None: everything that is still kept.
        vouchers_back: False: no voucher comes back, as at a chargeback.

    Raises:
        InvalidValue: Not one number per line.
        NotRefundable: More units than are kept, none at all, or all was refunded before.
    """
    lines = paid_lines(quote, before.returned)
    counts = tuple(line.kept for line in lines) if returning is None else tuple(returning)
    if len(counts) != len(lines):
        raise InvalidValue("name a number of units for each line of the receipt", lines=len(lines))
    for number, (line, count) in enumerate(zip(lines, counts, strict=True)):
        if not 0 <= count <= line.kept:
            raise NotRefundable(
                f"of line {number} {line.kept} units can come back, not {count}",
                reason="units",
                line=number,
                kept=line.kept,
            )
    if not any(counts):
        raise NotRefundable("nothing comes back", reason="nothing")
    everything = returned_everything(lines, counts)
    at_once = everything and not any(before.returned)
    kept_cart = _kept_cart(cart, quote, lines, counts)
    discounts = [applied for applied in quote.used if not applied.kind.is_tender]
    broken = {
        applied.voucher
        for applied in discounts
        if not everything and _broken(kept_cart, quote, rules[applied.voucher.campaign])
    }
    kept = _kept_discounts(kept_cart, discounts, rules, broken, lines, counts)
    policies = {rules[one.campaign].refund.policy for one in broken}
    price = price_of_kept(lines, counts, list(kept.values())) if policies - {RefundPolicy.KEEP} else None
    charged = 0 if everything else _gifts_kept(quote, rules, broken, lines, counts)
    left = {name: amount - before.refunded.get(name, 0) for name, amount in tenders_of(quote).items()}
    amount = refund_amount(
        lines,
        counts,
        paid=sum(line.paid for line in lines),
        refunded=before.amount,
        kept_price=price,
        # What is kept is priced as a whole each time; units are not, so only what is new is charged.
        charged=charged - (before.gifts_charged if price is None else 0),
    )
    by_voucher = {redemption.voucher: redemption for redemption in redemptions}
    back = tuple(
        _voucher_back(
            applied,
            by_voucher[applied.voucher],
            rules[applied.voucher.campaign],
            kept.get(applied.voucher),
            lines,
            counts,
            whole=vouchers_back and at_once,
            everything=everything,
        )
        for applied in quote.used
        if applied.voucher in by_voucher
    )
    return RefundPlan(
        counts, amount, split_over_tenders(amount, left), charged, _gifts_back(quote, lines, counts), back
    )


def _kept_cart(cart: Cart, quote: Quote, lines: Sequence[PaidLine], counts: Sequence[int]) -> Cart | None:
    """What stays of the charged cart; None when nothing does."""
    kept = tuple(
        replace(line, quantity=paid.kept - count)
        for line, paid, count in zip(quote.lines[: len(cart.lines)], lines, counts, strict=False)
        if paid.kept - count
    )
    return replace(cart, lines=kept) if kept else None


def _subtotal(cart: Cart | None, rules: RuleDocument) -> tuple[int, int]:
    """Minor units and units of the eligible lines."""
    if cart is None:
        return 0, 0
    counted = [line for line, counts in zip(cart.lines, eligible_lines(cart, rules.eligible), strict=True) if counts]
    return sum(line.amount_minor for line in counted), sum(line.quantity for line in counted)


def _broken(kept: Cart | None, quote: Quote, rules: RuleDocument) -> bool:
    """Whether the kept goods alone would not have had the voucher as it was given."""
    subtotal, units = _subtotal(kept, rules)
    if subtotal < rules.effect.min_spend or units < rules.effect.min_quantity:
        return True
    if not rules.effect.per_each:
        return False
    # "Per each": fewer full thresholds than were counted at the purchase.
    bought, _ = _subtotal(Cart(merchant="", currency=quote.currency, lines=quote.lines), rules)
    return discount_of(rules, subtotal, subtotal) < discount_of(rules, bought, bought)


def _kept_discounts(
    kept: Cart | None,
    discounts: Sequence[AppliedVoucher],
    rules: Mapping[CampaignId, RuleDocument],
    broken: set[VoucherId],
    lines: Sequence[PaidLine],
    counts: Sequence[int],
) -> dict[VoucherId, int]:
    """What each discount still takes off what is kept, in the order of the quote."""
    found: dict[VoucherId, int] = {}
    taken = 0
    for applied in discounts:
        terms = rules[applied.voucher.campaign]
        share = kept_share(applied.per_line, lines, counts)
        if applied.voucher not in broken or terms.refund.policy is RefundPolicy.KEEP:
            found[applied.voucher] = share
        elif terms.refund.policy is RefundPolicy.FORFEIT or applied.kind is VoucherKind.GIFT:
            found[applied.voucher] = 0
        else:
            subtotal, _ = _subtotal(kept, terms)
            enough = subtotal >= terms.effect.min_spend
            found[applied.voucher] = discount_of(terms, subtotal, max(0, subtotal - taken)) if enough else 0
        taken += found[applied.voucher]
    return found


def _gifts_kept(
    quote: Quote,
    rules: Mapping[CampaignId, RuleDocument],
    broken: set[VoucherId],
    lines: Sequence[PaidLine],
    counts: Sequence[int],
) -> int:
    """The price of gifts whose goods come back and that stay with the holder."""
    charged = 0
    for applied in quote.used:
        if applied.gift is None or applied.voucher not in broken:
            continue
        if rules[applied.voucher.campaign].refund.gift is GiftReturn.KEPT:
            continue
        units = [(applied.gift.line, applied.gift.added)] if applied.gift.line is not None else []
        for place, given in [*units, *applied.gift.freed]:
            if place is None:
                continue
            line = lines[place]
            still = max(0, min(given, line.kept - counts[place]))
            charged += still * line.unit_price_minor
    return charged


def _gifts_back(quote: Quote, lines: Sequence[PaidLine], counts: Sequence[int]) -> dict[str, int]:
    """Units of gifts that came as lines of their own and come back now."""
    back: dict[str, int] = {}
    for applied in quote.used:
        gift = applied.gift
        if gift is not None and gift.line is not None and counts[gift.line]:
            back[gift.sku] = back.get(gift.sku, 0) + counts[gift.line]
    return back


def _voucher_back(
    applied: AppliedVoucher,
    redemption: PaidRedemption,
    rules: RuleDocument,
    kept_discount: int | None,
    lines: Sequence[PaidLine],
    counts: Sequence[int],
    *,
    whole: bool,
    everything: bool,
) -> VoucherBack:
    rest = redemption.payout - redemption.returned
    comes_back = whole and rules.refund.policy is not RefundPolicy.FORFEIT
    if applied.kind.is_tender and not (comes_back and redemption.revives):
        # The merchant pays the holder in money, and keeps what escrow paid for the value.
        return VoucherBack(redemption, False, 0)
    if comes_back:
        return VoucherBack(redemption, True, rest)
    if everything:
        return VoucherBack(redemption, False, rest)
    assert kept_discount is not None, "every discount has its share of what is kept"
    kept_sponsor = applied.sponsor_minor * kept_discount // applied.amount_minor if applied.amount_minor else 0
    units = payout_to_return(redemption.payout, redemption.returned, kept_sponsor * redemption.units_per_minor)
    return VoucherBack(redemption, False, units)
