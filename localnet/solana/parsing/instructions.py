"""`jsonParsed` of instructions; the reading is `codec.solana.decoding`'s, which uses Agave's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codec.solana.decoding.decode import parse_instruction
from codec.solana.instruction import AccountMeta, Instruction
from primitives.base58 import decode_base58, encode_base58

# Agave has no parser for it and shows it undecoded.
_NOT_PARSED = frozenset({"compute-budget"})


def parsed_instruction(
    keys: Sequence[str], program_index: int, accounts: Sequence[int], data: bytes, stack_height: int | None
) -> dict[str, Any]:
    """`ParsedInstruction`, or `PartiallyDecodedInstruction` where no parser knows it."""
    program, named = keys[program_index], [keys[index] for index in accounts]
    parsed = parse_instruction(
        Instruction(
            decode_base58(program, length=32),
            tuple(AccountMeta(decode_base58(key, length=32), False, False) for key in named),
            data,
        )
    )
    if parsed is None or parsed.program in _NOT_PARSED:
        return {"programId": program, "accounts": named, "data": encode_base58(data), "stackHeight": stack_height}
    if parsed.kind == "memo":
        shown: Any = parsed.facts["memo"]
    else:
        shown = {"type": parsed.kind, "info": {name: _with_float(value) for name, value in parsed.facts.items()}}
    return {"program": parsed.program, "programId": program, "parsed": shown, "stackHeight": stack_height}


def _with_float(value: Any) -> Any:
    if isinstance(value, dict) and "uiAmountString" in value:
        return {**value, "uiAmount": float(value["uiAmountString"])}
    return value
