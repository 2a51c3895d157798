"""Private and public keys of a seed at a path.

Source: BIP-32 "Private parent key → private child key" for secp256k1; SLIP-10 for ed25519. bip-utils carries it out.
"""

from __future__ import annotations

import hashlib

from bip_utils import Bip32Slip10Ed25519, Bip32Slip10Secp256k1
from coincurve import PublicKey as Secp256k1PublicKey
from nacl.signing import SigningKey

from keystore.secret import Secret
from primitives.derivation_path import DerivationPath
from primitives.signing import Curve, PublicKey


def derive_private_key(seed: Secret, curve: Curve, path: DerivationPath) -> Secret:
    """The 32-byte private key (secp256k1 scalar big-endian, or ed25519 seed of RFC 8032 §5.1.5).

    Args:
        seed: 16 to 64 bytes.

    Raises:
        InvalidDerivationPath: A soft level on ed25519. Nothing is hardened silently.
    """
    if curve is Curve.ED25519:
        path.require_hardened()
        node = Bip32Slip10Ed25519.FromSeed(bytes(seed.expose()))
    else:
        node = Bip32Slip10Secp256k1.FromSeed(bytes(seed.expose()))
    for index in path.levels:
        node = node.ChildKey(index)
    return Secret(node.PrivateKey().Raw().ToBytes())


def public_key_of(private_key: Secret, curve: Curve) -> PublicKey:
    """The public key of a 32-byte private key."""
    raw = bytes(private_key.expose())
    if curve is Curve.SECP256K1:
        return PublicKey(curve, Secp256k1PublicKey.from_valid_secret(raw).format(compressed=True))
    return PublicKey(curve, bytes(SigningKey(raw).verify_key))


def seed_fingerprint(seed: Secret) -> bytes:
    """8 bytes that tell two seeds apart and reveal neither: head of SHA-256 over the secp256k1 master public key."""
    with derive_private_key(seed, Curve.SECP256K1, DerivationPath(())) as master:
        return hashlib.sha256(public_key_of(master, Curve.SECP256K1).raw).digest()[:8]
