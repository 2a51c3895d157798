"""The golden cases of rules.md §6."""

from __future__ import annotations

from dataclasses import replace

import pytest

from primitives.errors import InvalidValue, NotRefundable
from tests.fakes.vouchers import MERCHANT, UNITS_PER_MINOR, VALID_FROM, campaign_id, cart, rules, voucher_id
from vouchers.checkout.model import Cart, CartLine, GiftStock
from vouchers.checkout.price import price
from vouchers.refunds.arithmetic import payout_to_return, share_of_units, split_over_tenders
from vouchers.refunds.plan import Before, PaidRedemption, plan_refund
from vouchers.rules import Delivery, Effect, GiftReturn, RefundPolicy, RefundTerms, VoucherKind

NOW = VALID_FROM + 1


def tea(quantity: int, unit: int = 5_000) -> Cart:
    return Cart(MERCHANT, "CNY", (CartLine("tea", "tea", quantity, unit),))


class Sale:
    """One paid order and its refunds so far."""

    def __init__(self, basket, terms, *, stock=None, number=1):
        self.cart, self.terms = basket, {campaign_id(number): terms}
        self.quote = price(basket, [voucher_id(number)], self.terms, stock or {}, NOW, 1)
        self.before = Before((0,) * len(self.quote.lines), {})
        self.paid = [
            PaidRedemption(used.voucher, bytes([at]) * 32, used.sponsor_minor * UNITS_PER_MINOR, 0, UNITS_PER_MINOR)
            for at, used in enumerate(self.quote.used)
        ]

    def back(self, *units, **options):
        plan = plan_refund(self.cart, self.quote, self.terms, self.paid, self.before, list(units) or None, **options)
        refunded = dict(self.before.refunded)
        for name, amount in plan.tenders.items():
            refunded[name] = refunded.get(name, 0) + amount
        returned = tuple(a + b for a, b in zip(self.before.returned, plan.returning, strict=True))
        self.before = Before(returned, refunded, plan.gifts_charged)
        self.paid = [
            PaidRedemption(
                one.redemption.voucher,
                one.redemption.redemption_id,
                one.redemption.payout,
                one.redemption.returned + one.base_units,
                UNITS_PER_MINOR,
            )
            for one in plan.vouchers
        ]
        return plan


def tenth_off(policy):
    effect = Effect(min_spend=30_000, percent_bp=1_000, max_off=100_000)
    return rules(VoucherKind.PERCENT, effect, refund=RefundTerms(policy, 86_400))


def test_each_unit_bears_its_part_and_all_bear_the_whole():
    assert [share_of_units(100, 3, before, 1) for before in range(3)] == [33, 33, 34]
    assert share_of_units(100, 3, 0, 2) + share_of_units(100, 3, 2, 1) == 100


def test_recompute_charges_what_is_kept_by_the_rules_at_purchase():
    """6 × 5000, −10 % from 30000, paid 27000: return 1 then 4 → 2000, then 20000; the last is what remains."""
    sale = Sale(tea(6), tenth_off(RefundPolicy.RECOMPUTE))
    assert sale.quote.remainder_minor == 27_000
    assert [sale.back(1).amount_minor, sale.back(4).amount_minor, sale.back(1).amount_minor] == [2_000, 20_000, 5_000]


def test_keep_gives_back_what_each_unit_bore():
    sale = Sale(tea(6), tenth_off(RefundPolicy.KEEP))
    assert [sale.back(1).amount_minor, sale.back(4).amount_minor, sale.back(1).amount_minor] == [4_500, 18_000, 4_500]


def test_forfeit_charges_the_whole_discount_and_keeps_the_voucher():
    sale = Sale(tea(6), tenth_off(RefundPolicy.FORFEIT))
    plan = sale.back(1)
    assert plan.amount_minor == 2_000
    assert not plan.vouchers[0].whole
    assert not Sale(tea(6), tenth_off(RefundPolicy.FORFEIT)).back().vouchers[0].whole


def test_above_the_threshold_nothing_is_charged():
    sale = Sale(tea(8), tenth_off(RefundPolicy.RECOMPUTE))
    assert sale.back(1).amount_minor == 4_500


def test_per_each_counts_the_thresholds_that_are_left():
    effect = Effect(min_spend=10_000, amount_off=2_000, per_each=True, max_off=4_000)
    sale = Sale(tea(5), rules(effect=effect, refund=RefundTerms(RefundPolicy.RECOMPUTE, 1)))
    assert sale.quote.remainder_minor == 21_000
    # 3 are kept: one full threshold is left, 15000 − 2000.
    assert sale.back(2).amount_minor == 21_000 - 13_000


def test_recompute_never_asks_for_money():
    effect = Effect(min_spend=10_000, amount_off=9_000)
    sale = Sale(tea(2), rules(effect=effect, refund=RefundTerms(RefundPolicy.RECOMPUTE, 1)))
    assert sale.quote.remainder_minor == 1_000
    assert [sale.back(1).amount_minor, sale.back(1).amount_minor] == [0, 1_000]


def test_a_full_refund_returns_the_voucher_and_a_part_does_not():
    sale = Sale(cart(7_000, 3_000), rules(refund=RefundTerms(window_seconds=60)))
    whole = sale.back()
    assert (whole.amount_minor, whole.vouchers[0].whole) == (8_000, True)
    assert whole.vouchers[0].base_units == 2_000 * UNITS_PER_MINOR
    sale = Sale(cart(7_000, 3_000), rules(refund=RefundTerms(window_seconds=60)))
    part = sale.back(1, 0)
    assert (part.amount_minor, part.vouchers[0].whole) == (5_600, False)
    assert part.vouchers[0].base_units == 1_400 * UNITS_PER_MINOR
    rest = sale.back(0, 1)
    assert (rest.amount_minor, rest.vouchers[0].whole) == (2_400, False)
    assert rest.vouchers[0].base_units == 600 * UNITS_PER_MINOR


def test_a_chargeback_keeps_the_voucher_used():
    sale = Sale(cart(10_000), rules(refund=RefundTerms(window_seconds=60)))
    plan = sale.back(vouchers_back=False)
    assert (plan.amount_minor, plan.vouchers[0].whole) == (8_000, False)
    assert plan.vouchers[0].base_units == 2_000 * UNITS_PER_MINOR


class TestStoredValue:
    """A tender: what is paid back in money comes from the merchant, who then keeps what escrow paid for it."""

    CARD = rules(VoucherKind.STORED_VALUE, Effect(balance=10_000), refund=RefundTerms(window_seconds=60))

    def test_a_part_comes_back_as_money_and_costs_the_merchant_once(self):
        sale = Sale(tea(2), self.CARD)
        assert (sale.quote.tender_minor, sale.quote.remainder_minor) == (10_000, 0)
        for _ in range(2):
            part = sale.back(1)
            assert (part.amount_minor, list(part.tenders.values())) == (5_000, [5_000])
            assert (part.vouchers[0].whole, part.vouchers[0].base_units) == (False, 0)

    def test_a_chargeback_costs_the_merchant_once(self):
        plan = Sale(tea(2), self.CARD).back(vouchers_back=False)
        assert (plan.amount_minor, plan.vouchers[0].whole, plan.vouchers[0].base_units) == (10_000, False, 0)

    def test_the_whole_comes_back_as_value_while_that_can_be(self):
        plan = Sale(tea(2), self.CARD).back()
        assert (plan.vouchers[0].whole, plan.vouchers[0].base_units) == (True, 10_000 * UNITS_PER_MINOR)

    def test_the_whole_comes_back_as_money_when_no_value_can_come_back(self):
        sale = Sale(tea(2), self.CARD)
        sale.paid = [replace(one, revives=False) for one in sale.paid]
        plan = sale.back()
        assert (plan.amount_minor, plan.vouchers[0].whole, plan.vouchers[0].base_units) == (10_000, False, 0)


def gift_rules():
    effect = Effect(min_spend=10_000, sku="cup", quantity=1, max_off=3_000, delivery=Delivery.WITH_ORDER)
    return rules(VoucherKind.GIFT, effect, refund=RefundTerms(window_seconds=60, gift=GiftReturn.BACK_OR_PRICE))


def test_returning_the_trigger_needs_the_gift_or_its_price():
    stock = {"cup": GiftStock("cup", 3_000, 5)}
    sale = Sale(tea(2), gift_rules(), stock=stock)
    assert [line.sku for line in sale.quote.lines] == ["tea", "cup"]
    kept = sale.back(1, 0)
    assert (kept.amount_minor, kept.gifts_charged) == (5_000 - 3_000, 3_000)
    last = sale.back(1, 1)
    assert (last.amount_minor, last.gifts_back) == (8_000, {"cup": 1})
    sale = Sale(tea(2), gift_rules(), stock=stock)
    assert sale.back(1, 1).amount_minor == 5_000


def test_a_refund_is_split_over_what_is_left_of_each_tender():
    assert split_over_tenders(100, {"money": 200, "points:1": 100}) == {"money": 67, "points:1": 33}
    assert split_over_tenders(200, {"money": 133, "points:1": 67}) == {"money": 133, "points:1": 67}
    with pytest.raises(ValueError, match="never above"):
        split_over_tenders(201, {"money": 133, "points:1": 67})


def test_the_sponsor_pays_for_what_is_kept_alone():
    assert payout_to_return(1_000, 0, 400) == 600
    assert payout_to_return(1_000, 600, 400) == 0
    assert payout_to_return(1_000, 0, 2_000) == 0


@pytest.mark.parametrize(
    ("units", "refusal"), [([3], NotRefundable), ([-1], NotRefundable), ([0], NotRefundable), ([1, 1], InvalidValue)]
)
def test_what_was_not_bought_does_not_come_back(units, refusal):
    sale = Sale(tea(2), rules())
    with pytest.raises(refusal):
        sale.back(*units)


def test_nothing_is_refunded_twice():
    sale = Sale(tea(2), rules())
    sale.back()
    with pytest.raises(NotRefundable):
        sale.back()
