"""EIP-712: the standard's own example, agreement with eth-account, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.evm.typed_data import MAX_DEPTH, TypedData, encode_type, parse_typed_data, write_typed_data
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue

VECTOR: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "eip712.json").read_text())


def mail() -> dict[str, Any]:
    return json.loads(json.dumps(VECTOR["document"]))  # type: ignore[no-any-return]


def parse(document: dict[str, Any]) -> TypedData:
    return parse_typed_data(json.dumps(document).encode())


def reference_digest(document: dict[str, Any]) -> bytes:
    return bytes(_hash_eip191_message(encode_typed_data(full_message=document)))


class TestStandardExample:
    def test_every_published_hash(self) -> None:
        typed = parse(mail())
        assert encode_type(typed.types, "Mail") == VECTOR["encode_type"]
        assert typed.domain_separator().hex() == VECTOR["domain_separator"]
        assert typed.message_hash().hex() == VECTOR["message_hash"]
        assert typed.signing_hash().hex() == VECTOR["digest"]
        assert typed.chain_id == 1
        assert typed.verifying_contract == bytes.fromhex("cc" * 20)


_integers = st.integers(1, 32).flatmap(
    lambda size: st.one_of(
        st.tuples(st.just(f"uint{8 * size}"), st.integers(0, 2 ** (8 * size) - 1)),
        st.tuples(st.just(f"int{8 * size}"), st.integers(-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1)),
    )
)
_fixed = st.integers(1, 32).flatmap(
    lambda size: st.tuples(
        st.just(f"bytes{size}"), st.binary(min_size=size, max_size=size).map(lambda b: "0x" + b.hex())
    )
)
_atoms = st.one_of(
    _integers,
    _fixed,
    st.tuples(st.just("bytes"), st.binary(max_size=80).map(lambda b: "0x" + b.hex())),
    st.tuples(st.just("string"), st.text(max_size=40)),
    st.tuples(st.just("bool"), st.booleans()),
    st.tuples(st.just("address"), st.binary(min_size=20, max_size=20).map(checksum_address)),
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A struct of atoms, arrays of atoms, nested structs and arrays of structs."""
    inner = draw(st.lists(_atoms, min_size=1, max_size=4))
    inner_type = [{"name": f"f{i}", "type": kind} for i, (kind, _) in enumerate(inner)]
    inner_value = {f"f{i}": value for i, (_, value) in enumerate(inner)}
    outer = draw(st.lists(_atoms, max_size=4))
    fields = [{"name": f"a{i}", "type": kind} for i, (kind, _) in enumerate(outer)]
    values: dict[str, Any] = {f"a{i}": value for i, (_, value) in enumerate(outer)}
    for i, (kind, value) in enumerate(draw(st.lists(_atoms, max_size=3))):
        count = draw(st.integers(1, 3))
        fields.append({"name": f"l{i}", "type": f"{kind}[]"})
        values[f"l{i}"] = [value] * count
        fields.append({"name": f"m{i}", "type": f"{kind}[{count}][1]"})
        values[f"m{i}"] = [[value] * count]
    fields += [{"name": "one", "type": "Inner"}, {"name": "many", "type": "Inner[]"}]
    values |= {"one": inner_value, "many": [inner_value] * draw(st.integers(0, 3))}
    domain = {"name": draw(st.text(max_size=20)), "version": "1", "chainId": draw(st.integers(1, 2**53))}
    domain_type = [{"name": "name", "type": "string"}, {"name": "version", "type": "string"}]
    domain_type.append({"name": "chainId", "type": "uint256"})
    return {
        "types": {"EIP712Domain": domain_type, "Outer": fields, "Inner": inner_type},
        "primaryType": "Outer",
        "domain": domain,
        "message": values,
    }


class TestAgainstEthAccount:
    @given(documents())
    @settings(max_examples=150, deadline=None)
    def test_digest_is_equal(self, document: dict[str, Any]) -> None:
        assert parse(document).signing_hash() == reference_digest(document)

    def test_recursive_struct_with_null_end(self) -> None:
        document = mail()
        document["types"] = {
            "EIP712Domain": document["types"]["EIP712Domain"],
            "Chain": [{"name": "head", "type": "Node"}],
            "Node": [{"name": "value", "type": "uint256"}, {"name": "next", "type": "Node"}],
        }
        document["primaryType"] = "Chain"
        document["message"] = {"head": {"value": 1, "next": {"value": 2, "next": None}}}
        assert parse(document).signing_hash() == reference_digest(document)

    def test_written_document_hashes_as_its_values(self) -> None:
        written = write_typed_data(
            {"Permit": [("owner", "address"), ("value", "uint256"), ("tag", "bytes32"), ("ok", "bool")]},
            "Permit",
            {"name": "Token", "version": "1", "chainId": 31337, "verifyingContract": checksum_address(bytes(20))},
            {"owner": checksum_address(bytes([1] * 20)), "value": 2**255, "tag": bytes([5] * 32), "ok": True},
        )
        typed = parse_typed_data(written)
        assert typed.chain_id == 31337
        assert typed.signing_hash() == reference_digest(json.loads(written))
        assert json.loads(written)["message"]["value"] == str(2**255)


def _drop(document: dict[str, Any]) -> None:
    del document["message"]["contents"]


def _extra(document: dict[str, Any]) -> None:
    document["message"]["hidden"] = "x"


def _unknown_type(document: dict[str, Any]) -> None:
    document["types"]["Mail"][2]["type"] = "text"


def _odd_integer(document: dict[str, Any]) -> None:
    document["types"]["Mail"].append({"name": "n", "type": "uint7"})
    document["message"]["n"] = 1


def _too_large(document: dict[str, Any]) -> None:
    document["types"]["Mail"].append({"name": "n", "type": "uint8"})
    document["message"]["n"] = 256


def _truth_as_integer(document: dict[str, Any]) -> None:
    document["types"]["Mail"].append({"name": "n", "type": "uint8"})
    document["message"]["n"] = True


def _float(document: dict[str, Any]) -> None:
    document["domain"]["chainId"] = 1.0


def _bad_checksum(document: dict[str, Any]) -> None:
    document["message"]["from"]["wallet"] = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD825"


def _array_length(document: dict[str, Any]) -> None:
    document["types"]["Mail"].append({"name": "n", "type": "uint8[2]"})
    document["message"]["n"] = [1]


def _primary(document: dict[str, Any]) -> None:
    document["primaryType"] = "Nothing"


def _domain_field(document: dict[str, Any]) -> None:
    document["domain"]["origin"] = "x"


def _domain_type(document: dict[str, Any]) -> None:
    document["types"]["EIP712Domain"][2]["type"] = "string"


def _empty_domain(document: dict[str, Any]) -> None:
    document["domain"] = {}
    del document["types"]["EIP712Domain"]


def _twice(document: dict[str, Any]) -> None:
    document["types"]["Mail"].append({"name": "contents", "type": "string"})


def _half_byte(document: dict[str, Any]) -> None:
    document["types"]["Mail"].append({"name": "n", "type": "bytes"})
    document["message"]["n"] = "0x123"


def _surrogate(document: dict[str, Any]) -> None:
    document["message"]["contents"] = "\ud800"


class TestRefusals:
    @pytest.mark.parametrize(
        "spoil",
        [
            _drop, _extra, _unknown_type, _odd_integer, _too_large, _truth_as_integer, _float, _bad_checksum,
            _array_length, _primary, _domain_field, _domain_type, _empty_domain, _twice, _half_byte, _surrogate,
        ],
    )  # fmt: skip
    def test_spoiled_document(self, spoil: Any) -> None:
        document = mail()
        parse(document)
        spoil(document)
        with pytest.raises(InvalidValue):
            parse(document)

    def test_repeated_member(self) -> None:
        raw = json.dumps(mail()).replace('"contents": "Hello, Bob!"', '"contents": "a", "contents": "Hello, Bob!"')
        with pytest.raises(InvalidValue, match="repeats"):
            parse_typed_data(raw.encode())

    def test_deep_value(self) -> None:
        document = mail()
        document["types"]["Node"] = [{"name": "next", "type": "Node"}]
        document["primaryType"] = "Node"
        value: dict[str, Any] | None = None
        for _ in range(MAX_DEPTH + 2):
            value = {"next": value}
        document["message"] = value
        with pytest.raises(InvalidValue, match="deeper"):
            parse(document)

    @pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"types":NaN}', b"1" * 300_000])
    def test_not_a_document(self, raw: bytes) -> None:
        with pytest.raises(InvalidValue):
            parse_typed_data(raw)
