"""Token-2022 extensions: initialisers, pausing, the permissioned burn, and the TLV that stores them.

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
from codec.solana.programs import SYSTEM, TOKEN_2022
from codec.solana.token import ACCOUNT_LENGTH, MULTISIG_LENGTH
from primitives.errors import InvalidValue


class ExtensionType(IntEnum):
    """The u16 that opens an entry."""

    TRANSFER_FEE_CONFIG = 1
    TRANSFER_FEE_AMOUNT = 2
    MINT_CLOSE_AUTHORITY = 3
    CONFIDENTIAL_TRANSFER_MINT = 4
    DEFAULT_ACCOUNT_STATE = 6
    IMMUTABLE_OWNER = 7
    MEMO_TRANSFER = 8
    NON_TRANSFERABLE = 9
    CPI_GUARD = 11
    PERMANENT_DELEGATE = 12
    TRANSFER_HOOK = 14
    METADATA_POINTER = 18
    TOKEN_METADATA = 19
    PAUSABLE = 26
    PERMISSIONED_BURN = 28


_LENGTH_OF = {
    ExtensionType.MINT_CLOSE_AUTHORITY: 32,
    ExtensionType.DEFAULT_ACCOUNT_STATE: 1,
    ExtensionType.NON_TRANSFERABLE: 0,
    ExtensionType.PERMANENT_DELEGATE: 32,
    ExtensionType.METADATA_POINTER: 64,
    ExtensionType.PAUSABLE: 33,
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


FROZEN_STATE = 2
"""Of an account that can neither receive nor send. Source: spl-token-2022 `AccountState`."""


def initialize_default_frozen(mint: bytes) -> Instruction:
    """`1c 00 02`; mint W. New accounts begin frozen; the mint needs a freeze authority."""
    return _on_mint(mint, b"\x1c\x00" + bytes([FROZEN_STATE]))


def initialize_permanent_delegate(mint: bytes, delegate: bytes) -> Instruction:
    """`23` delegate; mint W. The delegate may burn and move every unit of every holder."""
    return _on_mint(mint, b"\x23" + delegate)


def initialize_pausable(mint: bytes, authority: bytes) -> Instruction:
    """`2c 00` authority; mint W."""
    return _on_mint(mint, b"\x2c\x00" + authority)


_PAUSE, _RESUME = b"\x2c\x01", b"\x2c\x02"


def pause(mint: bytes, authority: bytes) -> Instruction:
    """`2c 01`: no mint, burn or transfer until resumed; mint W, pause authority S."""
    return Instruction(TOKEN_2022, (AccountMeta(mint, False, True), AccountMeta(authority, True, False)), _PAUSE)


def resume(mint: bytes, authority: bytes) -> Instruction:
    """`2c 02`; mint W, pause authority S."""
    return Instruction(TOKEN_2022, (AccountMeta(mint, False, True), AccountMeta(authority, True, False)), _RESUME)


def parse_pause(instruction: Instruction) -> tuple[bytes, bool] | None:
    """The mint, and whether it is paused (else resumed); None for anything else."""
    if instruction.program != TOKEN_2022 or instruction.data not in (_PAUSE, _RESUME) or not instruction.accounts:
        return None
    return instruction.accounts[0].key, instruction.data == _PAUSE


def require_memo(account: bytes, owner: bytes, *, required: bool) -> Instruction:
    """`1e 00` (required) or `1e 01`: transfers to the account need a memo before them; account W, owner S."""
    data = b"\x1e\x00" if required else b"\x1e\x01"
    return Instruction(TOKEN_2022, (AccountMeta(account, False, True), AccountMeta(owner, True, False)), data)


def reallocate(account: bytes, payer: bytes, owner: bytes, extensions: Iterable[ExtensionType]) -> Instruction:
    """`1d` u16 types: room for these extensions; account W, payer WS, system program, owner S."""
    return Instruction(
        TOKEN_2022,
        (
            AccountMeta(account, False, True),
            AccountMeta(payer, True, True),
            AccountMeta(SYSTEM, False, False),
            AccountMeta(owner, True, False),
        ),
        b"\x1d" + b"".join(struct.pack("<H", kind) for kind in extensions),
    )


@dataclass(frozen=True, slots=True)
class TransferFee:
    """What a mint keeps of each transfer: basis points, at most `maximum` base units."""

    basis_points: int
    maximum: int

    def of(self, amount: int) -> int:
        """The fee of a transfer of `amount` base units, rounded up.

        Source: spl-token-2022 `TransferFee::calculate_fee`.
        """
        return min(self.maximum, -(-amount * self.basis_points // 10_000))


def parse_transfer_fee(value: bytes, epoch: int) -> TransferFee:
    """The fee in force, from the value of extension 1: two authorities of 32 bytes, u64 withheld, then the older and
    the newer fee, each u64 epoch, u64 maximum, u16 basis points.

    Raises:
        InvalidValue: Another length.
    """
    if len(value) != 108:
        raise InvalidValue("the transfer fee of the mint cannot be read")
    newer = struct.unpack_from("<QQH", value, 90)
    _, maximum, basis_points = newer if epoch >= newer[0] else struct.unpack_from("<QQH", value, 72)
    return TransferFee(basis_points, maximum)


def transfer_with_fee(transfer: Instruction, fee: int) -> Instruction:
    """TransferCheckedWithFee for a TransferChecked: `1a 01` u64 amount u8 decimals u64 fee, the same accounts.

    The chain refuses when the mint's fee is another one.
    """
    return Instruction(transfer.program, transfer.accounts, b"\x1a\x01" + transfer.data[1:] + struct.pack("<Q", fee))


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


def parse_burn(instruction: Instruction) -> PermissionedBurn | None:
    """A plain BurnChecked of Token-2022 (`0f` u64 amount u8 decimals; account W, mint W, owner S), with 32 zero bytes
    for the authority that it does not need. None for anything else."""
    if instruction.program != TOKEN_2022 or instruction.data[:1] != b"\x0f":
        return None
    if len(instruction.data) != 10 or len(instruction.accounts) != 3:
        return None
    amount, decimals = struct.unpack("<QB", instruction.data[1:])
    account, mint, owner = (meta.key for meta in instruction.accounts)
    return PermissionedBurn(account, mint, bytes(32), owner, amount, decimals)


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
