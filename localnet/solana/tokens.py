"""SPL token accounts and mints read from account data.

Layouts (SPL Token `state.rs`, the same base in Token-2022): an account has 165 bytes: mint 32, owner 32, amount u64 at
64, delegate COption<key> at 72, state u8 at 108, is_native COption<u64> at 109, delegated amount u64 at 121, close
authority COption<key> at 129. A mint has 82 bytes: authority COption<key>, supply u64 at 36, decimals u8 at 44,
initialised u8 at 45, freeze authority COption<key> at 46. Token-2022 data longer than that carries byte 165:
1 = mint, 2 = account, then extensions.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from solders.account import Account
from solders.pubkey import Pubkey

TOKEN_PROGRAM = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022_PROGRAM = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
TOKEN_PROGRAMS = frozenset({TOKEN_PROGRAM, TOKEN_2022_PROGRAM})
ASSOCIATED_TOKEN_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")

NATIVE_MINT = Pubkey.from_string("So11111111111111111111111111111111111111112")

_ACCOUNT_BYTES = 165
_MINT_BYTES = 82
_KIND_BYTE = 165
_MULTISIG_BYTES = 355
_STATES = ("uninitialized", "initialized", "frozen")


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """One holder's balance of one mint, in base units."""

    mint: Pubkey
    owner: Pubkey
    amount: int
    state: str
    delegate: Pubkey | None
    delegated_amount: int
    native_reserve: int | None
    close_authority: Pubkey | None

    @classmethod
    def read(cls, account: Account | None) -> TokenAccount | None:
        """The token account in `account`, or None if it is something else."""
        if account is None or account.owner not in TOKEN_PROGRAMS or not _has_kind(account.data, _ACCOUNT_BYTES, 2):
            return None
        data = account.data
        if not 1 <= data[108] <= 2:
            return None
        (native, reserve) = struct.unpack_from("<IQ", data, 109)
        return cls(
            mint=Pubkey(data[:32]),
            owner=Pubkey(data[32:64]),
            amount=int.from_bytes(data[64:72], "little"),
            state=_STATES[data[108]],
            delegate=_optional_key(data, 72),
            delegated_amount=int.from_bytes(data[121:129], "little"),
            native_reserve=reserve if native else None,
            close_authority=_optional_key(data, 129),
        )


@dataclass(frozen=True, slots=True)
class TokenHolding:
    """Only what a balance needs, in base units."""

    mint: Pubkey
    owner: Pubkey
    program: Pubkey
    amount: int


def token_holding(account: Account | None) -> TokenHolding | None:
    """The balance in a token account, or None if it is something else."""
    if account is None or (program := account.owner) not in TOKEN_PROGRAMS:
        return None
    data = account.data
    if not _has_kind(data, _ACCOUNT_BYTES, 2) or not 1 <= data[108] <= 2:
        return None
    return TokenHolding(Pubkey(data[:32]), Pubkey(data[32:64]), program, int.from_bytes(data[64:72], "little"))


@dataclass(frozen=True, slots=True)
class Mint:
    """One kind of token; supply in base units."""

    supply: int
    decimals: int
    mint_authority: Pubkey | None
    freeze_authority: Pubkey | None

    @classmethod
    def read(cls, account: Account | None) -> Mint | None:
        """The mint in `account`, or None if it is something else."""
        if account is None or account.owner not in TOKEN_PROGRAMS or not _has_kind(account.data, _MINT_BYTES, 1):
            return None
        data = account.data
        if data[45] != 1:
            return None
        return cls(
            supply=int.from_bytes(data[36:44], "little"),
            decimals=data[44],
            mint_authority=_optional_key(data, 0),
            freeze_authority=_optional_key(data, 46),
        )


def native_mint_data() -> bytes:
    """Wrapped SOL's mint as every cluster has it from genesis: no authorities, supply 0, 9 decimals."""
    return bytes(36) + bytes(8) + bytes([9, 1]) + bytes(36)


def mint_decimals(account: Account | None) -> int | None:
    mint = Mint.read(account)
    return mint.decimals if mint else None


def ui_amount(amount: int, decimals: int) -> dict[str, Any]:
    """`UiTokenAmount`: the exact text is in `amount`; `uiAmount` is Agave's float for display."""
    digits = str(amount).rjust(decimals + 1, "0")
    text = digits
    if decimals:
        text = f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".")
    return {"amount": str(amount), "decimals": decimals, "uiAmount": float(text), "uiAmountString": text}


def read_multisig(account: Account) -> tuple[int, list[Pubkey]] | None:
    """(required, signers) of a token multisig: m u8, n u8, initialised u8, 11 keys; None if it is something else."""
    data = account.data
    if len(data) != _MULTISIG_BYTES or data[2] != 1:
        return None
    return data[0], [Pubkey(data[3 + 32 * index : 35 + 32 * index]) for index in range(data[1])]


def _has_kind(data: bytes, base: int, kind: int) -> bool:
    if len(data) == base:
        return True
    # A multisig may not be read as an account because of its length (SPL Token-2022, `check_multisig`).
    return len(data) > _KIND_BYTE and len(data) != _MULTISIG_BYTES and data[_KIND_BYTE] == kind


def _optional_key(data: bytes, offset: int) -> Pubkey | None:
    (present,) = struct.unpack_from("<I", data, offset)
    return Pubkey(data[offset + 4 : offset + 36]) if present else None
