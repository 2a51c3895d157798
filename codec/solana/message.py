"""Solana transaction messages as bytes: building, strict decoding, and joining signatures to a transaction.

Known forms: legacy, version 0 and version 1. Building goes through solders; decoding is ours and accepts one encoding
only.

Source: solana.com/docs/core/transactions (message format, compact-u16 arrays, versioned messages); SIMD-0385.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solders.hash import Hash
from solders.instruction import AccountMeta as SoldersAccountMeta
from solders.instruction import Instruction as SoldersInstruction
from solders.message import Message, MessageV0, MessageV1, TransactionConfig, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature as SoldersSignature

from codec.solana import message_v1
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message_parts import CompiledInstruction, MessageConfig, TableLookup, Version
from codec.solana.wire import VERSION_FLAG, Reader, encode_length
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue

__all__ = [
    "MAX_TRANSACTION_BYTES",
    "CompiledInstruction",
    "MessageConfig",
    "SolanaMessage",
    "TableLookup",
    "Version",
    "assemble_transaction",
    "build_message",
    "decode_message",
    "decode_transaction",
    "encode_length",
    "solana_address",
    "verify_message_signature",
]

MAX_TRANSACTION_BYTES = 1232
"""Largest serialized transaction: an IPv6 packet of 1,280 bytes less its headers."""


@dataclass(frozen=True, slots=True)
class SolanaMessage:
    """A decoded message.

    Attributes:
        required_signatures: The first so many account keys must sign; the very first pays the fee.
        readonly_signed, readonly_unsigned: How many of the signing and of the other keys are read-only (the last ones).
        account_keys: 32 bytes each, no two equal.
        blockhash: 32 bytes.
        config: Of version 1, None otherwise.
    """

    version: Version
    required_signatures: int
    readonly_signed: int
    readonly_unsigned: int
    account_keys: tuple[bytes, ...]
    blockhash: bytes
    compiled: tuple[CompiledInstruction, ...]
    lookups: tuple[TableLookup, ...] = ()
    config: MessageConfig | None = None

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
    fee_payer: bytes,
    instructions: Sequence[Instruction],
    blockhash: bytes,
    *,
    version: Version = "legacy",
    config: MessageConfig | None = None,
) -> bytes:
    """Compile instructions to the bytes that every signer signs.

    Args:
        fee_payer: 32 bytes; the first signer.
        blockhash: 32 bytes, recent, or the stored nonce.
        config: Only for version 1.

    Raises:
        InvalidValue: No instruction, a wrong length, or more accounts than a message can name.
    """
    if not instructions:
        raise InvalidValue("a message without instructions does nothing")
    if len(fee_payer) != 32 or len(blockhash) != 32:
        raise InvalidValue("fee payer and blockhash have 32 bytes")
    if config is not None and version != "v1":
        raise InvalidValue("only version 1 messages carry a configuration")
    payer = Pubkey.from_bytes(fee_payer)
    compiled = [_to_solders(instruction) for instruction in instructions]
    recent = Hash.from_bytes(blockhash)
    try:
        if version == "legacy":
            raw = bytes(Message.new_with_blockhash(compiled, payer, recent))
        elif version == "v0":
            raw = to_bytes_versioned(MessageV0.try_compile(payer, compiled, [], recent))
        else:
            settings = TransactionConfig(*(config or MessageConfig()).values())
            raw = to_bytes_versioned(MessageV1.try_compile(payer, compiled, recent, settings))
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
    """Read a legacy, version 0 or version 1 message.

    Raises:
        InvalidValue: Truncated, trailing bytes, non-minimal lengths, indexes out of range, repeated keys,
            an unknown version, a fee payer that is read-only or used as a program.
    """
    reader = Reader(raw)
    message = _read(reader)
    reader.end()
    return message


def _read(reader: Reader) -> SolanaMessage:
    version: Version = "legacy"
    first = reader.byte()
    if first == message_v1.VERSION_BYTE:
        return _read_v1(reader)
    if first & VERSION_FLAG:
        if first != VERSION_FLAG:
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
    message = SolanaMessage(version, required, readonly_signed, readonly_unsigned, keys, blockhash, compiled, lookups)
    _check(message)
    return message


def _read_v1(reader: Reader) -> SolanaMessage:
    body = message_v1.read_v1(reader)
    message = SolanaMessage("v1", *body.header, body.account_keys, body.blockhash, body.compiled, config=body.config)
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
        InvalidValue: A signature is missing or wrong, or the transaction is larger than 1,232 bytes (version 1: 4,096).
    """
    decoded = decode_message(message)
    ordered: list[bytes] = []
    for key in decoded.signers:
        signature = signatures.get(key)
        if signature is None:
            raise InvalidValue(f"the signature of {encode_base58(key)} is missing", signer=encode_base58(key))
        verify_message_signature(message, key, signature)
        ordered.append(signature)
    if decoded.version == "v1":
        raw, most = message + b"".join(ordered), message_v1.MAX_TRANSACTION_BYTES
    else:
        raw, most = encode_length(len(ordered)) + b"".join(ordered) + message, MAX_TRANSACTION_BYTES
    if len(raw) > most:
        raise InvalidValue(f"the transaction has {len(raw)} bytes, at most {most} fit", size=len(raw))
    return raw


def decode_transaction(raw: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Split a serialized transaction into its signatures (64 bytes each) and its message bytes.

    Raises:
        InvalidValue: As `decode_message`, or another number of signatures than the message requires.
    """
    reader = Reader(raw)
    if raw[:1] == bytes((message_v1.VERSION_BYTE,)):
        required = _read(reader).required_signatures
        message = raw[: reader.taken]
        signatures = tuple(reader.take(64) for _ in range(required))
        reader.end()
        return signatures, message
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


def solana_address(public_key: bytes) -> str:
    """The base58 address of 32 bytes; quicker than `encode_base58`, for many of them."""
    return str(Pubkey.from_bytes(public_key))
