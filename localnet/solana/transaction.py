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
    """The parts that the chain looks at, taken out once: every look into the transaction itself copies.

    `keys` are the message's own, then those that lookup tables load writable, then read-only, as instructions index
    them; `writable` says of each whether the message asks to write it.
    """

    wire: bytes
    transaction: VersionedTransaction
    signature: str
    blockhash: Hash
    signers: int
    static: int
    keys: tuple[Pubkey, ...]
    writable: tuple[bool, ...]
    instructions: tuple[CompiledInstruction, ...]
    loaded_writable: tuple[Pubkey, ...] = ()
    loaded_readonly: tuple[Pubkey, ...] = ()

    @property
    def static_keys(self) -> tuple[Pubkey, ...]:
        return self.keys[: self.static]

    @property
    def payer(self) -> Pubkey:
        return self.keys[0]

    def is_signer(self, key: Pubkey) -> bool:
        return key in self.keys[: self.signers]

    def signatures_are_valid(self) -> bool:
        """Ed25519 over the message by every signer: the costly part, to be asked once."""
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
        raise TransactionRejected(str(error)) from error
    # Trailing bytes would give one transaction two encodings.
    if bytes(transaction) != wire:
        raise TransactionRejected("trailing bytes")
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
    static = tuple(message.account_keys)
    header = message.header
    signed = header.num_required_signatures
    writable_signed = signed - header.num_readonly_signed_accounts
    writable_static = len(static) - header.num_readonly_unsigned_accounts
    flags = [index < writable_signed if index < signed else index < writable_static for index in range(len(static))]
    return DecodedTransaction(
        wire=wire,
        transaction=transaction,
        signature=str(transaction.signatures[0]),
        blockhash=message.recent_blockhash,
        signers=signed,
        static=len(static),
        keys=(*static, *writable, *readonly),
        writable=(*flags, *(True for _ in writable), *(False for _ in readonly)),
        instructions=tuple(message.instructions),
        loaded_writable=tuple(writable),
        loaded_readonly=tuple(readonly),
    )
