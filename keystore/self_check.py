"""The libraries that keys depend on, asked at the start for answers that are known."""

from __future__ import annotations

import hashlib

from keystore.secret import Secret
from keystore.signature import sign_digest, sign_message
from primitives.errors import MissingPart
from primitives.hashing import keccak256

# Private key 1 over SHA-256("Satoshi Nakamoto"): RFC 6979 with secp256k1, low-S; from bitcointalk.org topic 285142.
_SECP256K1 = bytes.fromhex(
    "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
    "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
)
# RFC 8032 §7.1, TEST 1: the empty message.
_ED25519_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
_ED25519 = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
    "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)
_KECCAK256 = bytes.fromhex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")


def check_libraries() -> None:
    """Raises MissingPart when coincurve, libsodium or Keccak answer anything but the standards' own vectors."""
    digest = hashlib.sha256(b"Satoshi Nakamoto").digest()
    with Secret((1).to_bytes(32, "big")) as one, Secret(_ED25519_SEED) as seed:
        known = {
            "coincurve": sign_digest(one, digest).raw[:64] == _SECP256K1,
            "PyNaCl": sign_message(seed, b"").raw == _ED25519,
            "safe-pysha3": keccak256(b"") == _KECCAK256,
        }
    for name, right in known.items():
        if not right:
            raise MissingPart(
                f"{name} computes wrong signatures or hashes on this machine: install it anew",
                mend=f"pip install {name}",
            )
