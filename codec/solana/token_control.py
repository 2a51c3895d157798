"""SPL Token and Token-2022: instructions about an account as a whole, not about an amount.

With `multisig_signers` the authority is a token multisig: it does not sign, its signers follow it.

Source: spl-token `TokenInstruction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import TOKEN_PROGRAMS
from codec.solana.token import authority_metas

_REVOKE = b"\x05"
_SET_AUTHORITY = b"\x06"
_CLOSE_ACCOUNT = b"\x09"
_FREEZE_ACCOUNT = b"\x0a"
_THAW_ACCOUNT = b"\x0b"
_SYNC_NATIVE = b"\x11"


class AuthorityType(IntEnum):
    """Which right `set_authority` hands on. Source: spl-token-2022 `AuthorityType`."""

    MINT_TOKENS = 0
    FREEZE_ACCOUNT = 1
    ACCOUNT_OWNER = 2
    CLOSE_ACCOUNT = 3
    PERMANENT_DELEGATE = 8
    PAUSE = 16
    PERMISSIONED_BURN = 17


def revoke(program: bytes, account: bytes, owner: bytes, multisig_signers: Sequence[bytes] = ()) -> Instruction:
    """`05`: nobody spends from the account but its owner any more; account W, owner S."""
    return Instruction(program, (AccountMeta(account, False, True), *authority_metas(owner, multisig_signers)), _REVOKE)


def set_authority(
    program: bytes, account: bytes, current: bytes, kind: AuthorityType, new: bytes | None
) -> Instruction:
    """`06` u8 type COption new authority; mint or account W, current authority S. None gives the right up for good."""
    data = _SET_AUTHORITY + bytes([kind]) + (b"\x00" if new is None else b"\x01" + new)
    return Instruction(program, (AccountMeta(account, False, True), AccountMeta(current, True, False)), data)


def close_account(
    program: bytes, account: bytes, destination: bytes, owner: bytes, multisig_signers: Sequence[bytes] = ()
) -> Instruction:
    """`09`: the lamports go to `destination`; account (empty, or wrapped SOL) or mint W, destination W, authority S."""
    return Instruction(
        program,
        (
            AccountMeta(account, False, True),
            AccountMeta(destination, False, True),
            *authority_metas(owner, multisig_signers),
        ),
        _CLOSE_ACCOUNT,
    )


def freeze_account(program: bytes, account: bytes, mint: bytes, authority: bytes) -> Instruction:
    """`0a`: nothing moves in or out; account W, mint, freeze authority S."""
    return _by_freezer(program, account, mint, authority, _FREEZE_ACCOUNT)


def thaw_account(program: bytes, account: bytes, mint: bytes, authority: bytes) -> Instruction:
    """`0b`: the opposite of freezing; account W, mint, freeze authority S."""
    return _by_freezer(program, account, mint, authority, _THAW_ACCOUNT)


def _by_freezer(program: bytes, account: bytes, mint: bytes, authority: bytes, data: bytes) -> Instruction:
    return Instruction(
        program,
        (AccountMeta(account, False, True), AccountMeta(mint, False, False), AccountMeta(authority, True, False)),
        data,
    )


def sync_native(program: bytes, account: bytes) -> Instruction:
    """`11`: count the lamports of a wrapped SOL account as its tokens; account W."""
    return Instruction(program, (AccountMeta(account, False, True),), _SYNC_NATIVE)


@dataclass(frozen=True, slots=True)
class FrozenAccount:
    """A decoded FreezeAccount (`frozen`) or ThawAccount; keys of 32 bytes."""

    account: bytes
    mint: bytes
    authority: bytes
    frozen: bool


def parse_freeze(instruction: Instruction) -> FrozenAccount | None:
    """None for anything else, and where a multisig is the authority (further accounts follow)."""
    if instruction.program not in TOKEN_PROGRAMS or instruction.data not in (_FREEZE_ACCOUNT, _THAW_ACCOUNT):
        return None
    if len(instruction.accounts) != 3:
        return None
    account, mint, authority = (meta.key for meta in instruction.accounts)
    return FrozenAccount(account, mint, authority, instruction.data == _FREEZE_ACCOUNT)
