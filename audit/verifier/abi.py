"""Reading contract ABI data as Solidity's decoder does. Source: its documentation, "Contract ABI Specification"."""

from __future__ import annotations

from .report import require


class Words:
    """A region of ABI data; offsets count from its start."""

    def __init__(self, check: str, data: bytes) -> None:
        self._check = check
        self._data = data

    def word(self, index: int) -> bytes:
        """The 32 bytes at place `index`, counted in words."""
        found = self._data[32 * index : 32 * index + 32]
        require(len(found) == 32, self._check, "ABI data ends too early")
        return found

    def number(self, index: int, bits: int = 256) -> int:
        value = int.from_bytes(self.word(index), "big")
        require(value < 2**bits, self._check, f"an ABI number has more than {bits} bits")
        return value

    def address(self, index: int) -> bytes:
        return self.number(index, 160).to_bytes(20, "big")

    def tail(self, index: int) -> Words:
        """The region that the offset at `index` points to."""
        offset = self.number(index)
        require(offset <= len(self._data), self._check, "an ABI offset points outside")
        return Words(self._check, self._data[offset:])

    def rest(self, index: int) -> Words:
        """The region from the word at `index` on: where the offsets of an array's items count from."""
        return Words(self._check, self._data[32 * index :])

    def data(self, index: int) -> bytes:
        """The `bytes` value that the offset at `index` points to."""
        region = self.tail(index)
        length = region.number(0)
        found = region._data[32 : 32 + length]
        require(len(found) == length, self._check, "ABI bytes end too early")
        return found
