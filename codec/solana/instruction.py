"""The neutral form of one Solana instruction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountMeta:
    """One account that an instruction names: `key` is 32 bytes."""

    key: bytes
    is_signer: bool
    is_writable: bool


@dataclass(frozen=True, slots=True)
class Instruction:
    """`program` is 32 bytes; `data` is what the program parses."""

    program: bytes
    accounts: tuple[AccountMeta, ...]
    data: bytes
