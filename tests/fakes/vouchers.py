"""Rules, carts and ids for tests of vouchers."""

from __future__ import annotations

from typing import Any

from chains.campaign import TransferPolicy
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from vouchers.checkout.model import Cart, CartLine
from vouchers.rules import (
    ClaimTerms,
    Delivery,
    Effect,
    Eligibility,
    GiftReturn,
    LaneRules,
    PointRate,
    RefundTerms,
    RuleDocument,
    Stacking,
    VoucherKind,
)

EVM = ChainId.evm(31337)
SOLANA = ChainId.solana("EtWTRABZaYq6iMfeYKouRu166VU2xqa1")
ISSUER = AccountId.from_raw(EVM, bytes(19) + b"\1")
TREASURY = AccountId.from_raw(EVM, bytes(19) + b"\2")
HOLDER = AccountId.from_raw(EVM, bytes(19) + b"\3")
RELAYER = AccountId.from_raw(EVM, bytes(19) + b"\4")
STRANGER = AccountId.from_raw(EVM, bytes(19) + b"\5")
TEST_CNY = Asset(AssetId.fungible(EVM, AccountId.from_raw(EVM, bytes(19) + b"\6").address), "tCNY", 6)
TEST_CNY_ON_SOLANA = Asset(AssetId.fungible(SOLANA, AccountId.from_raw(SOLANA, b"\6" * 32).address), "tCNY", 6)
UNITS_PER_MINOR = 10_000
MERCHANT = "11111111-1111-4111-8111-111111111111"

VALID_FROM = 1_800_000_000
VALID_UNTIL = 1_900_000_000


def campaign_id(number: int = 1) -> CampaignId:
    return CampaignId(number.to_bytes(24, "big"))


def voucher_id(campaign: int = 1, number: int = 1) -> VoucherId:
    return VoucherId(campaign_id(campaign), Serial(0, SerialClass.SINGLE, number))


def rules(kind: VoucherKind = VoucherKind.THRESHOLD, effect: Effect | None = None, **changes: Any) -> RuleDocument:
    """满100减20 on one EVM lane, with the given fields in place of its own."""
    effect = effect or Effect(min_spend=10_000, amount_off=2_000)
    cap = changes.get("cap", 50)
    values: dict[str, Any] = {
        "title": "满100减20",
        "kind": kind,
        "effect": effect,
        "currency": "CNY",
        "valid_from": VALID_FROM,
        "valid_until": VALID_UNTIL,
        "zone": "Asia/Shanghai",
        "cap": cap,
        "per_holder": None,
        "eligible": Eligibility(merchants=frozenset({MERCHANT})),
        "stacking": Stacking(group="exclusive", consents=frozenset()),
        "sponsor_bp": 10_000,
        "transfer": TransferPolicy.BOUND,
        "lanes": ()
        if kind is VoucherKind.POINTS
        else (
            LaneRules(
                lane=0,
                chain=EVM,
                cap=cap,
                issuer=ISSUER,
                funder=TREASURY,
                merchants=(TREASURY,),
                settlement=TEST_CNY,
                max_payout=effect.most * UNITS_PER_MINOR,
                units_per_minor=UNITS_PER_MINOR,
            ),
        ),
    }
    if kind is VoucherKind.GIFT:
        values["refund"] = RefundTerms(gift=GiftReturn.BACK_OR_PRICE)
    if kind is VoucherKind.POINTS:
        values |= {"sponsor_bp": 0, "claim": ClaimTerms(frozenset())}
    return RuleDocument(**{**values, **changes})


GIFT = rules(VoucherKind.GIFT, Effect(10_000, sku="cup", quantity=1, max_off=3_000, delivery=Delivery.WITH_ORDER))
STORED_VALUE = rules(VoucherKind.STORED_VALUE, Effect(balance=10_000))
POINTS = rules(
    VoucherKind.POINTS,
    Effect(earn_rate=PointRate(1, 100), redeem_rate=PointRate(100, 100), lifetime_seconds=365 * 86_400),
    cap=1_000_000,
    stacking=Stacking("joint", frozenset()),
)


def every_kind() -> list[RuleDocument]:
    """One or two documents of each kind."""
    return [
        rules(),
        rules(effect=Effect(10_000, 2_000, True, max_off=6_000)),
        rules(VoucherKind.PERCENT, Effect(percent_bp=1_500, max_off=5_000)),
        rules(VoucherKind.CASH, Effect(amount_off=500)),
        GIFT,
        STORED_VALUE,
        POINTS,
    ]


def cart(*prices: int, currency: str = "CNY", merchant: str = MERCHANT, store: str | None = None) -> Cart:
    """One line per price, with skus `sku-0`, `sku-1` …"""
    lines = tuple(CartLine(f"sku-{index}", f"Item {index}", 1, price) for index, price in enumerate(prices))
    return Cart(merchant=merchant, currency=currency, lines=lines, store=store)
