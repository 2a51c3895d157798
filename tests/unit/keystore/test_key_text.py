"""Single keys as text: the forms of other wallets, and which part of a wrong one is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from codec.base58check import encode_base58check
from keystore.exports.forms import ExportForm, write_key
from keystore.imports.key_text import KeyForm, read_key
from keystore.secret import Secret
from keystore.single_key import ITS_PATH, SingleKey
from primitives.base58 import encode_base58
from primitives.errors import InvalidKeyFile
from primitives.signing import Curve

BITCOIN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "bitcoin_accounts.json").read_text())
RAW = bytes(range(1, 33))
PAIR = Keypair.from_seed(RAW)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def raw_of(key: SingleKey) -> bytes:
    return bytes(key.private_key(key.curve, ITS_PATH).expose())


WIFS = [key for name in ("bip49", "bip84") for key in BITCOIN["accounts"][name]["keys"]]


@pytest.mark.parametrize("key", WIFS)
def test_wif_of_the_standards(key: dict[str, str]) -> None:
    read = read_key(key["wif"], KeyForm.WIF)
    assert read.public_key.raw.hex() == key["public"]
    if "private" in key:
        assert raw_of(read).hex() == key["private"]


def test_uncompressed_wif() -> None:
    """The private key 1 in its oldest form."""
    assert raw_of(read_key("5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf", KeyForm.WIF)) == bytes(31) + b"\1"


@given(st.integers(1, ORDER - 1))
@settings(max_examples=30, deadline=None)
def test_secp256k1_forms_come_back(number: int) -> None:
    raw = number.to_bytes(32, "big")
    for form, back in (
        (ExportForm.HEX, KeyForm.HEX),
        (ExportForm.WIF, KeyForm.WIF),
        (ExportForm.WIF_TESTNET, KeyForm.WIF),
    ):
        text = write_key(Secret(raw), Curve.SECP256K1, form).expose().decode()
        assert raw_of(read_key(f"  {text}\n", back)) == raw


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=30, deadline=None)
def test_ed25519_forms_come_back_and_are_solders_own(seed: bytes) -> None:
    pair = Keypair.from_seed(seed)
    as_json = write_key(Secret(seed), Curve.ED25519, ExportForm.SOLANA_JSON).expose().decode()
    as_base58 = write_key(Secret(seed), Curve.ED25519, ExportForm.SOLANA_BASE58).expose().decode()
    assert (as_json, as_base58) == (pair.to_json(), encode_base58(bytes(pair)))
    assert raw_of(read_key(as_json, KeyForm.SOLANA_JSON)) == seed
    assert raw_of(read_key(as_base58, KeyForm.SOLANA_BASE58)) == seed
    assert raw_of(read_key(seed.hex(), KeyForm.HEX, Curve.ED25519)) == seed


WRONG: list[tuple[str, KeyForm, Curve | None, str]] = [
    ("", KeyForm.HEX, None, "text"),
    ("0x", KeyForm.HEX, None, "text"),
    ("0x" + "1" * 63, KeyForm.HEX, None, "text"),
    ("1" * 65, KeyForm.HEX, None, "text"),
    ("g" * 64, KeyForm.HEX, None, "text"),
    ("١" * 64, KeyForm.HEX, None, "text"),
    ("0" * 64, KeyForm.HEX, None, "key"),
    (f"{ORDER:064x}", KeyForm.HEX, None, "key"),
    ("f" * 64, KeyForm.HEX, None, "key"),
    (RAW.hex(), KeyForm.HEX, Curve.SR25519, "key"),
    (RAW.hex(), KeyForm.EXTENDED_KEY, None, "form"),
    ("x" * 5000, KeyForm.HEX, None, "size"),
    ("", KeyForm.WIF, None, "text"),
    (WIFS[0]["wif"][:-1] + "1", KeyForm.WIF, None, "checksum"),
    (WIFS[0]["wif"] + "1", KeyForm.WIF, None, "text"),
    (encode_base58check(b"\x00" + RAW), KeyForm.WIF, None, "version"),
    (encode_base58check(b"\x80" + RAW + b"\x02"), KeyForm.WIF, None, "version"),
    (encode_base58check(b"\x80" + bytes(32) + b"\x01"), KeyForm.WIF, None, "key"),
    (WIFS[0]["wif"], KeyForm.WIF, Curve.ED25519, "curve"),
    ("0OIl", KeyForm.SOLANA_BASE58, None, "text"),
    (encode_base58(RAW), KeyForm.SOLANA_BASE58, None, "text"),
    (encode_base58(RAW + RAW), KeyForm.SOLANA_BASE58, None, "public_key"),
    ("[]", KeyForm.SOLANA_JSON, None, "text"),
    ("{}", KeyForm.SOLANA_JSON, None, "text"),
    ("[" * 4000, KeyForm.SOLANA_JSON, None, "text"),
    (json.dumps([256] * 64), KeyForm.SOLANA_JSON, None, "text"),
    (json.dumps([True] * 64), KeyForm.SOLANA_JSON, None, "text"),
    (json.dumps([1.0] * 64), KeyForm.SOLANA_JSON, None, "text"),
    (json.dumps(list(bytes(PAIR))[:63]), KeyForm.SOLANA_JSON, None, "text"),
    (json.dumps([*list(bytes(PAIR))[:63], 1]), KeyForm.SOLANA_JSON, None, "public_key"),
    (PAIR.to_json(), KeyForm.SOLANA_JSON, Curve.SECP256K1, "curve"),
]


@pytest.mark.parametrize(("text", "form", "curve", "part"), WRONG)
def test_the_wrong_part_is_named_and_nothing_repeated(text: str, form: KeyForm, curve: Curve | None, part: str) -> None:
    with pytest.raises(InvalidKeyFile) as caught:
        read_key(text, form, curve)
    assert caught.value.part == part
    assert len(text) < 6 or text[:6] not in str(caught.value)


@given(st.text(max_size=200), st.sampled_from(KeyForm))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_key_or_a_typed_refusal(text: str, form: KeyForm) -> None:
    try:
        read_key(text, form)
    except InvalidKeyFile:
        return
    assert form in {KeyForm.HEX, KeyForm.WIF}
