"""Recursive length prefix, canonical forms only. Source: Ethereum Yellow Paper, appendix B."""

from __future__ import annotations

from typing import TypeAlias

from .report import Rejected, require

Item: TypeAlias = "bytes | list[Item]"

_MAX_DEPTH = 16


def decode(check: str, data: bytes) -> Item:
    """Raises Rejected: not one whole canonical item."""
    item, end = _item(check, data, 0, 0)
    require(end == len(data), check, "bytes follow the RLP item")
    return item


def decode_list(check: str, data: bytes) -> list[Item]:
    return as_list(check, decode(check, data))


def as_list(check: str, item: Item) -> list[Item]:
    if not isinstance(item, list):
        raise Rejected(check, "RLP bytes where a list belongs")
    return item


def as_bytes(check: str, item: Item, length: int | None = None) -> bytes:
    if not isinstance(item, bytes) or length not in (None, len(item)):
        raise Rejected(check, f"not the {length or ''} bytes that belong into an RLP item")
    return item


def as_int(check: str, item: Item) -> int:
    require(
        len(raw := as_bytes(check, item)) <= 32 and raw[:1] != b"\0", check, "not an RLP integer of at most 32 bytes"
    )
    return int.from_bytes(raw, "big")


def encode(item: Item) -> bytes:
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else _prefix(0x80, len(item)) + item
    body = b"".join(encode(part) for part in item)
    return _prefix(0xC0, len(body)) + body


def encode_int(value: int) -> bytes:
    """The bytes of an integer as RLP wants them: big-endian without leading zeros; the item is not wrapped."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _prefix(base: int, length: int) -> bytes:
    size = encode_int(length)
    return bytes([base + length]) if length < 56 else bytes([base + 55 + len(size)]) + size


def _item(check: str, data: bytes, at: int, depth: int) -> tuple[Item, int]:
    require(depth <= _MAX_DEPTH and at < len(data), check, "RLP nested too deep, or it ends too early")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    base = 0x80 if first < 0xC0 else 0xC0
    length, start = first - base, at + 1
    if length > 55:
        size = data[start : start + length - 55]
        start += length - 55
        length = int.from_bytes(size, "big")
        require(size[:1] != b"\0" and length > 55, check, "an RLP length is not in its shortest form")
    end = start + length
    require(end <= len(data), check, "RLP ends too early")
    if base == 0x80:
        require(length != 1 or data[start] >= 0x80, check, "an RLP byte is not in its shortest form")
        return data[start:end], end
    items: list[Item] = []
    while start < end:
        item, start = _item(check, data[:end], start, depth + 1)
        items.append(item)
    return items, end
