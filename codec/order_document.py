"""The order document: everything that decided an order's price, under the hash that holder and merchant sign.

Source of the fields: docs/rule-document.md, "Order document". The random salt keeps baskets from being guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codec.canonical_json import decode_canonical, encode_canonical
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

ORDER_SCHEMA = "quanbao.order.v1"
SALT_BYTES = 32


def encode_order_document(document: Mapping[str, Any]) -> bytes:
    """Canonical UTF-8 bytes (RFC 8785).

    Raises:
        InvalidValue: Another schema, or a salt that is not 32 bytes of hex.
    """
    _require_shape(document)
    return encode_canonical(document)


def decode_order_document(data: bytes) -> dict[str, Any]:
    """Raises InvalidValue on another schema or bytes that are not canonical."""
    document = decode_canonical(data)
    _require_shape(document)
    return document


def order_hash(data: bytes) -> bytes:
    """keccak256 of the canonical bytes, 32 bytes: `orderHash` of every redemption."""
    return keccak256(data)


def _require_shape(document: Mapping[str, Any]) -> None:
    if document.get("schema") != ORDER_SCHEMA:
        raise InvalidValue(f"an order document says schema {ORDER_SCHEMA!r}")
    salt = document.get("salt")
    if not isinstance(salt, str) or len(salt) != 2 * SALT_BYTES or salt != salt.lower():
        raise InvalidValue("an order document has a salt of 32 bytes in lower-case hex")
    try:
        bytes.fromhex(salt)
    except ValueError as error:
        raise InvalidValue("an order document has a salt of 32 bytes in lower-case hex") from error
