"""Bitcoin's double hashes."""

from __future__ import annotations

import hashlib

from Crypto.Hash import RIPEMD160


def ripemd160(data: bytes) -> bytes:
    """20 bytes. Not by hashlib, whose OpenSSL may lack it."""
    return RIPEMD160.new(data).digest()


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256, 20 bytes."""
    return ripemd160(hashlib.sha256(data).digest())


def double_sha256(data: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()
