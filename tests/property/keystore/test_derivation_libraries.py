"""Derivation against eth-account, bip-utils and solders on random seeds and paths."""

from __future__ import annotations

import unicodedata

import pytest
from bip_utils import Bip32Slip10Ed25519, Bip32Slip10Secp256k1, SubstratePathElem
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from keystore.derivation import ExtendedKey, derive_private_key, public_key_of
from keystore.extended_text import private_text, public_text
from keystore.mnemonic import entropy_to_words, mnemonic_to_seed
from keystore.secret import Secret
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import InvalidDerivationPath
from primitives.key_path import SeedHead
from primitives.signing import Curve
from primitives.substrate_path import SubstratePath

Account.enable_unaudited_hdwallet_features()

seeds = st.binary(min_size=16, max_size=64)
indexes = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, HARDENED - 1, HARDENED, 2**32 - 1])
paths = st.lists(indexes, max_size=6).map(lambda levels: DerivationPath(tuple(levels)))
hard_paths = st.lists(st.integers(HARDENED, 2**32 - 1), max_size=6).map(lambda levels: DerivationPath(tuple(levels)))
entropies = st.sampled_from([16, 20, 24, 28, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


@given(seeds, paths)
@settings(max_examples=40, deadline=None)
def test_secp256k1_equals_bip_utils(seed: bytes, path: DerivationPath) -> None:
    node = Bip32Slip10Secp256k1.FromSeed(seed)
    for index in path.levels:
        node = node.ChildKey(index)
    ours = ExtendedKey.master(Secret(seed), Curve.SECP256K1).at(path)
    assert private_text(ours).expose().decode() == node.PrivateKey().ToExtended()
    assert public_text(ours.neuter()) == node.PublicKey().ToExtended()


@given(seeds, hard_paths)
@settings(max_examples=40, deadline=None)
def test_ed25519_equals_bip_utils(seed: bytes, path: DerivationPath) -> None:
    node = Bip32Slip10Ed25519.FromSeed(seed)
    for index in path.levels:
        node = node.ChildKey(index)
    ours = derive_private_key(Secret(seed), Curve.ED25519, path)
    assert bytes(ours.expose()) == node.PrivateKey().Raw().ToBytes()
    # bip-utils writes a zero byte before ed25519 public keys.
    assert public_key_of(ours, Curve.ED25519).raw == node.PublicKey().RawCompressed().ToBytes()[1:]


@given(entropies, st.text(st.characters(exclude_categories=("Cs",)), max_size=12), st.integers(0, HARDENED - 1))
@settings(max_examples=15, deadline=None)
def test_words_equal_eth_account_and_solders(entropy: bytes, passphrase: str, index: int) -> None:
    words = entropy_to_words(Secret(entropy))
    sentence = " ".join(words)
    seed = mnemonic_to_seed(words, passphrase)
    evm = DerivationPath.parse(f"m/44'/60'/0'/0/{index}")
    theirs = Account.from_mnemonic(sentence, passphrase=passphrase, account_path=str(evm))
    assert bytes(derive_private_key(seed, Curve.SECP256K1, evm).expose()) == bytes(theirs.key)
    # `solana-keygen recover` without a path. The Solana SDK takes passphrases as typed, BIP-39 wants them in NFKD.
    if unicodedata.normalize("NFKD", passphrase) == passphrase:
        plain = derive_private_key(seed, Curve.ED25519, SeedHead())
        recovered = Keypair.from_seed_phrase_and_passphrase(sentence, passphrase)
        assert bytes(plain.expose()) == recovered.secret()
    solana = DerivationPath.parse(f"m/44'/501'/{index}'/0'")
    pair = Keypair.from_seed_and_derivation_path(bytes(seed.expose()), str(solana))
    assert bytes(derive_private_key(seed, Curve.ED25519, solana).expose()) == pair.secret()


@given(
    st.sampled_from(["//", "/"]),
    st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=80)
    | st.text(st.sampled_from("kusama-"), min_size=29, max_size=36)
    | st.integers(0, 2**256 - 1).map(str),
)
@settings(max_examples=80, deadline=None)
def test_junctions_equal_bip_utils(slashes: str, name: str) -> None:
    if name.isnumeric() and not name.isascii():
        # bip-utils takes ² for a number, polkadot-js does not.
        return
    theirs = SubstratePathElem(slashes + name)
    [ours] = SubstratePath.parse(slashes + name).junctions
    assert (ours.hard, ours.code) == (theirs.IsHard(), theirs.ChainCode())


class TestWhatOthersAccept:
    """solders hardens a soft level without a word, eth-account takes index 2^31: ours refuses both."""

    def test_solders_hardens_silently_and_ours_refuses(self) -> None:
        soft, hard = "m/44'/501'/0/0", "m/44'/501'/0'/0'"
        accepted = Keypair.from_seed_and_derivation_path(bytes(64), soft)
        assert accepted == Keypair.from_seed_and_derivation_path(bytes(64), hard)
        with pytest.raises(InvalidDerivationPath, match="soft"):
            derive_private_key(Secret(bytes(64)), Curve.ED25519, DerivationPath.parse(soft))

    def test_eth_account_accepts_index_2_31_and_ours_refuses(self) -> None:
        junk = "test " * 11 + "junk"
        beyond = f"m/44'/60'/0'/0/{2**31}"
        assert Account.from_mnemonic(junk, account_path=beyond).address.startswith("0x")
        with pytest.raises(InvalidDerivationPath, match="2\\^31"):
            DerivationPath.parse(beyond)
