"""Solana transaction messages as bytes: building, strict decoding, and joining signatures to a transaction.

Known forms: legacy and version 0. Building goes through solders; decoding is ours and accepts one encoding only.

Source: solana.com/docs/core/transactions (message format, compact-u16 arrays, versioned messages).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from solders.hash import Hash
from solders.instruction import AccountMeta as SoldersAccountMeta
from solders.instruction import Instruction as SoldersInstruction
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature as SoldersSignature

from codec.solana.instruction import AccountMeta, Instruction
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue

Version = Literal["legacy", "v0"]

MAX_TRANSACTION_BYTES = 1232
"""Largest serialized transaction: an IPv6 packet of 1,280 bytes less its headers."""

_VERSION_FLAG = 0x80


@dataclass(frozen=True, slots=True)
class CompiledInstruction:
    """An instruction by indexes into the message's account keys (then the keys that lookups load)."""

    program_index: int
    account_indexes: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class TableLookup:
    """Accounts that a version 0 message loads from the on-chain table `table` (32 bytes), by index."""

    table: bytes
    writable_indexes: tuple[int, ...]
    readonly_indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SolanaMessage:
    """A decoded message.

    Attributes:
        required_signatures: The first so many account keys must sign; the very first pays the fee.
        readonly_signed, readonly_unsigned: How many of the signing and of the other keys are read-only (the last ones).
        account_keys: 32 bytes each, no two equal.
        blockhash: 32 bytes.
    """

    version: Version
    required_signatures: int
    readonly_signed: int
    readonly_unsigned: int
    account_keys: tuple[bytes, ...]
    blockhash: bytes
    compiled: tuple[CompiledInstruction, ...]
    lookups: tuple[TableLookup, ...] = ()

    @property
    def fee_payer(self) -> bytes:
        return self.account_keys[0]

    @property
    def signers(self) -> tuple[bytes, ...]:
        """Keys that must sign, in the order of the signatures, fee payer first."""
        return self.account_keys[: self.required_signatures]

    @property
    def programs(self) -> tuple[bytes, ...]:
        """The program of each instruction, in order; never loaded from a table."""
        return tuple(self.account_keys[instruction.program_index] for instruction in self.compiled)

    def is_writable(self, index: int) -> bool:
        """Whether the static account key at this index may be written."""
        if index < self.required_signatures:
            return index < self.required_signatures - self.readonly_signed
        return index < len(self.account_keys) - self.readonly_unsigned

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """Instructions with their accounts in full.

        Raises:
            InvalidValue: The message loads accounts from lookup tables, which bytes alone cannot resolve.
        """
        if self.lookups:
            raise InvalidValue(
                "the message loads accounts from lookup tables, so its instructions cannot be read whole"
            )
        return tuple(
            Instruction(
                self.account_keys[compiled.program_index],
                tuple(
                    AccountMeta(self.account_keys[index], index < self.required_signatures, self.is_writable(index))
                    for index in compiled.account_indexes
                ),
                compiled.data,
            )
            for compiled in self.compiled
        )


def build_message(
    fee_payer: bytes, instructions: Sequence[Instruction], blockhash: bytes, *, version: Version = "legacy"
) -> bytes:
    """Compile instructions to the bytes that every signer signs.

    Args:
        fee_payer: 32 bytes; the first signer.
        blockhash: 32 bytes, recent, or the stored nonce.

    Raises:
        InvalidValue: No instruction, a wrong length, or more accounts than a message can name.
    """
    if not instructions:
        raise InvalidValue("a message without instructions does nothing")
    if len(fee_payer) != 32 or len(blockhash) != 32:
        raise InvalidValue("fee payer and blockhash have 32 bytes")
    payer = Pubkey.from_bytes(fee_payer)
    compiled = [_to_solders(instruction) for instruction in instructions]
    recent = Hash.from_bytes(blockhash)
    try:
        if version == "legacy":
            raw = bytes(Message.new_with_blockhash(compiled, payer, recent))
        else:
            raw = to_bytes_versioned(MessageV0.try_compile(payer, compiled, [], recent))
    except Exception as error:
        raise InvalidValue("the instructions do not fit into one message") from error
    decode_message(raw)
    return raw


def _to_solders(instruction: Instruction) -> SoldersInstruction:
    if len(instruction.program) != 32 or any(len(meta.key) != 32 for meta in instruction.accounts):
        raise InvalidValue("programs and accounts are named by 32 bytes")
    return SoldersInstruction(
        Pubkey.from_bytes(instruction.program),
        instruction.data,
        [SoldersAccountMeta(Pubkey.from_bytes(m.key), m.is_signer, m.is_writable) for m in instruction.accounts],
    )


def decode_message(raw: bytes) -> SolanaMessage:
    """Read a legacy or version 0 message.

    Raises:
        InvalidValue: Truncated, trailing bytes, non-minimal lengths, indexes out of range, repeated keys,
            an unknown version, a fee payer that is read-only or used as a program.
    """
    reader = _Reader(raw)
    version: Version = "legacy"
    first = reader.byte()
    if first & _VERSION_FLAG:
        if first != _VERSION_FLAG:
            raise InvalidValue(f"message version {first & 0x7F} is not known")
        version = "v0"
        first = reader.byte()
    required, readonly_signed, readonly_unsigned = first, reader.byte(), reader.byte()
    keys = tuple(reader.take(32) for _ in range(reader.length()))
    blockhash = reader.take(32)
    compiled = tuple(
        CompiledInstruction(reader.byte(), tuple(reader.vector()), reader.vector()) for _ in range(reader.length())
    )
    lookups: tuple[TableLookup, ...] = ()
    if version == "v0":
        lookups = tuple(
            TableLookup(reader.take(32), tuple(reader.vector()), tuple(reader.vector())) for _ in range(reader.length())
        )
    reader.end()
    message = SolanaMessage(version, required, readonly_signed, readonly_unsigned, keys, blockhash, compiled, lookups)
    _check(message)
    return message


def _check(message: SolanaMessage) -> None:
    static = len(message.account_keys)
    loaded = sum(len(item.writable_indexes) + len(item.readonly_indexes) for item in message.lookups)
    if message.required_signatures == 0 or message.readonly_signed >= message.required_signatures:
        raise InvalidValue("a message needs a writable signer that pays the fee")
    if message.required_signatures + message.readonly_unsigned > static:
        raise InvalidValue("the message header counts more accounts than it names")
    if len(set(message.account_keys)) != static:
        raise InvalidValue("the message names an account twice")
    if static + loaded > 256:
        raise InvalidValue("a message names at most 256 accounts")
    if any(not (item.writable_indexes or item.readonly_indexes) for item in message.lookups):
        raise InvalidValue("a table lookup loads nothing")
    for instruction in message.compiled:
        if not 0 < instruction.program_index < static:
            raise InvalidValue("an instruction's program is not among the message's own keys")
        if any(index >= static + loaded for index in instruction.account_indexes):
            raise InvalidValue("an instruction names an account that the message does not have")


def assemble_transaction(message: bytes, signatures: Mapping[bytes, bytes]) -> bytes:
    """Join a message and its signatures (64 bytes by 32-byte public key) to the bytes for `sendTransaction`.

    Raises:
        InvalidValue: A signature is missing or wrong, or the transaction is larger than 1,232 bytes.
    """
    signers = decode_message(message).signers
    ordered: list[bytes] = []
    for key in signers:
        signature = signatures.get(key)
        if signature is None:
            raise InvalidValue(f"the signature of {encode_base58(key)} is missing", signer=encode_base58(key))
        verify_message_signature(message, key, signature)
        ordered.append(signature)
    raw = encode_length(len(ordered)) + b"".join(ordered) + message
    if len(raw) > MAX_TRANSACTION_BYTES:
        raise InvalidValue(f"the transaction has {len(raw)} bytes, at most {MAX_TRANSACTION_BYTES} fit", size=len(raw))
    return raw


def decode_transaction(raw: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Split a serialized transaction into its signatures (64 bytes each) and its message bytes.

    Raises:
        InvalidValue: As `decode_message`, or another number of signatures than the message requires.
    """
    reader = _Reader(raw)
    signatures = tuple(reader.take(64) for _ in range(reader.length()))
    message = reader.rest()
    if len(signatures) != decode_message(message).required_signatures:
        raise InvalidValue("the transaction has another number of signatures than its message requires")
    return signatures, message


def verify_message_signature(message: bytes, public_key: bytes, signature: bytes) -> None:
    """Check an ed25519 signature (64 bytes) over message bytes.

    Raises:
        InvalidValue: It is not this key's signature of these bytes.
    """
    if len(signature) != 64 or not SoldersSignature.from_bytes(signature).verify(
        Pubkey.from_bytes(public_key), message
    ):
        signer = encode_base58(public_key)
        raise InvalidValue(f"the signature of {signer} does not fit the message", signer=signer)


def encode_length(length: int) -> bytes:
    """Write a compact-u16: 7 bits a byte, low bits first, the high bit says that more follow."""
    if not 0 <= length < 2**16:
        raise InvalidValue(f"length {length} does not fit a compact-u16")
    out = bytearray()
    while length >= _VERSION_FLAG:
        out.append(length & 0x7F | _VERSION_FLAG)
        length >>= 7
    out.append(length)
    return bytes(out)


class _Reader:
    """Takes bytes from the front and never beyond the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise InvalidValue("the Solana message ends too early")
        self._at += count
        return part

    def byte(self) -> int:
        return self.take(1)[0]

    def length(self) -> int:
        value = 0
        for position in range(3):
            byte = self.byte()
            value |= (byte & 0x7F) << (7 * position)
            if not byte & _VERSION_FLAG:
                if (byte == 0 and position > 0) or value >= 2**16:
                    break
                return value
        raise InvalidValue("a length in the Solana message is not minimal")

    def vector(self) -> bytes:
        return self.take(self.length())

    def rest(self) -> bytes:
        part = self._data[self._at :]
        self._at = len(self._data)
        return part

    def end(self) -> None:
        if self._at != len(self._data):
            raise InvalidValue("bytes are left over after the Solana message")
