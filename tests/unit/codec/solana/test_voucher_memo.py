"""The memo that binds serials to mints and burns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.solana.voucher_memo import SerialRange, VoucherAct, VoucherMemo, is_voucher_memo, serial_ranges
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, Serial, SerialClass

CAMPAIGN = CampaignId(bytes(range(24)))
REDEEM = VoucherMemo(
    VoucherAct.REDEEM,
    CAMPAIGN,
    (SerialRange(Serial(1, SerialClass.SINGLE, 1), 1),),
    b"\x01" * 32,
    b"\x02" * 32,
    2000,
)

serials = st.builds(Serial, st.integers(0, 255), st.sampled_from(SerialClass), st.integers(0, 2**48 - 10_000))
ranges = st.builds(SerialRange, serials, st.integers(1, 10_000))
bytes32 = st.binary(min_size=32, max_size=32)
amounts = st.integers(0, 2**63 - 1)
campaigns = st.builds(CampaignId, st.binary(min_size=24, max_size=24))
memos = st.one_of(
    st.builds(
        VoucherMemo,
        st.sampled_from((VoucherAct.ISSUE, VoucherAct.MOVE, VoucherAct.VOID)),
        campaigns,
        st.lists(ranges, min_size=1, max_size=9).map(tuple),
    ),
    st.builds(
        VoucherMemo,
        st.sampled_from((VoucherAct.REDEEM, VoucherAct.REVERSE)),
        campaigns,
        st.builds(SerialRange, serials, st.just(1)).map(lambda item: (item,)),
        bytes32,
        bytes32,
        amounts,
    ),
)


class TestEncoding:
    @given(memos)
    def test_parse_is_the_inverse_of_encode(self, memo: VoucherMemo) -> None:
        assert VoucherMemo.parse(memo.encode()) == memo

    def test_text_is_the_documented_one(self) -> None:
        assert REDEEM.encode() == (
            b'{"quanbao":1,"act":"redeem","campaign":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",'
            b'"serials":[["72057594037927937","1"]],'
            b'"redemption":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",'
            b'"order":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","amount":"2000"}'
        )

    @given(st.binary(max_size=300))
    def test_foreign_bytes_are_refused(self, data: bytes) -> None:
        with pytest.raises(InvalidValue):
            VoucherMemo.parse(data)

    @pytest.mark.parametrize(
        "change",
        [
            {"quanbao": 2},
            {"act": "burn"},
            {"act": "issue"},
            {"amount": 2000},
            {"amount": "02000"},
            {"amount": "-1"},
            {"amount": str(2**63)},
            {"serials": []},
            {"serials": [["1", "2"]]},
            {"serials": [["1", "0"]]},
            {"serials": [["1"]]},
            {"serials": [[str(2**64), "1"]]},
            {"serials": "12"},
            {"campaign": "AAECAwQFBgcICQoLDA0ODxAREhMUFRY"},
            {"order": None},
            {"order": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgJ"},
            {"extra": "1"},
        ],
    )
    def test_changed_field_is_refused(self, change: dict[str, Any]) -> None:
        document = {**json.loads(REDEEM.encode()), **change}
        with pytest.raises(InvalidValue):
            VoucherMemo.parse(json.dumps(document, separators=(",", ":")).encode())

    def test_other_spelling_of_the_same_value_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="one encoding"):
            VoucherMemo.parse(json.dumps(json.loads(REDEEM.encode())).encode())

    def test_a_broken_memo_is_still_recognised_as_ours(self) -> None:
        assert is_voucher_memo(b'{"quanbao":9,')
        assert not is_voucher_memo(b"thanks for lunch")


class TestSerialRanges:
    @given(st.lists(serials, max_size=30))
    def test_ranges_name_the_serials_in_order(self, named: list[Serial]) -> None:
        assert [serial for item in serial_ranges(named) for serial in item] == named

    def test_neighbours_make_one_range(self) -> None:
        three = [Serial(1, SerialClass.SINGLE, number) for number in (5, 6, 7)]
        assert serial_ranges(three) == (SerialRange(three[0], 3),)

    def test_a_range_stays_in_its_class(self) -> None:
        with pytest.raises(InvalidValue):
            SerialRange(Serial(1, SerialClass.SINGLE, 2**48 - 1), 2)
