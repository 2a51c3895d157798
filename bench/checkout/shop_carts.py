"""Random carts and vouchers from a seed: the same seed gives the same case on every machine."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from chains.campaign import TransferPolicy
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from vouchers.checkout.model import Cart, CartLine, GiftStock, Holdings, StoredBalance
from vouchers.checkout.price import NOTHING_HELD
from vouchers.rules import (
    Base,
    ClaimTerms,
    ClaimWay,
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

NOW = 1_850_000_000
_CHAIN = ChainId.evm(31337)
_ACCOUNT = AccountId.from_raw(_CHAIN, bytes(19) + b"\1")
_SETTLEMENT = Asset(AssetId.fungible(_CHAIN, _ACCOUNT.address), "tCNY", 6)
_MERCHANT = "sample"
_CATEGORIES = ("tea", "cake", "cups", "gifts")
_GROUPS = ("joint", "house", "brand", "bank", "exclusive")
_WEIGHTS = (4, 3, 3, 2, 1)
_GIFTS = ("cup", "bag")


@dataclass(frozen=True, slots=True)
class ShopCase:
    """One cart, what its holder has, and what the shop has of gifts."""

    cart: Cart
    vouchers: tuple[VoucherId, ...]
    terms: Mapping[CampaignId, RuleDocument]
    stock: Mapping[str, GiftStock] = field(default_factory=dict)
    holdings: Holdings = NOTHING_HELD


def campaign_id(number: int) -> CampaignId:
    return CampaignId(number.to_bytes(24, "big"))


def rule_document(
    kind: VoucherKind,
    effect: Effect,
    stacking: Stacking,
    eligible: Eligibility | None = None,
    *,
    base: Base = Base.RUNNING,
) -> RuleDocument:
    """A campaign of the sample shop."""
    points, gift = kind is VoucherKind.POINTS, kind is VoucherKind.GIFT
    stored = (effect.balance or 0) * 10_000 if kind is VoucherKind.STORED_VALUE else 0
    return RuleDocument(
        title="sample",
        kind=kind,
        effect=effect,
        currency="CNY",
        valid_from=NOW - 1,
        valid_until=NOW + 1,
        zone="Asia/Shanghai",
        cap=10,
        per_holder=None,
        eligible=eligible or Eligibility(merchants=frozenset({_MERCHANT})),
        stacking=stacking,
        sponsor_bp=0 if points else 10_000,
        transfer=TransferPolicy.BOUND,
        lanes=()
        if points
        else (LaneRules(0, _CHAIN, 10, _ACCOUNT, _ACCOUNT, (_ACCOUNT,), _SETTLEMENT, stored, 10_000),),
        base=base,
        claim=ClaimTerms(frozenset() if points else frozenset({ClaimWay.LIST})),
        refund=RefundTerms(gift=GiftReturn.KEPT if gift else None),
    )


def random_case(seed: int, *, vouchers: int, lines: int) -> ShopCase:
    """A shopping basket: prices as in a shop, campaigns of every kind, groups that mostly agree in part, now and then
    several vouchers of a campaign, some gifts out of stock, balances partly spent."""
    chance = random.Random(seed)
    items = tuple(
        CartLine(
            f"sku-{index}",
            f"Item {index}",
            chance.randint(1, 3),
            chance.choice((chance.randint(1, 50), chance.randint(100, 9_999), 990, 1_990)),
            chance.choice(_CATEGORIES),
        )
        for index in range(lines)
    )
    cart = Cart(_MERCHANT, "CNY", items)
    stock = {
        sku: GiftStock(sku, chance.randint(1, 3_000), chance.randint(0, 4))
        for sku in (*_GIFTS, *(line.sku for line in items[:2]))
    }
    terms: dict[CampaignId, RuleDocument] = {}
    held: list[VoucherId] = []
    points: dict[CampaignId, int] = {}
    balances: dict[VoucherId, StoredBalance] = {}
    while len(held) < vouchers:
        campaign = campaign_id(len(terms) + 1)
        rules = terms[campaign] = _random_terms(chance, cart, tuple(stock))
        if rules.kind is VoucherKind.POINTS:
            points[campaign] = chance.randint(0, 2 * cart.total_minor // 10)
            continue
        for number in range(1, chance.choice((1, 1, 1, 2, 3)) + 1):
            voucher = VoucherId(campaign, Serial(0, SerialClass.SINGLE, number))
            held.append(voucher)
            if rules.effect.balance is not None and chance.random() < 0.5:
                balances[voucher] = StoredBalance(chance.randint(0, rules.effect.balance), number)
    uses_left = {campaign: chance.randint(0, 2) for campaign in terms if chance.random() < 0.1}
    return ShopCase(cart, tuple(held[:vouchers]), terms, stock, Holdings(balances, points, uses_left))


def adversarial_case(seed: int, *, vouchers: int, lines: int) -> ShopCase:
    """Equal percentages that all consent and all overlap: hardly any bound tells one set from another."""
    chance = random.Random(seed)
    items = tuple(
        CartLine(f"sku-{index}", "x", 1, chance.randint(900, 1_100), _CATEGORIES[index % 4]) for index in range(lines)
    )
    cart = Cart(_MERCHANT, "CNY", items)
    terms = {
        campaign_id(number): rule_document(
            VoucherKind.PERCENT,
            Effect(0, percent_bp=1_000 + chance.randint(-2, 2), max_off=2**40),
            Stacking("joint", frozenset(), chance.randint(1, 200)),
            Eligibility(merchants=frozenset({_MERCHANT}), categories=frozenset(chance.sample(_CATEGORIES, 3))),
        )
        for number in range(1, vouchers + 1)
    }
    return ShopCase(cart, tuple(_first(campaign) for campaign in terms), terms)


def _first(campaign: CampaignId) -> VoucherId:
    return VoucherId(campaign, Serial(0, SerialClass.SINGLE, 1))


def _random_terms(chance: random.Random, cart: Cart, gifts: tuple[str, ...]) -> RuleDocument:
    total = max(cart.total_minor, 100)
    kind = chance.choices(tuple(VoucherKind), (4, 4, 4, 2, 1.5, 0.5))[0]
    spend = chance.choice((0, chance.randint(1, total)))
    base = Base.RUNNING
    match kind:
        case VoucherKind.THRESHOLD:
            spend = max(spend, 100)
            each = chance.random() < 0.3
            off = chance.randint(1, max(spend // 4, 1))
            effect = Effect(spend, off, each, max_off=off * chance.randint(1, 4) if each else None)
        case VoucherKind.PERCENT:
            effect = Effect(spend, percent_bp=chance.randint(100, 5_000), max_off=chance.randint(1, total // 3 + 1))
            base = chance.choice(tuple(Base))
        case VoucherKind.CASH:
            effect = Effect(spend, chance.randint(1, total // 5 + 1))
        case VoucherKind.GIFT:
            effect = Effect(
                spend,
                sku=chance.choice(gifts),
                quantity=chance.randint(1, 2),
                min_quantity=chance.choice((0, 0, 2)),
                max_off=3_000,
                delivery=Delivery.WITH_ORDER,
            )
            base = chance.choice(tuple(Base))
        case VoucherKind.STORED_VALUE:
            effect = Effect(balance=chance.randint(1, total))
        case VoucherKind.POINTS:
            effect = Effect(
                earn_rate=PointRate(1, 100),
                redeem_rate=PointRate(chance.randint(1, 20), chance.randint(1, 200)),
                lifetime_seconds=86_400,
            )
    return rule_document(kind, effect, _random_stacking(chance), _random_lines(chance, cart), base=base)


def _random_stacking(chance: random.Random) -> Stacking:
    group = chance.choices(_GROUPS, _WEIGHTS)[0]
    named = frozenset(other for other in _GROUPS if chance.random() < 0.7) - {"exclusive"}
    consents = frozenset[str]() if group in ("joint", "exclusive") else named
    itself = group == "joint" or group in consents
    most = chance.choice((5, 5, 5, 5, 3, 2))
    return Stacking(
        group,
        consents,
        chance.randint(1, 200),
        max_per_order=most,
        per_campaign=chance.randint(1, 2) if itself else 1,
    )


def _random_lines(chance: random.Random, cart: Cart) -> Eligibility:
    categories = None if chance.random() < 0.5 else frozenset(chance.sample(_CATEGORIES, chance.randint(1, 3)))
    skus = [line.sku for line in cart.lines]
    excluded = frozenset(chance.sample(skus, min(len(skus) - 1, 2))) if chance.random() < 0.2 else frozenset[str]()
    return Eligibility(merchants=frozenset({_MERCHANT}), categories=categories, excluded_skus=excluded)
