"""Reading the fields of instruction data, in the value forms that Agave's parser shows."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from primitives.base58 import encode_base58
from primitives.errors import InvalidValue

_MAX_TEXT_BYTES = 4_096
_AUTHORITY_TYPES = (
    "mintTokens",
    "freezeAccount",
    "accountOwner",
    "closeAccount",
    "transferFeeConfig",
    "withheldWithdraw",
    "closeMint",
    "interestRate",
    "permanentDelegate",
    "confidentialTransferMint",
    "transferHookProgramId",
    "confidentialTransferFeeConfig",
    "metadataPointer",
    "groupPointer",
    "groupMemberPointer",
    "scaledUiAmount",
    "pause",
    "permissionedBurn",
)
_STATES = ("uninitialized", "initialized", "frozen")


class Reader:
    """Takes fields from the front of instruction data; little-endian throughout."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Raises InvalidValue at the end of the data."""
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise InvalidValue("the instruction ends too early")
        self._at += count
        return part

    def integer(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), "little", signed=signed)

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)


Field = Callable[[Reader], Any]
"""Takes one field and returns it as JSON: keys in base58, amounts as decimal text, what is absent as None."""


def number(size: int, *, signed: bool = False) -> Field:
    return lambda reader: reader.integer(size, signed=signed)


def amount(reader: Reader) -> str:
    """u64 base units."""
    return str(reader.integer(8))


def checked_amount(reader: Reader) -> dict[str, Any]:
    """u64 base units and u8 decimals."""
    units, decimals = reader.integer(8), reader.integer(1)
    return {"amount": str(units), "decimals": decimals, "uiAmountString": decimal_text(units, decimals)}


def decimal_text(units: int, decimals: int) -> str:
    """Exact decimal text without trailing zeros."""
    if not decimals:
        return str(units)
    digits = str(units).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".")


def key(reader: Reader) -> str:
    return encode_base58(reader.take(32))


def option_key(reader: Reader) -> str | None:
    """A u8 tag, then a key if it is 1.

    Raises:
        InvalidValue: Another tag.
    """
    tag = reader.integer(1)
    if tag > 1:
        raise InvalidValue("an optional key has the tag 0 or 1")
    return key(reader) if tag else None


def key_or_zeros(reader: Reader) -> str | None:
    """32 bytes; zeros stand for none."""
    raw = reader.take(32)
    return encode_base58(raw) if any(raw) else None


def text(length_bytes: int) -> Field:
    """UTF-8 after its length: 8 bytes in bincode, 4 in borsh."""

    def read(reader: Reader) -> str:
        length = reader.integer(length_bytes)
        if length > _MAX_TEXT_BYTES:
            raise InvalidValue("a text in an instruction is longer than a transaction")
        return _utf8(reader.take(length))

    return read


def rest_text(reader: Reader) -> str:
    return _utf8(reader.rest())


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidValue("a text in an instruction is not UTF-8") from error


def keys(reader: Reader) -> list[str]:
    """u64 count, then as many keys."""
    count = reader.integer(8)
    if count > 256:
        raise InvalidValue("an instruction lists more keys than fit into a transaction")
    return [key(reader) for _ in range(count)]


def types(reader: Reader) -> list[int]:
    """u16 extension types to the end."""
    found = []
    while not reader.at_end:
        found.append(reader.integer(2))
    return found


def float64(reader: Reader) -> str:
    (value,) = struct.unpack("<d", reader.take(8))
    return repr(value)


def account_state(reader: Reader) -> str:
    return _choose(_STATES, reader)


def authority_type(reader: Reader) -> str:
    return _choose(_AUTHORITY_TYPES, reader)


def _choose(names: tuple[str, ...], reader: Reader) -> str:
    index = reader.integer(1)
    if index >= len(names):
        raise InvalidValue(f"{index} is not a choice that this field has")
    return names[index]


def metadata_field(reader: Reader) -> str:
    """0 name, 1 symbol, 2 uri, or 3 and the name of a further field."""
    index = reader.integer(1)
    if index == 3:
        return str(text(4)(reader))
    if index > 3:
        raise InvalidValue("this is no field of token metadata")
    return ("name", "symbol", "uri")[index]


def flag(reader: Reader) -> bool:
    return reader.integer(1) != 0
