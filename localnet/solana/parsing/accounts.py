"""`jsonParsed` of account data: tokens, nonces, lookup tables, sysvars, upgradeable programs.

Source: Agave, `account-decoder/src/parse_*.rs`.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from solders.account import Account
from solders.pubkey import Pubkey

from localnet.solana.nonce import nonce_authority, stored_nonce
from localnet.solana.parsing.extensions import parsed_extensions
from localnet.solana.tokens import (
    TOKEN_2022_PROGRAM,
    TOKEN_PROGRAM,
    TOKEN_PROGRAMS,
    Mint,
    TokenAccount,
    read_multisig,
    ui_amount,
)

_LOOKUP_TABLE_PROGRAM = Pubkey.from_string("AddressLookupTab1e1111111111111111111111111")
_UPGRADEABLE_LOADER = Pubkey.from_string("BPFLoaderUpgradeab1e11111111111111111111111")
_SYSVAR_OWNER = Pubkey.from_string("Sysvar1111111111111111111111111111111111111")
_CLOCK = Pubkey.from_string("SysvarC1ock11111111111111111111111111111111")
_RENT = Pubkey.from_string("SysvarRent111111111111111111111111111111111")
_TABLE_HEADER = 56


def parsed_account(
    address: Pubkey | None, account: Account, decimals_of: Callable[[Pubkey], int | None]
) -> dict[str, Any] | None:
    """`{"program", "parsed", "space"}`, or None where Agave would answer base64 instead.

    Args:
        decimals_of: The decimals of a mint, None if it is none.
    """
    try:
        found = _parse(address, account, decimals_of)
    except struct.error:
        return None
    if found is None:
        return None
    program, kind, info = found
    parsed: Any = {"type": kind, "info": info} if info is not None else {"type": kind}
    return {"program": program, "parsed": parsed, "space": len(account.data)}


def _parse(
    address: Pubkey | None, account: Account, decimals_of: Callable[[Pubkey], int | None]
) -> tuple[str, str, Any] | None:
    if account.owner in TOKEN_PROGRAMS:
        return _token(account, decimals_of)
    if account.owner == _LOOKUP_TABLE_PROGRAM:
        return _lookup_table(account.data)
    if account.owner == _UPGRADEABLE_LOADER:
        return _program(account.data)
    if account.owner == _SYSVAR_OWNER:
        return _sysvar(address, account.data)
    nonce = stored_nonce(account)
    if nonce is None:
        return None
    fee = int.from_bytes(account.data[72:80], "little")
    info = {
        "authority": str(nonce_authority(account)),
        "blockhash": str(nonce),
        "feeCalculator": {"lamportsPerSignature": str(fee)},
    }
    return "nonce", "initialized", info


def _token(account: Account, decimals_of: Callable[[Pubkey], int | None]) -> tuple[str, str, Any] | None:
    program = "spl-token" if account.owner == TOKEN_PROGRAM else "spl-token-2022"
    extended = account.owner == TOKEN_2022_PROGRAM and len(account.data) > 165
    extensions = {"extensions": parsed_extensions(account.data)} if extended else {}
    token = TokenAccount.read(account)
    if token is not None:
        decimals = decimals_of(token.mint)
        if decimals is None:
            return None
        info: dict[str, Any] = {
            "isNative": token.native_reserve is not None,
            "mint": str(token.mint),
            "owner": str(token.owner),
            "state": token.state,
            "tokenAmount": ui_amount(token.amount, decimals),
        }
        if token.delegate is not None:
            info["delegate"] = str(token.delegate)
            info["delegatedAmount"] = ui_amount(token.delegated_amount, decimals)
        if token.native_reserve is not None:
            info["rentExemptReserve"] = ui_amount(token.native_reserve, decimals)
        if token.close_authority is not None:
            info["closeAuthority"] = str(token.close_authority)
        return program, "account", info | extensions
    mint = Mint.read(account)
    if mint is not None:
        info = {
            "decimals": mint.decimals,
            "freezeAuthority": str(mint.freeze_authority) if mint.freeze_authority else None,
            "isInitialized": True,
            "mintAuthority": str(mint.mint_authority) if mint.mint_authority else None,
            "supply": str(mint.supply),
        }
        return program, "mint", info | extensions
    multisig = read_multisig(account)
    if multisig is None:
        return None
    required, signers = multisig
    info = {
        "isInitialized": True,
        "numRequiredSigners": required,
        "numValidSigners": len(signers),
        "signers": [str(key) for key in signers],
    }
    return program, "multisig", info


def _lookup_table(data: bytes) -> tuple[str, str, Any] | None:
    """u32 1, u64 deactivation slot, u64 last extended slot, u8 its start index, Option<key> authority, u16 padding."""
    state, deactivated, extended, start, has_authority = struct.unpack_from("<IQQBB", data)
    if state == 0:
        return "address-lookup-table", "uninitialized", None
    info: dict[str, Any] = {
        "deactivationSlot": str(deactivated),
        "lastExtendedSlot": str(extended),
        "lastExtendedSlotStartIndex": start,
        "addresses": [str(Pubkey(data[at : at + 32])) for at in range(_TABLE_HEADER, len(data) - 31, 32)],
    }
    if has_authority:
        info["authority"] = str(Pubkey(data[22:54]))
    return "address-lookup-table", "lookupTable", info


def _program(data: bytes) -> tuple[str, str, Any] | None:
    """u32: 1 buffer, 2 program (key of its data), 3 program data (u64 slot, Option<key> authority, then the code)."""
    (state,) = struct.unpack_from("<I", data)
    if state == 2:
        return "bpf-upgradeable-loader", "program", {"programData": str(Pubkey(data[4:36]))}
    if state == 3:
        slot, has_authority = struct.unpack_from("<QB", data, 4)
        info = {
            "slot": slot,
            "authority": str(Pubkey(data[13:45])) if has_authority else None,
            "data": [b64encode(data[45:]).decode(), "base64"],
        }
        return "bpf-upgradeable-loader", "programData", info
    if state == 1:
        authority = str(Pubkey(data[5:37])) if data[4] else None
        code = b64encode(data[37:]).decode()
        return "bpf-upgradeable-loader", "buffer", {"authority": authority, "data": [code, "base64"]}
    return None


def _sysvar(address: Pubkey | None, data: bytes) -> tuple[str, str, Any] | None:
    if address == _CLOCK:
        slot, epoch_start, epoch, leader_epoch, now = struct.unpack_from("<QqQQq", data)
        info = {
            "slot": slot,
            "epoch": epoch,
            "leaderScheduleEpoch": leader_epoch,
            "epochStartTimestamp": epoch_start,
            "unixTimestamp": now,
        }
        return "sysvar", "clock", info
    if address == _RENT:
        per_byte, threshold, burned = struct.unpack_from("<QdB", data)
        info = {"lamportsPerByteYear": str(per_byte), "exemptionThreshold": threshold, "burnPercent": burned}
        return "sysvar", "rent", info
    return None
