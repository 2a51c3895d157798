"""RLP, canonical JSON, tries and signatures of the verifier against other implementations."""

from __future__ import annotations

import json

import pytest
import rfc8785
import rlp as reference_rlp
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from trie.hexary import HexaryTrie

from audit.proofs.evm_encoding import trie_proof
from audit.verifier import Rejected, canonical, rlp
from audit.verifier.crypto import base58, check_ed25519, checksum_address, keccak256, recover_address
from audit.verifier.trie import value_at
from primitives.account_id import checksum_address as other_checksum
from primitives.base58 import encode_base58
from primitives.hashing import keccak256 as other_keccak

items = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=6), max_leaves=12)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


class TestRlp:
    @given(items)
    def test_agrees_with_the_reference(self, item: rlp.Item) -> None:
        raw = reference_rlp.encode(item)
        assert rlp.encode(item) == raw
        assert rlp.decode("rlp", raw) == item

    @pytest.mark.parametrize(
        "raw", ["8100", "b800", "b90001ff", "8261", "c1", "f800", "0000", "", "c88363617483646f67ff"]
    )
    def test_refuses_other_forms(self, raw: str) -> None:
        """Longer than needed, too short, with bytes after the end."""
        with pytest.raises(Rejected):
            rlp.decode("rlp", bytes.fromhex(raw))

    def test_refuses_endless_nesting(self) -> None:
        raw = b"\xc0"
        for _ in range(40):
            raw = rlp._prefix(0xC0, len(raw)) + raw
        with pytest.raises(Rejected, match="nested"):
            rlp.decode("rlp", raw)


class TestCanonicalJson:
    @given(documents)
    def test_agrees_with_the_reference(self, document: object) -> None:
        raw = rfc8785.dumps(document)  # type: ignore[arg-type]
        assert canonical.encode(document) == raw
        assert canonical.decode(raw) == document

    @pytest.mark.parametrize(
        "text",
        [
            '{"a": 1}',
            '{"b":1,"a":2}',
            '{"a":1,"a":1}',
            "[1.0]",
            "[1e3]",
            "[-0]",
            "[NaN]",
            "[9007199254740992]",
            '["\\u0041"]',
            '["\\ud800"]',
            '["\\u001F"]',
            "[1]\n",
            "",
            "[" * 20000,
            "[" * 33 + "]" * 33,
            f"[{'1' * 5000}]",
        ],
    )
    def test_refuses_every_other_form(self, text: str) -> None:
        with pytest.raises(Rejected) as refused:
            canonical.decode(text.encode())
        assert refused.value.check == "canonical"

    def test_refuses_giants_before_reading_them(self) -> None:
        with pytest.raises(Rejected, match="larger"):
            canonical.decode(b"1" * (canonical.MAX_BUNDLE_BYTES + 1))

    def test_refuses_bytes_that_are_not_text(self) -> None:
        with pytest.raises(Rejected):
            canonical.decode(b'"\xff"')

    def test_orders_keys_by_utf16(self) -> None:
        """RFC 8785 §3.2.3: a surrogate pair sorts before U+FB33."""
        assert list(json.loads(canonical.encode({"\ufb33": 1, "\U0001f600": 2}))) == ["\U0001f600", "\ufb33"]


class TestTrie:
    @pytest.mark.parametrize("count", [1, 2, 16, 17, 127, 128, 129, 300])
    def test_every_index_of_a_block_is_provable(self, count: int) -> None:
        """Over the border of one-byte keys, 127 to 128."""
        values = [keccak256(bytes([i % 256, i // 256])) * (1 + i % 3) for i in range(count)]
        tree = HexaryTrie({})
        for place, value in enumerate(values):
            tree[reference_rlp.encode(place)] = value
        for index in {0, 1, count // 2, count - 1} & set(range(count)):
            nodes = trie_proof(values, index, tree.root_hash)
            assert value_at("trie", tree.root_hash, index, nodes) == values[index]
            for other in {index + 1, index + 128}:
                with pytest.raises(Rejected):
                    assert value_at("trie", tree.root_hash, other, nodes) == values[index]
            with pytest.raises(Rejected):
                value_at("trie", tree.root_hash, index, nodes[:-1])
            with pytest.raises(Rejected):
                value_at("trie", tree.root_hash, index, [*nodes, nodes[-1]])

    def test_small_values_stand_inside_their_parents(self) -> None:
        values = [bytes([i]) for i in range(1, 20)]
        tree = HexaryTrie({})
        for place, value in enumerate(values):
            tree[reference_rlp.encode(place)] = value
        for index, value in enumerate(values):
            assert value_at("trie", tree.root_hash, index, trie_proof(values, index, tree.root_hash)) == value


class TestSignatures:
    def test_ed25519(self) -> None:
        key = SigningKey(bytes(range(32)))
        signature = key.sign(b"message").signature
        check_ed25519("check", bytes(key.verify_key), b"message", signature)
        order = 2**252 + 27742317777372353535851937790883648493
        raised = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
        for message, changed in ((b"other", signature), (b"message", signature[:32] + raised), (b"message", bytes(64))):
            with pytest.raises(Rejected):
                check_ed25519("check", bytes(key.verify_key), message, changed)

    @pytest.mark.parametrize(
        "key",
        [
            "01" + "00" * 31,
            "ec" + "ff" * 30 + "7f",
            "00" * 32,
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        ],
    )
    def test_a_key_of_small_order_is_refused(self, key: str) -> None:
        """Under such a key one signature fits every message."""
        with pytest.raises(Rejected):
            check_ed25519("check", bytes.fromhex(key), b"message", bytes.fromhex(key) + bytes(32))

    def test_recovery_refuses_the_upper_half(self) -> None:
        """EIP-2: the same signature with s mirrored is another byte string for the same act."""
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        with pytest.raises(Rejected, match="out of range"):
            recover_address("check", bytes(32), 1, order - 1, 0)

    @given(st.binary(min_size=20, max_size=20))
    def test_addresses_and_hashes_agree_with_the_other_implementation(self, raw: bytes) -> None:
        assert checksum_address(raw) == other_checksum(raw)
        assert keccak256(raw) == other_keccak(raw)
        assert base58(raw) == encode_base58(raw)
        assert base58(b"\0" + raw) == encode_base58(b"\0" + raw)
