"""The next address of a wallet whose parent key is known."""

from __future__ import annotations

from bip_utils import Bip44, Bip44Changes, Bip44Coins
from coincurve import PublicKey
from nacl.bindings import crypto_sign_seed_keypair

from bench.keystore.floors import Floor, with_floors
from bench.keystore.node_peer import NodePeer
from bench.measure import Case, Report, compare
from keystore.batch.derive import ParentKey
from keystore.secret import Secret
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.signing import Curve

_SEED = bytes(range(64))
_OURS, _PEER = "ours, cached parent", "bip-utils, cached parent"


def evm_addresses(rounds: int, seconds: float, node: NodePeer) -> Report:
    """m/44'/60'/0'/0/i to the address with its checksum."""
    parent = ParentKey.derive(Secret(_SEED), Curve.SECP256K1, DerivationPath.parse("m/44'/60'/0'/0"))
    change = Bip44.FromSeed(_SEED, Bip44Coins.ETHEREUM).Purpose().Coin().Account(0).Change(Bip44Changes.CHAIN_EXT)

    def theirs(count: int) -> list[str]:
        return [change.AddressIndex(index).PublicKey().ToAddress() for index in range(count)]

    def raw(count: int) -> None:
        for index in range(1, count + 1):
            PublicKey.from_valid_secret(index.to_bytes(32, "big")).format(False)

    def ours(count: int) -> list[str]:
        return list(parent.addresses(range(count)))

    if ours(5) != theirs(5):
        raise RuntimeError("the addresses differ from bip-utils'")
    cases = [
        Case(_PEER, theirs, reference=True),
        Case(_OURS, ours),
        Case("raw: coincurve public key only", raw),
        *node.cases("evm_address"),
    ]
    report = compare("EVM: next address", "addresses", cases, rounds=rounds, seconds=seconds, remarks=node.remarks())
    return with_floors(report, [Floor(_OURS, _PEER, 2.5)])


def solana_addresses(rounds: int, seconds: float) -> Report:
    """m/44'/501'/i'/0' to the base58 address."""
    parent = ParentKey.derive(Secret(_SEED), Curve.ED25519, DerivationPath.parse("m/44'/501'"))
    coin = Bip44.FromSeed(_SEED, Bip44Coins.SOLANA).Purpose().Coin()

    def theirs(count: int) -> list[str]:
        return [coin.Account(index).Change(Bip44Changes.CHAIN_EXT).PublicKey().ToAddress() for index in range(count)]

    def ours(count: int) -> list[str]:
        return list(parent.addresses_below(range(HARDENED, HARDENED + count), HARDENED))

    def raw(count: int) -> None:
        for index in range(count):
            crypto_sign_seed_keypair(index.to_bytes(32, "big"))

    if ours(5) != theirs(5):
        raise RuntimeError("the addresses differ from bip-utils'")
    cases = [
        Case(_PEER, theirs, reference=True),
        Case(_OURS, ours),
        Case("raw: libsodium public key only", raw),
    ]
    report = compare("Solana: next address", "addresses", cases, rounds=rounds, seconds=seconds)
    return with_floors(report, [Floor(_OURS, _PEER, 3.0)])
