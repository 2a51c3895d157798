"""Token-2022 extensions of campaign mints: initialisers, the permissioned burn, and the TLV that stores them.

An account with extensions is the base layout zero-padded to 165 bytes, one byte of kind (1 mint, 2 account), then
entries u16 type, u16 length, value. Initialisers run after the account is allocated and before InitializeMint2, on an
account of exactly the size of its extensions; variable-length metadata is added afterwards by the program itself.

Source: spl-token-2022 `extension` module, `ExtensionType`, `TokenInstruction`; for the burn
`extension::permissioned_burn`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import TOKEN_2022
from codec.solana.token import ACCOUNT_LENGTH, MULTISIG_LENGTH
from primitives.errors import InvalidValue


class ExtensionType(IntEnum):
    """The u16 that opens an entry."""

    TRANSFER_FEE_CONFIG = 1
    MINT_CLOSE_AUTHORITY = 3
    IMMUTABLE_OWNER = 7
    NON_TRANSFERABLE = 9
    TRANSFER_HOOK = 14
    METADATA_POINTER = 18
    TOKEN_METADATA = 19
    PAUSABLE = 26
    PERMISSIONED_BURN = 28


_LENGTH_OF = {
    ExtensionType.MINT_CLOSE_AUTHORITY: 32,
    ExtensionType.NON_TRANSFERABLE: 0,
    ExtensionType.METADATA_POINTER: 64,
    ExtensionType.PERMISSIONED_BURN: 32,
}

# What a mint's extension makes the program add to each of its token accounts: bytes of the value.
_ACCOUNT_LENGTH_OF = {
    ExtensionType.TRANSFER_FEE_CONFIG: 8,
    ExtensionType.NON_TRANSFERABLE: 0,
    ExtensionType.TRANSFER_HOOK: 1,
    ExtensionType.PAUSABLE: 0,
}


def mint_length(extensions: Iterable[ExtensionType]) -> int:
    """Bytes to allocate for a mint with these fixed-length extensions."""
    return _with_entries(_LENGTH_OF[extension] for extension in extensions)


def account_length(mint_extensions: Iterable[int]) -> int:
    """Bytes of an associated token account for a Token-2022 mint with these extensions (an immutable owner and what
    the mint requires of its accounts)."""
    required = [_ACCOUNT_LENGTH_OF[ExtensionType(kind)] for kind in mint_extensions if kind in _ACCOUNT_LENGTH_OF]
    return _with_entries([0, *required])


def _with_entries(lengths: Iterable[int]) -> int:
    total = ACCOUNT_LENGTH + 1 + sum(4 + length for length in lengths)
    # The program tells a multisig by its length alone, so no other account may have it.
    return total + 2 if total == MULTISIG_LENGTH else total


def initialize_metadata_pointer(mint: bytes, authority: bytes | None, metadata: bytes) -> Instruction:
    """`27 00` authority (zeros: none) address; mint W."""
    return _on_mint(mint, b"\x27\x00" + (authority or bytes(32)) + metadata)


def initialize_non_transferable(mint: bytes) -> Instruction:
    """`20`; mint W."""
    return _on_mint(mint, b"\x20")


def initialize_permissioned_burn(mint: bytes, authority: bytes) -> Instruction:
    """`2e 00` authority; mint W. Afterwards every burn needs this authority beside the holder."""
    return _on_mint(mint, b"\x2e\x00" + authority)


def initialize_mint_close_authority(mint: bytes, authority: bytes) -> Instruction:
    """`19` COption authority; mint W. Lets a mint without supply be closed and its rent returned."""
    return _on_mint(mint, b"\x19\x01" + authority)


def _on_mint(mint: bytes, data: bytes) -> Instruction:
    return Instruction(TOKEN_2022, (AccountMeta(mint, False, True),), data)


_PERMISSIONED_BURN_CHECKED = b"\x2e\x02"


def permissioned_burn(account: bytes, mint: bytes, authority: bytes, owner: bytes, amount: int) -> Instruction:
    """BurnChecked of a mint without decimals: `2e 02` u64 amount u8 0; account W, mint W, burn authority S, owner or
    delegate S."""
    return Instruction(
        TOKEN_2022,
        (
            AccountMeta(account, False, True),
            AccountMeta(mint, False, True),
            AccountMeta(authority, True, False),
            AccountMeta(owner, True, False),
        ),
        _PERMISSIONED_BURN_CHECKED + struct.pack("<QB", amount, 0),
    )


@dataclass(frozen=True, slots=True)
class PermissionedBurn:
    """A decoded permissioned BurnChecked; keys of 32 bytes."""

    account: bytes
    mint: bytes
    authority: bytes
    owner: bytes
    amount: int
    decimals: int


def parse_permissioned_burn(instruction: Instruction) -> PermissionedBurn | None:
    """None for anything else, and for a burn whose owner is a multisig (further accounts follow)."""
    if instruction.program != TOKEN_2022 or instruction.data[:2] != _PERMISSIONED_BURN_CHECKED:
        return None
    if len(instruction.data) != 11 or len(instruction.accounts) != 4:
        return None
    amount, decimals = struct.unpack("<QB", instruction.data[2:])
    account, mint, authority, owner = (meta.key for meta in instruction.accounts)
    return PermissionedBurn(account, mint, authority, owner, amount, decimals)


def parse_extensions(data: bytes) -> Mapping[int, bytes]:
    """Entries of a mint or token account by type number; empty when there are none.

    Raises:
        InvalidValue: An entry runs past the end.
    """
    entries: dict[int, bytes] = {}
    offset = ACCOUNT_LENGTH + 1
    while offset + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, offset)
        if kind == 0:
            break
        if offset + 4 + length > len(data):
            raise InvalidValue("a token extension runs past the end of its account")
        entries[kind] = data[offset + 4 : offset + 4 + length]
        offset += 4 + length
    return entries
