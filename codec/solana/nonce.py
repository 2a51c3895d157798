"""Durable nonces: transactions that stay valid until their nonce account is advanced, however slow their signers are.

A nonce account lies at the seeded address of its authority, so nobody else can make it and it needs no record. Its data
has 80 bytes: u32 version (1), u32 state (1 initialised), authority 32, nonce 32, u64 lamports per signature.

Source: solana-system-interface, `SystemInstruction`; solana-nonce, `versions::Versions`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import RECENT_BLOCKHASHES_SYSVAR, RENT_SYSVAR, SYSTEM
from codec.solana.system import allocate_with_seed, seeded_address, transfer
from primitives.errors import InvalidValue

NONCE_LENGTH = 80

_ADVANCE = 4
_WITHDRAW = 5
_INITIALIZE = 6
_INITIALISED = struct.pack("<II", 1, 1)


def nonce_seed(number: int) -> str:
    """The seed of an account's nonce account with this number, from 0."""
    return f"quanbao.nonce.v1.{number}"


def nonce_address(authority: bytes, number: int = 0) -> bytes:
    """32 bytes; `authority` is the account that the nonce serves."""
    return seeded_address(authority, nonce_seed(number), SYSTEM)


def open_nonce(authority: bytes, number: int, top_up: int) -> tuple[Instruction, ...]:
    """Make the nonce account; `authority` signs, pays and will be the only one to advance it.

    Args:
        top_up: Lamports that the address lacks to be rent-exempt at 80 bytes.
    """
    account = nonce_address(authority, number)
    paid = (transfer(authority, account, top_up),) if top_up else ()
    return (
        *paid,
        allocate_with_seed(account, authority, nonce_seed(number), NONCE_LENGTH, SYSTEM),
        initialize_nonce(account, authority),
    )


def initialize_nonce(account: bytes, authority: bytes) -> Instruction:
    """`06000000` authority; account W, recent blockhashes, rent."""
    return Instruction(
        SYSTEM,
        (
            AccountMeta(account, False, True),
            AccountMeta(RECENT_BLOCKHASHES_SYSVAR, False, False),
            AccountMeta(RENT_SYSVAR, False, False),
        ),
        struct.pack("<I", _INITIALIZE) + authority,
    )


def advance_nonce(account: bytes, authority: bytes) -> Instruction:
    """`04000000`; account W, recent blockhashes, authority S. The first instruction of a durable transaction."""
    return Instruction(
        SYSTEM,
        (
            AccountMeta(account, False, True),
            AccountMeta(RECENT_BLOCKHASHES_SYSVAR, False, False),
            AccountMeta(authority, True, False),
        ),
        struct.pack("<I", _ADVANCE),
    )


def withdraw_nonce(account: bytes, authority: bytes, recipient: bytes, lamports: int) -> Instruction:
    """`05000000` u64 lamports; account W, recipient W, recent blockhashes, rent, authority S. All of it ends the
    account."""
    return Instruction(
        SYSTEM,
        (
            AccountMeta(account, False, True),
            AccountMeta(recipient, False, True),
            AccountMeta(RECENT_BLOCKHASHES_SYSVAR, False, False),
            AccountMeta(RENT_SYSVAR, False, False),
            AccountMeta(authority, True, False),
        ),
        struct.pack("<IQ", _WITHDRAW, lamports),
    )


@dataclass(frozen=True, slots=True)
class AdvancedNonce:
    """A decoded advance; keys of 32 bytes."""

    account: bytes
    authority: bytes


def parse_advance(instruction: Instruction) -> AdvancedNonce | None:
    """None for anything but AdvanceNonceAccount."""
    if instruction.program != SYSTEM or instruction.data != struct.pack("<I", _ADVANCE):
        return None
    if len(instruction.accounts) != 3:
        return None
    return AdvancedNonce(instruction.accounts[0].key, instruction.accounts[2].key)


@dataclass(frozen=True, slots=True)
class NonceAccount:
    """`nonce` takes the place of the blockhash; 32 bytes each."""

    authority: bytes
    nonce: bytes

    @classmethod
    def parse(cls, data: bytes) -> NonceAccount:
        """Raises InvalidValue when the data is not an initialised nonce account of 80 bytes."""
        if len(data) != NONCE_LENGTH or data[:8] != _INITIALISED:
            raise InvalidValue("the account is not an initialised nonce account")
        return cls(data[8:40], data[40:72])
