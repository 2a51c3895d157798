"""Associated token accounts: the one token account of an owner for a mint.

Source: spl-associated-token-account; the address is the program address of [owner, token program, mint].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from solders.pubkey import Pubkey

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import ASSOCIATED_TOKEN, SYSTEM

_CREATE_IDEMPOTENT = b"\x01"


@lru_cache(maxsize=65_536)
def associated_token_address(owner: bytes, mint: bytes, token_program: bytes) -> bytes:
    """32 bytes; `owner` may be off the curve (a multisig, a program address)."""
    seeds = [owner, token_program, mint]
    return bytes(Pubkey.find_program_address(seeds, Pubkey(ASSOCIATED_TOKEN))[0])


def is_on_curve(address: bytes) -> bool:
    """Whether the 32 bytes can be an ed25519 key; program addresses and seeded addresses mostly cannot."""
    return Pubkey(address).is_on_curve()


def create_associated_token(payer: bytes, owner: bytes, mint: bytes, token_program: bytes) -> Instruction:
    """`01` (CreateIdempotent): payer WS, account W, owner, mint, system program, token program.

    Does nothing when the account exists and belongs to `owner`.
    """
    account = associated_token_address(owner, mint, token_program)
    return Instruction(
        ASSOCIATED_TOKEN,
        (
            AccountMeta(payer, True, True),
            AccountMeta(account, False, True),
            AccountMeta(owner, False, False),
            AccountMeta(mint, False, False),
            AccountMeta(SYSTEM, False, False),
            AccountMeta(token_program, False, False),
        ),
        _CREATE_IDEMPOTENT,
    )


@dataclass(frozen=True, slots=True)
class CreatedAccount:
    """An idempotent creation as it was decoded; every field 32 bytes."""

    payer: bytes
    account: bytes
    owner: bytes
    mint: bytes
    token_program: bytes


def parse_create(instruction: Instruction) -> CreatedAccount | None:
    """None unless it is CreateIdempotent with the address that belongs to owner, mint and program."""
    if instruction.program != ASSOCIATED_TOKEN or instruction.data != _CREATE_IDEMPOTENT:
        return None
    keys = [meta.key for meta in instruction.accounts]
    if len(keys) != 6:
        return None
    payer, account, owner, mint, system, token_program = keys
    if system != SYSTEM or account != associated_token_address(owner, mint, token_program):
        return None
    return CreatedAccount(payer, account, owner, mint, token_program)
