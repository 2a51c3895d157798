"""EVM transactions as bytes: what is signed, what is broadcast, and strict decoding of both.

Known envelopes: legacy with EIP-155 replay protection, EIP-2930 (type 1), EIP-1559 (type 2), EIP-7702 (type 4).
Decoding is strict: only the one canonical encoding of a transaction is accepted, so that equal transactions have equal
bytes.

Source: EIP-2718 (envelope), EIP-155, EIP-2930, EIP-1559, EIP-7702; Yellow Paper appendix B (RLP).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from coincurve import PublicKey as Secp256k1PublicKey

from codec.evm.envelopes import (
    ACCESS_LIST_TYPE,
    AUTHORIZATION_MAGIC,
    CURVE_ORDER,
    FEE_MARKET_TYPE,
    SET_CODE_TYPE,
    AccessListEntry,
    AccessListTransaction,
    Authorization,
    EvmTransaction,
    FeeMarketTransaction,
    LegacyTransaction,
    SetCodeTransaction,
    SignedAuthorization,
    check_range,
    signature_parts,
)
from codec.evm.rlp import (
    rlp_decode,
    rlp_encode,
    rlp_extended,
    rlp_integer,
    rlp_list,
    rlp_to_bytes,
    rlp_to_integer,
)
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

__all__ = [
    "FEE_MARKET_TYPE",
    "AccessListEntry",
    "AccessListTransaction",
    "Authorization",
    "EvmTransaction",
    "FeeMarketTransaction",
    "LegacyTransaction",
    "SetCodeTransaction",
    "SignedAuthorization",
    "SignedEvmTransaction",
    "address_of_public_key",
    "decode_authorization",
    "decode_signed",
    "decode_unsigned",
    "encode_signed",
    "encode_unsigned",
    "looks_like_transaction",
    "recover_address",
    "selector_of",
    "signed_from_unsigned",
    "signing_hash",
    "transaction_hash",
]

# Type 3 (blobs) is known as a transaction, so that it is never signed as a message; it is not written here.
_KNOWN_TYPES = (0x01, 0x02, 0x03, 0x04, AUTHORIZATION_MAGIC)
_UNKNOWN = "these bytes are not an EIP-155, EIP-2930, EIP-1559 or EIP-7702 transaction"


@dataclass(frozen=True, slots=True)
class SignedEvmTransaction:
    """A decoded signed transaction.

    Attributes:
        signature: 65 bytes r ‖ s ‖ y-parity, low-S.
        hash: 32 bytes, keccak256 of the broadcast bytes.
        sender: 20 bytes, recovered from the signature.
    """

    transaction: EvmTransaction
    signature: bytes
    hash: bytes
    sender: bytes


def selector_of(transaction: EvmTransaction) -> bytes | None:
    """The 4-byte function selector of the call data, or None when it has fewer than 4 bytes."""
    return transaction.data[:4] if len(transaction.data) >= 4 else None


def encode_unsigned(transaction: EvmTransaction) -> bytes:
    """The payload whose keccak256 is signed: type byte ‖ RLP of the fields, or the EIP-155 nine-field RLP."""
    if isinstance(transaction, LegacyTransaction):
        return rlp_encode([*transaction.fields(), transaction.chain_id, b"", b""])
    return bytes((transaction.TYPE,)) + rlp_encode(transaction.fields())


def signing_hash(unsigned: bytes) -> bytes:
    """The 32-byte digest that the sender signs, from the bytes of `encode_unsigned`."""
    return keccak256(unsigned)


def encode_signed(transaction: EvmTransaction, signature: bytes) -> bytes:
    """The bytes for `eth_sendRawTransaction`.

    Args:
        signature: 65 bytes r ‖ s ‖ y-parity (0 or 1).

    Raises:
        InvalidValue: Wrong length, zero or high s (EIP-2).
    """
    r, s, parity = signature_parts(signature)
    if isinstance(transaction, LegacyTransaction):
        return rlp_encode([*transaction.fields(), transaction.chain_id * 2 + 35 + parity, r, s])
    return bytes((transaction.TYPE,)) + rlp_encode([*transaction.fields(), parity, r, s])


def signed_from_unsigned(unsigned: bytes, signature: bytes) -> bytes:
    """`encode_signed` of what `encode_unsigned` wrote, without reading its fields again.

    Args:
        unsigned: As `encode_unsigned` wrote it; anything else gives bytes that no node takes.
        signature: 65 bytes r ‖ s ‖ y-parity (0 or 1).

    Raises:
        InvalidValue: Wrong length, zero or high s (EIP-2); not a list of fields.
    """
    if not unsigned or unsigned[0] not in _TYPED:
        return encode_signed(decode_unsigned(unsigned), signature)
    r, s, parity = signature_parts(signature)
    return unsigned[:1] + rlp_extended(unsigned[1:], rlp_integer(parity) + rlp_integer(r) + rlp_integer(s))


def transaction_hash(signed: bytes) -> bytes:
    """The 32-byte transaction hash of broadcast bytes."""
    return keccak256(signed)


def decode_unsigned(payload: bytes) -> EvmTransaction:
    """Read what `encode_unsigned` writes.

    Raises:
        InvalidValue: Another type, a field out of range, a missing field, or any non-canonical encoding.
    """
    kind = payload[0] if payload else 0
    transaction: EvmTransaction
    if kind in _TYPED:
        count, read = _TYPED[kind]
        transaction = read(rlp_list(payload[1:], count))
    elif kind >= 0xC0:
        fields = rlp_list(payload, 9)
        if fields[7] != b"" or fields[8] != b"":
            raise InvalidValue("the last two fields of an unsigned EIP-155 transaction are empty")
        transaction = _legacy(fields[:6], rlp_to_integer("chain id", fields[6]))
    else:
        raise InvalidValue(_UNKNOWN)
    _require_canonical(encode_unsigned(transaction), payload)
    return transaction


def decode_signed(raw: bytes) -> SignedEvmTransaction:
    """Read broadcast bytes and recover the sender.

    Raises:
        InvalidValue: As `decode_unsigned`, or a signature that no key made, or a legacy one without EIP-155.
    """
    kind = raw[0] if raw else 0
    transaction: EvmTransaction
    if kind in _TYPED:
        count, read = _TYPED[kind]
        fields = rlp_list(raw[1:], count + 3)
        transaction = read(fields[:count])
        parity = rlp_to_integer("y parity", fields[count])
    elif kind >= 0xC0:
        fields = rlp_list(raw, 9)
        v = rlp_to_integer("v", fields[6])
        if v < 37:
            raise InvalidValue("a legacy transaction without EIP-155 could be replayed on any chain")
        chain_id, parity = divmod(v - 35, 2)
        transaction = _legacy(fields[:6], chain_id)
    else:
        raise InvalidValue(_UNKNOWN)
    signature = _signature(parity, fields[-2], fields[-1])
    _require_canonical(encode_signed(transaction, signature), raw)
    sender = recover_address(signing_hash(encode_unsigned(transaction)), signature)
    return SignedEvmTransaction(transaction, signature, transaction_hash(raw), sender)


def decode_authorization(payload: bytes) -> Authorization:
    """Read what `Authorization.unsigned` writes. Raises InvalidValue."""
    if payload[:1] != bytes((AUTHORIZATION_MAGIC,)):
        raise InvalidValue("these bytes are not an EIP-7702 authorisation")
    fields = rlp_list(payload[1:], 3)
    found = _authorization(fields)
    _require_canonical(found.unsigned(), payload)
    return found


def recover_address(digest: bytes, signature: bytes) -> bytes:
    """The 20-byte address whose key made this 65-byte signature over this 32-byte digest.

    Raises:
        InvalidValue: The signature fits no key.
    """
    try:
        key = Secp256k1PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except Exception as error:
        raise InvalidValue("the signature fits no key") from error
    return keccak256(key.format(compressed=False)[1:])[12:]


def address_of_public_key(public_key: bytes) -> bytes:
    """The 20-byte address of a secp256k1 public key (33 or 65 bytes, SEC 1).

    Raises:
        InvalidValue: Not a point of the curve.
    """
    try:
        point = Secp256k1PublicKey(public_key).format(compressed=False)
    except ValueError as error:
        raise InvalidValue("not a secp256k1 public key") from error
    return keccak256(point[1:])[12:]


def looks_like_transaction(data: bytes) -> bool:
    """Whether bytes could be an EVM transaction or authorisation of any known kind, signed or not; such bytes are never
    a message."""
    authorization = data[:1] == bytes((AUTHORIZATION_MAGIC,))
    body = data[1:] if data[:1] and data[0] in _KNOWN_TYPES else data
    if not body or body[0] < 0xC0:
        return False
    try:
        fields = rlp_decode(body)
    except InvalidValue:
        return False
    return isinstance(fields, list) and len(fields) >= (3 if authorization else 6)


def _signature(parity: int, r_field: Any, s_field: Any) -> bytes:
    r, s = rlp_to_integer("r", r_field), rlp_to_integer("s", s_field)
    check_range("r", r, 1, CURVE_ORDER - 1)
    check_range("s", s, 1, CURVE_ORDER // 2)
    check_range("y parity", parity, 0, 1)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((parity,))


def _recipient(field: Any) -> bytes | None:
    return rlp_to_bytes("recipient", field) or None


def _access_list(field: Any) -> tuple[AccessListEntry, ...]:
    entries: list[AccessListEntry] = []
    if not isinstance(field, list):
        raise InvalidValue("the access list is not a list")
    for item in field:
        if not isinstance(item, list) or len(item) != 2 or not isinstance(item[1], list):
            raise InvalidValue("an access list entry is an address and a list of storage keys")
        keys = tuple(rlp_to_bytes("storage key", key) for key in item[1])
        entries.append(AccessListEntry(rlp_to_bytes("access list address", item[0]), keys))
    return tuple(entries)


def _authorization(fields: Sequence[Any]) -> Authorization:
    return Authorization(
        rlp_to_integer("chain id of the authorisation", fields[0]),
        rlp_to_bytes("address of the authorisation", fields[1]),
        rlp_to_integer("nonce of the authorisation", fields[2]),
    )


def _authorizations(field: Any) -> tuple[SignedAuthorization, ...]:
    if not isinstance(field, list) or any(not isinstance(item, list) or len(item) != 6 for item in field):
        raise InvalidValue("the authorisation list is not a list of six fields each")
    return tuple(
        SignedAuthorization(
            _authorization(item), _signature(rlp_to_integer("y parity of the authorisation", item[3]), item[4], item[5])
        )
        for item in field
    )


def _access_list_transaction(fields: Sequence[Any]) -> AccessListTransaction:
    return AccessListTransaction(
        chain_id=rlp_to_integer("chain id", fields[0]),
        nonce=rlp_to_integer("nonce", fields[1]),
        gas_price=rlp_to_integer("gas price", fields[2]),
        gas_limit=rlp_to_integer("gas limit", fields[3]),
        to=_recipient(fields[4]),
        value=rlp_to_integer("value", fields[5]),
        data=rlp_to_bytes("data", fields[6]),
        access_list=_access_list(fields[7]),
    )


def _fee_market(fields: Sequence[Any]) -> FeeMarketTransaction:
    return FeeMarketTransaction(
        chain_id=rlp_to_integer("chain id", fields[0]),
        nonce=rlp_to_integer("nonce", fields[1]),
        max_priority_fee_per_gas=rlp_to_integer("max priority fee per gas", fields[2]),
        max_fee_per_gas=rlp_to_integer("max fee per gas", fields[3]),
        gas_limit=rlp_to_integer("gas limit", fields[4]),
        to=_recipient(fields[5]),
        value=rlp_to_integer("value", fields[6]),
        data=rlp_to_bytes("data", fields[7]),
        access_list=_access_list(fields[8]),
    )


def _set_code(fields: Sequence[Any]) -> SetCodeTransaction:
    common = _fee_market(fields[:9])
    if common.to is None:
        raise InvalidValue("an EIP-7702 transaction creates no contract")
    return SetCodeTransaction(
        common.chain_id,
        common.nonce,
        common.max_priority_fee_per_gas,
        common.max_fee_per_gas,
        common.gas_limit,
        common.to,
        common.value,
        common.data,
        _authorizations(fields[9]),
        common.access_list,
    )


_TYPED: dict[int, tuple[int, Callable[[Sequence[Any]], EvmTransaction]]] = {
    ACCESS_LIST_TYPE: (8, _access_list_transaction),
    FEE_MARKET_TYPE: (9, _fee_market),
    SET_CODE_TYPE: (10, _set_code),
}


def _legacy(fields: Sequence[Any], chain_id: int) -> LegacyTransaction:
    return LegacyTransaction(
        chain_id=chain_id,
        nonce=rlp_to_integer("nonce", fields[0]),
        gas_price=rlp_to_integer("gas price", fields[1]),
        gas_limit=rlp_to_integer("gas limit", fields[2]),
        to=_recipient(fields[3]),
        value=rlp_to_integer("value", fields[4]),
        data=rlp_to_bytes("data", fields[5]),
    )


def _require_canonical(canonical: bytes, given: bytes) -> None:
    if canonical != given:
        raise InvalidValue("the transaction is not in its canonical encoding")
