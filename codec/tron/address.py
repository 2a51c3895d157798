"""TRON addresses: 0x41 and the last 20 bytes of the key's Keccak-256, in Base58Check.

Source: developers.tron.network "Account address format".
"""

from __future__ import annotations

from coincurve import PublicKey

from codec.base58check import decode_base58check, encode_base58check
from primitives.errors import InvalidAddress, InvalidValue
from primitives.hashing import keccak256

_PREFIX = b"\x41"


def tron_address(public_key: bytes) -> str:
    """The address of a secp256k1 public key of 33 bytes."""
    return encode_base58check(_PREFIX + keccak256(PublicKey(public_key).format(compressed=False)[1:])[12:])


def parse_tron_address(text: str) -> bytes:
    """The 20 bytes that the EVM of TRON sees. Raises InvalidAddress."""
    try:
        payload = decode_base58check(text, length=21)
    except InvalidValue as error:
        raise InvalidAddress(f"{text!r} is not a TRON address: {error.message}", address=text) from error
    if payload[:1] != _PREFIX:
        raise InvalidAddress(f"{text} is not a TRON address: those start with T", address=text)
    return payload[1:]
