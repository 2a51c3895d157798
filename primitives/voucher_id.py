"""Identity of campaigns and vouchers, the same on every chain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from primitives.errors import InvalidValue


def _hex_bytes(text: str, length: int, what: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise InvalidValue(f"{text!r} is not {what} ({2 * length} hex digits)") from error
    if len(raw) != length or text != raw.hex():
        raise InvalidValue(f"{text!r} is not {what} ({2 * length} lower-case hex digits)")
    return raw


@dataclass(frozen=True, slots=True)
class CampaignId:
    """24 bytes: the head of keccak256 over rules hash, issuers and salt (`codec.evm.campaign_id`)."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 24:
            raise InvalidValue(f"a campaign id has 24 bytes, not {len(self.raw)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(_hex_bytes(text, 24, "a campaign id"))

    def __str__(self) -> str:
        return self.raw.hex()


class SerialClass(IntEnum):
    """How a voucher came to be; the second byte of its serial."""

    SINGLE = 0
    PACKED = 1
    DROP = 2
    REISSUE = 3


@dataclass(frozen=True, slots=True)
class Serial:
    """8 bytes: lane (8 bits, one per chain) ‖ class (8 bits) ‖ number (48 bits)."""

    lane: int
    kind: SerialClass
    number: int

    def __post_init__(self) -> None:
        if not 0 <= self.lane < 2**8 or not 0 <= self.number < 2**48:
            raise InvalidValue(f"serial lane {self.lane} number {self.number}: out of 8 and 48 bits")

    @classmethod
    def from_int(cls, value: int) -> Self:
        if not 0 <= value < 2**64:
            raise InvalidValue(f"serial {value}: out of 64 bits")
        try:
            return cls(value >> 56, SerialClass((value >> 48) & 0xFF), value & (2**48 - 1))
        except ValueError as error:
            raise InvalidValue(f"serial {value:016x} has an unknown class") from error

    def __int__(self) -> int:
        return self.lane << 56 | int(self.kind) << 48 | self.number


@dataclass(frozen=True, slots=True)
class VoucherId:
    """32 bytes, campaign ‖ serial: 64 hex digits everywhere, and on EVM the ERC-1155 token id."""

    campaign: CampaignId
    serial: Serial

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        if len(raw) != 32:
            raise InvalidValue(f"a voucher id has 32 bytes, not {len(raw)}")
        return cls(CampaignId(raw[:24]), Serial.from_int(int.from_bytes(raw[24:], "big")))

    @classmethod
    def from_token_id(cls, token_id: int) -> Self:
        if not 0 <= token_id < 2**256:
            raise InvalidValue("a token id has 256 bits")
        return cls.from_raw(token_id.to_bytes(32, "big"))

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls.from_raw(_hex_bytes(text, 32, "a voucher id"))

    @property
    def raw(self) -> bytes:
        return self.campaign.raw + int(self.serial).to_bytes(8, "big")

    @property
    def token_id(self) -> int:
        return int.from_bytes(self.raw, "big")

    def __str__(self) -> str:
        return f"{self.campaign.raw.hex()}{int(self.serial):016x}"
