"""Base58Check: base58 with the first four bytes of a double SHA-256 at the end.

Source: en.bitcoin.it "Base58Check encoding", as Bitcoin Core's EncodeBase58Check writes it.
"""

from __future__ import annotations

from codec.bitcoin.hashing import double_sha256
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidValue

_CHECK_BYTES = 4


def encode_base58check(payload: bytes) -> str:
    """Write a payload, version byte included."""
    return encode_base58(payload + double_sha256(payload)[:_CHECK_BYTES])


def decode_base58check(text: str, *, length: int) -> bytes:
    """Read a payload that has exactly `length` bytes.

    Raises:
        InvalidValue: A character outside the alphabet, another length, or a wrong checksum. The text is not repeated
            in the error: it may be a secret.
    """
    raw = decode_base58(text, length=length + _CHECK_BYTES)
    payload, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if double_sha256(payload)[:_CHECK_BYTES] != check:
        raise InvalidValue("the checksum does not fit: a character is wrong or missing")
    return payload
