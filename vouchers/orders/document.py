"""The order document of one quote (docs/rule-document.md, "Order document")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chains.intent import amount_to_json
from codec.order_document import ORDER_SCHEMA, encode_order_document
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.voucher_id import CampaignId
from vouchers.checkout.model import Quote
from vouchers.orders.model import Order, cart_to_json


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
    cart = cart_to_json(order.cart)
    asset = amount_to_json(remainder)
    document: dict[str, Any] = {
        "schema": ORDER_SCHEMA,
        "rules_version": price.rules_version,
        "now": price.now,
        "merchant": cart["merchant"],
        "order": str(order.id),
        "holder": str(holder),
        "merchant_account": str(merchant),
        "chain": str(holder.chain),
        "currency": price.currency,
        "store": cart["store"],
        "lines": cart["lines"],
        "vouchers": [
            {
                "voucher": str(applied.voucher),
                "rules_hash": rules_hashes[applied.voucher.campaign].hex(),
                "amount_minor": applied.amount_minor,
                "sponsor_minor": applied.sponsor_minor,
                "per_line": list(applied.per_line),
                "sponsor_per_line": list(applied.sponsor_per_line),
            }
            for applied in price.used
        ],
        "total_minor": price.total_minor,
        "discount_minor": price.discount_minor,
        "remainder_minor": price.remainder_minor,
        "remainder": {"asset": asset["asset"], "base_units": asset["base_units"]},
        "stock": {},
        "salt": salt.hex(),
    }
    return encode_order_document(document)
