"""A Solana transaction from its wire bytes, every signature verified. Source: solana.com/docs/core/transactions."""

from __future__ import annotations

from dataclasses import dataclass

from .crypto import base58, check_ed25519
from .report import Rejected, require

CHECK = "transaction"
MAX_TRANSACTION_BYTES = 1232


@dataclass(frozen=True, slots=True)
class Instruction:
    """`program` and `accounts` are keys of 32 bytes; `signers` are those of the accounts that signed."""

    program: bytes
    accounts: tuple[bytes, ...]
    signers: frozenset[bytes]
    data: bytes


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """`id` is the first signature in base58, by which the chain names the transaction."""

    id: str
    fee_payer: bytes
    instructions: tuple[Instruction, ...]


def read_transaction(raw: bytes) -> SignedTransaction:
    """Decode a whole signed transaction, legacy or version 0 without lookup tables, and verify its signatures."""
    require(len(raw) <= MAX_TRANSACTION_BYTES, CHECK, f"{len(raw)} bytes, at most {MAX_TRANSACTION_BYTES} fit")
    reader = _Reader(raw)
    signatures = [reader.take(64) for _ in range(reader.length())]
    message, first = raw[reader.at :], reader.byte()
    required = reader.byte() if (is_v0 := first == 0x80) else first
    require(0 < required < 0x80 and required == len(signatures), CHECK, "the count of signatures is not the message's")
    reader.take(2)
    keys = [reader.take(32) for _ in range(reader.length())]
    require(len(set(keys)) == len(keys) >= required, CHECK, "its account keys are too few or repeat")
    reader.take(32)
    instructions = [_instruction(reader, keys, required) for _ in range(reader.length())]
    require(not is_v0 or reader.length() == 0, CHECK, "it loads accounts from lookup tables")
    require(reader.at == len(raw), CHECK, "bytes follow the message")
    for key, signature in zip(keys, signatures, strict=False):
        check_ed25519("signatures", key, message, signature)
    return SignedTransaction(base58(signatures[0]), keys[0], tuple(instructions))


def _instruction(reader: _Reader, keys: list[bytes], required: int) -> Instruction:
    program, accounts, data = reader.byte(), reader.take(reader.length()), reader.take(reader.length())
    require(all(index < len(keys) for index in (program, *accounts)), CHECK, "an instruction names no known account")
    signers = frozenset(keys[index] for index in accounts if index < required)
    return Instruction(keys[program], tuple(keys[index] for index in accounts), signers, data)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def take(self, count: int) -> bytes:
        part = self._data[self.at : self.at + count]
        require(len(part) == count, CHECK, "it ends too early")
        self.at += count
        return part

    def byte(self) -> int:
        return self.take(1)[0]

    def length(self) -> int:
        """A compact-u16 in its shortest form."""
        value = 0
        for position in range(3):
            byte = self.byte()
            value |= (byte & 0x7F) << (7 * position)
            if byte < 0x80 and value < 2**16 and (byte or not position):
                return value
        raise Rejected(CHECK, "a length is not a compact-u16 in its shortest form")
