"""The batch's signer: the same bytes as the single one, and no wrongly computed signature leaves it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest
from coincurve import PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keystore.batch.recoverable import RecoverableSigner
from keystore.derivation import public_key_of
from keystore.secret import Secret
from keystore.signature import sign_digest
from primitives.errors import SealBroken
from primitives.signing import Curve, PublicKey

KEY = bytes.fromhex("11" * 32)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DIGESTS = [hashlib.sha256(bytes([number])).digest() for number in range(5)]


def signer(*, verify: bool = True, key: bytes = KEY) -> RecoverableSigner:
    secret = Secret(key)
    return RecoverableSigner(secret, public_key_of(secret, Curve.SECP256K1), verify=verify)


class Faulty(RecoverableSigner):
    """Computes with another machine's mistakes."""

    def compute_with(self, sign: Callable[[bytes, object], bytes]) -> Faulty:
        self._key = SimpleNamespace(sign_recoverable=sign)
        return self


def faulty(sign: Callable[[bytes, object], bytes], *, verify: bool = True) -> Faulty:
    secret = Secret(KEY)
    return Faulty(secret, public_key_of(secret, Curve.SECP256K1), verify=verify).compute_with(sign)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4), st.integers(1, ORDER - 1))
def test_bytes_are_those_of_the_single_path(digests: Sequence[bytes], number: int) -> None:
    key = number.to_bytes(32, "big")
    expected = [sign_digest(Secret(key), digest).raw for digest in digests]
    assert signer(key=key).sign(digests) == expected
    assert signer(key=key, verify=False).sign(digests) == expected


@pytest.mark.parametrize("digest", [0, 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1])
def test_digests_around_the_order(digest: int) -> None:
    raw = digest.to_bytes(32, "big")
    assert signer().sign([raw]) == [PrivateKey(KEY).sign_recoverable(raw, None)]


@pytest.mark.parametrize("place", range(65))
def test_one_wrong_bit_anywhere_is_found(place: int) -> None:
    def sign(digest: bytes, _hasher: object) -> bytes:
        raw = bytearray(PrivateKey(KEY).sign_recoverable(digest, None))
        if digest == DIGESTS[3]:
            raw[place] ^= 1
        return bytes(raw)

    with pytest.raises(RuntimeError, match="nothing was handed out"):
        faulty(sign).sign(DIGESTS)
    assert len(faulty(sign, verify=False).sign(DIGESTS)) == len(DIGESTS), "only verification finds it"


def test_a_signature_of_another_digest_or_key_is_found() -> None:
    with pytest.raises(RuntimeError):
        faulty(lambda digest, hasher: PrivateKey(KEY).sign_recoverable(DIGESTS[0], hasher)).sign(DIGESTS)
    with pytest.raises(RuntimeError):
        faulty(lambda digest, hasher: PrivateKey(b"\x12" * 32).sign_recoverable(digest, hasher)).sign(DIGESTS)


def test_a_key_that_changes_in_memory_is_found() -> None:
    """Signing and checking with the same wrong key would agree with each other."""
    secret = Secret(KEY)
    one = Faulty(secret, public_key_of(secret, Curve.SECP256K1), verify=True)
    secret.expose()[31] ^= 1
    changed = PrivateKey(bytes(secret.expose()))
    with pytest.raises(RuntimeError):
        one.compute_with(changed.sign_recoverable).sign(DIGESTS)


def test_the_nonce_does_not_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from keystore.batch import recoverable

    buffers = []
    new = recoverable.ffi.new

    def remembered(kind: str, *initial: object) -> object:
        made = new(kind, *initial)
        if kind == "unsigned char[32]":
            buffers.append(made)
        return made

    monkeypatch.setattr(recoverable, "ffi", SimpleNamespace(**_functions(recoverable.ffi), new=remembered))
    signer().sign(DIGESTS)
    (scalar,) = buffers
    assert bytes(scalar) == bytes(32)


def _functions(ffi: object) -> dict[str, object]:
    return {name: getattr(ffi, name) for name in ("from_buffer", "buffer", "memmove")}


def test_another_public_key_is_refused() -> None:
    with pytest.raises(SealBroken):
        RecoverableSigner(
            Secret(KEY), PublicKey(Curve.SECP256K1, PrivateKey(b"\x12" * 32).public_key.format()), verify=True
        )
