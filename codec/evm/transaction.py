"""EVM transactions as bytes: what is signed, what is broadcast, and strict decoding of both.

Known envelopes: EIP-1559 (type 2) and legacy with EIP-155 replay protection. Decoding is strict: only the one canonical
encoding of a transaction is accepted, so that equal transactions have equal bytes.

Source: EIP-2718 (envelope), EIP-1559, EIP-2930 (access list), EIP-155; Yellow Paper appendix B (RLP).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp
from coincurve import PublicKey as Secp256k1PublicKey
from rlp.exceptions import RLPException

from primitives.errors import InvalidValue
from primitives.hashing import keccak256

FEE_MARKET_TYPE = 0x02
_MAX_UINT64 = 2**64 - 1
_MAX_UINT256 = 2**256 - 1
# EIP-2681 keeps the nonce below 2^64 - 1.
_MAX_NONCE = 2**64 - 2
_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_KNOWN_TYPES = (0x01, 0x02, 0x03, 0x04)


@dataclass(frozen=True, slots=True)
class AccessListEntry:
    """One address (20 bytes) and the storage keys (32 bytes each) that the transaction announces (EIP-2930)."""

    address: bytes
    storage_keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if len(self.address) != 20 or any(len(key) != 32 for key in self.storage_keys):
            raise InvalidValue("an access list names addresses of 20 bytes and storage keys of 32 bytes")


def _check_common(chain_id: int, nonce: int, gas_limit: int, to: bytes | None, value: int) -> None:
    _check_range("chain id", chain_id, 1, _MAX_UINT256)
    _check_range("nonce", nonce, 0, _MAX_NONCE)
    _check_range("gas limit", gas_limit, 0, _MAX_UINT64)
    _check_range("value", value, 0, _MAX_UINT256)
    if to is not None and len(to) != 20:
        raise InvalidValue(f"a recipient has 20 bytes, not {len(to)}")


def _check_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidValue(f"{name} {value} is outside {least} … {most}")


@dataclass(frozen=True, slots=True)
class FeeMarketTransaction:
    """An EIP-1559 transaction. Fees are wei per gas, `value` is wei; `to` is 20 bytes, None creates a contract."""

    chain_id: int
    nonce: int
    max_priority_fee_per_gas: int
    max_fee_per_gas: int
    gas_limit: int
    to: bytes | None
    value: int
    data: bytes
    access_list: tuple[AccessListEntry, ...] = ()

    def __post_init__(self) -> None:
        _check_common(self.chain_id, self.nonce, self.gas_limit, self.to, self.value)
        _check_range("max fee per gas", self.max_fee_per_gas, 0, _MAX_UINT256)
        _check_range("max priority fee per gas", self.max_priority_fee_per_gas, 0, self.max_fee_per_gas)

    def _fields(self) -> list[Any]:
        return [
            self.chain_id,
            self.nonce,
            self.max_priority_fee_per_gas,
            self.max_fee_per_gas,
            self.gas_limit,
            self.to or b"",
            self.value,
            self.data,
            [[entry.address, list(entry.storage_keys)] for entry in self.access_list],
        ]


@dataclass(frozen=True, slots=True)
class LegacyTransaction:
    """A legacy transaction with replay protection (EIP-155). `gas_price` is wei per gas, `value` is wei."""

    chain_id: int
    nonce: int
    gas_price: int
    gas_limit: int
    to: bytes | None
    value: int
    data: bytes

    def __post_init__(self) -> None:
        _check_common(self.chain_id, self.nonce, self.gas_limit, self.to, self.value)
        _check_range("gas price", self.gas_price, 0, _MAX_UINT256)

    def _fields(self) -> list[Any]:
        return [self.nonce, self.gas_price, self.gas_limit, self.to or b"", self.value, self.data]


EvmTransaction = FeeMarketTransaction | LegacyTransaction


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
    """The payload whose keccak256 is signed: type byte ‖ RLP of nine fields (1559), or the EIP-155 nine-field RLP."""
    if isinstance(transaction, FeeMarketTransaction):
        return bytes([FEE_MARKET_TYPE]) + _rlp_encode(transaction._fields())
    return _rlp_encode([*transaction._fields(), transaction.chain_id, b"", b""])


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
    r, s, parity = _signature_parts(signature)
    if isinstance(transaction, FeeMarketTransaction):
        return bytes([FEE_MARKET_TYPE]) + _rlp_encode([*transaction._fields(), parity, r, s])
    return _rlp_encode([*transaction._fields(), transaction.chain_id * 2 + 35 + parity, r, s])


def transaction_hash(signed: bytes) -> bytes:
    """The 32-byte transaction hash of broadcast bytes."""
    return keccak256(signed)


def decode_unsigned(payload: bytes) -> EvmTransaction:
    """Read what `encode_unsigned` writes.

    Raises:
        InvalidValue: Another type, a field out of range, a missing field, or any non-canonical encoding.
    """
    transaction: EvmTransaction
    if payload[:1] == bytes([FEE_MARKET_TYPE]):
        transaction = _fee_market(_list_of(payload[1:], 9))
    elif payload and payload[0] >= 0xC0:
        fields = _list_of(payload, 9)
        if fields[7] != b"" or fields[8] != b"":
            raise InvalidValue("the last two fields of an unsigned EIP-155 transaction are empty")
        transaction = _legacy(fields[:6], _integer("chain id", fields[6]))
    else:
        raise InvalidValue("these bytes are not an EIP-1559 or EIP-155 transaction")
    _require_canonical(encode_unsigned(transaction), payload)
    return transaction


def decode_signed(raw: bytes) -> SignedEvmTransaction:
    """Read broadcast bytes and recover the sender.

    Raises:
        InvalidValue: As `decode_unsigned`, or a signature that no key made, or a legacy one without EIP-155.
    """
    transaction: EvmTransaction
    if raw[:1] == bytes([FEE_MARKET_TYPE]):
        fields = _list_of(raw[1:], 12)
        transaction = _fee_market(fields[:9])
        parity = _integer("y parity", fields[9])
        signature_fields = fields[10:]
    elif raw and raw[0] >= 0xC0:
        fields = _list_of(raw, 9)
        v = _integer("v", fields[6])
        if v < 37:
            raise InvalidValue("a legacy transaction without EIP-155 could be replayed on any chain")
        chain_id, parity = divmod(v - 35, 2)
        transaction = _legacy(fields[:6], chain_id)
        signature_fields = fields[7:]
    else:
        raise InvalidValue("these bytes are not an EIP-1559 or EIP-155 transaction")
    r, s = (_integer("signature", field) for field in signature_fields)
    _check_range("r", r, 1, _CURVE_ORDER - 1)
    _check_range("s", s, 1, _CURVE_ORDER // 2)
    _check_range("y parity", parity, 0, 1)
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([parity])
    _require_canonical(encode_signed(transaction, signature), raw)
    sender = recover_address(signing_hash(encode_unsigned(transaction)), signature)
    return SignedEvmTransaction(transaction, signature, transaction_hash(raw), sender)


def recover_address(digest: bytes, signature: bytes) -> bytes:
    """The 20-byte address whose key made this 65-byte signature over this 32-byte digest.

    Raises:
        InvalidValue: The signature fits no key.
    """
    try:
        key = Secp256k1PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except Exception as error:
        raise InvalidValue("the signature fits no key") from error
    return address_of_public_key(key.format(compressed=True))


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
    """Whether bytes could be an EVM transaction of any known kind, signed or not; such bytes are never a message."""
    body = data
    if data[:1] and data[0] in _KNOWN_TYPES:
        body = data[1:]
    if not body or body[0] < 0xC0:
        return False
    try:
        fields = rlp.decode(body)
    except RLPException:
        return False
    return isinstance(fields, list) and len(fields) >= 6


def _rlp_encode(fields: list[Any]) -> bytes:
    encoded: bytes = rlp.encode(fields)
    return encoded


def _list_of(body: bytes, count: int) -> list[Any]:
    try:
        fields = rlp.decode(body)
    except RLPException as error:
        raise InvalidValue("the transaction is not canonical RLP") from error
    if not isinstance(fields, list) or len(fields) != count:
        raise InvalidValue(f"the transaction does not have {count} fields")
    return fields


def _integer(name: str, field: Any) -> int:
    if not isinstance(field, bytes) or field[:1] == b"\0" or len(field) > 32:
        raise InvalidValue(f"{name} is not a canonical integer")
    return int.from_bytes(field, "big")


def _bytes(name: str, field: Any) -> bytes:
    if not isinstance(field, bytes):
        raise InvalidValue(f"{name} is a list where bytes belong")
    return field


def _recipient(field: Any) -> bytes | None:
    return _bytes("recipient", field) or None


def _access_list(field: Any) -> tuple[AccessListEntry, ...]:
    entries: list[AccessListEntry] = []
    if not isinstance(field, list):
        raise InvalidValue("the access list is not a list")
    for item in field:
        if not isinstance(item, list) or len(item) != 2 or not isinstance(item[1], list):
            raise InvalidValue("an access list entry is an address and a list of storage keys")
        keys = tuple(_bytes("storage key", key) for key in item[1])
        entries.append(AccessListEntry(_bytes("access list address", item[0]), keys))
    return tuple(entries)


def _fee_market(fields: list[Any]) -> FeeMarketTransaction:
    return FeeMarketTransaction(
        chain_id=_integer("chain id", fields[0]),
        nonce=_integer("nonce", fields[1]),
        max_priority_fee_per_gas=_integer("max priority fee per gas", fields[2]),
        max_fee_per_gas=_integer("max fee per gas", fields[3]),
        gas_limit=_integer("gas limit", fields[4]),
        to=_recipient(fields[5]),
        value=_integer("value", fields[6]),
        data=_bytes("data", fields[7]),
        access_list=_access_list(fields[8]),
    )


def _legacy(fields: list[Any], chain_id: int) -> LegacyTransaction:
    return LegacyTransaction(
        chain_id=chain_id,
        nonce=_integer("nonce", fields[0]),
        gas_price=_integer("gas price", fields[1]),
        gas_limit=_integer("gas limit", fields[2]),
        to=_recipient(fields[3]),
        value=_integer("value", fields[4]),
        data=_bytes("data", fields[5]),
    )


def _require_canonical(canonical: bytes, given: bytes) -> None:
    if canonical != given:
        raise InvalidValue("the transaction is not in its canonical encoding")


def _signature_parts(signature: bytes) -> tuple[int, int, int]:
    if len(signature) != 65:
        raise InvalidValue(f"a signature has 65 bytes (r, s, y parity), not {len(signature)}")
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:64], "big")
    _check_range("r", r, 1, _CURVE_ORDER - 1)
    _check_range("s", s, 1, _CURVE_ORDER // 2)
    _check_range("y parity", signature[64], 0, 1)
    return r, s, signature[64]
