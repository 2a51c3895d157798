"""Signatures: deterministic, low-S, verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_keys.backends import NativeECCBackend
from eth_keys.datatypes import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey
from solders.keypair import Keypair

from codec.evm.typed_data import parse_typed_data
from keystore import signature as module
from keystore.secret import Secret
from keystore.signature import sign_digest, sign_message, unsafe_sign_digest, verify_ed25519
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from primitives.signing import Curve, PublicKey, Signature

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
secrets = st.integers(1, ORDER - 1).map(lambda n: n.to_bytes(32, "big"))


@given(secrets, st.binary(min_size=32, max_size=32))
@settings(max_examples=15, deadline=None)
def test_secp256k1_equals_a_pure_python_rfc_6979(secret: bytes, digest: bytes) -> None:
    ours = sign_digest(Secret(secret), digest).raw
    reference = PrivateKey(secret, NativeECCBackend()).sign_msg_hash(digest)
    assert ours == reference.to_bytes()
    assert 0 < int.from_bytes(ours[32:64], "big") <= ORDER // 2


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_ed25519_equals_solders(secret: bytes, message: bytes) -> None:
    ours = sign_message(Secret(secret), message)
    assert ours.raw == bytes(Keypair.from_seed(secret).sign_message(message))
    verify_ed25519(PublicKey(Curve.ED25519, bytes(SigningKey(secret).verify_key)), message, ours)


def test_published_typed_data_signature() -> None:
    vector: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "eip712.json").read_text())
    key = keccak256(vector["private_key_is_keccak_of"].encode())
    assert Account.from_key(key).address == vector["document"]["message"]["from"]["wallet"]
    digest = parse_typed_data(json.dumps(vector["document"]).encode()).signing_hash()
    assert sign_digest(Secret(key), digest).raw.hex() == vector["signature"]


def test_a_computing_fault_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature with one wrong bit is what a fault attack needs; it is not handed out."""
    real = module.PrivateKey.sign_recoverable

    def faulty(key: Any, digest: bytes, hasher: None) -> bytes:
        raw = bytearray(real(key, digest, hasher=hasher))
        raw[40] ^= 1
        return bytes(raw)

    monkeypatch.setattr(module.PrivateKey, "sign_recoverable", faulty)
    with pytest.raises(Exception, match=r"verify|recover"):
        sign_digest(Secret(bytes([1] * 32)), bytes(32))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_only_whole_digests(size: int) -> None:
    with pytest.raises(InvalidValue):
        sign_digest(Secret(bytes([1] * 32)), bytes(size))


@pytest.mark.parametrize("raw", [b"", bytes(64), bytes(63)])
def test_false_ed25519_signature(raw: bytes) -> None:
    key = PublicKey(Curve.ED25519, bytes(SigningKey(bytes(32)).verify_key))
    with pytest.raises(InvalidValue):
        verify_ed25519(key, b"message", Signature(Curve.ED25519, raw))


def test_bare_digest_is_signed_by_nobody_in_production() -> None:
    """Only its definition may name it."""
    assert unsafe_sign_digest(Secret(bytes([1] * 32)), bytes(32)) == sign_digest(Secret(bytes([1] * 32)), bytes(32))
    root = Path(__file__).parents[3]
    packages = (
        "api",
        "audit",
        "chains",
        "codec",
        "keystore",
        "localnet",
        "people",
        "persistence",
        "vouchers",
        "wallets",
    )
    sources = [path for package in packages for path in (root / package).rglob("*.py")]
    assert len(sources) > 100
    naming = [path for path in sources if "unsafe_sign_digest" in path.read_text()]
    assert naming == [root / "keystore" / "signature.py"]
