"""Memo program: UTF-8 text in a transaction, attested by the signers that it names.

Source: spl-memo: instruction data is the text; every account named must sign.
"""

from __future__ import annotations

from collections.abc import Sequence

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import MEMO


def memo(text: bytes, signers: Sequence[bytes]) -> Instruction:
    """The text as it is; every signer S, read-only."""
    return Instruction(MEMO, tuple(AccountMeta(key, True, False) for key in signers), text)
