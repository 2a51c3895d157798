"""Reading and writing Solana's wire format without ever passing the end.

Source: solana.com/docs/core/transactions (compact-u16 arrays).
"""

from __future__ import annotations

from primitives.errors import InvalidValue

VERSION_FLAG = 0x80


def encode_length(length: int) -> bytes:
    """Write a compact-u16: 7 bits a byte, low bits first, the high bit says that more follow."""
    if not 0 <= length < 2**16:
        raise InvalidValue(f"length {length} does not fit a compact-u16")
    out = bytearray()
    while length >= VERSION_FLAG:
        out.append(length & 0x7F | VERSION_FLAG)
        length >>= 7
    out.append(length)
    return bytes(out)


class Reader:
    """Takes bytes from the front; every method raises InvalidValue rather than pass the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise InvalidValue("the Solana message ends too early")
        self._at += count
        return part

    def byte(self) -> int:
        return self.take(1)[0]

    def integer(self, size: int) -> int:
        """An unsigned little-endian integer of `size` bytes."""
        return int.from_bytes(self.take(size), "little")

    def length(self) -> int:
        """A compact-u16 in its shortest form."""
        value = 0
        for position in range(3):
            byte = self.byte()
            value |= (byte & 0x7F) << (7 * position)
            if not byte & VERSION_FLAG:
                if (byte == 0 and position > 0) or value >= 2**16:
                    break
                return value
        raise InvalidValue("a length in the Solana message is not minimal")

    def vector(self) -> bytes:
        return self.take(self.length())

    @property
    def taken(self) -> int:
        """How many bytes were read."""
        return self._at

    def rest(self) -> bytes:
        part = self._data[self._at :]
        self._at = len(self._data)
        return part

    def end(self) -> None:
        if self._at != len(self._data):
            raise InvalidValue("bytes are left over after the Solana message")
