"""System program: moving lamports and making accounts at seeded addresses.

Data is a little-endian u32 instruction number and bincode fields (strings: u64 length, then UTF-8).

Source: solana-system-interface, `SystemInstruction`; `Pubkey::create_with_seed`.
"""

from __future__ import annotations

import hashlib
import struct

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import SYSTEM
from primitives.errors import InvalidValue

MAX_SEED_LENGTH = 32
"""Bytes of a seed. Source: solana-pubkey, `MAX_SEED_LEN`."""

_TRANSFER = 2
_ALLOCATE_WITH_SEED = 9
_ASSIGN_WITH_SEED = 10


def seeded_address(base: bytes, seed: str, owner: bytes) -> bytes:
    """Address that only `base` can allocate for `owner`: sha256(base ‖ seed ‖ owner), 32 bytes.

    Raises:
        InvalidValue: The seed has more than 32 bytes.
    """
    raw = seed.encode()
    if len(raw) > MAX_SEED_LENGTH:
        raise InvalidValue(f"a seed has at most {MAX_SEED_LENGTH} bytes, not {len(raw)}")
    return hashlib.sha256(base + raw + owner).digest()


def transfer(sender: bytes, recipient: bytes, lamports: int) -> Instruction:
    """`02000000` u64 lamports; sender WS, recipient W."""
    return Instruction(
        SYSTEM,
        (AccountMeta(sender, True, True), AccountMeta(recipient, False, True)),
        struct.pack("<IQ", _TRANSFER, lamports),
    )


def parse_transfer(instruction: Instruction) -> tuple[bytes, bytes, int] | None:
    """Sender, recipient and lamports of a plain transfer; None for anything else."""
    if instruction.program != SYSTEM or len(instruction.data) != 12 or len(instruction.accounts) < 2:
        return None
    kind, lamports = struct.unpack("<IQ", instruction.data)
    if kind != _TRANSFER:
        return None
    return instruction.accounts[0].key, instruction.accounts[1].key, lamports


def allocate_with_seed(account: bytes, base: bytes, seed: str, space: int, owner: bytes) -> Instruction:
    """`09000000` base seed u64 space owner; account W, base S. Gives the account `space` bytes; lamports stay as
    they are, so an account that somebody funded beforehand can still be made."""
    return Instruction(
        SYSTEM,
        (AccountMeta(account, False, True), AccountMeta(base, True, False)),
        struct.pack("<I", _ALLOCATE_WITH_SEED) + base + _string(seed) + struct.pack("<Q", space) + owner,
    )


def assign_with_seed(account: bytes, base: bytes, seed: str, owner: bytes) -> Instruction:
    """`0a000000` base seed owner; account W, base S. Hands the account to `owner`; harmless when it already is."""
    return Instruction(
        SYSTEM,
        (AccountMeta(account, False, True), AccountMeta(base, True, False)),
        struct.pack("<I", _ASSIGN_WITH_SEED) + base + _string(seed) + owner,
    )


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw
