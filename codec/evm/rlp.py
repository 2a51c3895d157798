"""Recursive length prefix, read and written strictly.

Items are `bytes`, non-negative `int` (big-endian without leading zeros) and lists of items. Only the one canonical
encoding is read, and nesting is bounded, because the bytes come from outside.

Source: Ethereum Yellow Paper, appendix B.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from primitives.errors import InvalidValue

MAX_DEPTH = 16
"""No transaction nests deeper than four."""


def rlp_bytes(data: bytes) -> bytes:
    """Encode a byte string."""
    size = len(data)
    if size == 1 and data[0] < 0x80:
        return data
    if size < 56:
        return bytes((0x80 + size,)) + data
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0xB7 + len(length),)) + length + data


def rlp_integer(value: int) -> bytes:
    """Encode a non-negative integer; zero is the empty string."""
    if 0 < value < 0x80:
        return bytes((value,))
    return rlp_bytes(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rlp_list_head(size: int) -> bytes:
    """The prefix of a list whose encoded items have `size` bytes together."""
    if size < 56:
        return bytes((0xC0 + size,))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0xF7 + len(length),)) + length


def rlp_encode(item: Any) -> bytes:
    """Encode bytes, an integer or a list of such items."""
    if isinstance(item, bytes):
        return rlp_bytes(item)
    if isinstance(item, int):
        return rlp_integer(item)
    body = b"".join(map(rlp_encode, item))
    return rlp_list_head(len(body)) + body


def rlp_extended(encoded: bytes, items: bytes) -> bytes:
    """A list that is encoded already, with further encoded items at its end.

    Raises:
        InvalidValue: Not one list that fills `encoded`.
    """
    start, stop = _extent(encoded, 0, len(encoded), encoded[0] - 0xC0) if encoded and encoded[0] >= 0xC0 else (0, -1)
    if stop != len(encoded):
        raise InvalidValue("this is not one RLP list")
    return rlp_list_head(stop - start + len(items)) + encoded[start:] + items


def rlp_decode(data: bytes) -> Any:
    """Read one item that fills `data`: bytes, or a list of items.

    Raises:
        InvalidValue: Truncated, bytes left over, not canonical, or nested deeper than `MAX_DEPTH`.
    """
    item, end = _item(data, 0, len(data), 0)
    if end != len(data):
        raise InvalidValue("bytes are left over after the RLP item")
    return item


def rlp_list(data: bytes, count: int) -> Sequence[Any]:
    """Read a list of exactly `count` items. Raises InvalidValue."""
    fields = rlp_decode(data)
    if not isinstance(fields, list) or len(fields) != count:
        raise InvalidValue(f"the RLP list does not have {count} fields")
    return fields


def _item(data: bytes, at: int, end: int, depth: int) -> tuple[Any, int]:
    if at >= end:
        raise InvalidValue("the RLP ends too early")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    is_list = first >= 0xC0
    start, stop = _extent(data, at, end, first - (0xC0 if is_list else 0x80))
    if not is_list:
        if stop - start == 1 and data[start] < 0x80:
            raise InvalidValue("the RLP is not canonical: a small byte needs no prefix")
        return data[start:stop], stop
    if depth >= MAX_DEPTH:
        raise InvalidValue(f"the RLP is nested deeper than {MAX_DEPTH}")
    items: list[Any] = []
    while start < stop:
        item, start = _item(data, start, stop, depth + 1)
        items.append(item)
    return items, stop


def _extent(data: bytes, at: int, end: int, short: int) -> tuple[int, int]:
    """Where the body of the item at `at` begins and ends; `short` is the prefix without its kind."""
    start = at + 1
    size = short
    if short > 55:
        length = data[start : min(end, start + short - 55)]
        start += short - 55
        size = int.from_bytes(length, "big")
        if len(length) != short - 55 or length[0] == 0 or size < 56:
            raise InvalidValue("the RLP is not canonical: a length is not minimal")
    if start + size > end:
        raise InvalidValue("the RLP ends too early")
    return start, start + size


def rlp_to_integer(name: str, field: Any) -> int:
    """Read a decoded field as an integer of at most 32 bytes. Raises InvalidValue, naming the field."""
    if not isinstance(field, bytes) or field[:1] == b"\0" or len(field) > 32:
        raise InvalidValue(f"{name} is not a canonical integer")
    return int.from_bytes(field, "big")


def rlp_to_bytes(name: str, field: Any) -> bytes:
    """Read a decoded field as bytes. Raises InvalidValue, naming the field."""
    if not isinstance(field, bytes):
        raise InvalidValue(f"{name} is a list where bytes belong")
    return field
