"""Windows that pauses moved on: the contract's reckoning, the price, the order document and its replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from audit.replay.pricing import differences, price_again
from chains.campaign import CampaignPower
from codec.order_document import decode_order_document
from primitives.asset import Amount
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from tests.fakes.vouchers import (
    HOLDER,
    MERCHANT,
    TEST_CNY,
    TREASURY,
    VALID_FROM,
    VALID_UNTIL,
    campaign_id,
    cart,
    rules,
    voucher_id,
)
from vouchers.checkout.model import Holdings, Quote, UnusedReason
from vouchers.checkout.price import price
from vouchers.checkout.quote_json import quote_from_json, quote_to_json
from vouchers.orders.document import order_document
from vouchers.orders.model import Order, OrderStatus
from vouchers.pauses.model import NO_PAUSES, Pauses, PauseSwitch, window_of
from vouchers.rules import RULES_VERSION, PowerTerms

MOST = 1_000
PAUSABLE = rules(powers=PowerTerms(frozenset({CampaignPower.PAUSE}), MOST))
SALT = b"\7" * 32


def pauses(*moments: int, most: int | None = MOST) -> Pauses:
    """Begun, ended, begun, … at these times."""
    return Pauses(tuple(PauseSwitch(at, place % 2 == 0) for place, at in enumerate(moments)), most)


class TestReckoning:
    @pytest.mark.parametrize(
        ("moments", "now", "seconds", "running"),
        [
            ((), 5_000, 0, False),
            ((100,), 100, 0, True),
            ((100,), 400, 300, True),
            ((100,), 1_099, 999, True),
            ((100,), 1_100, 1_000, False),  # it ran out by itself, half-open
            ((100,), 9_999, 1_000, False),
            ((100, 400), 400, 300, False),
            ((100, 400), 9_999, 300, False),
            ((100, 5_000), 5_000, 1_000, False),  # ended long after it had run out
            ((100, 400, 600), 650, 350, True),
            ((100, 400, 600), 1_299, 999, True),  # 300 and 699 of the 700 that are left
            ((100, 400, 600), 1_300, 1_000, False),
            ((100, 400, 600, 700), 9_999, 400, False),
            ((100,), 50, 0, True),  # a clock behind the chain's
        ],
    )
    def test_as_the_contract_has_it(self, moments, now, seconds, running) -> None:
        found = pauses(*moments)
        assert (found.seconds(now), found.running(now)) == (seconds, running)

    def test_nothing_moves_on_solana_and_only_its_end_ends_a_pause(self) -> None:
        for now in (100, 400, 10**9):
            assert (pauses(100, most=None).seconds(now), pauses(100, most=None).running(now)) == (0, True)
        assert not pauses(100, 200, most=None).running(200)

    def test_the_window_is_half_open_and_moves_whole(self) -> None:
        terms = replace(PAUSABLE, claim_until=VALID_UNTIL - 50)
        window = window_of(terms, pauses(VALID_UNTIL - 500, VALID_UNTIL - 300), VALID_UNTIL)
        assert (window.valid_until, window.claimable_until) == (VALID_UNTIL + 200, VALID_UNTIL + 150)
        assert window.holds(VALID_UNTIL + 199)
        assert not window.holds(VALID_UNTIL + 200)
        assert not window.holds(VALID_FROM - 1)
        assert window_of(terms, NO_PAUSES, VALID_UNTIL).valid_until == VALID_UNTIL

    def test_while_it_runs_the_end_stays_as_far_away(self) -> None:
        running = pauses(VALID_UNTIL - 10)
        for later in (0, 10, 500, 999):
            now = VALID_UNTIL - 10 + later
            assert window_of(PAUSABLE, running, now).valid_until - now == 10


def quoted(now: int, seconds: int = 0, *, paused: bool = False) -> Quote:
    held = Holdings(
        paused_seconds={campaign_id(): seconds} if seconds else {}, paused=frozenset({campaign_id()} if paused else ())
    )
    return price(cart(10_000), [voucher_id()], {campaign_id(): PAUSABLE}, {}, now, RULES_VERSION, holdings=held)


class TestPrice:
    def test_to_the_second(self) -> None:
        assert quoted(VALID_UNTIL - 1).discount_minor == 2_000
        assert quoted(VALID_UNTIL).unused[0].reason is UnusedReason.EXPIRED
        assert quoted(VALID_UNTIL + 299, 300).used[0].paused_seconds == 300
        assert quoted(VALID_UNTIL + 300, 300).unused[0].reason is UnusedReason.EXPIRED

    def test_what_is_paused_is_left_aside_and_the_order_stays_payable(self) -> None:
        answer = quoted(VALID_FROM, 10, paused=True)
        assert (answer.used, answer.unused[0].reason) == ((), UnusedReason.PAUSED)
        assert answer.remainder_minor == 10_000

    def test_a_stored_quote_says_it_only_where_there_is_something_to_say(self) -> None:
        for answer in (quoted(VALID_FROM), quoted(VALID_UNTIL, 5)):
            assert quote_from_json(quote_to_json(answer)) == answer
        assert "paused_seconds" not in quote_to_json(quoted(VALID_FROM))["used"][0]


def document(answer: Quote) -> bytes:
    order = Order(
        UUID(int=1),
        UUID(MERCHANT),
        OrderStatus.OPEN,
        cart(10_000),
        None,
        0,
        None,
        uuid4(),
        datetime.now(UTC),
        None,
        None,
    )
    paid = Amount(80_000_000, TEST_CNY)
    return order_document(order, answer, HOLDER, TREASURY, paid, {campaign_id(): b"\1" * 32}, SALT)


class TestReplay:
    def test_an_order_after_the_terms_end_prices_the_same_again(self) -> None:
        written = decode_order_document(document(quoted(VALID_UNTIL + 10, 20)))
        assert written["vouchers"][0]["paused_seconds"] == 20
        assert differences(written, price_again(written, {campaign_id(): PAUSABLE})) == []

    def test_without_pauses_the_document_is_what_it_always_was(self) -> None:
        """Byte for byte: the hash that both parties signed before there was such a field."""
        body = document(quoted(VALID_FROM))
        assert keccak256(body).hex() == BEFORE
        written = decode_order_document(body)
        assert "paused_seconds" not in written["vouchers"][0]
        assert differences(written, price_again(written, {campaign_id(): PAUSABLE})) == []

    @pytest.mark.parametrize(("claimed", "late"), [(0, 0), (10, 10), (MOST + 11, MOST), (-5, -1)])
    def test_no_document_moves_a_window_further_than_its_terms_allow(self, claimed: int, late: int) -> None:
        written = decode_order_document(document(quoted(VALID_UNTIL + 10, 20)))
        written["now"] = VALID_UNTIL + late
        written["vouchers"][0]["paused_seconds"] = claimed
        again = price_again(written, {campaign_id(): PAUSABLE})
        assert [one.reason for one in again.unused] == [UnusedReason.EXPIRED]
        assert "discount_minor" in {name for name, _, _ in differences(written, again)}

    def test_what_is_no_number_is_refused(self) -> None:
        written = decode_order_document(document(quoted(VALID_UNTIL + 10, 20)))
        written["vouchers"][0]["paused_seconds"] = "20"
        with pytest.raises((TypeError, InvalidValue)):
            price_again(written, {campaign_id(): PAUSABLE})


BEFORE = "272195adec2c31ae4948b520d271f1b2c8622588cf62eb79da85f0baa728dbc6"
