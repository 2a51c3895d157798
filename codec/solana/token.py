"""SPL Token and Token-2022: the instructions and account layouts that both programs share.

Integers are little-endian. COption in instructions: 1 tag byte, then 32 bytes if the tag is 1. COption in accounts:
u32 tag, then 32 (key) or 8 (number) bytes that are always there.

Source: spl-token `TokenInstruction`, `Mint`, `Account`, `Multisig`.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import TOKEN_PROGRAMS
from primitives.errors import InvalidValue

MINT_LENGTH = 82
ACCOUNT_LENGTH = 165
MULTISIG_LENGTH = 355
MAX_MULTISIG_SIGNERS = 11

_TRANSFER = 3
_TRANSFER_CHECKED = 12
_APPROVE_CHECKED = 13
_MINT_TO_CHECKED = 14
_BURN_CHECKED = 15
_INITIALIZE_MULTISIG_2 = 19
_INITIALIZE_MINT_2 = 20


def initialize_mint(
    program: bytes, mint: bytes, decimals: int, authority: bytes, freeze_authority: bytes | None
) -> Instruction:
    """InitializeMint2: `14` u8 decimals, mint authority, COption freeze authority; mint W."""
    data = struct.pack("<BB", _INITIALIZE_MINT_2, decimals) + authority + _option(freeze_authority)
    return Instruction(program, (AccountMeta(mint, False, True),), data)


def initialize_multisig(program: bytes, account: bytes, required: int, signers: Sequence[bytes]) -> Instruction:
    """InitializeMultisig2: `13` u8 required; account (355 bytes) W, then 1 to 11 signers.

    Raises:
        InvalidValue: More than 11 signers, or more required than there are.
    """
    if not 1 <= required <= len(signers) <= MAX_MULTISIG_SIGNERS:
        raise InvalidValue(f"{required} of {len(signers)} signers: a token multisig has 1 to {MAX_MULTISIG_SIGNERS}")
    metas = (AccountMeta(account, False, True), *(AccountMeta(key, False, False) for key in signers))
    return Instruction(program, metas, struct.pack("<BB", _INITIALIZE_MULTISIG_2, required))


def mint_to(program: bytes, mint: bytes, account: bytes, authority: bytes, amount: int, decimals: int) -> Instruction:
    """MintToChecked: `0e` u64 amount u8 decimals; mint W, account W, mint authority S."""
    metas = (AccountMeta(mint, False, True), AccountMeta(account, False, True), AccountMeta(authority, True, False))
    return Instruction(program, metas, struct.pack("<BQB", _MINT_TO_CHECKED, amount, decimals))


def burn(program: bytes, account: bytes, mint: bytes, owner: bytes, amount: int, decimals: int) -> Instruction:
    """BurnChecked: `0f` u64 amount u8 decimals; account W, mint W, owner or delegate S."""
    metas = (AccountMeta(account, False, True), AccountMeta(mint, False, True), AccountMeta(owner, True, False))
    return Instruction(program, metas, struct.pack("<BQB", _BURN_CHECKED, amount, decimals))


def transfer(
    program: bytes,
    source: bytes,
    mint: bytes,
    destination: bytes,
    owner: bytes,
    amount: int,
    decimals: int,
    multisig_signers: Sequence[bytes] = (),
) -> Instruction:
    """TransferChecked: `0c` u64 amount u8 decimals; source W, mint, destination W, owner or delegate S.

    With `multisig_signers` the owner is a multisig: it does not sign, its signers follow it.
    """
    metas = (
        AccountMeta(source, False, True),
        AccountMeta(mint, False, False),
        AccountMeta(destination, False, True),
        *authority_metas(owner, multisig_signers),
    )
    return Instruction(program, metas, struct.pack("<BQB", _TRANSFER_CHECKED, amount, decimals))


def approve(
    program: bytes,
    source: bytes,
    mint: bytes,
    delegate: bytes,
    owner: bytes,
    amount: int,
    decimals: int,
    multisig_signers: Sequence[bytes] = (),
) -> Instruction:
    """ApproveChecked: `0d` u64 amount u8 decimals; source W, mint, delegate, owner S (or multisig and its signers)."""
    metas = (
        AccountMeta(source, False, True),
        AccountMeta(mint, False, False),
        AccountMeta(delegate, False, False),
        *authority_metas(owner, multisig_signers),
    )
    return Instruction(program, metas, struct.pack("<BQB", _APPROVE_CHECKED, amount, decimals))


def authority_metas(owner: bytes, multisig_signers: Sequence[bytes]) -> tuple[AccountMeta, ...]:
    """The owner who signs, or a multisig and after it those who sign for it."""
    return (
        AccountMeta(owner, not multisig_signers, False),
        *(AccountMeta(key, True, False) for key in multisig_signers),
    )


def _option(key: bytes | None) -> bytes:
    return b"\x00" if key is None else b"\x01" + key


@dataclass(frozen=True, slots=True)
class TokenTransfer:
    """A decoded TransferChecked or Transfer. `mint` and `decimals` are None for the latter, which does not name them;
    `authority` is the owner or delegate that signs."""

    program: bytes
    source: bytes
    mint: bytes | None
    destination: bytes
    authority: bytes
    amount: int
    decimals: int | None


def parse_transfer(instruction: Instruction) -> TokenTransfer | None:
    """None for anything but the two transfers of a token program."""
    if instruction.program not in TOKEN_PROGRAMS:
        return None
    keys = [meta.key for meta in instruction.accounts]
    match instruction.data[:1], len(instruction.data):
        case b"\x0c", 10 if len(keys) >= 4:
            amount, decimals = struct.unpack("<QB", instruction.data[1:])
            return TokenTransfer(instruction.program, keys[0], keys[1], keys[2], keys[3], amount, decimals)
        case b"\x03", 9 if len(keys) >= 3:
            (amount,) = struct.unpack("<Q", instruction.data[1:])
            return TokenTransfer(instruction.program, keys[0], None, keys[1], keys[2], amount, None)
    return None


@dataclass(frozen=True, slots=True)
class MintedTokens:
    """A decoded MintTo or MintToChecked."""

    mint: bytes
    account: bytes
    authority: bytes
    amount: int


def parse_mint_to(instruction: Instruction) -> MintedTokens | None:
    if instruction.program not in TOKEN_PROGRAMS or len(instruction.accounts) < 3:
        return None
    if (instruction.data[:1], len(instruction.data)) not in ((b"\x0e", 10), (b"\x07", 9)):
        return None
    mint, account, authority = (meta.key for meta in instruction.accounts[:3])
    return MintedTokens(mint, account, authority, int.from_bytes(instruction.data[1:9], "little"))


def parse_initialize_mint(instruction: Instruction) -> bytes | None:
    """The mint that InitializeMint or InitializeMint2 makes; None for anything else."""
    if instruction.program not in TOKEN_PROGRAMS or not instruction.accounts:
        return None
    return instruction.accounts[0].key if instruction.data[:1] in (b"\x00", b"\x14") else None


@dataclass(frozen=True, slots=True)
class Mint:
    """The base of a mint account: authority COption 36, supply u64, decimals u8, initialized u8, freeze COption 36."""

    authority: bytes | None
    supply: int
    decimals: int
    freeze_authority: bytes | None

    @classmethod
    def parse(cls, data: bytes) -> Mint:
        """From account data of 82 bytes, or more with extensions.

        Raises:
            InvalidValue: Not an initialised mint.
        """
        if len(data) < MINT_LENGTH or data[45] != 1 or (len(data) > MINT_LENGTH and _account_type(data) != 1):
            raise InvalidValue("the account is not a token mint")
        supply, decimals = struct.unpack_from("<QB", data, 36)
        return cls(_stored_key(data, 0), supply, decimals, _stored_key(data, 46))


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """The base of a token account; amounts in base units of the mint."""

    mint: bytes
    owner: bytes
    amount: int
    delegate: bytes | None
    delegated_amount: int
    is_frozen: bool
    close_authority: bytes | None = None

    @classmethod
    def parse(cls, data: bytes) -> TokenAccount:
        """From account data of 165 bytes (or more with extensions): mint 32, owner 32, amount u64, delegate COption
        36, state u8 (1 initialised, 2 frozen), is_native COption 12, delegated amount u64, close authority COption 36.

        Raises:
            InvalidValue: Not an initialised token account.
        """
        if len(data) < ACCOUNT_LENGTH or data[108] not in (1, 2):
            raise InvalidValue("the account is not a token account")
        if len(data) > ACCOUNT_LENGTH and _account_type(data) != 2:
            raise InvalidValue("the account is not a token account")
        (amount,) = struct.unpack_from("<Q", data, 64)
        (delegated,) = struct.unpack_from("<Q", data, 121)
        return cls(
            mint=data[:32],
            owner=data[32:64],
            amount=amount,
            delegate=_stored_key(data, 72),
            delegated_amount=delegated,
            is_frozen=data[108] == 2,
            close_authority=_stored_key(data, 129),
        )


@dataclass(frozen=True, slots=True)
class Multisig:
    """m u8, n u8, initialized u8, then room for 11 signers of 32 bytes."""

    required: int
    signers: tuple[bytes, ...]

    @classmethod
    def parse(cls, data: bytes) -> Multisig:
        """Raises InvalidValue when the data is not an initialised multisig of 355 bytes."""
        if len(data) != MULTISIG_LENGTH or data[2] != 1 or not 1 <= data[0] <= data[1] <= MAX_MULTISIG_SIGNERS:
            raise InvalidValue("the account is not a token multisig")
        return cls(data[0], tuple(data[3 + 32 * i : 35 + 32 * i] for i in range(data[1])))


def _account_type(data: bytes) -> int:
    """1 mint, 2 account: byte 165 of an account with extensions; 0 when there is none."""
    return data[ACCOUNT_LENGTH] if len(data) > ACCOUNT_LENGTH else 0


def _stored_key(data: bytes, offset: int) -> bytes | None:
    return data[offset + 4 : offset + 36] if data[offset] == 1 else None
