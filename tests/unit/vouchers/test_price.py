"""The golden cases of rules.md, and every reason that a voucher is not used."""

from __future__ import annotations

import pytest

from primitives.errors import InvalidValue
from tests.fakes.vouchers import MERCHANT, VALID_FROM, VALID_UNTIL, campaign_id, cart, rules, voucher_id
from vouchers.checkout.allocation import allocate
from vouchers.checkout.combination import combine_well
from vouchers.checkout.effects import round_half_up
from vouchers.checkout.model import Cart, CartLine, UnusedReason
from vouchers.checkout.price import price
from vouchers.rules import RULES_VERSION, Effect, Eligibility, Stacking, VoucherKind

NOW = VALID_FROM + 1

THRESHOLD = rules()
PER_EACH = rules(effect=Effect(min_spend=10_000, amount_off=2_000, per_each=True, max_off=10_000))
PERCENT = rules(VoucherKind.PERCENT, Effect(percent_bp=1_250, max_off=100_000))
CASH = rules(VoucherKind.CASH, Effect(amount_off=3_000))


def quote(cart, *terms, now=NOW):
    """Price a cart with one voucher of each of the given campaigns, numbered from 1."""
    by_campaign = {campaign_id(number): document for number, document in enumerate(terms, start=1)}
    vouchers = [voucher_id(number) for number in range(1, len(terms) + 1)]
    return price(cart, vouchers, by_campaign, {}, now, RULES_VERSION)


class TestGoldenCases:
    @pytest.mark.parametrize(
        ("terms", "prices", "discount"),
        [
            (THRESHOLD, [10_000], 2_000),
            (THRESHOLD, [25_000], 2_000),
            (PER_EACH, [25_000], 4_000),
            (PER_EACH, [19_999], 2_000),
            (PER_EACH, [990_000], 10_000),
            (rules(effect=Effect(min_spend=50_000, amount_off=20_000)), [60_000], 20_000),
            (PERCENT, [999], 125),
            (rules(VoucherKind.PERCENT, Effect(percent_bp=1_250, max_off=100)), [999], 100),
            (rules(VoucherKind.PERCENT, Effect(percent_bp=10_000, max_off=5_000)), [1_200], 1_200),
            (CASH, [10_000], 3_000),
            (CASH, [1_200], 1_200),
        ],
    )
    def test_discount(self, terms, prices, discount):
        """rules.md §3, golden cases 1, 2 and 4, and the caps of §1."""
        answer = quote(cart(*prices), terms)
        assert answer.discount_minor == discount
        assert answer.remainder_minor == sum(prices) - discount
        assert sum(answer.payable_per_line) == answer.remainder_minor

    def test_below_the_threshold_says_what_is_missing(self):
        """Golden case 1: 9999 is refused and `spend_more` is 1."""
        answer = quote(cart(9_999), THRESHOLD)
        assert answer.used == ()
        assert answer.remainder_minor == 9_999
        (unused,) = answer.unused
        assert (unused.reason, unused.spend_more) == (UnusedReason.BELOW_MIN_SPEND, 1)

    @pytest.mark.parametrize(
        ("amount", "weights", "shares"),
        [
            (299, [4300, 1400, 2300], (161, 52, 86)),
            (299, [1000, 1000, 1000], (100, 100, 99)),
            (40, [10, 0], (10, 0)),
            (500, [105] * 9 + [1], (56, 56, 56, 56, 55, 55, 55, 55, 55, 1)),
            (0, [5, 5], (0, 0)),
            (7, [], ()),
        ],
    )
    def test_allocation(self, amount, weights, shares):
        """rules.md §4."""
        assert allocate(amount, weights) == shares

    @pytest.mark.parametrize(
        ("numerator", "denominator", "rounded"), [(5, 2, 3), (124_875, 1_000, 125), (1, 3, 0), (2, 3, 1), (0, 7, 0)]
    )
    def test_halves_round_upwards(self, numerator, denominator, rounded):
        assert round_half_up(numerator, denominator) == rounded


class TestChoice:
    def test_the_largest_discount_wins(self):
        answer = quote(cart(10_000), THRESHOLD, CASH)
        assert [applied.voucher for applied in answer.used] == [voucher_id(2)]
        (other,) = answer.unused
        assert (other.voucher, other.reason, other.would_give_minor) == (
            voucher_id(1),
            UnusedReason.NOT_COMBINABLE,
            2_000,
        )

    def test_equal_discounts_are_settled_by_priority_then_expiry(self):
        """The total order: priority, campaign id, expiry, serial."""
        urgent = rules(stacking=Stacking("exclusive", frozenset(), priority=1))
        assert quote(cart(10_000), THRESHOLD, urgent).used[0].voucher == voucher_id(2)
        assert quote(cart(10_000), THRESHOLD, THRESHOLD).used[0].voucher == voucher_id(1)

    def test_the_order_of_the_input_does_not_matter(self):
        terms = {campaign_id(1): THRESHOLD, campaign_id(2): CASH}
        vouchers = [voucher_id(1, 2), voucher_id(2), voucher_id(1, 1)]
        forwards = price(cart(10_000), vouchers, terms, {}, NOW, RULES_VERSION)
        backwards = price(cart(10_000), vouchers[::-1], terms, {}, NOW, RULES_VERSION)
        assert forwards == backwards

    def test_sponsor_share_is_recorded_per_line(self):
        answer = quote(cart(6_000, 4_000), rules(sponsor_bp=7_500))
        (applied,) = answer.used
        assert applied.per_line == (1_200, 800)
        assert (applied.sponsor_minor, applied.sponsor_per_line) == (1_500, (900, 600))


class TestUnused:
    @pytest.mark.parametrize(
        ("terms", "basket", "now", "reason"),
        [
            (THRESHOLD, cart(10_000), VALID_FROM - 1, UnusedReason.NOT_YET_VALID),
            (THRESHOLD, cart(10_000), VALID_UNTIL, UnusedReason.EXPIRED),
            (THRESHOLD, cart(10_000, currency="USD"), NOW, UnusedReason.OTHER_CURRENCY),
            (THRESHOLD, cart(10_000, merchant="somebody else"), NOW, UnusedReason.OTHER_MERCHANT),
            (rules(eligible=Eligibility(merchants=frozenset())), cart(10_000), NOW, UnusedReason.OTHER_MERCHANT),
            (
                rules(eligible=Eligibility(merchants=None, skus=frozenset())),
                cart(10_000),
                NOW,
                UnusedReason.NOTHING_ELIGIBLE,
            ),
            (
                rules(eligible=Eligibility(merchants=None, stores=frozenset({"north"}))),
                cart(10_000, store="south"),
                NOW,
                UnusedReason.NOTHING_ELIGIBLE,
            ),
            (CASH, cart(0), NOW, UnusedReason.NO_EFFECT),
        ],
    )
    def test_reason(self, terms, basket, now, reason):
        answer = quote(basket, terms, now=now)
        assert answer.used == ()
        assert [unused.reason for unused in answer.unused] == [reason]

    @pytest.mark.parametrize("now", [VALID_FROM, VALID_UNTIL - 1])
    def test_the_window_is_half_open(self, now):
        assert quote(cart(10_000), THRESHOLD, now=now).discount_minor == 2_000


class TestEligibleLines:
    def test_excluded_lines_neither_count_nor_receive(self):
        terms = rules(eligible=Eligibility(merchants=None, excluded_skus=frozenset({"sku-1"})))
        assert quote(cart(9_000, 5_000), terms).unused[0].spend_more == 1_000
        assert quote(cart(10_000, 5_000), terms).used[0].per_line == (2_000, 0)

    def test_categories(self):
        terms = rules(eligible=Eligibility(merchants=None, categories=frozenset({"tea"})))
        lines = (CartLine("a", "Tea", 2, 6_000, "tea"), CartLine("b", "Cup", 1, 9_000))
        answer = quote(Cart(MERCHANT, "CNY", lines), terms)
        assert answer.used[0].per_line == (2_000, 0)
        assert answer.payable_per_line == (10_000, 9_000)


class TestBadInput:
    def test_an_unknown_rules_version_is_refused(self):
        with pytest.raises(InvalidValue):
            price(cart(1), [], {}, {}, NOW, RULES_VERSION + 1)

    def test_a_voucher_twice_is_refused(self):
        with pytest.raises(InvalidValue, match="twice"):
            price(cart(1), [voucher_id(), voucher_id()], {campaign_id(): THRESHOLD}, {}, NOW, RULES_VERSION)

    def test_a_voucher_without_rules_is_refused(self):
        with pytest.raises(InvalidValue, match="rules"):
            price(cart(1), [voucher_id()], {}, {}, NOW, RULES_VERSION)


class TestCombining:
    """rules.md §3."""

    def test_two_that_agree_beat_one_that_stands_alone(self):
        alone = rules(VoucherKind.CASH, Effect(0, 2_500))
        friendly = Stacking("house", frozenset({"house"}))
        pair = [rules(VoucherKind.CASH, Effect(0, 1_500), stacking=friendly) for _ in range(2)]
        answer = quote(cart(10_000), alone, *pair)
        assert answer.discount_minor == 3_000
        assert [applied.voucher for applied in answer.used] == [voucher_id(2), voucher_id(3)]
        assert [(one.voucher, one.reason) for one in answer.unused] == [(voucher_id(1), UnusedReason.NOT_COMBINABLE)]

    @pytest.mark.parametrize(("first", "discount"), [("percent", 4_000), ("threshold", 3_700)])
    def test_priority_says_which_applies_first(self, first, discount):
        """10 % and 满100减30 on 100.00: each takes from what the other left, in the order of the priorities."""
        percent = rules(
            VoucherKind.PERCENT,
            Effect(0, percent_bp=1_000, max_off=10**6),
            stacking=Stacking("joint", frozenset(), 1 if first == "percent" else 9),
        )
        threshold = rules(effect=Effect(10_000, 3_000), stacking=Stacking("joint", frozenset(), 5))
        answer = quote(cart(10_000), percent, threshold)
        assert answer.discount_minor == discount
        assert answer.optimal

    @pytest.mark.parametrize(
        ("one", "other", "together"),
        [
            (Stacking("joint", frozenset()), Stacking("joint", frozenset()), True),
            (Stacking("exclusive", frozenset({"joint"})), Stacking("joint", frozenset()), False),
            (Stacking("a", frozenset({"b"})), Stacking("b", frozenset({"a"})), True),
            (Stacking("a", frozenset({"b"})), Stacking("b", frozenset()), False),
            (Stacking("a", frozenset({"b"})), Stacking("a", frozenset({"b"})), False),
            (Stacking("a", frozenset({"a"})), Stacking("a", frozenset({"a"})), True),
            (Stacking("a", frozenset()), Stacking("joint", frozenset()), False),
        ],
    )
    def test_both_must_consent(self, one, other, together):
        assert combine_well(one, other) is combine_well(other, one) is together

    def test_one_of_a_campaign_and_five_of_all(self):
        joint = Stacking("joint", frozenset())
        terms = {
            campaign_id(number): rules(VoucherKind.CASH, Effect(0, 100 + number), stacking=joint)
            for number in range(1, 8)
        }
        vouchers = [*(voucher_id(number) for number in range(1, 8)), voucher_id(7, 2)]
        answer = price(cart(10_000), vouchers, terms, {}, NOW, RULES_VERSION)
        assert {applied.voucher for applied in answer.used} == {voucher_id(number) for number in range(3, 8)}
        assert {one.voucher: one.reason for one in answer.unused} == {
            voucher_id(1): UnusedReason.ORDER_FULL,
            voucher_id(2): UnusedReason.ORDER_FULL,
            voucher_id(7, 2): UnusedReason.ONE_PER_CAMPAIGN,
        }
        assert price(cart(10_000), vouchers, terms, {}, NOW, RULES_VERSION, max_per_order=1).discount_minor == 107

    def test_a_voucher_that_nothing_is_left_for_is_kept(self):
        joint = Stacking("joint", frozenset())
        answer = quote(
            cart(1_000),
            rules(VoucherKind.CASH, Effect(0, 5_000), stacking=joint),
            rules(VoucherKind.CASH, Effect(0, 900), stacking=joint),
        )
        assert [applied.voucher for applied in answer.used] == [voucher_id(1)]
        assert answer.remainder_minor == 0
        assert answer.unused[0].reason is UnusedReason.NOT_BEST
