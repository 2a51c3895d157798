"""BIP-32 and SLIP-10: official vectors, the table of known addresses, agreement with eth-account and solders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from codec.evm.transaction import address_of_public_key
from keystore.derivation import derive_private_key, public_key_of, seed_fingerprint
from keystore.mnemonic import mnemonic_to_seed
from keystore.secret import Secret
from primitives.account_id import checksum_address
from primitives.base58 import encode_base58
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import InvalidDerivationPath
from primitives.signing import Curve

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "slip10.json").read_text())
CASES = [
    (vector["curve"], vector["seed"], key["path"], key["private"], key["public"])
    for vector in VECTORS["vectors"]
    for key in vector["keys"]
]
JUNK = ["test", "test", "test", "test", "test", "test", "test", "test", "test", "test", "test", "junk"]

Account.enable_unaudited_hdwallet_features()


@pytest.mark.parametrize(("curve", "seed", "path", "private", "public"), CASES)
def test_official_vector(curve: str, seed: str, path: str, private: str, public: str) -> None:
    key = derive_private_key(Secret(bytes.fromhex(seed)), Curve(curve), DerivationPath.parse(path))
    assert key.expose().hex() == private
    assert public_key_of(key, Curve(curve)).raw.hex() == public


@pytest.mark.parametrize(
    ("curve", "path", "address"),
    [
        # Anvil's and Hardhat's published development accounts.
        (Curve.SECP256K1, "m/44'/60'/0'/0/0", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        (Curve.SECP256K1, "m/44'/60'/0'/0/9", "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"),
        (Curve.ED25519, "m/44'/501'/0'/0'", "oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96"),
    ],
)
def test_known_address_of_the_junk_words(curve: Curve, path: str, address: str) -> None:
    key = derive_private_key(mnemonic_to_seed(JUNK), curve, DerivationPath.parse(path))
    public = public_key_of(key, curve).raw
    found = checksum_address(address_of_public_key(public)) if curve is Curve.SECP256K1 else encode_base58(public)
    assert found == address


@given(st.lists(st.integers(0, 2**32 - 1), max_size=5))
@settings(max_examples=25, deadline=None)
def test_secp256k1_equals_eth_account(levels: list[int]) -> None:
    path = DerivationPath(tuple(levels))
    key = derive_private_key(mnemonic_to_seed(JUNK), Curve.SECP256K1, path)
    if not levels:
        return
    assert bytes(key.expose()) == bytes(Account.from_mnemonic(" ".join(JUNK), account_path=str(path)).key)


@given(st.binary(min_size=64, max_size=64), st.lists(st.integers(0, HARDENED - 1), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_ed25519_equals_solders(seed: bytes, indexes: list[int]) -> None:
    path = DerivationPath(tuple(HARDENED + index for index in indexes))
    key = derive_private_key(Secret(seed), Curve.ED25519, path)
    # solders checks that a path looks like BIP-44, so shorter ones are compared by the key alone.
    reference = Keypair.from_seed(bytes(key.expose()))
    assert bytes(reference.pubkey()) == public_key_of(key, Curve.ED25519).raw
    if len(indexes) == 4:
        assert Keypair.from_seed_and_derivation_path(seed, str(path)) == reference


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5))
def test_any_soft_level_on_ed25519_is_refused(levels: list[int]) -> None:
    path = DerivationPath(tuple(levels))
    if all(level >= HARDENED for level in levels):
        derive_private_key(Secret(bytes(64)), Curve.ED25519, path)
        return
    with pytest.raises(InvalidDerivationPath, match="soft"):
        derive_private_key(Secret(bytes(64)), Curve.ED25519, path)


@pytest.mark.parametrize(
    "path", ["m/2147483648", "m/2147483648'", "m/4294967296", "m/-1", "m/1''", "m/01", "44'/60'", "m//1", "m/1/"]
)
def test_paths_that_no_wallet_should_accept(path: str) -> None:
    with pytest.raises(InvalidDerivationPath):
        DerivationPath.parse(path)


def test_fingerprints_tell_seeds_apart() -> None:
    one, two = (seed_fingerprint(mnemonic_to_seed(JUNK, passphrase)) for passphrase in ("", "x"))
    assert one != two
    assert len(one) == len(two) == 8
