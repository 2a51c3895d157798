"""Whatever comes back in whatever order: never more than was paid, and all of it in the end."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.vouchers import MERCHANT, UNITS_PER_MINOR, VALID_FROM, campaign_id, rules, voucher_id
from vouchers.checkout.model import Cart, CartLine
from vouchers.checkout.price import price
from vouchers.refunds.plan import Before, PaidRedemption, plan_refund
from vouchers.rules import Effect, RefundPolicy, RefundTerms, VoucherKind

LINES = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9_999)), min_size=1, max_size=4)
EFFECTS = st.one_of(
    st.builds(
        lambda spend, bp: (VoucherKind.PERCENT, Effect(min_spend=spend, percent_bp=bp, max_off=50_000)),
        st.integers(0, 20_000),
        st.integers(1, 10_000),
    ),
    st.builds(
        lambda spend, off: (VoucherKind.THRESHOLD, Effect(min_spend=max(spend, off), amount_off=off)),
        st.integers(1, 20_000),
        st.integers(1, 9_000),
    ),
)


@settings(max_examples=200, deadline=None)
@given(LINES, EFFECTS, st.sampled_from(RefundPolicy), st.integers(0, 10_000), st.data())
def test_refunds_sum_to_what_was_paid_and_payouts_to_what_escrow_gave(lines, effect, policy, sponsor_bp, data):
    basket = Cart(
        MERCHANT, "CNY", tuple(CartLine(f"s{at}", "x", count, unit) for at, (count, unit) in enumerate(lines))
    )
    terms = rules(*effect, refund=RefundTerms(policy, 60), sponsor_bp=sponsor_bp)
    quote = price(basket, [voucher_id()], {campaign_id(): terms}, {}, VALID_FROM, 1)
    payout = sum(used.sponsor_minor for used in quote.used) * UNITS_PER_MINOR
    before = Before((0,) * len(lines), {})
    gone = 0
    while True:
        kept = [line.quantity - units for line, units in zip(quote.lines, before.returned, strict=True)]
        if not any(kept):
            break
        units = [data.draw(st.integers(0, count)) for count in kept]
        if not any(units):
            units = kept
        redeemed = [PaidRedemption(used.voucher, bytes(32), payout, gone, UNITS_PER_MINOR) for used in quote.used]
        plan = plan_refund(basket, quote, {campaign_id(): terms}, redeemed, before, units)
        assert 0 <= plan.amount_minor == sum(plan.tenders.values())
        refunded = dict(before.refunded)
        for name, amount in plan.tenders.items():
            refunded[name] = refunded.get(name, 0) + amount
        before = Before(tuple(a + b for a, b in zip(before.returned, units, strict=True)), refunded)
        gone += sum(one.base_units for one in plan.vouchers)
        assert before.amount <= quote.remainder_minor
        assert gone <= payout
    assert before.amount == quote.remainder_minor
    assert gone == payout
