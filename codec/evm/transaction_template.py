"""Many EIP-1559 transactions that differ only in nonce, recipient, value and call data.

What they share is encoded once. The bytes are those of `encode_unsigned` and `encode_signed`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codec.evm.envelopes import FEE_MARKET_TYPE, MAX_NONCE, MAX_UINT256, AccessListEntry, FeeMarketTransaction
from codec.evm.rlp import rlp_bytes, rlp_encode, rlp_integer, rlp_list_head
from primitives.errors import InvalidValue

_TYPE = bytes((FEE_MARKET_TYPE,))
_RECIPIENT_PREFIX = b"\x94"  # a string of 20 bytes


@dataclass(frozen=True, slots=True)
class FeeMarketTemplate:
    """What all transactions of a batch share. Fees are wei per gas.

    Raises:
        InvalidValue: A field out of range, as `FeeMarketTransaction`.
    """

    chain_id: int
    max_priority_fee_per_gas: int
    max_fee_per_gas: int
    gas_limit: int
    access_list: tuple[AccessListEntry, ...] = ()
    _head: bytes = field(init=False, repr=False, compare=False)
    _fees: bytes = field(init=False, repr=False, compare=False)
    _tail: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.transaction(0, bytes(20), 0, b"")
        fees = (self.max_priority_fee_per_gas, self.max_fee_per_gas, self.gas_limit)
        entries = [[entry.address, list(entry.storage_keys)] for entry in self.access_list]
        object.__setattr__(self, "_head", rlp_integer(self.chain_id))
        object.__setattr__(self, "_fees", b"".join(map(rlp_integer, fees)))
        object.__setattr__(self, "_tail", rlp_encode(entries))

    @property
    def fee_limit(self) -> int:
        """The most that one transaction can cost, in wei, without its value."""
        return self.max_fee_per_gas * self.gas_limit

    def transaction(self, nonce: int, to: bytes, value: int, data: bytes) -> FeeMarketTransaction:
        """One of them as an object."""
        return FeeMarketTransaction(
            self.chain_id,
            nonce,
            self.max_priority_fee_per_gas,
            self.max_fee_per_gas,
            self.gas_limit,
            to,
            value,
            data,
            self.access_list,
        )

    def body(self, nonce: int, to: bytes, value: int, data: bytes) -> bytes:
        """The encoded fields without list prefix; `to` has 20 bytes, `value` is wei.

        Raises:
            InvalidValue: A field out of range.
        """
        if not 0 <= nonce <= MAX_NONCE or not 0 <= value <= MAX_UINT256 or len(to) != 20:
            raise InvalidValue("nonce, value or recipient of a transaction is out of range", nonce=nonce)
        return b"".join(
            (
                self._head,
                rlp_integer(nonce),
                self._fees,
                _RECIPIENT_PREFIX,
                to,
                rlp_integer(value) if value else b"\x80",
                rlp_bytes(data),
                self._tail,
            )
        )


def unsigned_of(body: bytes) -> bytes:
    """The bytes whose keccak256 is signed, from `FeeMarketTemplate.body`."""
    return _TYPE + rlp_list_head(len(body)) + body


def signed_of(body: bytes, signature: bytes) -> bytes:
    """The bytes for `eth_sendRawTransaction`; `signature` is 65 bytes r ‖ s ‖ y-parity, low-S, made by a signer."""
    if signature[0] and signature[32]:
        # Nearly always: both numbers have all their 32 bytes.
        head = _TYPE + rlp_list_head(len(body) + 67)
        parity = b"\x01\xa0" if signature[64] else b"\x80\xa0"
        return b"".join((head, body, parity, signature[:32], b"\xa0", signature[32:64]))
    parts = (
        body,
        b"\x01" if signature[64] else b"\x80",
        _scalar(signature[:32]),
        _scalar(signature[32:64]),
    )
    return _TYPE + rlp_list_head(sum(map(len, parts))) + b"".join(parts)


def _scalar(raw: bytes) -> bytes:
    if raw[0]:
        return b"\xa0" + raw
    return rlp_bytes(raw.lstrip(b"\0"))
