"""Version 1 of the Solana message: up to 4,096 bytes, no lookup tables, compute settings in the message itself.

0x81 ‖ three header bytes ‖ u32 configuration mask ‖ blockhash ‖ u8 instructions ‖ u8 addresses ‖ addresses ‖
configuration values ‖ per instruction (u8 program, u8 accounts, u16 data length) ‖ per instruction accounts, data.
Signatures follow the message without a count.

Source: SIMD-0385 "Transaction V1 specification".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codec.solana.message_parts import CompiledInstruction, MessageConfig
from codec.solana.wire import Reader
from primitives.errors import InvalidValue

VERSION_BYTE = 0x81
MAX_TRANSACTION_BYTES = 4096
MAX_SIGNATURES = 12
MAX_ADDRESSES = 64
MAX_INSTRUCTIONS = 64
_PRIORITY_FEE = 0b11
_KNOWN_BITS = 0b11111


@dataclass(frozen=True, slots=True)
class BodyV1:
    """What stands in a version 1 message after its version byte."""

    header: tuple[int, int, int]
    account_keys: tuple[bytes, ...]
    blockhash: bytes
    compiled: tuple[CompiledInstruction, ...]
    config: MessageConfig


def read_v1(reader: Reader) -> BodyV1:
    """Read from behind the version byte.

    Raises:
        InvalidValue: Truncated, more signatures, addresses or instructions than allowed, unknown or half-set bits.
    """
    header = (reader.byte(), reader.byte(), reader.byte())
    mask = reader.integer(4)
    if mask & ~_KNOWN_BITS or (mask & _PRIORITY_FEE) not in (0, _PRIORITY_FEE):
        raise InvalidValue(f"the configuration mask {mask:#x} of the Solana message has unknown or half-set bits")
    blockhash = reader.take(32)
    instructions, addresses = reader.byte(), reader.byte()
    if header[0] > MAX_SIGNATURES or addresses > MAX_ADDRESSES or not 0 < instructions <= MAX_INSTRUCTIONS:
        raise InvalidValue(
            f"a version 1 message has at most {MAX_SIGNATURES} signatures, {MAX_ADDRESSES} addresses and 1 to "
            f"{MAX_INSTRUCTIONS} instructions"
        )
    keys = tuple(reader.take(32) for _ in range(addresses))
    config = MessageConfig(
        reader.integer(8) if mask & _PRIORITY_FEE else None,
        *(reader.integer(4) if mask & bit else None for bit in (0b100, 0b1000, 0b10000)),
    )
    heads = [(reader.byte(), reader.byte(), reader.integer(2)) for _ in range(instructions)]
    compiled = tuple(
        CompiledInstruction(program, tuple(reader.take(accounts)), reader.take(size))
        for program, accounts, size in heads
    )
    return BodyV1(header, keys, blockhash, compiled, config)


def write_v1(body: BodyV1) -> bytes:
    """The message bytes, version byte included; the inverse of `read_v1`.

    Raises:
        InvalidValue: A count or an instruction's data does not fit its field.
    """
    values: Sequence[int | None] = body.config.values()
    mask = _PRIORITY_FEE if values[0] is not None else 0
    for bit, value in zip((0b100, 0b1000, 0b10000), values[1:], strict=True):
        mask |= bit if value is not None else 0
    if any(len(item.account_indexes) > 255 or len(item.data) >= 2**16 for item in body.compiled):
        raise InvalidValue("an instruction of a version 1 message has at most 255 accounts and 65,535 bytes")
    if len(body.compiled) > MAX_INSTRUCTIONS or len(body.account_keys) > MAX_ADDRESSES:
        raise InvalidValue("the instructions do not fit into one message")
    parts = [
        bytes((VERSION_BYTE, *body.header)),
        mask.to_bytes(4, "little"),
        body.blockhash,
        bytes((len(body.compiled), len(body.account_keys))),
        *body.account_keys,
        *(
            value.to_bytes(size, "little")
            for value, size in zip(values, (8, 4, 4, 4), strict=True)
            if value is not None
        ),
        *(
            bytes((item.program_index, len(item.account_indexes))) + len(item.data).to_bytes(2, "little")
            for item in body.compiled
        ),
        *(bytes(item.account_indexes) + item.data for item in body.compiled),
    ]
    return b"".join(parts)
