"""The memo of an order with several vouchers: one encoding per value, everything else refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.solana.order_memo import OrderMemo, by_campaign
from codec.solana.voucher_memo import VoucherMemo
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

ORDER = b"\x0b" * 32
A, B = CampaignId(b"\x01" * 24), CampaignId(b"\x02" * 24)


def voucher(campaign: CampaignId, number: int) -> VoucherId:
    return VoucherId(campaign, Serial(1, SerialClass.SINGLE, number))


GOOD = OrderMemo(ORDER, ((voucher(A, 5), 2_000), (voucher(A, 1), 0), (voucher(B, 1), 2**63 - 1)))


def test_encoding_is_fixed() -> None:
    assert GOOD.encode() == (
        b'{"quanbao":1,"act":"redeem","order":"CwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCws","vouchers":'
        b'[["AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB",[["72057594037927941","2000"],["72057594037927937","0"]]],'
        b'["AgICAgICAgICAgICAgICAgICAgICAgIC",[["72057594037927937","9223372036854775807"]]]]}'
    )
    assert OrderMemo.parse(GOOD.encode()) == GOOD


@given(
    st.lists(
        st.tuples(st.builds(voucher, st.sampled_from([A, B]), st.integers(1, 2**48 - 1)), st.integers(0, 2**63 - 1)),
        min_size=2,
        max_size=12,
        unique_by=lambda item: item[0],
    )
)
def test_what_is_written_is_read(items: list[tuple[VoucherId, int]]) -> None:
    memo = OrderMemo(ORDER, by_campaign(items))
    assert OrderMemo.parse(memo.encode()) == memo
    assert set(memo.vouchers) == set(items)
    with pytest.raises(InvalidValue):
        VoucherMemo.parse(memo.encode())


@pytest.mark.parametrize(
    "items",
    [
        [],
        [(voucher(A, 1), 5)],
        [(voucher(A, 1), 5), (voucher(A, 1), 6)],
        [(voucher(A, 1), 5), (voucher(A, 2), -1)],
        [(voucher(A, 1), 5), (voucher(A, 2), 2**63)],
        [(voucher(A, 1), 5), (voucher(B, 1), 5), (voucher(A, 2), 5)],
    ],
)
def test_impossible_memos_are_refused(items: list[tuple[VoucherId, int]]) -> None:
    with pytest.raises(InvalidValue):
        OrderMemo(ORDER, tuple(items))


@pytest.mark.parametrize("place", range(len(GOOD.encode())))
def test_a_missing_or_doubled_character_is_refused(place: int) -> None:
    text = GOOD.encode()
    for changed in (text[:place] + text[place + 1 :], text[:place] + text[place : place + 1] + text[place:]):
        try:
            assert OrderMemo.parse(changed) != GOOD
        except InvalidValue:
            continue


@pytest.mark.parametrize(
    "change",
    [
        {"quanbao": 2},
        {"act": "issue"},
        {"order": "AAAA"},
        {"order": 5},
        {"vouchers": []},
        {"vouchers": [["AAAA", [["1", "1"], ["2", "1"]]]]},
        {"vouchers": [[GOOD.encode().decode()[84:116], []]]},
        {"vouchers": "text"},
        {"vouchers": [[1, 2, 3]]},
        {"more": 1},
    ],
)
def test_other_documents_are_refused(change: dict[str, object]) -> None:
    text = json.dumps({**json.loads(GOOD.encode()), **change}, separators=(",", ":")).encode()
    with pytest.raises(InvalidValue):
        OrderMemo.parse(text)
    with pytest.raises(InvalidValue):
        OrderMemo.parse(b"[" * 2_000)
