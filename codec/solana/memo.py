"""Memo program: UTF-8 text in a transaction, attested by the signers that it names.

Source: spl-memo: instruction data is the text; every account named must sign.
"""

from __future__ import annotations

from collections.abc import Sequence

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import MEMO
from primitives.errors import InvalidValue

MAX_MEMO_BYTES = 1_232
"""The program has no limit of its own; a transaction does."""


def memo(text: bytes, signers: Sequence[bytes]) -> Instruction:
    """The text as it is; every signer S, read-only.

    Raises:
        InvalidValue: Not UTF-8, or longer than a whole transaction (1,232 bytes).
    """
    if len(text) > MAX_MEMO_BYTES:
        raise InvalidValue(f"a memo of {len(text)} bytes does not fit into a transaction of {MAX_MEMO_BYTES}")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise InvalidValue("a memo is text in UTF-8") from error
    return Instruction(MEMO, tuple(AccountMeta(key, True, False) for key in signers), text)
