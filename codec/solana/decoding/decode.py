"""Reading instructions and whole messages for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codec.solana.decoding import surroundings, system, token
from codec.solana.decoding.dangers import UNKNOWN, UNREADABLE, Danger, danger_of
from codec.solana.decoding.layout import Parsed
from codec.solana.decoding.words import sentence
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message import SolanaMessage
from codec.solana.programs import ASSOCIATED_TOKEN, COMPUTE_BUDGET, MEMO, SYSTEM, TOKEN, TOKEN_2022
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidValue

ADDRESS_LOOKUP_TABLE = decode_base58("AddressLookupTab1e1111111111111111111111111", length=32)
OLD_MEMO = decode_base58("Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo", length=32)

_PARSERS: Mapping[bytes, Callable[[Instruction], Parsed | None]] = {
    SYSTEM: system.parse,
    TOKEN: token.parse,
    TOKEN_2022: token.parse,
    ASSOCIATED_TOKEN: surroundings.parse_associated_token,
    MEMO: surroundings.parse_memo,
    OLD_MEMO: surroundings.parse_memo,
    COMPUTE_BUDGET: surroundings.parse_compute_budget,
    ADDRESS_LOOKUP_TABLE: surroundings.parse_lookup_table,
}


@dataclass(frozen=True, slots=True)
class PlainInstruction:
    """One instruction for a reader.

    Attributes:
        program: 32 bytes.
        parsed: Kind and facts; None when it cannot be read.
        danger: What to stop at; None when it only does what it says.
    """

    program: bytes
    parsed: Parsed | None
    english: str
    chinese: str
    danger: Danger | None


def parse_instruction(instruction: Instruction) -> Parsed | None:
    """Program, kind and facts; None for a program, tag or form that is not known."""
    parser = _PARSERS.get(instruction.program)
    if parser is None:
        return None
    try:
        return parser(instruction)
    except InvalidValue:
        return None


def explain_instruction(instruction: Instruction) -> PlainInstruction:
    """Sentences and danger of one instruction; never fails: what cannot be read is said to be so."""
    parsed = parse_instruction(instruction)
    if parsed is not None:
        danger = danger_of(parsed)
        return PlainInstruction(instruction.program, parsed, sentence(parsed, 0), sentence(parsed, 1), danger)
    name = encode_base58(instruction.program)
    known = instruction.program in _PARSERS
    return PlainInstruction(
        instruction.program,
        None,
        f"An instruction of the program {name} that cannot be read here",
        f"程序 {name} 的一条无法读懂的指令",
        UNREADABLE if known else UNKNOWN,
    )


def explain_message(
    message: SolanaMessage, loaded: Mapping[bytes, tuple[bytes, ...]] | None = None
) -> tuple[PlainInstruction, ...]:
    """Every instruction of a message, in order.

    Args:
        loaded: Addresses of each lookup table that the message uses, by the table's address.

    Raises:
        InvalidValue: A table is missing or too short.
    """
    keys = [AccountMeta(key, i < message.required_signatures, message.is_writable(i)) for i, key in _numbered(message)]
    tables = loaded or {}
    for writable in (True, False):
        for lookup in message.lookups:
            addresses = tables.get(lookup.table, ())
            for index in lookup.writable_indexes if writable else lookup.readonly_indexes:
                if index >= len(addresses):
                    raise InvalidValue(f"the lookup table {encode_base58(lookup.table)} has no entry {index}")
                keys.append(AccountMeta(addresses[index], False, writable))
    return tuple(
        explain_instruction(
            Instruction(
                keys[compiled.program_index].key, tuple(keys[i] for i in compiled.account_indexes), compiled.data
            )
        )
        for compiled in message.compiled
    )


def _numbered(message: SolanaMessage) -> list[tuple[int, bytes]]:
    return list(enumerate(message.account_keys))
