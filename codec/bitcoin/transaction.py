"""Unsigned Bitcoin transactions as bytes, read strictly.

Source: BIP-144 (serialization); the unsigned form has no witness and empty input scripts.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from primitives.errors import InvalidValue

MAX_BYTES = 400_000
"""A standard transaction has at most 400,000 weight units, so this bounds every one of them."""
MAX_MONEY = 21_000_000 * 100_000_000
"""Satoshis that there can ever be."""


@dataclass(frozen=True, slots=True)
class TransactionInput:
    """The output that is spent (`txid` in the byte order of the serialization, 32 bytes) and the sequence number."""

    txid: bytes
    index: int
    sequence: int

    @property
    def outpoint(self) -> bytes:
        return self.txid + struct.pack("<I", self.index)


@dataclass(frozen=True, slots=True)
class TransactionOutput:
    """An amount in satoshis and the script that locks it."""

    amount: int
    script: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MAX_MONEY:
            raise InvalidValue(f"an output of {self.amount} satoshis does not exist", amount=self.amount)

    def encode(self) -> bytes:
        """u64 amount ‖ length ‖ script."""
        return struct.pack("<Q", self.amount) + compact_size(len(self.script)) + self.script


@dataclass(frozen=True, slots=True)
class BitcoinTransaction:
    """A transaction before it is signed."""

    version: int
    inputs: tuple[TransactionInput, ...]
    outputs: tuple[TransactionOutput, ...]
    lock_time: int

    def __post_init__(self) -> None:
        if not self.inputs or not self.outputs:
            raise InvalidValue("a Bitcoin transaction has inputs and outputs")
        if len({item.outpoint for item in self.inputs}) != len(self.inputs):
            raise InvalidValue("a Bitcoin transaction spends an output twice")
        if sum(item.amount for item in self.outputs) > MAX_MONEY:
            raise InvalidValue("the outputs of a Bitcoin transaction pass all the money there is")

    def encode(self) -> bytes:
        """The unsigned serialization."""
        inputs = b"".join(item.outpoint + b"\0" + struct.pack("<I", item.sequence) for item in self.inputs)
        outputs = b"".join(item.encode() for item in self.outputs)
        return b"".join(
            (
                struct.pack("<i", self.version),
                compact_size(len(self.inputs)),
                inputs,
                compact_size(len(self.outputs)),
                outputs,
                struct.pack("<I", self.lock_time),
            )
        )


def compact_size(number: int) -> bytes:
    """A length as Bitcoin writes it: 1, 3, 5 or 9 bytes."""
    if number < 0xFD:
        return bytes((number,))
    for prefix, size in ((0xFD, 2), (0xFE, 4), (0xFF, 8)):
        if number < 1 << (8 * size):
            return bytes((prefix,)) + number.to_bytes(size, "little")
    raise InvalidValue(f"{number} does not fit 64 bits")


def decode_unsigned(raw: bytes) -> BitcoinTransaction:
    """Read an unsigned transaction.

    Raises:
        InvalidValue: Truncated, bytes left over, a script in an input, witnesses, lengths that are not minimal,
            amounts that do not exist.
    """
    if len(raw) > MAX_BYTES:
        raise InvalidValue(f"a Bitcoin transaction has at most {MAX_BYTES} bytes", size=len(raw))
    reader = _Reader(raw)
    version = struct.unpack("<i", reader.take(4))[0]
    inputs = []
    for _ in range(reader.length()):
        txid, index = reader.take(32), reader.integer(4)
        if reader.length() != 0:
            raise InvalidValue("an input of an unsigned Bitcoin transaction carries a script")
        inputs.append(TransactionInput(txid, index, reader.integer(4)))
    outputs = [TransactionOutput(reader.integer(8), reader.take(reader.length())) for _ in range(reader.length())]
    transaction = BitcoinTransaction(version, tuple(inputs), tuple(outputs), reader.integer(4))
    if transaction.encode() != raw:
        raise InvalidValue("bytes are left over after the Bitcoin transaction")
    return transaction


class _Reader:
    """Takes bytes from the front and never beyond the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise InvalidValue("the Bitcoin transaction ends too early")
        self._at += count
        return part

    def integer(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def length(self) -> int:
        first = self.integer(1)
        value = first if first < 0xFD else self.integer({0xFD: 2, 0xFE: 4, 0xFF: 8}[first])
        if compact_size(value)[0] != first or value > MAX_BYTES:
            raise InvalidValue("a length in the Bitcoin transaction is not minimal or too large")
        return value
