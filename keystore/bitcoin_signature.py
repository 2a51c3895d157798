"""Signatures of Bitcoin inputs: deterministic, low-S, verified before they leave."""

from __future__ import annotations

from coincurve import PrivateKey, PublicKeyXOnly

from codec.bitcoin.sighash import tagged_hash
from keystore.secret import Secret
from primitives.errors import InvalidValue

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_NO_AUXILIARY = bytes(32)


def sign_witness_v0(private_key: Secret, digest: bytes) -> bytes:
    """ECDSA of a 32-byte digest (`witness_v0_sighash`) in DER, without the hash type byte (RFC 6979, BIP-62 low-S)."""
    if len(digest) != 32:
        raise InvalidValue(f"a digest has 32 bytes, not {len(digest)}")
    key = PrivateKey(bytes(private_key.expose()))
    raw: bytes = key.sign(digest, None)
    if not key.public_key.verify(raw, digest, None):
        raise RuntimeError("the computed signature does not verify; nothing was handed out")
    return raw


def taproot_key(private_key: Secret, merkle_root: bytes = b"") -> Secret:
    """The private key of the output that an internal key (32 bytes) locks (BIP-341 "taproot_tweak_seckey").

    Args:
        merkle_root: Of the scripts, 32 bytes; empty for an output that only its key spends (BIP-86).
    """
    if len(merkle_root) not in (0, 32):
        raise InvalidValue(f"a Merkle root has 32 bytes, not {len(merkle_root)}")
    raw = bytes(private_key.expose())
    point = PrivateKey(raw).public_key.format()
    number = int.from_bytes(raw, "big")
    # The key of the point with even y is meant.
    even = number if point[0] == 2 else _ORDER - number
    tweak = int.from_bytes(tagged_hash("TapTweak", point[1:] + merkle_root), "big")
    tweaked = (even + tweak) % _ORDER
    if tweak >= _ORDER or tweaked == 0:
        raise InvalidValue("this key locks no taproot output: take the next one")
    return Secret(tweaked.to_bytes(32, "big"))


def sign_taproot(private_key: Secret, digest: bytes, merkle_root: bytes = b"") -> bytes:
    """BIP-340 over a 32-byte digest (`taproot_sighash`) with the tweaked key: 64 bytes, without the hash type byte."""
    if len(digest) != 32:
        raise InvalidValue(f"a digest has 32 bytes, not {len(digest)}")
    with taproot_key(private_key, merkle_root) as tweaked:
        key = PrivateKey(bytes(tweaked.expose()))
    raw: bytes = key.sign_schnorr(digest, _NO_AUXILIARY)
    if not PublicKeyXOnly(key.public_key.format()[1:]).verify(raw, digest):
        raise RuntimeError("the computed signature does not verify; nothing was handed out")
    return raw
