"""EIP-2930 and EIP-7702 transactions, authorisations, and RLP from strangers: byte-equal with eth-account, strict."""

from __future__ import annotations

import pytest
import rlp
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.evm.envelopes import AccessListTransaction, Authorization, SetCodeTransaction, SignedAuthorization
from codec.evm.rlp import rlp_decode, rlp_encode
from codec.evm.transaction import (
    AccessListEntry,
    decode_authorization,
    decode_signed,
    decode_unsigned,
    encode_signed,
    encode_unsigned,
    looks_like_transaction,
    recover_address,
)
from keystore.secret import Secret
from keystore.signature import sign_digest
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

KEY = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
ADDRESS = bytes.fromhex(Account.from_key(KEY).address[2:])
OTHER = bytes(range(1, 33))

uint64 = st.integers(0, 2**64 - 2)
uint256 = st.integers(0, 2**256 - 1)
addresses = st.binary(min_size=20, max_size=20)
access_lists = st.lists(
    st.builds(AccessListEntry, addresses, st.lists(st.binary(min_size=32, max_size=32), max_size=2).map(tuple)),
    max_size=2,
).map(tuple)
chains = st.integers(1, 2**53)


def sign(digest: bytes, key: bytes = KEY) -> bytes:
    return sign_digest(Secret(key), digest).raw


@st.composite
def with_access_list(draw: st.DrawFn) -> AccessListTransaction:
    return AccessListTransaction(
        draw(chains), draw(uint64), draw(uint256), draw(uint64), draw(st.none() | addresses), draw(uint256),
        draw(st.binary(max_size=80)), draw(access_lists),
    )  # fmt: skip


@st.composite
def set_code(draw: st.DrawFn) -> SetCodeTransaction:
    fees = sorted([draw(uint256), draw(uint256)])
    agreed = draw(st.lists(st.builds(Authorization, st.integers(0, 2**53), addresses, uint64), min_size=1, max_size=3))
    return SetCodeTransaction(
        draw(chains), draw(uint64), fees[0], fees[1], draw(uint64), draw(addresses), draw(uint256),
        draw(st.binary(max_size=80)),
        tuple(SignedAuthorization(item, sign(item.signing_hash(), OTHER)) for item in agreed),
        draw(access_lists),
    )  # fmt: skip


def reference(transaction: AccessListTransaction | SetCodeTransaction) -> dict[str, object]:
    fields: dict[str, object] = {
        "type": transaction.TYPE,
        "chainId": transaction.chain_id,
        "nonce": transaction.nonce,
        "gas": transaction.gas_limit,
        "to": checksum_address(transaction.to) if transaction.to else b"",
        "value": transaction.value,
        "data": transaction.data,
        "accessList": [
            {"address": "0x" + entry.address.hex(), "storageKeys": ["0x" + key.hex() for key in entry.storage_keys]}
            for entry in transaction.access_list
        ],
    }
    if isinstance(transaction, AccessListTransaction):
        return fields | {"gasPrice": transaction.gas_price}
    names = ("chainId", "address", "nonce", "yParity", "r", "s")
    listed = [dict(zip(names, item.fields(), strict=True)) for item in transaction.authorizations]
    return fields | {
        "maxFeePerGas": transaction.max_fee_per_gas,
        "maxPriorityFeePerGas": transaction.max_priority_fee_per_gas,
        "authorizationList": listed,
    }


class TestAgainstEthAccount:
    @given(with_access_list() | set_code())
    @settings(max_examples=40, deadline=None)
    def test_signed_bytes_hash_and_sender_are_equal(
        self, transaction: AccessListTransaction | SetCodeTransaction
    ) -> None:
        signed = Account.sign_transaction(reference(transaction), KEY)
        unsigned = encode_unsigned(transaction)
        ours = encode_signed(transaction, sign(keccak256(unsigned)))
        assert ours == bytes(signed.raw_transaction)
        decoded = decode_signed(ours)
        assert (decoded.transaction, decoded.hash, decoded.sender) == (transaction, bytes(signed.hash), ADDRESS)
        assert decode_unsigned(unsigned) == transaction

    @given(st.integers(0, 2**53), addresses, uint64)
    @settings(max_examples=20, deadline=None)
    def test_authorisation(self, chain: int, address: bytes, nonce: int) -> None:
        ours = Authorization(chain, address, nonce)
        theirs = Account.sign_authorization({"chainId": chain, "address": address, "nonce": nonce}, KEY)
        signature = sign(ours.signing_hash())
        assert (int.from_bytes(signature[:32], "big"), signature[64]) == (theirs.r, theirs.y_parity)
        assert recover_address(ours.signing_hash(), signature) == ADDRESS
        assert decode_authorization(ours.unsigned()) == ours


class TestStrictness:
    @given(with_access_list() | set_code(), st.data())
    @settings(max_examples=60, deadline=None)
    def test_a_changed_byte_never_reads_as_the_same(
        self, transaction: AccessListTransaction | SetCodeTransaction, data: st.DataObject
    ) -> None:
        raw = bytearray(encode_unsigned(transaction))
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        try:
            assert decode_unsigned(bytes(raw)) != transaction
        except InvalidValue:
            return

    def test_set_code_needs_a_recipient_and_an_authorisation(self) -> None:
        agreed = SignedAuthorization(Authorization(1, bytes(20), 0), sign(bytes([1] * 32)))
        with pytest.raises(InvalidValue, match="at least one"):
            SetCodeTransaction(1, 0, 1, 1, 21000, ADDRESS, 0, b"", ())
        fields = SetCodeTransaction(1, 0, 1, 1, 21000, ADDRESS, 0, b"", (agreed,)).fields()
        fields[5] = b""
        with pytest.raises(InvalidValue, match="creates no contract"):
            decode_unsigned(b"\x04" + rlp_encode(fields))

    @pytest.mark.parametrize("kind", [1, 2, 3, 4])
    def test_every_kind_is_known_as_a_transaction(self, kind: int) -> None:
        assert looks_like_transaction(bytes([kind]) + rlp_encode([1] * 9))
        assert looks_like_transaction(Authorization(1, ADDRESS, 0).unsigned())

    def test_authorisation_of_another_shape_is_refused(self) -> None:
        good = Authorization(1, ADDRESS, 7).unsigned()
        for bad in (b"", good[1:], good + b"\0", good[:-1], b"\x05" + rlp_encode([1, ADDRESS[1:], 7])):
            with pytest.raises(InvalidValue):
                decode_authorization(bad)


items = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=4), max_leaves=12)


class TestRlp:
    @given(items)
    @settings(max_examples=150, deadline=None)
    def test_equal_with_the_reference_both_ways(self, item: object) -> None:
        encoded = rlp.encode(item)
        assert rlp_encode(item) == encoded
        assert rlp_decode(encoded) == item

    @given(st.binary(max_size=40))
    @settings(max_examples=300, deadline=None)
    def test_accepts_exactly_what_the_reference_accepts(self, data: bytes) -> None:
        try:
            expected = rlp.decode(data)
        except rlp.exceptions.RLPException:
            with pytest.raises(InvalidValue):
                rlp_decode(data)
        else:
            assert rlp_decode(data) == expected

    def test_deep_nesting_is_refused_not_followed(self) -> None:
        """64 KiB of lists in lists once ended the reference decoder's stack."""
        nested = b"\xc0"
        for _ in range(5000):
            nested = _wrapped(nested)
        assert not looks_like_transaction(nested)
        with pytest.raises(InvalidValue, match="nested deeper"):
            rlp_decode(nested)


def _wrapped(body: bytes) -> bytes:
    size = len(body)
    if size < 56:
        return bytes([0xC0 + size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0xF7 + len(length)]) + length + body
