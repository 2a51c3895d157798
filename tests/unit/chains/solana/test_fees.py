"""What we bid: a percentile of what others paid, never more than the cap."""

from __future__ import annotations

import pytest

from chains.ports import Speed
from chains.solana.fees import Price, unit_limit, unit_price, written_accounts
from codec.solana.compute_budget import MAX_COMPUTE_UNITS, set_compute_unit_limit, set_compute_unit_price
from codec.solana.message import build_message, decode_message
from codec.solana.system import transfer

A, B = bytes([1]) * 32, bytes([2]) * 32


def rows(*fees: int) -> list[dict[str, int]]:
    return [{"slot": slot, "prioritizationFee": fee} for slot, fee in enumerate(fees)]


@pytest.mark.parametrize(("speed", "paid"), [(Speed.SLOW, 30), (Speed.NORMAL, 50), (Speed.FAST, 90)])
def test_percentile_of_what_others_paid(speed: Speed, paid: int) -> None:
    assert unit_price(rows(50, 10, 100, 30, 20, 40, 60, 80, 70, 90, 0), speed, 10**6) == paid


def test_cap_and_silence() -> None:
    assert unit_price(rows(5, 10**9, 10**9), Speed.FAST, 1_000) == 1_000
    assert unit_price([], Speed.FAST, 1_000) == 0
    assert unit_price(rows(7), Speed.SLOW, 1_000) == unit_price(rows(7), Speed.FAST, 1_000) == 7


def test_limit_has_a_margin_and_an_end() -> None:
    assert unit_limit(10_000) == 13_000
    assert unit_limit(MAX_COMPUTE_UNITS) == MAX_COMPUTE_UNITS


def test_a_bid_of_nothing_is_left_out() -> None:
    assert Price(5, 0).budget() == (set_compute_unit_limit(5),)
    assert Price(5, 6).budget() == (set_compute_unit_limit(5), set_compute_unit_price(6))


def test_only_written_accounts_are_asked_about() -> None:
    message = decode_message(build_message(A, [transfer(A, B, 1)], bytes(32)))
    assert written_accounts(message) == [B, A]
