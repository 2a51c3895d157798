"""What one redemption of several vouchers says, in one memo, so that an order of several fits into one transaction.

Compact ASCII JSON, one encoding per value, as in `codec.solana.voucher_memo`:

    {"quanbao":1,"act":"redeem","order":O,"vouchers":[[C,[["72057594037927937","2000"],["72057594037927940","500"]]]]}

`order` and the campaigns `C` are unpadded base64url of 32 and 24 bytes. Each campaign stands once, with its vouchers as
[serial, amount in minor units], in the order of the burns. The redemption ids are left out: they follow from voucher,
holder, merchant, order and amount. An order of one voucher uses the memo of `voucher_memo`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from codec.solana.memo import MAX_MEMO_BYTES
from codec.solana.voucher_memo import VERSION, base64url, from_base64url, from_decimal
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, Serial, VoucherId


@dataclass(frozen=True, slots=True)
class OrderMemo:
    """`order_hash`: 32 bytes. `vouchers`: at least two, each with its discount in minor units (0 to 2^63-1), those of
    one campaign together."""

    order_hash: bytes
    vouchers: tuple[tuple[VoucherId, int], ...]

    def __post_init__(self) -> None:
        if len(self.order_hash) != 32:
            raise InvalidValue(f"the order of a memo has 32 bytes, not {len(self.order_hash)}")
        if len(self.vouchers) < 2:
            raise InvalidValue("an order's memo names at least two vouchers")
        if len({voucher for voucher, _ in self.vouchers}) != len(self.vouchers):
            raise InvalidValue("an order's memo names a voucher twice")
        if any(not 0 <= amount < 2**63 for _, amount in self.vouchers):
            raise InvalidValue("an amount of a memo is out of 0 to 2^63-1")
        runs = [campaign for campaign, _ in groupby(voucher.campaign for voucher, _ in self.vouchers)]
        if len(set(runs)) != len(runs):
            raise InvalidValue("an order's memo names the vouchers of one campaign together")

    def encode(self) -> bytes:
        document = {
            "quanbao": VERSION,
            "act": "redeem",
            "order": base64url(self.order_hash),
            "vouchers": [
                [base64url(campaign.raw), [[str(int(voucher.serial)), str(amount)] for voucher, amount in group]]
                for campaign, group in groupby(self.vouchers, key=lambda item: item[0].campaign)
            ],
        }
        return json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> OrderMemo:
        """Read strictly.

        Raises:
            InvalidValue: Not JSON, another version or act, a missing, wrong or extra field, or not the one encoding.
        """
        if len(data) > MAX_MEMO_BYTES:
            raise InvalidValue(f"a memo of {len(data)} bytes cannot be part of a transaction")
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InvalidValue("the memo is not JSON") from error
        if not isinstance(document, dict) or document.get("quanbao") != VERSION or document.get("act") != "redeem":
            raise InvalidValue(f"the memo is not an order's memo of version {VERSION}")
        try:
            parsed = cls(
                order_hash=from_base64url(document["order"]),
                vouchers=tuple(item for group in document["vouchers"] for item in _group(group)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidValue(f"the order's memo cannot be read: {error}") from error
        if parsed.encode() != data:
            raise InvalidValue("the order's memo is not in its one encoding")
        return parsed


def by_campaign(vouchers: Iterable[tuple[VoucherId, int]]) -> tuple[tuple[VoucherId, int], ...]:
    """The same vouchers with those of one campaign together, campaigns in the order of their first."""
    groups: dict[CampaignId, list[tuple[VoucherId, int]]] = {}
    for voucher, amount in vouchers:
        groups.setdefault(voucher.campaign, []).append((voucher, amount))
    return tuple(item for group in groups.values() for item in group)


def _group(group: Any) -> list[tuple[VoucherId, int]]:
    campaign, pairs = group
    owner = CampaignId(from_base64url(campaign))
    return [(VoucherId(owner, Serial.from_int(from_decimal(serial))), from_decimal(amount)) for serial, amount in pairs]
