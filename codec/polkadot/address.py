"""SS58 addresses.

Source: docs.substrate.io "SS58 address format"; prefixes 0 (Polkadot), 2 (Kusama), 42 (any Substrate chain) of
github.com/paritytech/ss58-registry.
"""

from __future__ import annotations

import hashlib

from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidAddress, InvalidValue

POLKADOT, KUSAMA, SUBSTRATE = 0, 2, 42
_KEY_BYTES = 32
_CHECK_BYTES = 2
_MAX_PREFIX = 16383


def ss58_address(public_key: bytes, prefix: int) -> str:
    """The address of an sr25519 or ed25519 public key (32 bytes); both look the same.

    Raises:
        InvalidValue: Another length, or a prefix outside 0 … 16383.
    """
    if len(public_key) != _KEY_BYTES:
        raise InvalidValue(f"an account key has 32 bytes, not {len(public_key)}")
    body = _prefix_bytes(prefix) + public_key
    return encode_base58(body + _checksum(body))


def parse_ss58_address(text: str, prefix: int) -> bytes:
    """The public key (32 bytes) of an address of this network.

    Raises:
        InvalidAddress: Malformed, a wrong checksum, or of another network.
    """
    wanted = _prefix_bytes(prefix)
    for head in (1, 2):
        try:
            raw = decode_base58(text, length=head + _KEY_BYTES + _CHECK_BYTES)
        except InvalidValue:
            continue
        body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
        if _checksum(body) != check:
            raise InvalidAddress("the checksum does not fit: compare the address with its source", address=text)
        if body[:head] != wanted:
            raise InvalidAddress(f"{text} belongs to another network than the one with prefix {prefix}", address=text)
        return body[head:]
    raise InvalidAddress(f"{text!r} is not an SS58 address", address=text)


def _prefix_bytes(prefix: int) -> bytes:
    if not 0 <= prefix <= _MAX_PREFIX:
        raise InvalidValue(f"an SS58 prefix is 0 … {_MAX_PREFIX}, not {prefix}")
    if prefix < 64:
        return bytes([prefix])
    return bytes([(prefix & 0xFC) >> 2 | 0x40, prefix >> 8 | (prefix & 3) << 6])


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(b"SS58PRE" + body).digest()[:_CHECK_BYTES]
