"""A signed transaction read from its wire bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from solders.account import Account
from solders.errors import BincodeError
from solders.hash import Hash
from solders.instruction import CompiledInstruction
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction import SanitizeError, VersionedTransaction

from primitives.errors import TransactionRejected

# One packet: IPv6 minimum MTU 1280 less 48 bytes of headers (Agave, PACKET_DATA_SIZE). LiteSVM does not check it.
MAX_TRANSACTION_BYTES = 1232
_LOOKUP_TABLE_HEADER = 56


@dataclass(frozen=True, slots=True)
class DecodedTransaction:
    """The parts that the chain looks at. `loaded_*` come from address lookup tables."""

    wire: bytes
    transaction: VersionedTransaction
    signature: str
    version: int | None
    static_keys: tuple[Pubkey, ...]
    loaded_writable: tuple[Pubkey, ...]
    loaded_readonly: tuple[Pubkey, ...]

    @property
    def blockhash(self) -> Hash:
        return self.transaction.message.recent_blockhash

    @property
    def instructions(self) -> list[CompiledInstruction]:
        return self.transaction.message.instructions

    @property
    def keys(self) -> tuple[Pubkey, ...]:
        """All account keys in the order that instructions index: the message's, loaded writable, loaded read-only."""
        return self.static_keys + self.loaded_writable + self.loaded_readonly

    @property
    def payer(self) -> Pubkey:
        return self.static_keys[0]

    @property
    def signers(self) -> tuple[Pubkey, ...]:
        return self.static_keys[: self.transaction.message.header.num_required_signatures]

    @property
    def writable_keys(self) -> list[Pubkey]:
        return [key for index, key in enumerate(self.static_keys) if self.is_writable(index)] + list(
            self.loaded_writable
        )

    def is_writable(self, index: int) -> bool:
        """Whether the message asks to write the static key at `index`."""
        header = self.transaction.message.header
        signed = header.num_required_signatures
        if index < signed:
            return index < signed - header.num_readonly_signed_accounts
        return index < len(self.static_keys) - header.num_readonly_unsigned_accounts

    def signatures_are_valid(self) -> bool:
        return all(self.transaction.verify_with_results())


def decode_transaction(wire: bytes, account_of: Callable[[Pubkey], Account | None]) -> DecodedTransaction:
    """Read wire bytes; `account_of` finds lookup tables. A missing table loads nothing: execution refuses it.

    Raises:
        TransactionRejected: Too long (`size`, `limit`) or not a well-formed transaction.
    """
    if len(wire) > MAX_TRANSACTION_BYTES:
        raise TransactionRejected(
            f"transaction too large: {len(wire)} bytes (max: encoded/raw {MAX_TRANSACTION_BYTES})",
            size=len(wire),
            limit=MAX_TRANSACTION_BYTES,
        )
    try:
        transaction = VersionedTransaction.from_bytes(wire)
        transaction.sanitize()
    except (ValueError, TypeError, BincodeError, SanitizeError) as error:
        raise TransactionRejected(f"failed to deserialize transaction: {error}") from error
    # Trailing bytes would give one transaction two encodings.
    if bytes(transaction) != wire:
        raise TransactionRejected("failed to deserialize transaction: trailing bytes")
    message = transaction.message
    writable: list[Pubkey] = []
    readonly: list[Pubkey] = []
    if isinstance(message, MessageV0):
        for lookup in message.address_table_lookups:
            table = account_of(lookup.account_key)
            if table is None:
                continue
            addresses = table.data[_LOOKUP_TABLE_HEADER:]
            for indexes, target in ((lookup.writable_indexes, writable), (lookup.readonly_indexes, readonly)):
                for index in bytes(indexes):
                    key = addresses[32 * index : 32 * index + 32]
                    if len(key) == 32:
                        target.append(Pubkey(key))
    version = transaction.version()
    return DecodedTransaction(
        wire=wire,
        transaction=transaction,
        signature=str(transaction.signatures[0]),
        version=version if isinstance(version, int) else None,
        static_keys=tuple(message.account_keys),
        loaded_writable=tuple(writable),
        loaded_readonly=tuple(readonly),
    )
