"""The order document of one quote (docs/rule-document.md, "Order document")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chains.intent import amount_to_json
from codec.order_document import ORDER_SCHEMA, encode_order_document
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.voucher_id import CampaignId
from vouchers.checkout.model import AppliedVoucher, Quote, SpentPoints
from vouchers.checkout.quote_json import line_to_json
from vouchers.orders.model import Order


def order_document(
    order: Order,
    price: Quote,
    holder: AccountId,
    merchant: AccountId,
    remainder: Amount,
    rules_hashes: Mapping[CampaignId, bytes],
    salt: bytes,
) -> bytes:
    """Canonical bytes of everything that decided this price. `salt`: 32 random bytes."""
    asset = amount_to_json(remainder)
    document: dict[str, Any] = {
        "schema": ORDER_SCHEMA,
        "rules_version": price.rules_version,
        "now": price.now,
        "merchant": order.cart.merchant,
        "order": str(order.id),
        "holder": str(holder),
        "merchant_account": str(merchant),
        "chain": str(holder.chain),
        "currency": price.currency,
        "store": order.cart.store,
        "lines": [line_to_json(line) for line in price.lines],
        "added_lines": len(price.lines) - len(order.cart.lines),
        "vouchers": [_voucher(applied, rules_hashes) for applied in price.used],
        "points": [_points(spent, rules_hashes) for spent in price.points],
        "total_minor": price.total_minor,
        "discount_minor": price.discount_minor,
        "tender_minor": price.tender_minor,
        "remainder_minor": price.remainder_minor,
        "remainder": {"asset": asset["asset"], "base_units": asset["base_units"]},
        "stock": dict(price.gifts),
        "salt": salt.hex(),
    }
    return encode_order_document(document)


def _voucher(applied: AppliedVoucher, rules_hashes: Mapping[CampaignId, bytes]) -> dict[str, Any]:
    balance, gift = applied.balance, applied.gift
    return {
        "voucher": str(applied.voucher),
        "rules_hash": rules_hashes[applied.voucher.campaign].hex(),
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
        # Left out where nothing was paused: orders without pauses are documents as they always were.
        **({"paused_seconds": applied.paused_seconds} if applied.paused_seconds else {}),
    }


def _points(spent: SpentPoints, rules_hashes: Mapping[CampaignId, bytes]) -> dict[str, Any]:
    return {
        "programme": str(spent.programme),
        "rules_hash": rules_hashes[spent.programme].hex(),
        "points": spent.points,
        "amount_minor": spent.amount_minor,
        "per_line": list(spent.per_line),
        "balance": spent.balance,
    }
