"""Signatures themselves: deterministic, low-S, and verified before they leave."""

from __future__ import annotations

from coincurve import PrivateKey
from coincurve import PublicKey as Secp256k1PublicKey
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from keystore.secret import Secret
from primitives.errors import InvalidValue
from primitives.signing import Curve, PublicKey, Signature


def sign_digest(private_key: Secret, digest: bytes) -> Signature:
    """secp256k1 over a 32-byte digest that this keystore computed itself.

    Deterministic nonce (RFC 6979), s in the lower half of the order (EIP-2). The signer is recovered from the result
    and compared, so that a computing fault never reveals a key.
    """
    if len(digest) != 32:
        raise InvalidValue(f"a digest has 32 bytes, not {len(digest)}")
    key = PrivateKey(bytes(private_key.expose()))
    raw = key.sign_recoverable(digest, hasher=None)
    recovered = Secp256k1PublicKey.from_signature_and_message(raw, digest, hasher=None)
    if recovered.format() != key.public_key.format() or raw[64] > 1:
        raise RuntimeError("the computed signature does not verify; nothing was handed out")
    return Signature(Curve.SECP256K1, raw)


def sign_message(private_key: Secret, message: bytes) -> Signature:
    """ed25519 over message bytes (RFC 8032 §5.1.6), verified before it is returned."""
    key = SigningKey(bytes(private_key.expose()))
    raw = key.sign(message).signature
    key.verify_key.verify(message, raw)
    return Signature(Curve.ED25519, raw)


def verify_ed25519(public_key: PublicKey, message: bytes, signature: Signature) -> None:
    """Raises InvalidValue when it is not this key's signature of these bytes."""
    try:
        VerifyKey(public_key.raw).verify(message, signature.raw)
    except (BadSignatureError, ValueError, TypeError) as error:
        raise InvalidValue("the signature does not fit the message") from error


def unsafe_sign_digest(private_key: Secret, digest: bytes) -> Signature:
    """secp256k1 over a digest that somebody else computed: whoever asks for it can have anything signed.

    Nothing in production calls this; it serves tests and the comparison with other libraries.
    """
    return sign_digest(private_key, digest)
