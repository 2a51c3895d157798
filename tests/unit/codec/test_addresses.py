"""Addresses of Bitcoin, TRON, Aptos, Polkadot, Kusama and EOS: the standards' vectors, bip-utils, and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bip_utils import Bip44, Bip44Coins, Bip49, Bip49Coins, Bip84, Bip84Coins, Bip86, Bip86Coins
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.aptos.address import aptos_address, parse_aptos_address
from codec.bitcoin.address import (
    MAINNET,
    TESTNET,
    ScriptType,
    p2pkh,
    p2pkh_uncompressed,
    p2sh_p2wpkh,
    p2tr,
    p2wpkh,
    parse_bitcoin_address,
    taproot_output_key,
)
from codec.bitcoin.bech32 import decode_segwit, encode_segwit
from codec.eos.public_key import eos_k1_public_key, eos_public_key, parse_eos_public_key
from codec.polkadot.address import KUSAMA, POLKADOT, SUBSTRATE, parse_ss58_address, ss58_address
from codec.tron.address import parse_tron_address, tron_address
from keystore.derivation import derive_private_key, derive_sr25519, public_key_of
from keystore.mnemonic import mnemonic_to_seed, words_to_entropy
from keystore.secret import Secret
from keystore.seed_words import SeedWords
from primitives.derivation_path import DerivationPath
from primitives.errors import InvalidAddress, InvalidValue
from primitives.signing import Curve
from primitives.substrate_path import SubstratePath

VECTORS = Path(__file__).parents[2] / "vectors"
SEGWIT: dict[str, Any] = json.loads((VECTORS / "segwit_addresses.json").read_text())
BITCOIN: dict[str, Any] = json.loads((VECTORS / "bitcoin_accounts.json").read_text())
SEED = bytes(mnemonic_to_seed(BITCOIN["mnemonic"].split()).expose())
WRITERS: dict[str, Callable[..., str]] = {"p2sh-p2wpkh": p2sh_p2wpkh, "p2wpkh": p2wpkh, "p2tr": p2tr}


def public(curve: Curve, path: str, seed: bytes = SEED) -> bytes:
    return public_key_of(derive_private_key(Secret(seed), curve, DerivationPath.parse(path)), curve).raw


class TestBitcoinVectors:
    @pytest.mark.parametrize("name", ["bip49", "bip84", "bip86"])
    def test_accounts_of_the_standards(self, name: str) -> None:
        account = BITCOIN["accounts"][name]
        network = TESTNET if account["network"] == "testnet" else MAINNET
        assert account["keys"]
        for key in account["keys"]:
            raw = public(Curve.SECP256K1, key["path"])
            assert WRITERS[account["form"]](raw, network) == key["address"]
            parse_bitcoin_address(key["address"], network)
            if "public" in key:
                assert raw.hex() == key["public"]
            if "internal_key" in key:
                assert raw[1:].hex() == key["internal_key"]
                assert taproot_output_key(raw[1:]).hex() == key["output_key"]

    @pytest.mark.parametrize(("address", "script"), [(case["address"], case["script"]) for case in SEGWIT["valid"]])
    def test_valid_segwit_address(self, address: str, script: str) -> None:
        prefix = address[:2].lower()
        version, program = decode_segwit(address, prefix)
        opcode = 0 if version == 0 else 0x50 + version
        assert bytes([opcode, len(program)]).hex() + program.hex() == script
        assert encode_segwit(prefix, version, program) == address.lower()

    @pytest.mark.parametrize("address", [case["address"] for case in SEGWIT["invalid"]])
    def test_invalid_segwit_address(self, address: str) -> None:
        for prefix in ("bc", "tb"):
            with pytest.raises(InvalidAddress):
                decode_segwit(address, prefix)

    def test_kinds_are_told(self) -> None:
        raw = public(Curve.SECP256K1, "m/44'/0'/0'/0/0")
        for network in (MAINNET, TESTNET):
            assert parse_bitcoin_address(p2pkh(raw, network), network) is ScriptType.P2PKH
            assert parse_bitcoin_address(p2sh_p2wpkh(raw, network), network) is ScriptType.P2SH
            assert parse_bitcoin_address(p2wpkh(raw, network), network) is ScriptType.P2WPKH
            assert parse_bitcoin_address(p2tr(raw, network), network) is ScriptType.P2TR
            assert parse_bitcoin_address(encode_segwit(network.segwit, 0, bytes(32)), network) is ScriptType.P2WSH

    def test_other_network_is_refused(self) -> None:
        raw = public(Curve.SECP256K1, "m/44'/0'/0'/0/0")
        for write in (p2pkh, p2sh_p2wpkh, p2wpkh, p2tr):
            with pytest.raises(InvalidAddress):
                parse_bitcoin_address(write(raw, MAINNET), TESTNET)
            with pytest.raises(InvalidAddress):
                parse_bitcoin_address(write(raw, TESTNET), MAINNET)

    def test_witness_version_without_a_use_yet(self) -> None:
        with pytest.raises(InvalidAddress, match="version 2"):
            parse_bitcoin_address(encode_segwit("bc", 2, bytes(32)))

    def test_key_one_has_the_two_known_legacy_addresses(self) -> None:
        """The private key 1: published in every puzzle of brain wallets."""
        one = public_key_of(Secret((1).to_bytes(32, "big")), Curve.SECP256K1).raw
        assert p2pkh(one) == "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"
        assert p2pkh_uncompressed(one) == "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm"

    @pytest.mark.parametrize("write", [p2sh_p2wpkh, p2wpkh, p2tr])
    def test_uncompressed_key_has_no_segwit_address(self, write: Callable[[bytes], str]) -> None:
        with pytest.raises(InvalidValue, match="compressed"):
            write(b"\4" + bytes(64))

    def test_no_point_has_no_taproot_address(self) -> None:
        with pytest.raises(InvalidValue):
            p2tr(b"\2" + (5).to_bytes(32, "big"))


CASES: list[tuple[str, Any, Any, str, Curve, Callable[[bytes], str]]] = [
    ("bitcoin-legacy", Bip44, Bip44Coins.BITCOIN, "m/44'/0'/0'/0/0", Curve.SECP256K1, p2pkh),
    ("bitcoin-wrapped", Bip49, Bip49Coins.BITCOIN, "m/49'/0'/0'/0/0", Curve.SECP256K1, p2sh_p2wpkh),
    ("bitcoin-segwit", Bip84, Bip84Coins.BITCOIN, "m/84'/0'/0'/0/0", Curve.SECP256K1, p2wpkh),
    ("bitcoin-taproot", Bip86, Bip86Coins.BITCOIN, "m/86'/0'/0'/0/0", Curve.SECP256K1, p2tr),
    ("tron", Bip44, Bip44Coins.TRON, "m/44'/195'/0'/0/0", Curve.SECP256K1, tron_address),
    ("aptos", Bip44, Bip44Coins.APTOS, "m/44'/637'/0'/0'/0'", Curve.ED25519, aptos_address),
    ("eos", Bip44, Bip44Coins.EOS, "m/44'/194'/0'/0/0", Curve.SECP256K1, eos_public_key),
    (
        "polkadot-trust",
        Bip44,
        Bip44Coins.POLKADOT_ED25519_SLIP,
        "m/44'/354'/0'/0'/0'",
        Curve.ED25519,
        lambda key: ss58_address(key, POLKADOT),
    ),
    (
        "kusama-trust",
        Bip44,
        Bip44Coins.KUSAMA_ED25519_SLIP,
        "m/44'/434'/0'/0'/0'",
        Curve.ED25519,
        lambda key: ss58_address(key, KUSAMA),
    ),
]


@pytest.mark.parametrize(("name", "tree", "coin", "path", "curve", "write"), CASES, ids=[case[0] for case in CASES])
@given(seed=st.binary(min_size=64, max_size=64))
@settings(max_examples=8, deadline=None)
def test_addresses_equal_bip_utils(
    name: str, tree: Any, coin: Any, path: str, curve: Curve, write: Callable[[bytes], str], seed: bytes
) -> None:
    reference = tree.FromSeed(seed, coin).DeriveDefaultPath().PublicKey().ToAddress()
    assert write(public(curve, path, seed)) == reference


class TestPolkadot:
    @pytest.mark.parametrize(
        ("path", "address"),
        [
            # The development accounts of every Substrate chain (`subkey inspect //Alice`).
            ("//Alice", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
            ("//Bob", "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"),
            ("//Alice//stash", "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY"),
            ("", "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"),
        ],
    )
    def test_development_accounts(self, path: str, address: str) -> None:
        entropy, language = words_to_entropy("bottom drive obey lake curtain smoke basket hold race lonely fit walk")
        words = SeedWords.of(entropy, language)
        key = words.private_key(Curve.SR25519, SubstratePath.parse(path))
        raw = public_key_of(key, Curve.SR25519).raw
        assert ss58_address(raw, SUBSTRATE) == address
        assert parse_ss58_address(address, SUBSTRATE) == raw

    @given(st.binary(min_size=32, max_size=32), st.integers(0, 16383))
    @settings(max_examples=60, deadline=None)
    def test_round_trip_of_every_prefix(self, key: bytes, prefix: int) -> None:
        assert parse_ss58_address(ss58_address(key, prefix), prefix) == key
        with pytest.raises(InvalidAddress):
            parse_ss58_address(ss58_address(key, prefix), prefix ^ 1)

    def test_wrong_mini_secret(self) -> None:
        with pytest.raises(InvalidValue):
            derive_sr25519(Secret(bytes(31)), SubstratePath(()))


class TestRefusals:
    @pytest.mark.parametrize(
        ("parse", "address"),
        [
            (parse_tron_address, "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH"),
            (parse_bitcoin_address, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"),
            (parse_bitcoin_address, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"),
            (parse_eos_public_key, "EOS6zpSNY1YoLxNt2VsvJjoDfBueU6xC1M1ERJw1UoekL1NHn8KNA"),
            (lambda text: parse_ss58_address(text, POLKADOT), "14E9StbjYhJiAfsNMEcq5tETq79Q6EqaGyebdziY214hNWDH"),
        ],
    )
    def test_every_changed_character_is_refused(self, parse: Callable[[str], Any], address: str) -> None:
        parse(address)
        for position in range(1, len(address)):
            for letter in "2qZ":
                changed = address[:position] + letter + address[position + 1 :]
                if changed.lower() == address.lower() and address.startswith("bc1"):
                    continue
                if changed != address:
                    with pytest.raises(InvalidAddress):
                        parse(changed)

    @pytest.mark.parametrize("text", ["", "0x", "0x1", "0x" + "0" * 63, "0x" + "g" * 64, "1" * 64])
    def test_aptos(self, text: str) -> None:
        with pytest.raises(InvalidAddress):
            parse_aptos_address(text)

    def test_tron_refuses_bitcoin(self) -> None:
        with pytest.raises(InvalidAddress, match="T"):
            parse_tron_address("1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA")

    def test_both_forms_of_eos_keys(self) -> None:
        raw = public(Curve.SECP256K1, "m/44'/194'/0'/0/0")
        assert parse_eos_public_key(eos_public_key(raw)) == parse_eos_public_key(eos_k1_public_key(raw)) == raw
        with pytest.raises(InvalidAddress):
            parse_eos_public_key("PUB_R1_" + eos_k1_public_key(raw)[7:])
        with pytest.raises(InvalidAddress):
            parse_eos_public_key("EOS" + eos_k1_public_key(raw)[7:])

    def test_ss58_prefix_out_of_range(self) -> None:
        with pytest.raises(InvalidValue):
            ss58_address(bytes(32), 16384)
