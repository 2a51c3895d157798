"""What holds for every allocation and every price."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.vouchers import VALID_FROM, campaign_id, cart, rules, voucher_id
from vouchers.checkout.allocation import allocate
from vouchers.checkout.price import price
from vouchers.rules import RULES_VERSION, Effect, VoucherKind

amounts = st.integers(0, 2**50)
weights = st.lists(st.integers(0, 2**44), max_size=30)


@given(amounts, weights)
def test_shares_sum_exactly_and_stay_within_their_lines(amount, weights):
    shares = allocate(amount, weights)
    assert sum(shares) == min(amount, sum(weights))
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


@given(amounts, weights)
def test_no_share_is_a_unit_away_from_its_exact_part(amount, weights):
    total = sum(weights)
    for share, weight in zip(allocate(amount, weights), weights, strict=True):
        assert total == 0 or abs(share * total - min(amount, total) * weight) < total


@st.composite
def campaigns(draw):
    kind = draw(st.sampled_from((VoucherKind.THRESHOLD, VoucherKind.PERCENT, VoucherKind.CASH)))
    amount = draw(st.integers(1, 10**6))
    match kind:
        case VoucherKind.THRESHOLD:
            each = draw(st.booleans())
            spend = draw(st.integers(amount, 10**7))
            effect = Effect(spend, amount, each, max_off=draw(st.integers(amount, 10**7)) if each else None)
        case VoucherKind.PERCENT:
            effect = Effect(draw(st.integers(0, 10**6)), percent_bp=draw(st.integers(1, 10_000)), max_off=amount)
        case VoucherKind.CASH:
            effect = Effect(draw(st.integers(0, 10**6)), amount)
    return rules(kind, effect, sponsor_bp=draw(st.integers(0, 10_000)))


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=8), st.lists(campaigns(), max_size=6))
def test_a_price_adds_up_and_no_single_voucher_beats_it(prices, terms):
    by_campaign = {campaign_id(number): document for number, document in enumerate(terms, start=1)}
    vouchers = [voucher_id(number) for number in range(1, len(terms) + 1)]
    now = VALID_FROM
    answer = price(cart(*prices), vouchers, by_campaign, {}, now, RULES_VERSION)
    assert answer.discount_minor + answer.remainder_minor == answer.total_minor == sum(prices)
    assert sum(answer.payable_per_line) == answer.remainder_minor
    assert all(0 <= payable <= full for payable, full in zip(answer.payable_per_line, prices, strict=True))
    assert len(answer.used) + len(answer.unused) == len(vouchers)
    alone = [price(cart(*prices), [voucher], by_campaign, {}, now, RULES_VERSION) for voucher in vouchers]
    assert answer.discount_minor == max((single.discount_minor for single in alone), default=0)
    for applied in answer.used:
        assert 0 < applied.amount_minor <= by_campaign[applied.voucher.campaign].effect.most
        assert sum(applied.per_line) == applied.amount_minor
        assert sum(applied.sponsor_per_line) == applied.sponsor_minor <= applied.amount_minor
