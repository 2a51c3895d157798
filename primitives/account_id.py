"""CAIP-10 account identifiers and the addresses inside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from primitives.base58 import decode_base58, encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidAddress, InvalidValue
from primitives.hashing import keccak256

_LETTERS = bytes(0x20 if chr(code) in "abcdef" else 0 for code in range(256))
_HIGH_NIBBLES = bytes(0x20 if chr(code) in "89abcdef" else 0 for code in range(256))
_EVM_SHAPE = re.compile(r"0x[0-9a-fA-F]{40}")


_REMEMBERED = 16_384
"""Addresses: one and the same is read and written a dozen times on its way through a payment."""


@lru_cache(_REMEMBERED)
def checksum_address(address: bytes) -> str:
    """Write a 20-byte EVM address with its mixed-case checksum.

    Source: EIP-55.
    """
    if len(address) != 20:
        raise InvalidAddress(f"an EVM address has 20 bytes, not {len(address)}")
    plain = address.hex().encode()
    nibbles = keccak256(plain).hex()[:40].encode()
    # A letter becomes a capital by clearing its bit 5 where the digest's nibble is 8 or more: all 40 at once.
    capitals = int.from_bytes(plain.translate(_LETTERS), "big") & int.from_bytes(
        nibbles.translate(_HIGH_NIBBLES), "big"
    )
    return "0x" + (int.from_bytes(plain, "big") ^ capitals).to_bytes(40, "big").decode()


@lru_cache(_REMEMBERED)
def parse_evm_address(text: str) -> bytes:
    """Read an EVM address (20 bytes); mixed case must carry a correct EIP-55 checksum.

    Raises:
        InvalidAddress: Wrong shape or wrong checksum.
    """
    if not _EVM_SHAPE.fullmatch(text):
        raise InvalidAddress(f"{text!r} is not an EVM address (0x and 40 hex digits)", address=text)
    raw = bytes.fromhex(text[2:])
    body = text[2:]
    if body not in (body.lower(), body.upper()) and checksum_address(raw) != text:
        raise InvalidAddress(f"{text} has a wrong checksum: compare it with its source", address=text)
    return raw


def parse_solana_address(text: str) -> bytes:
    """Read a Solana address: base58 of 32 bytes (on or off the curve).

    Raises:
        InvalidAddress: Wrong alphabet or length.
    """
    try:
        return decode_base58(text, length=32)
    except InvalidValue as error:
        raise InvalidAddress(f"{text!r} is not a Solana address: {error.message}", address=text) from error


@dataclass(frozen=True, slots=True)
class AccountId:
    """An account on one chain: EVM addresses are stored EIP-55 checksummed, Solana ones in base58.

    Source: CAIP-10.
    """

    chain: ChainId
    address: str

    def __post_init__(self) -> None:
        canonical = self._canonical(self.chain, self.raw_of(self.chain, self.address))
        if canonical != self.address:
            raise InvalidAddress(f"write {self.address!r} as {canonical}", address=self.address, expected=canonical)

    @staticmethod
    def raw_of(chain: ChainId, address: str) -> bytes:
        return parse_evm_address(address) if chain.family == "eip155" else parse_solana_address(address)

    @staticmethod
    def _canonical(chain: ChainId, raw: bytes) -> str:
        return checksum_address(raw) if chain.family == "eip155" else encode_base58(raw)

    @classmethod
    def of(cls, chain: ChainId, address: str) -> Self:
        """From user text: accepts EVM addresses of one case and stores the checksummed form."""
        return cls(chain, cls._canonical(chain, cls.raw_of(chain, address)))

    @classmethod
    def from_raw(cls, chain: ChainId, raw: bytes) -> Self:
        """From 20 bytes (EVM) or 32 bytes (Solana)."""
        if chain.family == "solana" and len(raw) != 32:
            raise InvalidAddress(f"a Solana address has 32 bytes, not {len(raw)}")
        # Canonical as it comes: reading it again to check it would cost four times as much as writing it.
        account = object.__new__(cls)
        object.__setattr__(account, "chain", chain)
        object.__setattr__(account, "address", cls._canonical(chain, raw))
        return account

    @classmethod
    def parse(cls, text: str) -> Self:
        namespace, _, rest = text.partition(":")
        reference, _, address = rest.partition(":")
        return cls(ChainId(f"{namespace}:{reference}"), address)

    @property
    def raw(self) -> bytes:
        """20 bytes (EVM) or 32 bytes (Solana)."""
        return self.raw_of(self.chain, self.address)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, AccountId) and self.address == other.address and self.chain == other.chain
        )

    def __hash__(self) -> int:
        # Of the address alone: text keeps its hash, and hardly anybody has one address on many chains in one table.
        return hash(self.address)

    def __str__(self) -> str:
        return f"{self.chain}:{self.address}"
