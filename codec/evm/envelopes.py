"""The kinds of EVM transactions, validated at birth.

Source: EIP-155 (legacy with replay protection), EIP-2930 (type 1), EIP-1559 (type 2), EIP-7702 (type 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from codec.evm.rlp import rlp_encode
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

ACCESS_LIST_TYPE = 0x01
FEE_MARKET_TYPE = 0x02
SET_CODE_TYPE = 0x04
AUTHORIZATION_MAGIC = 0x05
"""First byte of what an EIP-7702 authorisation signs."""
CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MAX_UINT64 = 2**64 - 1
MAX_UINT256 = 2**256 - 1
# EIP-2681 keeps the nonce below 2^64 - 1.
MAX_NONCE = 2**64 - 2


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Raises InvalidValue, naming the field."""
    if not least <= value <= most:
        raise InvalidValue(f"{name} {value} is outside {least} … {most}")


@dataclass(frozen=True, slots=True)
class AccessListEntry:
    """One address (20 bytes) and the storage keys (32 bytes each) that the transaction announces (EIP-2930)."""

    address: bytes
    storage_keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if len(self.address) != 20 or any(len(key) != 32 for key in self.storage_keys):
            raise InvalidValue("an access list names addresses of 20 bytes and storage keys of 32 bytes")


@dataclass(frozen=True, slots=True)
class Authorization:
    """What an account agrees to: to run the code of `address` (20 bytes; 20 zeros take it back) (EIP-7702).

    Attributes:
        chain_id: 0 would make it good on every chain; it can be read, the keystore never signs it.
        nonce: Of the agreeing account.
    """

    chain_id: int
    address: bytes
    nonce: int

    def __post_init__(self) -> None:
        check_range("chain id of the authorisation", self.chain_id, 0, MAX_UINT256)
        check_range("nonce of the authorisation", self.nonce, 0, MAX_NONCE)
        if len(self.address) != 20:
            raise InvalidValue(f"an authorisation names an address of 20 bytes, not {len(self.address)}")

    def unsigned(self) -> bytes:
        """The bytes whose keccak256 is signed: 0x05 ‖ rlp([chain id, address, nonce])."""
        return bytes((AUTHORIZATION_MAGIC,)) + rlp_encode([self.chain_id, self.address, self.nonce])

    def signing_hash(self) -> bytes:
        """The 32-byte digest that the agreeing account signs."""
        return keccak256(self.unsigned())


@dataclass(frozen=True, slots=True)
class SignedAuthorization:
    """An authorisation and its signature: 65 bytes r ‖ s ‖ y-parity, low-S."""

    authorization: Authorization
    signature: bytes

    def __post_init__(self) -> None:
        signature_parts(self.signature)

    def fields(self) -> list[Any]:
        r, s, parity = signature_parts(self.signature)
        item = self.authorization
        return [item.chain_id, item.address, item.nonce, parity, r, s]


def signature_parts(signature: bytes) -> tuple[int, int, int]:
    """r, s and y-parity of 65 bytes. Raises InvalidValue: wrong length, zero, or high s (EIP-2)."""
    if len(signature) != 65:
        raise InvalidValue(f"a signature has 65 bytes (r, s, y parity), not {len(signature)}")
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:64], "big")
    check_range("r", r, 1, CURVE_ORDER - 1)
    check_range("s", s, 1, CURVE_ORDER // 2)
    check_range("y parity", signature[64], 0, 1)
    return r, s, signature[64]


def _check_common(chain_id: int, nonce: int, gas_limit: int, to: bytes | None, value: int) -> None:
    check_range("chain id", chain_id, 1, MAX_UINT256)
    check_range("nonce", nonce, 0, MAX_NONCE)
    check_range("gas limit", gas_limit, 0, MAX_UINT64)
    check_range("value", value, 0, MAX_UINT256)
    if to is not None and len(to) != 20:
        raise InvalidValue(f"a recipient has 20 bytes, not {len(to)}")


def _check_fees(most: int, priority: int) -> None:
    check_range("max fee per gas", most, 0, MAX_UINT256)
    check_range("max priority fee per gas", priority, 0, most)


def _access_fields(access_list: tuple[AccessListEntry, ...]) -> list[Any]:
    return [[entry.address, list(entry.storage_keys)] for entry in access_list]


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
        check_range("gas price", self.gas_price, 0, MAX_UINT256)

    def fields(self) -> list[Any]:
        """Six fields in the order of the encoding; the signature's or EIP-155's follow."""
        return [self.nonce, self.gas_price, self.gas_limit, self.to or b"", self.value, self.data]

    @property
    def fee_limit(self) -> int:
        """The most that it can cost, in wei, without `value`."""
        return self.gas_price * self.gas_limit


@dataclass(frozen=True, slots=True)
class AccessListTransaction:
    """An EIP-2930 transaction. `gas_price` is wei per gas, `value` is wei; `to` None creates a contract."""

    TYPE: ClassVar[int] = ACCESS_LIST_TYPE

    chain_id: int
    nonce: int
    gas_price: int
    gas_limit: int
    to: bytes | None
    value: int
    data: bytes
    access_list: tuple[AccessListEntry, ...] = ()

    def __post_init__(self) -> None:
        _check_common(self.chain_id, self.nonce, self.gas_limit, self.to, self.value)
        check_range("gas price", self.gas_price, 0, MAX_UINT256)

    def fields(self) -> list[Any]:
        """Eight fields in the order of the encoding."""
        return [
            self.chain_id,
            self.nonce,
            self.gas_price,
            self.gas_limit,
            self.to or b"",
            self.value,
            self.data,
            _access_fields(self.access_list),
        ]

    @property
    def fee_limit(self) -> int:
        """The most that it can cost, in wei, without `value`."""
        return self.gas_price * self.gas_limit


@dataclass(frozen=True, slots=True)
class FeeMarketTransaction:
    """An EIP-1559 transaction. Fees are wei per gas, `value` is wei; `to` is 20 bytes, None creates a contract."""

    TYPE: ClassVar[int] = FEE_MARKET_TYPE

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
        _check_fees(self.max_fee_per_gas, self.max_priority_fee_per_gas)

    def fields(self) -> list[Any]:
        """Nine fields in the order of the encoding."""
        return [
            self.chain_id,
            self.nonce,
            self.max_priority_fee_per_gas,
            self.max_fee_per_gas,
            self.gas_limit,
            self.to or b"",
            self.value,
            self.data,
            _access_fields(self.access_list),
        ]

    @property
    def fee_limit(self) -> int:
        """The most that it can cost, in wei, without `value`."""
        return self.max_fee_per_gas * self.gas_limit


@dataclass(frozen=True, slots=True)
class SetCodeTransaction:
    """An EIP-7702 transaction: as EIP-1559, always to an address, with at least one authorisation."""

    TYPE: ClassVar[int] = SET_CODE_TYPE

    chain_id: int
    nonce: int
    max_priority_fee_per_gas: int
    max_fee_per_gas: int
    gas_limit: int
    to: bytes
    value: int
    data: bytes
    authorizations: tuple[SignedAuthorization, ...]
    access_list: tuple[AccessListEntry, ...] = ()

    def __post_init__(self) -> None:
        _check_common(self.chain_id, self.nonce, self.gas_limit, self.to, self.value)
        _check_fees(self.max_fee_per_gas, self.max_priority_fee_per_gas)
        if not self.authorizations:
            raise InvalidValue("an EIP-7702 transaction has at least one authorisation")

    def fields(self) -> list[Any]:
        """Ten fields in the order of the encoding."""
        return [
            self.chain_id,
            self.nonce,
            self.max_priority_fee_per_gas,
            self.max_fee_per_gas,
            self.gas_limit,
            self.to,
            self.value,
            self.data,
            _access_fields(self.access_list),
            [item.fields() for item in self.authorizations],
        ]

    @property
    def fee_limit(self) -> int:
        """The most that it can cost, in wei, without `value`."""
        return self.max_fee_per_gas * self.gas_limit


EvmTransaction = FeeMarketTransaction | LegacyTransaction | AccessListTransaction | SetCodeTransaction
