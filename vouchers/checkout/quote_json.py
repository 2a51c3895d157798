"""A quote as JSON, and back: how quotes are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.model import (
    AppliedVoucher,
    CartLine,
    GiftGiven,
    Quote,
    SpentPoints,
    StoredBalance,
    UnusedPoints,
    UnusedReason,
    UnusedVoucher,
)
from vouchers.rules import VoucherKind


def line_to_json(line: CartLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price_minor,
        "category": line.category,
    }


def quote_to_json(price: Quote) -> dict[str, Any]:
    return {
        "currency": price.currency,
        "lines": [line_to_json(line) for line in price.lines],
        "total_minor": price.total_minor,
        "discount_minor": price.discount_minor,
        "tender_minor": price.tender_minor,
        "remainder_minor": price.remainder_minor,
        "payable_per_line": list(price.payable_per_line),
        "used": [_applied_to_json(applied) for applied in price.used],
        "points": [
            {
                "programme": str(spent.programme),
                "points": spent.points,
                "amount_minor": spent.amount_minor,
                "per_line": list(spent.per_line),
                "balance": spent.balance,
            }
            for spent in price.points
        ],
        "unused": [
            {
                "voucher": str(unused.voucher),
                "reason": unused.reason.value,
                "would_give_minor": unused.would_give_minor,
                "spend_more": unused.spend_more,
                "units_more": unused.units_more,
            }
            for unused in price.unused
        ],
        "unused_points": [
            {"programme": str(unused.programme), "reason": unused.reason.value} for unused in price.unused_points
        ],
        "now": price.now,
        "rules_version": price.rules_version,
        "nodes": price.nodes,
        "bound_minor": price.bound_minor,
        "tender_bound_minor": price.tender_bound_minor,
    }


def quote_from_json(data: Mapping[str, Any]) -> Quote:
    return Quote(
        currency=data["currency"],
        lines=tuple(CartLine(**line) for line in data["lines"]),
        total_minor=data["total_minor"],
        discount_minor=data["discount_minor"],
        tender_minor=data["tender_minor"],
        remainder_minor=data["remainder_minor"],
        payable_per_line=tuple(data["payable_per_line"]),
        used=tuple(_applied_from_json(item) for item in data["used"]),
        points=tuple(
            SpentPoints(
                CampaignId.parse(item["programme"]),
                item["points"],
                item["amount_minor"],
                tuple(item["per_line"]),
                item["balance"],
            )
            for item in data["points"]
        ),
        unused=tuple(
            UnusedVoucher(
                VoucherId.parse(item["voucher"]),
                UnusedReason(item["reason"]),
                item["would_give_minor"],
                item["spend_more"],
                item["units_more"],
            )
            for item in data["unused"]
        ),
        unused_points=tuple(
            UnusedPoints(CampaignId.parse(item["programme"]), UnusedReason(item["reason"]))
            for item in data["unused_points"]
        ),
        now=data["now"],
        rules_version=data["rules_version"],
        nodes=data["nodes"],
        bound_minor=data["bound_minor"],
        tender_bound_minor=data["tender_bound_minor"],
    )


def _applied_to_json(applied: AppliedVoucher) -> dict[str, Any]:
    balance, gift = applied.balance, applied.gift
    return {
        "voucher": str(applied.voucher),
        "kind": applied.kind.value,
        "amount_minor": applied.amount_minor,
        "sponsor_minor": applied.sponsor_minor,
        "per_line": list(applied.per_line),
        "sponsor_per_line": list(applied.sponsor_per_line),
        "balance": None if balance is None else {"balance_minor": balance.balance_minor, "sequence": balance.sequence},
        "gift": None
        if gift is None
        else {
            "sku": gift.sku,
            "quantity": gift.quantity,
            "freed": [list(one) for one in gift.freed],
            "added": gift.added,
            "line": gift.line,
        },
        # Named only where there is something to say, so that what was stored before stays as it was.
        **({"paused_seconds": applied.paused_seconds} if applied.paused_seconds else {}),
    }


def _applied_from_json(item: Mapping[str, Any]) -> AppliedVoucher:
    balance, gift = item["balance"], item["gift"]
    return AppliedVoucher(
        voucher=VoucherId.parse(item["voucher"]),
        kind=VoucherKind(item["kind"]),
        amount_minor=item["amount_minor"],
        sponsor_minor=item["sponsor_minor"],
        per_line=tuple(item["per_line"]),
        sponsor_per_line=tuple(item["sponsor_per_line"]),
        balance=None if balance is None else StoredBalance(**balance),
        gift=None
        if gift is None
        else GiftGiven(
            gift["sku"],
            gift["quantity"],
            tuple((line, units) for line, units in gift["freed"]),
            gift["added"],
            gift["line"],
        ),
        paused_seconds=item.get("paused_seconds", 0),
    )
