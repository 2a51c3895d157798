"""A refund on Solana says all of itself in its memo; anything else beside it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codec.solana.compute_budget import set_compute_unit_limit
from codec.solana.instruction import Instruction
from codec.solana.memo import memo
from codec.solana.message import build_message
from codec.solana.programs import MEMO, TOKEN
from codec.solana.refund_payment import (
    RefundPayment,
    decode_refund_payment,
    is_refund_payment,
    refund_payment_instructions,
)
from primitives.errors import InvalidValue

REFUND = RefundPayment(b"\1" * 32, b"\2" * 32, b"\3" * 32, b"\4" * 32, 80_000_000)
BLOCKHASH = bytes(32)


def message(refund=REFUND, *, create=False, more=(), payer=None):
    steps = refund_payment_instructions(refund, TOKEN, 6, create_account=create)
    return build_message(payer or refund.merchant, (set_compute_unit_limit(50_000), *steps, *more), BLOCKHASH)


@pytest.mark.parametrize("create", [False, True])
def test_what_is_written_is_read(create):
    assert is_refund_payment(message(create=create))
    assert decode_refund_payment(message(create=create)) == REFUND


def test_the_memo_spells_every_fact():
    assert REFUND.memo.startswith(b'{"v":1,"act":"refund","order":"0303')
    facts = [
        replace(REFUND, holder=b"\5" * 32),
        replace(REFUND, base_units=1),
        replace(REFUND, order_hash=b"\6" * 32),
        replace(REFUND, mint=b"\7" * 32),
    ]
    assert len({REFUND.memo, *(one.memo for one in facts)}) == 5


@pytest.mark.parametrize(
    "other",
    [replace(REFUND, base_units=80_000_001), replace(REFUND, holder=b"\5" * 32), replace(REFUND, mint=b"\7" * 32)],
)
def test_a_transfer_that_is_not_the_memos_is_refused(other):
    _, moving = refund_payment_instructions(other, TOKEN, 6, create_account=False)
    lying = build_message(REFUND.merchant, (memo(REFUND.memo, (REFUND.merchant,)), moving), BLOCKHASH)
    with pytest.raises(InvalidValue):
        decode_refund_payment(lying)


@pytest.mark.parametrize(
    "more",
    [
        refund_payment_instructions(REFUND, TOKEN, 6, create_account=False)[1:],
        (Instruction(b"\x09" * 32, (), b"\1"),),
        (memo(b"and more", (REFUND.merchant,)),),
    ],
)
def test_nothing_else_may_stand_beside_it(more):
    with pytest.raises(InvalidValue):
        decode_refund_payment(message(more=more))


def test_somebody_elses_fee_payer_and_unsigned_memo_are_refused():
    with pytest.raises(InvalidValue):
        decode_refund_payment(message(payer=b"\x08" * 32))
    steps = refund_payment_instructions(REFUND, TOKEN, 6, create_account=False)
    unsigned = build_message(REFUND.merchant, (memo(REFUND.memo, ()), steps[1]), BLOCKHASH)
    with pytest.raises(InvalidValue):
        decode_refund_payment(unsigned)


def test_other_memos_are_no_refunds():
    for text in (b"hello", REFUND.memo + b" ", REFUND.memo.replace(b'"amount":"8', b'"amount":"08')):
        other = build_message(REFUND.merchant, (Instruction(MEMO, (), text),), BLOCKHASH)
        assert not is_refund_payment(other)
    assert not is_refund_payment(b"\xff")
