"""The same words in JavaScript wallets: ethers and the scure libraries, asked one by one, answer the same."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codec.bitcoin.address import p2pkh, p2sh_p2wpkh, p2tr, p2wpkh
from codec.bitcoin.extended_key import read_extended_key
from codec.evm.transaction import address_of_public_key
from keystore.derivation import ExtendedKey, derive_private_key, derive_sr25519, public_key_of
from keystore.exports.forms import ExportForm, ScryptCost, write_key, write_keystore_file
from keystore.extended_text import private_text, public_node, public_text
from keystore.imports.key_text import KeyForm, read_key
from keystore.imports.keystore_file import open_keystore_file
from keystore.mnemonic import LANGUAGES, entropy_to_words, join_words, mnemonic_to_seed, words_to_entropy
from keystore.secret import Secret
from keystore.single_key import ITS_PATH
from primitives.account_id import checksum_address
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.signing import Curve
from primitives.substrate_path import SubstratePath
from tests.node_runtime import node_program

Ask = Callable[..., dict[str, Any]]
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

seeds = st.binary(min_size=16, max_size=64)
keys = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
indexes = st.integers(0, 2**31 - 1) | st.sampled_from([0, 1, 2**31 - 1])
paths = st.lists(st.tuples(indexes, st.booleans()), min_size=1, max_size=5).map(
    lambda levels: DerivationPath(tuple(index + HARDENED * hard for index, hard in levels))
)
soft_paths = st.lists(indexes, min_size=1, max_size=4).map(lambda levels: DerivationPath(tuple(levels)))
hard_paths = st.lists(indexes, min_size=1, max_size=5).map(
    lambda levels: DerivationPath(tuple(index + HARDENED for index in levels))
)
entropies = st.sampled_from([16, 20, 24, 28, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
# Lone surrogates are no text in either language.
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=16)
few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    script = Path(__file__).parents[2] / "javascript" / "keys.mjs"
    node = subprocess.Popen([node_program(), script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert node.stdin is not None
    assert node.stdout is not None
    asked, answered = node.stdin, node.stdout

    def question(what: str, **facts: Any) -> dict[str, Any]:
        asked.write(json.dumps({"ask": what, **facts}) + "\n")
        asked.flush()
        line = answered.readline()
        assert line, "node ended: run `make setup-tests`, which installs tests/javascript"
        answer: dict[str, Any] = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer

    yield question
    asked.close()
    node.wait(10)
    answered.close()


@given(entropies, st.sampled_from(LANGUAGES), texts)
@few
def test_words_and_seed_of_every_language(ask: Ask, entropy: bytes, language: str, passphrase: str) -> None:
    words = entropy_to_words(Secret(entropy), language)
    theirs = ask("mnemonic", entropy=entropy.hex(), language=language, passphrase=passphrase)
    assert mnemonic_to_seed(words, passphrase).expose().hex() == theirs["seed"]
    found, _ = words_to_entropy(theirs["mnemonic"])
    assert entropy_to_words(Secret(entropy), language) == words
    assert words_to_entropy(join_words(words, language))[0].expose() == found.expose()


@given(seeds, paths)
@few
def test_bip32(ask: Ask, seed: bytes, path: DerivationPath) -> None:
    theirs = ask("bip32", seed=seed.hex(), path=str(path))
    node = ExtendedKey.master(Secret(seed), Curve.SECP256K1).at(path)
    assert private_text(node).expose().decode() == theirs["xprv"]
    assert public_text(node.neuter()) == theirs["xpub"]
    assert derive_private_key(Secret(seed), Curve.SECP256K1, path).expose().hex() == theirs["private"]


@given(seeds, soft_paths)
@few
def test_watched_children(ask: Ask, seed: bytes, path: DerivationPath) -> None:
    xpub = public_text(ExtendedKey.master(Secret(seed), Curve.SECP256K1).neuter())
    theirs = ask("bip32_public", xpub=xpub, path=str(path))["xpub"]
    assert public_text(public_node(read_extended_key(xpub)).at(path)) == theirs


@given(seeds, hard_paths)
@few
def test_slip10(ask: Ask, seed: bytes, path: DerivationPath) -> None:
    theirs = ask("slip10", seed=seed.hex(), path=str(path))
    key = derive_private_key(Secret(seed), Curve.ED25519, path)
    assert key.expose().hex() == theirs["private"]
    assert public_key_of(key, Curve.ED25519).raw.hex() == theirs["public"]


@given(entropies, texts, indexes)
@few
def test_evm_account_of_ethers(ask: Ask, entropy: bytes, passphrase: str, index: int) -> None:
    words = entropy_to_words(Secret(entropy))
    path = DerivationPath.parse(f"m/44'/60'/0'/0/{index}")
    theirs = ask("evm", mnemonic=" ".join(words), passphrase=passphrase, path=str(path))
    key = derive_private_key(mnemonic_to_seed(words, passphrase), Curve.SECP256K1, path)
    assert key.expose().hex() == theirs["private"]
    address = checksum_address(address_of_public_key(public_key_of(key, Curve.SECP256K1).raw))
    assert address == theirs["address"]


@given(keys)
@few
def test_bitcoin_addresses(ask: Ask, key: bytes) -> None:
    public = public_key_of(Secret(key), Curve.SECP256K1).raw
    theirs = ask("bitcoin", key=public.hex())
    ours = {"p2pkh": p2pkh, "p2sh-p2wpkh": p2sh_p2wpkh, "p2wpkh": p2wpkh, "p2tr": p2tr}
    assert {form: write(public) for form, write in ours.items()} == theirs


@given(keys)
@few
def test_wif(ask: Ask, key: bytes) -> None:
    theirs = ask("wif", key=key.hex())
    for network, form in (("main", ExportForm.WIF), ("test", ExportForm.WIF_TESTNET)):
        assert write_key(Secret(key), Curve.SECP256K1, form).expose().decode() == theirs[network]
        read = read_key(theirs[network], KeyForm.WIF).private_key(Curve.SECP256K1, ITS_PATH)
        assert bytes(read.expose()) == key


names = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=40)
substrate_paths = st.lists(
    st.tuples(st.sampled_from(["//", "/"]), names | st.integers(0, 2**64).map(str)), max_size=4
).map(lambda junctions: SubstratePath.parse("".join(slashes + name for slashes, name in junctions)))


@given(st.binary(min_size=32, max_size=32), substrate_paths)
@few
def test_sr25519(ask: Ask, seed: bytes, path: SubstratePath) -> None:
    junctions = [{"hard": junction.hard, "code": junction.code.hex()} for junction in path.junctions]
    key = derive_sr25519(Secret(seed), path)
    assert public_key_of(key, Curve.SR25519).raw.hex() == ask("sr25519", seed=seed.hex(), junctions=junctions)["public"]


@given(keys, st.text(st.characters(exclude_categories=("Cs",)), min_size=8, max_size=16))
@settings(few, max_examples=6)
def test_key_files_both_ways(ask: Ask, key: bytes, password: str) -> None:
    theirs = open_keystore_file(ask("encrypt", key=key.hex(), password=password, n=4)["file"], password)
    assert theirs.key is not None
    assert bytes(theirs.key.private_key(Curve.SECP256K1, ITS_PATH).expose()) == key
    if unicodedata.normalize("NFKC", password) == password:
        ours = write_keystore_file(Secret(key), password, UUID(int=2), ScryptCost(n=4)).expose().decode()
        assert ask("decrypt", file=ours, password=password)["private"] == key.hex()
