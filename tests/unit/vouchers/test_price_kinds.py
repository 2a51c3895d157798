"""Gifts, stored value, points, bases, limits and shares: the golden cases of docs/rules.md, and their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from primitives.errors import InvalidValue
from tests.fakes.vouchers import GIFT, MERCHANT, POINTS, STORED_VALUE, VALID_FROM, campaign_id, cart, rules, voucher_id
from vouchers.checkout.effects import points_earned, points_to_spend
from vouchers.checkout.limits import period_start
from vouchers.checkout.model import (
    Cart,
    CartLine,
    GiftGiven,
    GiftStock,
    Holdings,
    Quote,
    StoredBalance,
    UnusedReason,
)
from vouchers.checkout.price import price, price_with
from vouchers.checkout.shares import sponsor_shares
from vouchers.rules import (
    RULES_VERSION,
    Base,
    Effect,
    Eligibility,
    LimitPeriod,
    PointRate,
    RuleDocument,
    SponsorShare,
    Stacking,
    VoucherKind,
)

NOW = VALID_FROM + 1
JOINT = Stacking("joint", frozenset())
CUP = replace(GIFT, stacking=JOINT)
CARD = replace(STORED_VALUE, stacking=JOINT)
STOCK = {"cup": GiftStock("Cup", 2_000, 5)}
RATE = replace(POINTS.effect, redeem_rate=PointRate(10, 100))
TEN_FOR_A_YUAN = replace(POINTS, effect=RATE)


def basket(*lines: tuple[str, int, int]) -> Cart:
    return Cart(MERCHANT, "CNY", tuple(CartLine(sku, sku, units, unit) for sku, units, unit in lines))


def quote(
    cart: Cart,
    *terms: RuleDocument,
    stock: dict[str, GiftStock] = STOCK,
    points: int | None = None,
    balances: dict[int, int] | None = None,
    uses_left: dict[int, int] | None = None,
    copies: int = 1,
) -> Quote:
    """One voucher (or more) of each campaign, numbered from 1; a points programme takes the number after them."""
    by_campaign = {campaign_id(number): document for number, document in enumerate(terms, start=1)}
    vouchers = [voucher_id(number, copy) for number in range(1, len(terms) + 1) for copy in range(1, copies + 1)]
    programme = campaign_id(len(terms) + 1)
    if points is not None:
        by_campaign[programme] = TEN_FOR_A_YUAN
    holdings = Holdings(
        {voucher_id(number): StoredBalance(minor, 3) for number, minor in (balances or {}).items()},
        {} if points is None else {programme: points},
        {campaign_id(number): uses for number, uses in (uses_left or {}).items()},
    )
    return price(cart, vouchers, by_campaign, stock, NOW, RULES_VERSION, holdings=holdings)


class TestGifts:
    @pytest.mark.parametrize(
        ("lines", "gift", "total", "left"),
        [
            ([("tea", 1, 10_000)], GiftGiven("cup", 1, (), 1, 1), 12_000, (10_000, 0)),
            ([("tea", 1, 10_000), ("cup", 1, 2_000)], GiftGiven("cup", 1, ((1, 1),), 0, None), 12_000, (10_000, 0)),
            ([("tea", 1, 9_000), ("cup", 1, 2_000)], GiftGiven("cup", 1, (), 1, 2), 13_000, (9_000, 2_000, 0)),
            ([("tea", 1, 10_000), ("cup", 3, 500)], GiftGiven("cup", 1, ((1, 1),), 0, None), 11_500, (10_000, 1_000)),
            ([("cup", 6, 2_000)], GiftGiven("cup", 1, ((0, 1),), 0, None), 12_000, (10_000,)),
            ([("cup", 5, 2_000)], GiftGiven("cup", 1, (), 1, 1), 12_000, (10_000, 0)),
        ],
    )
    def test_freed_where_that_leaves_the_trigger_standing_else_added(self, lines, gift, total, left):
        answer = quote(basket(*lines), CUP)
        (applied,) = answer.used
        assert applied.gift == gift
        assert (answer.total_minor, answer.payable_per_line) == (total, left)
        assert answer.gifts == {"cup": 1}
        assert answer.discount_minor == applied.amount_minor == sum(applied.per_line)

    def test_an_added_unit_costs_what_the_cart_says_it_costs(self):
        """The customer's price: the cup in the cart is reduced to 15.00."""
        answer = quote(basket(("tea", 1, 9_000), ("cup", 1, 1_500)), CUP)
        assert answer.lines[-1] == CartLine("cup", "Cup", 1, 1_500)

    @pytest.mark.parametrize(
        ("stock", "reason", "missing"),
        [({}, UnusedReason.NO_SUCH_GIFT, None), ({"cup": GiftStock("Cup", 1, 1)}, UnusedReason.GIFT_OUT_OF_STOCK, 1)],
    )
    def test_only_from_stock_and_all_of_it(self, stock, reason, missing):
        two = replace(CUP, effect=replace(CUP.effect, quantity=2))
        (unused,) = quote(basket(("tea", 1, 10_000)), two, stock=stock).unused
        assert (unused.reason, unused.units_more) == (reason, missing)

    def test_units_count_as_well_as_money(self):
        three = replace(CUP, effect=replace(CUP.effect, min_spend=0, min_quantity=3))
        (unused,) = quote(basket(("tea", 2, 500)), three).unused
        assert (unused.reason, unused.units_more) == (UnusedReason.BELOW_MIN_QUANTITY, 1)
        assert quote(basket(("tea", 3, 500)), three).gifts == {"cup": 1}

    @pytest.mark.parametrize(("tea", "added"), [(2, 1), (3, 0)])
    def test_a_unit_that_the_trigger_needs_is_not_freed(self, tea, added):
        three = replace(CUP, effect=replace(CUP.effect, min_spend=0, min_quantity=3))
        (applied,) = quote(basket(("tea", tea, 500), ("cup", 1, 2_000)), three).used
        assert applied.gift.added == added

    def test_two_gifts_never_free_one_unit_nor_share_one_of_the_stock(self):
        answer = quote(basket(("tea", 1, 20_000), ("cup", 1, 2_000)), CUP, CUP)
        assert sorted(one.gift.added for one in answer.used) == [0, 1]
        assert answer.remainder_minor == 20_000
        scarce = quote(basket(("tea", 1, 20_000)), CUP, CUP, stock={"cup": GiftStock("Cup", 2_000, 1)})
        assert len(scarce.used) == 1

    @pytest.mark.parametrize(("base", "worth"), [(Base.RUNNING, 1_000), (Base.ORIGINAL, 1_000)])
    def test_a_freed_unit_takes_no_more_than_what_is_left_of_it(self, base, worth):
        """Half off everything comes first, so 10.00 of the cup's 20.00 are left to free."""
        half = rules(VoucherKind.PERCENT, Effect(percent_bp=5_000, max_off=10**6), stacking=replace(JOINT, priority=1))
        answer = quote(basket(("tea", 1, 20_000), ("cup", 1, 2_000)), half, replace(CUP, base=base))
        assert [one.amount_minor for one in answer.used] == [11_000, worth]

    def test_the_sponsors_share_is_reckoned_on_at_most_max_off(self):
        dear = {"cup": GiftStock("Cup", 9_000, 1)}
        (applied,) = quote(basket(("tea", 1, 10_000)), replace(CUP, sponsor_bp=5_000), stock=dear).used
        assert (applied.amount_minor, applied.sponsor_minor) == (9_000, 1_500)


class TestTender:
    def test_after_every_discount_whatever_its_priority(self):
        card = rules(VoucherKind.STORED_VALUE, Effect(balance=5_000), stacking=replace(JOINT, priority=1))
        answer = quote(cart(10_000), card, replace(rules(), stacking=JOINT))
        assert [one.amount_minor for one in answer.used] == [2_000, 5_000]
        assert (answer.discount_minor, answer.tender_minor, answer.remainder_minor) == (2_000, 5_000, 3_000)

    def test_partial_use_keeps_the_rest(self):
        (applied,) = quote(cart(6_000), CARD, balances={1: 8_000}).used
        assert (applied.amount_minor, applied.balance) == (6_000, StoredBalance(8_000, 3))

    def test_an_empty_card_has_no_effect(self):
        assert quote(cart(6_000), CARD, balances={1: 0}).unused[0].reason is UnusedReason.NO_EFFECT

    def test_it_is_kept_when_discounts_leave_nothing(self):
        free = rules(VoucherKind.CASH, Effect(amount_off=10_000), stacking=JOINT)
        answer = quote(cart(6_000), free, CARD, points=100)
        assert [one.kind for one in answer.used] == [VoucherKind.CASH]
        assert answer.unused[0].reason is UnusedReason.NOTHING_LEFT
        assert answer.unused_points[0].reason is UnusedReason.NOTHING_LEFT

    def test_a_discount_is_better_than_any_amount_of_ones_own_money(self):
        alone = replace(CARD, stacking=Stacking("exclusive", frozenset()))
        answer = quote(cart(10_000), rules(), alone)
        assert (answer.discount_minor, answer.tender_minor) == (2_000, 0)
        assert answer.unused[0].reason is UnusedReason.NOT_COMBINABLE

    def test_points_are_never_worth_more_than_what_is_left(self):
        answer = quote(cart(999), points=250)
        (spent,) = answer.points
        assert (spent.points, spent.amount_minor, spent.balance, answer.remainder_minor) == (99, 990, 250, 9)

    @pytest.mark.parametrize(
        ("rate", "available", "left", "spent"),
        [
            (PointRate(10, 100), 250, 999, (99, 990)),
            (PointRate(1, 100), 9, 150, (1, 100)),
            (PointRate(1, 100), 9, 99, (0, 0)),
            (PointRate(3, 1), 10, 100, (9, 3)),
            (PointRate(7, 3), 6, 100, (5, 2)),
        ],
    )
    def test_no_point_is_spent_for_nothing(self, rate, available, left, spent):
        assert points_to_spend(rate, available, left) == spent

    def test_earned_rounded_down(self):
        assert [points_earned(PointRate(3, 100), paid) for paid in (0, 33, 34, 100)] == [0, 0, 1, 3]

    def test_points_take_no_place_in_the_order(self):
        five = [rules(VoucherKind.CASH, Effect(amount_off=100), stacking=JOINT) for _ in range(5)]
        answer = quote(cart(10_000), *five, points=50)
        assert (len(answer.used), len(answer.points)) == (5, 1)


class TestBaseAndCounts:
    @pytest.mark.parametrize(("base", "second"), [(Base.RUNNING, 900), (Base.ORIGINAL, 1_000)])
    def test_a_percentage_of_the_original_price(self, base, second):
        tenth = rules(VoucherKind.PERCENT, Effect(percent_bp=1_000, max_off=10**6), stacking=JOINT)
        answer = quote(cart(10_000), tenth, replace(tenth, base=base))
        assert [one.amount_minor for one in answer.used] == [1_000, second]

    @pytest.mark.parametrize(
        ("per_campaign", "uses_left", "used", "reason"),
        [
            (1, {}, 1, UnusedReason.ONE_PER_CAMPAIGN),
            (2, {}, 2, UnusedReason.MOST_PER_CAMPAIGN),
            (3, {}, 3, None),
            (3, {1: 2}, 2, UnusedReason.LIMIT_REACHED),
            (3, {1: 0}, 0, UnusedReason.LIMIT_REACHED),
        ],
    )
    def test_several_of_one_campaign(self, per_campaign, uses_left, used, reason):
        ten = rules(VoucherKind.CASH, Effect(amount_off=10), stacking=replace(JOINT, per_campaign=per_campaign))
        answer = quote(cart(10_000), ten, copies=3, uses_left=uses_left)
        assert [one.voucher for one in answer.used] == [voucher_id(1, number) for number in range(1, used + 1)]
        assert {one.reason for one in answer.unused} == ({reason} if reason else set())

    def test_any_used_voucher_may_say_how_many_an_order_takes(self):
        lonely = rules(VoucherKind.CASH, Effect(amount_off=500), stacking=replace(JOINT, max_per_order=2))
        others = [rules(VoucherKind.CASH, Effect(amount_off=100), stacking=JOINT) for _ in range(4)]
        answer = quote(cart(10_000), lonely, *others)
        assert answer.discount_minor == 600
        assert {one.reason for one in answer.unused} == {UnusedReason.ORDER_FULL}


class TestShares:
    def test_two_sponsors_split_to_the_minor_unit(self):
        terms = rules(sponsors=(SponsorShare("a", 3_333), SponsorShare("b", 6_667)))
        assert sponsor_shares(terms, "c", 100) == {"a": 33, "b": 67}
        assert sum(sponsor_shares(terms, "c", 1).values()) == 1
        assert sponsor_shares(rules(), "c", 100) == {"c": 100}


class TestPriceWith:
    """Refunds price what is kept with exactly the vouchers of the purchase: rules.md §6."""

    def test_the_golden_refund(self):
        """6 × 5000, −10 % from 30000: with five left the threshold is broken."""
        tenth = rules(VoucherKind.PERCENT, Effect(30_000, percent_bp=1_000, max_off=10**6))
        terms = {campaign_id(1): tenth}
        kept = [
            price_with(basket(("pot", units, 5_000)), [voucher_id()], terms, {}, NOW, RULES_VERSION).remainder_minor
            for units in (6, 5, 1)
        ]
        assert kept == [27_000, 25_000, 5_000]

    def test_the_vouchers_are_not_chosen_anew(self):
        small, large = rules(VoucherKind.CASH, Effect(amount_off=10)), rules(VoucherKind.CASH, Effect(amount_off=900))
        terms = {campaign_id(1): small, campaign_id(2): large}
        assert price_with(cart(1_000), [voucher_id(1)], terms, {}, NOW, RULES_VERSION).discount_minor == 10


class TestBadInput:
    def test_points_need_their_programme(self):
        with pytest.raises(InvalidValue, match="programme"):
            price(cart(1), [], {}, {}, NOW, RULES_VERSION, holdings=Holdings(points={campaign_id(1): 5}))

    def test_points_have_no_vouchers(self):
        with pytest.raises(InvalidValue, match="points"):
            price(cart(1), [voucher_id()], {campaign_id(): POINTS}, {}, NOW, RULES_VERSION)


class TestPeriods:
    @pytest.mark.parametrize(
        ("period", "zone", "moment", "began"),
        [
            (LimitPeriod.DAY, "Asia/Shanghai", "2027-05-31T16:30:00+00:00", "2027-05-31T16:00:00+00:00"),
            (LimitPeriod.WEEK, "UTC", "2027-06-02T10:00:00+00:00", "2027-05-31T00:00:00+00:00"),
            (LimitPeriod.MONTH, "Europe/Berlin", "2027-03-31T10:00:00+00:00", "2027-02-28T23:00:00+00:00"),
            (LimitPeriod.EVER, "UTC", "2027-06-02T10:00:00+00:00", None),
            # A day of 23 hours, one of 25, a week that begins after the change, and a midnight that does not exist.
            (LimitPeriod.DAY, "America/New_York", "2027-03-15T03:59:59+00:00", "2027-03-14T05:00:00+00:00"),
            (LimitPeriod.DAY, "America/New_York", "2027-03-15T04:00:00+00:00", "2027-03-15T04:00:00+00:00"),
            (LimitPeriod.DAY, "America/New_York", "2027-11-08T04:59:59+00:00", "2027-11-07T04:00:00+00:00"),
            (LimitPeriod.DAY, "America/New_York", "2027-11-08T05:00:00+00:00", "2027-11-08T05:00:00+00:00"),
            (LimitPeriod.WEEK, "Europe/Berlin", "2027-03-31T10:00:00+00:00", "2027-03-28T22:00:00+00:00"),
            (LimitPeriod.DAY, "America/Santiago", "2027-09-05T12:00:00+00:00", "2027-09-05T04:00:00+00:00"),
        ],
    )
    def test_begin_at_midnight_of_the_zone(self, period, zone, moment, began):
        found = period_start(period, int(datetime.fromisoformat(moment).timestamp()), zone)
        assert (None if found is None else found.isoformat()) == began


def test_eligible_lines_bound_tender_too():
    tea = replace(CARD, eligible=Eligibility(frozenset({MERCHANT}), skus=frozenset({"tea"})))
    (applied,) = quote(basket(("tea", 1, 300), ("cup", 1, 900)), tea).used
    assert applied.per_line == (300, 0)
