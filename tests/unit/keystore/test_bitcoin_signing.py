"""Bitcoin sighashes and signatures against the vectors of BIP-143 and BIP-341."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.bitcoin.sighash import pay_to_public_key_hash, taproot_sighash, witness_v0_sighash
from codec.bitcoin.transaction import TransactionOutput, compact_size, decode_unsigned
from keystore.bitcoin_signature import sign_taproot, sign_witness_v0, taproot_key
from keystore.secret import Secret
from primitives.errors import InvalidValue

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "bitcoin_sighash.json").read_text())
TAPROOT = VECTORS["bip341"]
SPENT = [TransactionOutput(item["amountSats"], bytes.fromhex(item["scriptPubKey"])) for item in TAPROOT["spent"]]
UNSIGNED = bytes.fromhex(TAPROOT["unsigned"])


@pytest.mark.parametrize("vector", VECTORS["bip143"], ids=lambda vector: vector["name"])
def test_bip143(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["unsigned"])
    transaction = decode_unsigned(raw)
    assert transaction.encode() == raw
    script = bytes.fromhex(vector["script_code"])
    digest = witness_v0_sighash(transaction, vector["index"], script, vector["amount"], vector["hash_type"])
    assert digest.hex() == vector["digest"]
    assert sign_witness_v0(Secret(bytes.fromhex(vector["private"])), digest).hex() == vector["signature"]


@pytest.mark.parametrize("vector", TAPROOT["inputs"], ids=lambda vector: f"input {vector['index']}")
def test_bip341_key_path(vector: dict[str, Any]) -> None:
    digest = taproot_sighash(decode_unsigned(UNSIGNED), vector["index"], SPENT, vector["hash_type"])
    assert digest.hex() == vector["digest"]
    private, root = Secret(bytes.fromhex(vector["private"])), bytes.fromhex(vector["merkle_root"] or "")
    assert taproot_key(private, root).expose().hex() == vector["tweaked_private"]
    tail = bytes([vector["hash_type"]]) if vector["hash_type"] else b""
    assert (sign_taproot(private, digest, root) + tail).hex() == vector["witness"]


def test_script_code_of_a_key_hash() -> None:
    vector = VECTORS["bip143"][0]
    assert (
        pay_to_public_key_hash(bytes.fromhex("1d0f172a0ecb48aee1be1f2687d2963ae33f71a1")).hex()
        == (vector["script_code"])
    )
    with pytest.raises(InvalidValue):
        pay_to_public_key_hash(bytes(32))


class TestRefusals:
    def test_every_truncation_and_any_tail(self) -> None:
        for length in range(len(UNSIGNED)):
            with pytest.raises(InvalidValue):
                decode_unsigned(UNSIGNED[:length])
        with pytest.raises(InvalidValue, match="left over"):
            decode_unsigned(UNSIGNED + b"\0")

    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        try:
            assert decode_unsigned(data).encode() == data
        except InvalidValue:
            return

    def test_input_with_a_script(self) -> None:
        with pytest.raises(InvalidValue, match="carries a script"):
            decode_unsigned(UNSIGNED[:41] + b"\1\0" + UNSIGNED[42:])

    def test_output_twice_and_money_from_nowhere(self) -> None:
        first = UNSIGNED[5:46]
        twice = UNSIGNED[:5] + first + first + UNSIGNED[5 + 82 :]
        with pytest.raises(InvalidValue, match="twice"):
            decode_unsigned(twice)
        with pytest.raises(InvalidValue, match="does not exist"):
            TransactionOutput(21_000_000 * 10**8 + 1, b"")

    def test_indexes_types_and_counts(self) -> None:
        transaction = decode_unsigned(UNSIGNED)
        for index, kind in ((-1, 0), (9, 0), (0, 4), (0, 0x80), (0, 0x84)):
            with pytest.raises(InvalidValue):
                taproot_sighash(transaction, index, SPENT, kind)
        with pytest.raises(InvalidValue, match="SINGLE"):
            taproot_sighash(transaction, 5, SPENT, 3)
        with pytest.raises(InvalidValue):
            taproot_sighash(transaction, 0, SPENT[:-1])
        for kind in (0, 4, 0x80):
            with pytest.raises(InvalidValue):
                witness_v0_sighash(transaction, 0, b"", 0, kind)

    def test_lengths(self) -> None:
        sizes = {0: 1, 0xFC: 1, 0xFD: 3, 0xFFFF: 3, 2**16: 5, 2**32: 9}
        assert {number: len(compact_size(number)) for number in sizes} == sizes
        with pytest.raises(InvalidValue):
            compact_size(2**64)

    def test_digests_and_roots_of_another_length(self) -> None:
        key = Secret(bytes([1] * 32))
        for act in (lambda: sign_witness_v0(key, b""), lambda: sign_taproot(key, b""), lambda: taproot_key(key, b"1")):
            with pytest.raises(InvalidValue):
                act()
