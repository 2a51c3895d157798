"""What the key of a Bitcoin input signs.

Source: BIP-143 (version 0 witness programs), BIP-341 "Common signature message" and BIP-340 tagged hashes (key path of
taproot, no annex).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

from codec.bitcoin.hashing import double_sha256
from codec.bitcoin.transaction import BitcoinTransaction, TransactionInput, TransactionOutput, compact_size
from primitives.errors import InvalidValue

SIGHASH_DEFAULT, SIGHASH_ALL, SIGHASH_NONE, SIGHASH_SINGLE, ANYONECANPAY = 0, 1, 2, 3, 0x80
_WITNESS_V0_TYPES = frozenset((1, 2, 3, 0x81, 0x82, 0x83))
_TAPROOT_TYPES = _WITNESS_V0_TYPES | {SIGHASH_DEFAULT}


def pay_to_public_key_hash(public_key_hash: bytes) -> bytes:
    """The script code of a P2WPKH input, from the 20 bytes of its witness program (BIP-143 "Specification")."""
    if len(public_key_hash) != 20:
        raise InvalidValue(f"a public key hash has 20 bytes, not {len(public_key_hash)}")
    return b"\x76\xa9\x14" + public_key_hash + b"\x88\xac"


def witness_v0_sighash(
    transaction: BitcoinTransaction, index: int, script_code: bytes, amount: int, hash_type: int = SIGHASH_ALL
) -> bytes:
    """The 32-byte digest for ECDSA of an input with a version 0 witness program.

    Args:
        index: Of the input.
        script_code: Without its length.
        amount: Satoshis of the output that is spent.

    Raises:
        InvalidValue: No such input, or another hash type than ALL, NONE, SINGLE with or without ANYONECANPAY.
    """
    own = _input(transaction, index, hash_type, _WITNESS_V0_TYPES)
    anyone, base = hash_type & ANYONECANPAY, hash_type & 0x1F
    zero = bytes(32)
    prevouts = zero if anyone else double_sha256(b"".join(item.outpoint for item in transaction.inputs))
    all_sequences = not anyone and base == SIGHASH_ALL
    sequences = double_sha256(_sequences(transaction)) if all_sequences else zero
    outputs = zero
    if base == SIGHASH_ALL:
        outputs = double_sha256(b"".join(item.encode() for item in transaction.outputs))
    elif base == SIGHASH_SINGLE and index < len(transaction.outputs):
        outputs = double_sha256(transaction.outputs[index].encode())
    return double_sha256(
        b"".join(
            (
                struct.pack("<i", transaction.version),
                prevouts,
                sequences,
                own.outpoint,
                compact_size(len(script_code)),
                script_code,
                struct.pack("<QI", amount, own.sequence),
                outputs,
                struct.pack("<II", transaction.lock_time, hash_type),
            )
        )
    )


def taproot_sighash(
    transaction: BitcoinTransaction,
    index: int,
    spent: Sequence[TransactionOutput],
    hash_type: int = SIGHASH_DEFAULT,
) -> bytes:
    """The 32-byte message for BIP-340 of a taproot input that is spent by its key, without annex.

    Args:
        index: Of the input.
        spent: The outputs that all inputs spend, in their order.

    Raises:
        InvalidValue: No such input, not one spent output for each input, another hash type, or SINGLE without an
            output of the same place.
    """
    own = _input(transaction, index, hash_type, _TAPROOT_TYPES)
    if len(spent) != len(transaction.inputs):
        raise InvalidValue(f"{len(spent)} spent outputs for {len(transaction.inputs)} inputs")
    anyone, base = hash_type & ANYONECANPAY, hash_type & 0x03
    parts = [b"\0", bytes((hash_type,)), struct.pack("<iI", transaction.version, transaction.lock_time)]
    if not anyone:
        parts += [
            _sha256(b"".join(item.outpoint for item in transaction.inputs)),
            _sha256(b"".join(struct.pack("<Q", item.amount) for item in spent)),
            _sha256(b"".join(compact_size(len(item.script)) + item.script for item in spent)),
            _sha256(_sequences(transaction)),
        ]
    if base not in (SIGHASH_NONE, SIGHASH_SINGLE):
        parts.append(_sha256(b"".join(item.encode() for item in transaction.outputs)))
    parts.append(b"\0")  # key path, no annex
    if anyone:
        parts += [own.outpoint, spent[index].encode(), struct.pack("<I", own.sequence)]
    else:
        parts.append(struct.pack("<I", index))
    if base == SIGHASH_SINGLE:
        if index >= len(transaction.outputs):
            raise InvalidValue(f"input {index} has no output of its own to sign with SINGLE")
        parts.append(_sha256(transaction.outputs[index].encode()))
    return tagged_hash("TapSighash", b"".join(parts))


def tagged_hash(tag: str, data: bytes) -> bytes:
    """SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ data) (BIP-340 "Design")."""
    head = _sha256(tag.encode())
    return _sha256(head + head + data)


def _input(transaction: BitcoinTransaction, index: int, hash_type: int, known: frozenset[int]) -> TransactionInput:
    if not 0 <= index < len(transaction.inputs):
        raise InvalidValue(f"the transaction has no input {index}", index=index)
    if hash_type not in known:
        raise InvalidValue(f"hash type {hash_type:#x} is not known", hash_type=hash_type)
    return transaction.inputs[index]


def _sequences(transaction: BitcoinTransaction) -> bytes:
    return b"".join(struct.pack("<I", item.sequence) for item in transaction.inputs)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
