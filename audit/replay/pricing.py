"""An order document priced again by the rule documents that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.model import Cart, CartLine, GiftStock, Holdings, Quote, StoredBalance
from vouchers.checkout.price import price_with
from vouchers.rules import RuleDocument


def price_again(document: Mapping[str, Any], terms: Mapping[CampaignId, RuleDocument]) -> Quote:
    """Price the order's own lines with exactly its vouchers and points, at its own time.

    Args:
        document: As `codec.order_document` decodes it.
        terms: Of every voucher's campaign and every programme of the document.

    Raises:
        InvalidValue: The rules cannot price it, or are of a version that is not known.
        KeyError, TypeError, ValueError: The document lacks something.
    """
    lines = [CartLine(**line) for line in document["lines"]]
    cart = Cart(
        merchant=document["merchant"],
        currency=document["currency"],
        lines=tuple(lines[: len(lines) - document.get("added_lines", 0)]),
        store=document["store"],
    )
    vouchers = [VoucherId.parse(one["voucher"]) for one in document["vouchers"]]
    balances = {
        VoucherId.parse(one["voucher"]): StoredBalance(**one["balance"])
        for one in document["vouchers"]
        if one.get("balance") is not None
    }
    paused = {}
    for one in document["vouchers"]:
        campaign = VoucherId.parse(one["voucher"]).campaign
        # No document moves a window on by more than its campaign's terms allow.
        paused[campaign] = min(one.get("paused_seconds", 0), terms[campaign].powers.max_pause_seconds)
    points = {CampaignId.parse(one["programme"]): int(one["balance"]) for one in document.get("points", ())}
    return price_with(
        cart,
        vouchers,
        terms,
        _stock(document, lines),
        document["now"],
        document["rules_version"],
        holdings=Holdings(balances=balances, points=points, paused_seconds=paused),
    )


def _stock(document: Mapping[str, Any], lines: list[CartLine]) -> dict[str, GiftStock]:
    """The gift catalogue as the order saw it: of what was given, at the price that stands in its line."""
    stock: dict[str, GiftStock] = {}
    for one in document["vouchers"]:
        gift = one.get("gift")
        if gift is None:
            continue
        line = next(line for line in reversed(lines) if line.sku == gift["sku"])
        known = stock.get(gift["sku"])
        available = gift["quantity"] + (0 if known is None else known.available)
        stock[gift["sku"]] = GiftStock(line.name, line.unit_price_minor, available, line.category)
    return stock


def differences(document: Mapping[str, Any], again: Quote) -> list[tuple[str, str, str]]:
    """What the recomputed price has otherwise: name, recomputed, written."""
    found: list[tuple[str, Any, Any]] = [
        ("currency", again.currency, document["currency"]),
        ("total_minor", again.total_minor, document["total_minor"]),
        ("discount_minor", again.discount_minor, document["discount_minor"]),
        ("tender_minor", again.tender_minor, document.get("tender_minor", 0)),
        ("remainder_minor", again.remainder_minor, document["remainder_minor"]),
        ("lines", len(again.lines), len(document["lines"])),
        ("vouchers", [str(one.voucher) for one in again.used], [one["voucher"] for one in document["vouchers"]]),
        ("gifts", dict(again.gifts), dict(document["stock"])),
        ("points", [str(one.programme) for one in again.points], [o["programme"] for o in document.get("points", ())]),
    ]
    for ours, theirs in zip(again.used, document["vouchers"], strict=False):
        for name in ("amount_minor", "sponsor_minor"):
            found.append((f"{ours.voucher}.{name}", getattr(ours, name), theirs[name]))
        for name in ("per_line", "sponsor_per_line"):
            found.append((f"{ours.voucher}.{name}", list(getattr(ours, name)), theirs[name]))
    for spent, written in zip(again.points, document.get("points", ()), strict=False):
        for name in ("points", "amount_minor"):
            found.append((f"{spent.programme}.{name}", getattr(spent, name), written[name]))
        found.append((f"{spent.programme}.per_line", list(spent.per_line), written["per_line"]))
    return [(name, str(ours), str(theirs)) for name, ours, theirs in found if ours != theirs]
