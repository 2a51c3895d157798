"""Every known path of the registry: readable, unique, and the address that each wallet shows."""

from __future__ import annotations

from itertools import chain as joined

import pytest

from chains.schemes import Network, Scheme, network, networks
from keystore.derivation import public_key_of
from keystore.mnemonic import words_to_entropy
from keystore.seed_words import SeedWords
from primitives.derivation_path import HARDENED
from primitives.errors import InvalidAddress, InvalidDerivationPath, InvalidValue, UnknownChain
from primitives.key_path import parse_key_path
from primitives.signing import Curve

EVM, SOLANA = "eip155:1", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
BITCOIN, TRON, APTOS = "bip122:000000000019d6689c085ae165831e93", "tron:0x2b6653dc", "aptos:1"
POLKADOT, KUSAMA = "polkadot:91b171bb158e2d3848fa23a9f1c25182", "polkadot:b0a8d493285c2df73290dfb7e61f870f"
EOS = "antelope:aca376f206b8fc25a6ed44dbdc66547c"
ALL = [network(EVM), network(SOLANA), *networks()]
EVERY = [(known, scheme) for known in ALL for scheme in known.schemes]
JUNK = "test test test test test test test test test test test junk"
ABANDON = "abandon " * 11 + "about"


def address(words: str, network_id: str, scheme: str, index: int = 0) -> str:
    entropy, language = words_to_entropy(words)
    known = network(network_id)
    chosen = known.scheme(scheme)
    key = SeedWords.of(entropy, language).private_key(chosen.curve, chosen.path(index))
    return known.address(public_key_of(key, chosen.curve), chosen.form)


@pytest.mark.parametrize(("known", "scheme"), EVERY, ids=lambda item: getattr(item, "name", ""))
def test_path_is_readable_and_found_again(known: Network, scheme: Scheme) -> None:
    for index in (0, 1, HARDENED - 1) if scheme.counts else (0,):
        path = scheme.path(index)
        assert parse_key_path(str(path), scheme.curve) == path
        found = known.scheme_at(str(path), scheme.curve)
        assert found is not None
        assert found.curve is scheme.curve
    for index in (-1, HARDENED):
        with pytest.raises(InvalidDerivationPath):
            scheme.path(index)


def test_names_are_unique() -> None:
    for known in ALL:
        names = [scheme.name for scheme in known.schemes]
        assert len(names) == len(set(names))
    assert len({known.id for known in ALL}) == len(ALL)


@pytest.mark.parametrize(("known", "scheme"), EVERY, ids=lambda item: getattr(item, "name", ""))
def test_every_scheme_has_an_address_that_its_network_accepts(known: Network, scheme: Scheme) -> None:
    shown = address(ABANDON, known.id, scheme.name)
    assert known.canonical(shown) == shown
    with pytest.raises(InvalidAddress):
        known.canonical(shown[:-1] + ("1" if shown[-1] != "1" else "2") + "x")


@pytest.mark.parametrize(
    ("words", "network_id", "scheme", "index", "shown"),
    [
        # Anvil's and Hardhat's development accounts.
        (JUNK, EVM, "bip44", 0, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        (JUNK, EVM, "bip44", 1, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        (JUNK, SOLANA, "phantom", 0, "oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96"),
        # BIP-84 and BIP-86, "Test vectors".
        (ABANDON, BITCOIN, "bip84", 0, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"),
        (ABANDON, BITCOIN, "bip84", 1, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"),
        (ABANDON, BITCOIN, "bip86", 1, "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh"),
        # bip-utils agrees on each of these (tests/unit/codec/test_addresses.py compares on random seeds).
        (ABANDON, BITCOIN, "bip49", 0, "37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf"),
        (ABANDON, BITCOIN, "bip44", 0, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"),
        (ABANDON, TRON, "bip44", 0, "TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH"),
        (ABANDON, APTOS, "petra", 0, "0xeb663b681209e7087d681c5d3eed12aaa8e1915e7c87794542c3f96e94b3d3bf"),
        (ABANDON, POLKADOT, "trust", 0, "14E9StbjYhJiAfsNMEcq5tETq79Q6EqaGyebdziY214hNWDH"),
        (ABANDON, KUSAMA, "trust", 0, "D8B1pUPu14f4NssXcTgwecFjbRX32aes3v3vqdbUcXzQG9R"),
        (ABANDON, EOS, "bip44", 0, "EOS6zpSNY1YoLxNt2VsvJjoDfBueU6xC1M1ERJw1UoekL1NHn8KNA"),
    ],
)
def test_known_addresses(words: str, network_id: str, scheme: str, index: int, shown: str) -> None:
    assert address(words, network_id, scheme, index) == shown


def test_schemes_of_one_network_give_different_accounts() -> None:
    """The same words, another wallet, another address: why the scheme is stored."""
    for known in ALL:
        shown = [address(ABANDON, known.id, scheme.name, 1 if scheme.counts else 0) for scheme in known.schemes]
        assert len(shown) == len(set(shown)), known.id


def test_polkadot_of_two_curves_differs() -> None:
    assert address(ABANDON, POLKADOT, "polkadot-js") != address(ABANDON, POLKADOT, "trust")


class TestBelowBranches:
    def test_path_below_an_account(self) -> None:
        scheme = network(BITCOIN).scheme("bip84")
        assert str(scheme.path_below(3, 7)) == "m/0/7"
        assert str(network(EVM).scheme("ledger-legacy").path_below(3, 7)) == "m/7"
        assert str(network(EVM).scheme("ledger-live").path_below(3, 7)) == "m/0/0"

    def test_deeper_than_the_path(self) -> None:
        with pytest.raises(InvalidDerivationPath):
            network(BITCOIN).scheme("bip84").path_below(6, 0)

    def test_no_branch_of_sr25519(self) -> None:
        with pytest.raises(InvalidDerivationPath):
            network(POLKADOT).scheme("polkadot-js-hard").path_below(1, 0)


class TestRefusals:
    @pytest.mark.parametrize("text", ["", "bitcoin", "eip155:0", "bip122:00", "cosmos:hub"])
    def test_unknown_network(self, text: str) -> None:
        with pytest.raises(UnknownChain):
            network(text)

    def test_unknown_scheme_lists_those_there_are(self) -> None:
        with pytest.raises(InvalidValue, match="ledger-live"):
            network(EVM).scheme("metamask")

    def test_one_account_schemes_have_one(self) -> None:
        with pytest.raises(InvalidDerivationPath, match="one account"):
            network(SOLANA).scheme("solana-cli").path(1)

    @pytest.mark.parametrize("path", ["m/44'/60'/0'/0/", "m/44'/60'/0'/0/x", "m/44'/60'/0'/0/1/2", "m/44'/60'/0'/1/0"])
    def test_other_paths_have_no_scheme(self, path: str) -> None:
        assert network(EVM).scheme_at(path, Curve.SECP256K1) is None

    @pytest.mark.parametrize(
        ("text", "curve"),
        [
            *(("m/2147483648", curve) for curve in (Curve.SECP256K1, Curve.ED25519)),
            ("m/2147483648'", Curve.ED25519),
            ("m/44'/501'/0", Curve.ED25519),
            ("seed", Curve.SECP256K1),
            ("m/0", Curve.SR25519),
            ("///password", Curve.SR25519),
            ("//Alice///password", Curve.SR25519),
            ("//", Curve.SR25519),
            ("Alice", Curve.SR25519),
            ("//" + str(2**256), Curve.SR25519),
            ("//1" * 33, Curve.SR25519),
            ("m" + "/0" * 600, Curve.SECP256K1),
        ],
    )
    def test_paths_that_no_wallet_should_accept(self, text: str, curve: Curve) -> None:
        with pytest.raises(InvalidDerivationPath):
            parse_key_path(text, curve)


def test_known_wallets_are_listed() -> None:
    told = " ".join(joined.from_iterable([scheme.wallets] for _, scheme in EVERY))
    for wallet in ("Ledger Live", "MyEtherWallet", "Phantom", "Solana CLI", "solana-keygen", "Trust", "polkadot-js"):
        assert wallet in told
