"""Aptos account addresses.

Source: aptos.dev "Accounts", single-signer authentication key: SHA3-256(public key ‖ 0x00); AIP-40 for the text.
"""

from __future__ import annotations

import hashlib
import re

from primitives.errors import InvalidAddress

_ED25519_SCHEME = b"\x00"
_SHAPE = re.compile(r"0x[0-9a-fA-F]{64}")


def aptos_address(public_key: bytes) -> str:
    """The first address of an ed25519 public key (32 bytes); a rotated key keeps its old address."""
    return "0x" + hashlib.sha3_256(public_key + _ED25519_SCHEME).hexdigest()


def parse_aptos_address(text: str) -> bytes:
    """32 bytes from the long form: 0x and 64 hex digits.

    Raises:
        InvalidAddress: Any other form; short forms are for special addresses, never for accounts of people.
    """
    if not _SHAPE.fullmatch(text):
        raise InvalidAddress(f"{text!r} is not an Aptos address (0x and 64 hex digits)", address=text)
    return bytes.fromhex(text[2:])
