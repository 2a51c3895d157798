"""EVM transactions: byte-equal with eth-account, strict on the way back."""

from __future__ import annotations

import pytest
import rlp
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.evm.transaction import (
    AccessListEntry,
    EvmTransaction,
    FeeMarketTransaction,
    LegacyTransaction,
    decode_signed,
    decode_unsigned,
    encode_signed,
    encode_unsigned,
    looks_like_transaction,
    selector_of,
    signing_hash,
)
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue

KEY = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"

uint256 = st.integers(0, 2**256 - 1)
recipients = st.none() | st.binary(min_size=20, max_size=20)
access_lists = st.lists(
    st.builds(
        AccessListEntry,
        st.binary(min_size=20, max_size=20),
        st.lists(st.binary(min_size=32, max_size=32), max_size=3).map(tuple),
    ),
    max_size=3,
).map(tuple)


@st.composite
def fee_market(draw: st.DrawFn) -> FeeMarketTransaction:
    fees = sorted([draw(uint256), draw(uint256)])
    return FeeMarketTransaction(
        chain_id=draw(st.integers(1, 2**63)),
        nonce=draw(st.integers(0, 2**64 - 2)),
        max_priority_fee_per_gas=fees[0],
        max_fee_per_gas=fees[1],
        gas_limit=draw(st.integers(0, 2**64 - 1)),
        to=draw(recipients),
        value=draw(uint256),
        data=draw(st.binary(max_size=200)),
        access_list=draw(access_lists),
    )


@st.composite
def legacy(draw: st.DrawFn) -> LegacyTransaction:
    return LegacyTransaction(
        chain_id=draw(st.integers(1, 2**63)),
        nonce=draw(st.integers(0, 2**64 - 2)),
        gas_price=draw(uint256),
        gas_limit=draw(st.integers(0, 2**64 - 1)),
        to=draw(recipients),
        value=draw(uint256),
        data=draw(st.binary(max_size=200)),
    )


def reference(transaction: EvmTransaction) -> dict[str, object]:
    fields: dict[str, object] = {
        "chainId": transaction.chain_id,
        "nonce": transaction.nonce,
        "gas": transaction.gas_limit,
        "to": checksum_address(transaction.to) if transaction.to else b"",
        "value": transaction.value,
        "data": transaction.data,
    }
    if isinstance(transaction, FeeMarketTransaction):
        fields |= {
            "type": 2,
            "maxFeePerGas": transaction.max_fee_per_gas,
            "maxPriorityFeePerGas": transaction.max_priority_fee_per_gas,
            "accessList": [
                {
                    "address": "0x" + entry.address.hex(),
                    "storageKeys": ["0x" + key.hex() for key in entry.storage_keys],
                }
                for entry in transaction.access_list
            ],
        }
    else:
        fields["gasPrice"] = transaction.gas_price
    return fields


def signature_of(signed: object) -> bytes:
    r, s, v = signed.r, signed.s, signed.v  # type: ignore[attr-defined]
    parity = v if v < 2 else (v - 35) % 2
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([parity])


EXAMPLE = FeeMarketTransaction(31337, 7, 10**9, 2 * 10**9, 21000, bytes(range(20)), 10**18, b"\x01\x02\x03\x04\x05")


class TestAgainstEthAccount:
    @given(fee_market() | legacy())
    @settings(max_examples=60, deadline=None)
    def test_signed_bytes_hash_and_sender_are_equal(self, transaction: EvmTransaction) -> None:
        signed = Account.sign_transaction(reference(transaction), KEY)
        ours = encode_signed(transaction, signature_of(signed))
        assert ours == bytes(signed.raw_transaction)
        decoded = decode_signed(ours)
        assert decoded.transaction == transaction
        assert decoded.hash == bytes(signed.hash)
        assert decoded.sender.hex() == Account.from_key(KEY).address[2:].lower()

    @given(fee_market() | legacy())
    @settings(max_examples=100, deadline=None)
    def test_unsigned_round_trip(self, transaction: EvmTransaction) -> None:
        assert decode_unsigned(encode_unsigned(transaction)) == transaction

    def test_eip155_example(self) -> None:
        """The worked example of EIP-155: unsigned bytes, digest and signed bytes."""
        transaction = LegacyTransaction(1, 9, 20 * 10**9, 21000, bytes.fromhex("35" * 20), 10**18, b"")
        unsigned = encode_unsigned(transaction)
        assert unsigned.hex() == (
            "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080"
        )
        assert signing_hash(unsigned).hex() == "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"
        signature = bytes.fromhex(
            "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
            "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d8300"
        )
        assert encode_signed(transaction, signature).hex() == (
            "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025"
            "a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
            "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
        )


class TestStrictness:
    @given(fee_market() | legacy(), st.data())
    @settings(max_examples=150, deadline=None)
    def test_a_changed_byte_never_decodes_to_the_same_transaction(
        self, transaction: EvmTransaction, data: st.DataObject
    ) -> None:
        raw = bytearray(encode_unsigned(transaction))
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= data.draw(st.integers(1, 255))
        try:
            changed = decode_unsigned(bytes(raw))
        except InvalidValue:
            return
        assert changed != transaction
        assert encode_unsigned(changed) == bytes(raw)

    @given(st.binary(max_size=120))
    @settings(max_examples=200, deadline=None)
    def test_arbitrary_bytes_are_refused_with_the_typed_error_or_canonical(self, raw: bytes) -> None:
        for decode in (decode_unsigned, decode_signed):
            try:
                decode(raw)
            except InvalidValue:
                continue

    @pytest.mark.parametrize("cut", range(1, 30))
    def test_truncated_is_refused(self, cut: int) -> None:
        with pytest.raises(InvalidValue):
            decode_unsigned(encode_unsigned(EXAMPLE)[:-cut])

    def test_trailing_byte_is_refused(self) -> None:
        with pytest.raises(InvalidValue):
            decode_unsigned(encode_unsigned(EXAMPLE) + b"\0")

    def test_leading_zero_in_an_integer_is_refused(self) -> None:
        fields = EXAMPLE.fields()
        fields[1] = b"\0\x07"
        with pytest.raises(InvalidValue, match="nonce"):
            decode_unsigned(b"\x02" + rlp.encode(fields))

    def test_unknown_types_are_refused(self) -> None:
        for kind in (0, 1, 3, 4, 5, 0x7F):
            with pytest.raises(InvalidValue):
                decode_unsigned(bytes([kind]) + encode_unsigned(EXAMPLE)[1:])

    def test_legacy_without_replay_protection_is_refused(self) -> None:
        fields = [7, 10**9, 21000, bytes(20), 1, b"", 27, 1, 1]
        with pytest.raises(InvalidValue, match="EIP-155"):
            decode_signed(rlp.encode(fields))

    def test_high_s_is_refused(self) -> None:
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        high = (order - 1).to_bytes(32, "big")
        with pytest.raises(InvalidValue, match="s "):
            encode_signed(EXAMPLE, (1).to_bytes(32, "big") + high + b"\0")

    def test_priority_fee_above_the_maximum_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="priority"):
            FeeMarketTransaction(1, 0, 2, 1, 21000, bytes(20), 0, b"")


class TestRecognition:
    @given(fee_market() | legacy())
    @settings(max_examples=60, deadline=None)
    def test_every_transaction_is_recognised(self, transaction: EvmTransaction) -> None:
        signature = (1).to_bytes(32, "big") + (1).to_bytes(32, "big") + b"\1"
        assert looks_like_transaction(encode_unsigned(transaction))
        assert looks_like_transaction(encode_signed(transaction, signature))

    def test_other_envelopes_are_recognised(self) -> None:
        body = rlp.encode([1] * 10)
        assert all(looks_like_transaction(bytes([kind]) + body) for kind in (1, 3, 4))

    @given(st.text(max_size=300))
    @settings(max_examples=200, deadline=None)
    def test_text_is_never_a_transaction(self, text: str) -> None:
        assert not looks_like_transaction(text.encode())

    def test_selector(self) -> None:
        assert selector_of(EXAMPLE) == b"\x01\x02\x03\x04"
        assert selector_of(LegacyTransaction(1, 0, 0, 0, None, 0, b"\x01\x02\x03")) is None
