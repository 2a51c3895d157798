"""What a transaction says about the serials behind its mints and burns.

Compact ASCII JSON with these keys in this order; one encoding per value, so any other spelling is refused:

    {"quanbao":1,"act":"redeem","campaign":C,"serials":[["72057594037927937","1"]],"redemption":R,"order":O,"amount":"2000"}

`campaign`, `redemption` and `order` are unpadded base64url of 24, 32 and 32 bytes (32 and 43 characters: the redemption
has to fit into 1,232 bytes with four signatures). `serials` are ranges [first, count] of decimal strings, in the order
in which the mints or burns follow each other. `amount` is in minor units of the campaign's currency.
`issue`, `move` and `void` carry no redemption, order and amount; `redeem` carries all three and one serial; `reverse`
carries the redemption that it undoes, its order and amount.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from codec.solana.memo import MAX_MEMO_BYTES
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, Serial, VoucherId

VERSION = 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")


class VoucherAct(StrEnum):
    ISSUE = "issue"
    MOVE = "move"
    REDEEM = "redeem"
    REVERSE = "reverse"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class SerialRange:
    """`count` serials one after the other from `first`, of one lane and class."""

    first: Serial
    count: int

    def __post_init__(self) -> None:
        if self.count < 1 or self.first.number + self.count > 2**48:
            raise InvalidValue(f"{self.count} serials from number {self.first.number} are out of 48 bits")

    def __iter__(self) -> Iterator[Serial]:
        for offset in range(self.count):
            yield Serial(self.first.lane, self.first.kind, self.first.number + offset)


def serial_ranges(serials: Iterable[Serial]) -> tuple[SerialRange, ...]:
    """The shortest ranges that name these serials in this order."""
    ranges: list[SerialRange] = []
    for serial in serials:
        last = ranges[-1] if ranges else None
        if last is not None and int(serial) == int(last.first) + last.count and serial.kind == last.first.kind:
            ranges[-1] = SerialRange(last.first, last.count + 1)
        else:
            ranges.append(SerialRange(serial, 1))
    return tuple(ranges)


@dataclass(frozen=True, slots=True)
class VoucherMemo:
    """One act on vouchers of one campaign.

    Attributes:
        redemption_id, order_hash: 32 bytes where the act has them, else None.
        amount_minor: The discount of the (one) voucher; None where the act has none.
    """

    act: VoucherAct
    campaign: CampaignId
    serials: tuple[SerialRange, ...]
    redemption_id: bytes | None = None
    order_hash: bytes | None = None
    amount_minor: int | None = None

    def __post_init__(self) -> None:
        if not self.serials:
            raise InvalidValue("a voucher memo names at least one serial")
        of_order = (self.redemption_id, self.order_hash, self.amount_minor)
        if self.act in (VoucherAct.REDEEM, VoucherAct.REVERSE):
            if None in of_order:
                raise InvalidValue(f"a {self.act} memo carries redemption, order and amount")
            if self.count != 1:
                raise InvalidValue(f"a {self.act} memo names one serial, not {self.count}")
        elif of_order != (None, None, None):
            raise InvalidValue(f"a memo of act {self.act} carries no redemption, order or amount")
        for value in (self.redemption_id, self.order_hash):
            if value is not None and len(value) != 32:
                raise InvalidValue(f"redemption and order of a memo have 32 bytes, not {len(value)}")
        if self.amount_minor is not None and not 0 <= self.amount_minor < 2**63:
            raise InvalidValue(f"amount {self.amount_minor} of a memo: expected 0 to 2^63-1")

    @property
    def count(self) -> int:
        """How many serials are named."""
        return sum(item.count for item in self.serials)

    def vouchers(self) -> Iterator[VoucherId]:
        """The named vouchers, in order. Compare `count` with a balance change before running through a foreign memo."""
        for item in self.serials:
            for serial in item:
                yield VoucherId(self.campaign, serial)

    def encode(self) -> bytes:
        document: dict[str, Any] = {
            "quanbao": VERSION,
            "act": str(self.act),
            "campaign": base64url(self.campaign.raw),
            "serials": [[str(int(item.first)), str(item.count)] for item in self.serials],
        }
        if self.redemption_id is not None:
            document["redemption"] = base64url(self.redemption_id)
        if self.order_hash is not None:
            document["order"] = base64url(self.order_hash)
        if self.amount_minor is not None:
            document["amount"] = str(self.amount_minor)
        return json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> VoucherMemo:
        """Read a memo strictly.

        Raises:
            InvalidValue: Not JSON, another version, a missing, wrong or extra field, or not the one encoding.
        """
        if len(data) > MAX_MEMO_BYTES:
            raise InvalidValue(f"a memo of {len(data)} bytes cannot be part of a transaction")
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InvalidValue("the memo is not JSON") from error
        if not isinstance(document, dict) or document.get("quanbao") != VERSION:
            raise InvalidValue(f"the memo is not a voucher memo of version {VERSION}")
        try:
            parsed = cls(
                act=VoucherAct(document["act"]),
                campaign=CampaignId(from_base64url(document["campaign"])),
                serials=tuple(_range(pair) for pair in document["serials"]),
                redemption_id=from_base64url(document["redemption"]) if "redemption" in document else None,
                order_hash=from_base64url(document["order"]) if "order" in document else None,
                amount_minor=from_decimal(document["amount"]) if "amount" in document else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidValue(f"the voucher memo cannot be read: {error}") from error
        if parsed.encode() != data:
            raise InvalidValue("the voucher memo is not in its one encoding")
        return parsed


def is_voucher_memo(data: bytes) -> bool:
    """Whether the text claims to be a voucher memo, of whatever version and however broken."""
    return data.startswith(b'{"quanbao":')


def base64url(raw: bytes) -> str:
    """Unpadded base64url.

    Source: RFC 4648 section 5.
    """
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64url(text: Any) -> bytes:
    """The bytes of unpadded base64url. Raises InvalidValue."""
    if not isinstance(text, str):
        raise InvalidValue("an id in a memo is text")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue("an id in a memo is not base64url") from error


def from_decimal(text: Any) -> int:
    """An integer of 1 to 20 digits without leading zeros. Raises InvalidValue."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise InvalidValue("a number in a memo is a decimal string")
    return int(text)


def _range(pair: Any) -> SerialRange:
    if not isinstance(pair, list) or len(pair) != 2:
        raise InvalidValue("a serial range is [first, count]")
    return SerialRange(Serial.from_int(from_decimal(pair[0])), from_decimal(pair[1]))
