"""BIP-32: the standard's vectors, valid and invalid, and what an extended public key refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codec.bitcoin.extended_key import read_extended_key, write_extended_key
from keystore.branch import Branch
from keystore.derivation import ExtendedKey
from keystore.extended_text import depth_of, private_node, private_text, public_node, public_text
from keystore.secret import Secret
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import InvalidDerivationPath, InvalidKeyFile, InvalidValue
from primitives.signing import Curve

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "bip32.json").read_text())
VALID = [
    (vector["seed"], key["path"], key["xpub"], key["xprv"]) for vector in VECTORS["valid"] for key in vector["keys"]
]
BITCOIN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "bitcoin_accounts.json").read_text())
ROOT = VALID[0][3]


def text(secret: Secret) -> str:
    return secret.expose().decode()


def test_all_vectors_are_there() -> None:
    assert (len(VALID), len(VECTORS["invalid"])) == (17, 16)


class TestOfficialVectors:
    @pytest.mark.parametrize(("seed", "path", "xpub", "xprv"), VALID)
    def test_extended_keys_of_a_seed(self, seed: str, path: str, xpub: str, xprv: str) -> None:
        master = ExtendedKey.master(Secret(bytes.fromhex(seed)), Curve.SECP256K1)
        node = master.at(DerivationPath.parse(path))
        assert text(private_text(node)) == xprv
        assert public_text(node.neuter()) == xpub
        assert depth_of(xpub) == len(DerivationPath.parse(path).levels)

    @pytest.mark.parametrize(("seed", "path", "xpub", "xprv"), VALID)
    def test_reading_is_the_inverse_of_writing(self, seed: str, path: str, xpub: str, xprv: str) -> None:
        assert text(private_text(private_node(read_extended_key(xprv)))) == xprv
        assert public_text(public_node(read_extended_key(xpub))) == xpub

    @pytest.mark.parametrize(("seed", "path", "xpub", "xprv"), [case for case in VALID if not case[1].endswith("'")])
    def test_soft_children_need_no_private_key(self, seed: str, path: str, xpub: str, xprv: str) -> None:
        levels = DerivationPath.parse(path).levels
        if not levels:
            return
        master = ExtendedKey.master(Secret(bytes.fromhex(seed)), Curve.SECP256K1)
        parent = master.at(DerivationPath(levels[:-1])).neuter()
        assert public_text(parent.child(levels[-1])) == xpub

    @pytest.mark.parametrize(("key", "reason"), [(case["key"], case["reason"]) for case in VECTORS["invalid"]])
    def test_invalid_key_is_refused_by_part(self, key: str, reason: str) -> None:
        with pytest.raises(InvalidKeyFile) as caught:
            read_extended_key(key)
        words = {
            "mismatch": {"key"},
            "prefix": {"key"},
            "fingerprint": {"parent_fingerprint"},
            "index": {"child_number"},
            "unknown extended key version": {"version"},
            "not in 1..n-1": {"key"},
            "invalid pubkey": {"key"},
            "checksum": {"text"},
        }
        assert caught.value.part in next(parts for word, parts in words.items() if word in reason)
        assert key not in str(caught.value) + str(caught.value.facts)


class TestPrefixes:
    @pytest.mark.parametrize("name", ["bip49", "bip84", "bip86"])
    def test_slip132_prefixes_of_the_standards(self, name: str) -> None:
        account = BITCOIN["accounts"][name]["account"]
        public = read_extended_key(account["public"])
        private = read_extended_key(account["private"])
        assert public.version.script == {"bip49": "p2sh-p2wpkh", "bip84": "p2wpkh", "bip86": None}[name]
        assert private.version.private
        assert not public.version.private
        assert public_text(private_node(private).neuter(), public.version.prefix) == account["public"]

    def test_private_and_public_are_told_apart(self) -> None:
        with pytest.raises(InvalidKeyFile):
            private_node(read_extended_key(VALID[0][2]))
        with pytest.raises(InvalidKeyFile):
            public_node(read_extended_key(ROOT))


class TestRefusals:
    @pytest.mark.parametrize("index", [HARDENED, HARDENED + 1, 2**32 - 1, 2**32, -1])
    def test_public_key_has_soft_children_only(self, index: int) -> None:
        with pytest.raises(InvalidDerivationPath):
            public_node(read_extended_key(VALID[0][2])).child(index)

    @pytest.mark.parametrize("index", [2**32, -1])
    def test_index_out_of_range(self, index: int) -> None:
        with pytest.raises(InvalidDerivationPath):
            private_node(read_extended_key(ROOT)).child(index)

    def test_level_256_is_refused(self) -> None:
        fields = read_extended_key(VALID[0][2])
        deepest = write_extended_key("xpub", 255, b"\1\2\3\4", 7, fields.chain_code, fields.key)
        with pytest.raises(InvalidDerivationPath, match="255"):
            public_node(read_extended_key(deepest)).child(0)
        private = read_extended_key(ROOT)
        node = private_node(private)
        node.depth = 255
        with pytest.raises(InvalidDerivationPath, match="255"):
            node.child(0)

    def test_ed25519_has_no_public_tree(self) -> None:
        with pytest.raises(InvalidValue):
            ExtendedKey.master(Secret(bytes(64)), Curve.ED25519).neuter()

    @pytest.mark.parametrize("index", [0, 1, HARDENED - 1])
    def test_ed25519_has_no_soft_child(self, index: int) -> None:
        with pytest.raises(InvalidDerivationPath, match="soft"):
            ExtendedKey.master(Secret(bytes(64)), Curve.ED25519).child(index)

    @pytest.mark.parametrize("size", [0, 15, 65])
    def test_seed_of_another_length(self, size: int) -> None:
        with pytest.raises(InvalidValue, match="16 to 64"):
            ExtendedKey.master(Secret(bytes(size)), Curve.SECP256K1)

    @pytest.mark.parametrize("position", range(0, len(ROOT), 7))
    def test_any_changed_character_is_refused(self, position: int) -> None:
        changed = ROOT[:position] + ("2" if ROOT[position] != "2" else "3") + ROOT[position + 1 :]
        with pytest.raises(InvalidKeyFile):
            read_extended_key(changed)


def test_branch_is_sealed_and_opened_again() -> None:
    for _, _, _, xprv in VALID:
        branch = Branch(private_node(read_extended_key(xprv)))
        again = Branch.decode(branch.encode())
        assert text(private_text(again.node)) == xprv
        assert again.fingerprint() == branch.fingerprint()


def test_keys_between_are_wiped() -> None:
    master = ExtendedKey.master(Secret(bytes(64)), Curve.SECP256K1)
    seen: list[ExtendedKey] = []
    original = ExtendedKey.child

    def watched(self: ExtendedKey, index: int) -> ExtendedKey:
        seen.append(self)
        return original(self, index)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExtendedKey, "child", watched)
        leaf = master.at(DerivationPath.parse("m/1/2/3"))
    assert len(seen) == 3
    assert all(node.key.wiped and node.chain_code.wiped for node in seen)
    assert not master.key.wiped
    assert not leaf.key.wiped
