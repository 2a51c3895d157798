"""Address lookup tables: accounts that a version 0 message names by one byte instead of 32.

Data is a little-endian u32 instruction number and bincode fields. A table's address follows from its authority and a
recent slot; its addresses start at byte 56 of its data and are only ever appended.

Source: solana-address-lookup-table-interface, `ProgramInstruction`, `AddressLookupTable`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash
from solders.instruction import AccountMeta as SoldersAccountMeta
from solders.instruction import Instruction as SoldersInstruction
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message import SolanaMessage, decode_message
from codec.solana.programs import ADDRESS_LOOKUP_TABLE, SYSTEM
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue

MAX_TABLE_ADDRESSES = 256
_HEADER_LENGTH = 56
_LOOKUP_TABLE = 1
_ACTIVE = 2**64 - 1
_CREATE, _FREEZE, _EXTEND, _DEACTIVATE, _CLOSE = range(5)


def lookup_table_address(authority: bytes, recent_slot: int) -> tuple[bytes, int]:
    """Address (32 bytes) and bump of the table that `authority` makes with this slot."""
    seeds = [authority, struct.pack("<Q", recent_slot)]
    address, bump = Pubkey.find_program_address(seeds, Pubkey(ADDRESS_LOOKUP_TABLE))
    return bytes(address), bump


def create_lookup_table(authority: bytes, payer: bytes, recent_slot: int) -> Instruction:
    """`00000000` u64 slot u8 bump; table W, authority S, payer WS, system program.

    The slot must be one of the last 512.
    """
    table, bump = lookup_table_address(authority, recent_slot)
    return Instruction(
        ADDRESS_LOOKUP_TABLE,
        (
            AccountMeta(table, False, True),
            AccountMeta(authority, True, False),
            AccountMeta(payer, True, True),
            AccountMeta(SYSTEM, False, False),
        ),
        struct.pack("<IQB", _CREATE, recent_slot, bump),
    )


def extend_lookup_table(table: bytes, authority: bytes, payer: bytes, addresses: Sequence[bytes]) -> Instruction:
    """`02000000` u64 count addresses; table W, authority S, payer WS, system program. Usable from the next slot on.

    Raises:
        InvalidValue: No address, or more than a table holds.
    """
    if not 0 < len(addresses) <= MAX_TABLE_ADDRESSES:
        raise InvalidValue(f"a lookup table takes 1 to {MAX_TABLE_ADDRESSES} addresses, not {len(addresses)}")
    return Instruction(
        ADDRESS_LOOKUP_TABLE,
        (
            AccountMeta(table, False, True),
            AccountMeta(authority, True, False),
            AccountMeta(payer, True, True),
            AccountMeta(SYSTEM, False, False),
        ),
        struct.pack("<IQ", _EXTEND, len(addresses)) + b"".join(addresses),
    )


def freeze_lookup_table(table: bytes, authority: bytes) -> Instruction:
    """`01000000`: nobody changes or closes it any more; table W, authority S."""
    return _by_authority(table, authority, _FREEZE)


def deactivate_lookup_table(table: bytes, authority: bytes) -> Instruction:
    """`03000000`: it may be closed some 513 slots later; table W, authority S."""
    return _by_authority(table, authority, _DEACTIVATE)


def close_lookup_table(table: bytes, authority: bytes, recipient: bytes) -> Instruction:
    """`04000000`: the rent goes to `recipient`; table W, authority S, recipient W."""
    closing = _by_authority(table, authority, _CLOSE)
    return Instruction(closing.program, (*closing.accounts, AccountMeta(recipient, False, True)), closing.data)


def _by_authority(table: bytes, authority: bytes, kind: int) -> Instruction:
    metas = (AccountMeta(table, False, True), AccountMeta(authority, True, False))
    return Instruction(ADDRESS_LOOKUP_TABLE, metas, struct.pack("<I", kind))


@dataclass(frozen=True, slots=True)
class LookupTable:
    """`authority` None: frozen for good. `active`: not being closed."""

    authority: bytes | None
    addresses: tuple[bytes, ...]
    active: bool

    @classmethod
    def parse(cls, data: bytes) -> LookupTable:
        """u32 state (1), u64 deactivation slot, u64 last extended slot, u8 start index, COption authority (1 + 32),
        u16 padding, then addresses of 32 bytes.

        Raises:
            InvalidValue: Not a lookup table.
        """
        if len(data) < _HEADER_LENGTH or (len(data) - _HEADER_LENGTH) % 32:
            raise InvalidValue("the account is not a lookup table")
        state, deactivated = struct.unpack_from("<IQ", data)
        if state != _LOOKUP_TABLE:
            raise InvalidValue("the account is not a lookup table")
        authority = data[22:54] if data[21] == 1 else None
        addresses = tuple(data[at : at + 32] for at in range(_HEADER_LENGTH, len(data), 32))
        return cls(authority, addresses, deactivated == _ACTIVE)


def build_message_with_tables(
    fee_payer: bytes, instructions: Sequence[Instruction], blockhash: bytes, tables: Mapping[bytes, Sequence[bytes]]
) -> bytes:
    """Compile to a version 0 message that loads from the tables what it can; signers and programs it names itself.

    Args:
        fee_payer, blockhash: 32 bytes.
        tables: Addresses by table, as the chain has them now.

    Raises:
        InvalidValue: No instruction, or more accounts than a message can name.
    """
    if not instructions:
        raise InvalidValue("a message without instructions does nothing")
    loaded = [
        AddressLookupTableAccount(Pubkey.from_bytes(table), [Pubkey.from_bytes(key) for key in addresses])
        for table, addresses in tables.items()
    ]
    try:
        compiled = [
            SoldersInstruction(
                Pubkey.from_bytes(item.program),
                item.data,
                [SoldersAccountMeta(Pubkey.from_bytes(m.key), m.is_signer, m.is_writable) for m in item.accounts],
            )
            for item in instructions
        ]
        message = MessageV0.try_compile(Pubkey.from_bytes(fee_payer), compiled, loaded, Hash.from_bytes(blockhash))
    except Exception as error:
        raise InvalidValue("the instructions do not fit into one message") from error
    raw = to_bytes_versioned(message)
    decode_message(raw)
    return raw


def resolved_instructions(message: SolanaMessage, tables: Mapping[bytes, Sequence[bytes]]) -> tuple[Instruction, ...]:
    """The instructions with their accounts in full, those from tables included.

    Raises:
        InvalidValue: A table is not given, or has no such entry.
    """
    writable: list[bytes] = []
    readonly: list[bytes] = []
    for lookup in message.lookups:
        addresses = tables.get(lookup.table)
        if addresses is None:
            raise InvalidValue(f"the lookup table {encode_base58(lookup.table)} is not known")
        if max((*lookup.writable_indexes, *lookup.readonly_indexes)) >= len(addresses):
            raise InvalidValue(f"the lookup table {encode_base58(lookup.table)} is shorter than the message needs")
        writable += [addresses[index] for index in lookup.writable_indexes]
        readonly += [addresses[index] for index in lookup.readonly_indexes]
    return instructions_with(message, writable, readonly)


def instructions_with(
    message: SolanaMessage, writable: Sequence[bytes], readonly: Sequence[bytes]
) -> tuple[Instruction, ...]:
    """The instructions of a message whose tables gave these accounts, 32 bytes each, in order.

    Raises:
        InvalidValue: Other numbers of accounts than the message loads.
    """
    wanted = [sum(len(item.writable_indexes) for item in message.lookups)]
    wanted.append(sum(len(item.readonly_indexes) for item in message.lookups))
    if [len(writable), len(readonly)] != wanted:
        raise InvalidValue("the message loads another number of accounts from its tables")
    own = len(message.account_keys)
    keys = (*message.account_keys, *writable, *readonly)

    def meta(index: int) -> AccountMeta:
        if index < own:
            return AccountMeta(keys[index], index < message.required_signatures, message.is_writable(index))
        return AccountMeta(keys[index], False, index < own + len(writable))

    return tuple(
        Instruction(keys[item.program_index], tuple(map(meta, item.account_indexes)), item.data)
        for item in message.compiled
    )
