"""Random carts and vouchers from a seed: the same seed gives the same case on every machine."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from chains.campaign import TransferPolicy
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from vouchers.checkout.model import Cart, CartLine
from vouchers.rules import Effect, Eligibility, LaneRules, RuleDocument, Stacking, VoucherKind

NOW = 1_850_000_000
_CHAIN = ChainId.evm(31337)
_ACCOUNT = AccountId.from_raw(_CHAIN, bytes(19) + b"\1")
_SETTLEMENT = Asset(AssetId.fungible(_CHAIN, _ACCOUNT.address), "tCNY", 6)
_MERCHANT = "sample"
_CATEGORIES = ("tea", "cake", "cups", "gifts")
_GROUPS = ("joint", "house", "brand", "bank", "exclusive")
_WEIGHTS = (4, 3, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class ShopCase:
    """One cart and the vouchers of its holder."""

    cart: Cart
    vouchers: tuple[VoucherId, ...]
    terms: Mapping[CampaignId, RuleDocument]


def campaign_id(number: int) -> CampaignId:
    return CampaignId(number.to_bytes(24, "big"))


def rule_document(
    kind: VoucherKind, effect: Effect, stacking: Stacking, eligible: Eligibility | None = None
) -> RuleDocument:
    """A campaign of the sample shop."""
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
        eligible=eligible or Eligibility(merchants=None),
        stacking=stacking,
        sponsor_bp=10_000,
        transfer=TransferPolicy.BOUND,
        lanes=(LaneRules(0, _CHAIN, 10, _ACCOUNT, _ACCOUNT, (_ACCOUNT,), _SETTLEMENT, 0, 10_000),),
    )


def random_case(seed: int, *, vouchers: int, lines: int) -> ShopCase:
    """A shopping basket: prices as in a shop, campaigns of every kind, groups that mostly agree in part."""
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
    terms = {campaign_id(number): _random_terms(chance, cart) for number in range(1, vouchers + 1)}
    return ShopCase(cart, tuple(_first(campaign) for campaign in terms), terms)


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
            Eligibility(merchants=None, categories=frozenset(chance.sample(_CATEGORIES, 3))),
        )
        for number in range(1, vouchers + 1)
    }
    return ShopCase(cart, tuple(_first(campaign) for campaign in terms), terms)


def _first(campaign: CampaignId) -> VoucherId:
    return VoucherId(campaign, Serial(0, SerialClass.SINGLE, 1))


def _random_terms(chance: random.Random, cart: Cart) -> RuleDocument:
    total = max(cart.total_minor, 100)
    kind = chance.choice((VoucherKind.THRESHOLD, VoucherKind.PERCENT, VoucherKind.CASH))
    spend = chance.choice((0, chance.randint(1, total)))
    match kind:
        case VoucherKind.THRESHOLD:
            spend = max(spend, 100)
            each = chance.random() < 0.3
            off = chance.randint(1, max(spend // 4, 1))
            effect = Effect(spend, off, each, max_off=off * chance.randint(1, 4) if each else None)
        case VoucherKind.PERCENT:
            effect = Effect(spend, percent_bp=chance.randint(100, 5_000), max_off=chance.randint(1, total // 3 + 1))
        case VoucherKind.CASH:
            effect = Effect(spend, chance.randint(1, total // 5 + 1))
    group = chance.choices(_GROUPS, _WEIGHTS)[0]
    named = frozenset(other for other in _GROUPS if chance.random() < 0.7) - {"exclusive"}
    consents = frozenset() if group in ("joint", "exclusive") else named
    categories = None if chance.random() < 0.5 else frozenset(chance.sample(_CATEGORIES, chance.randint(1, 3)))
    skus = [line.sku for line in cart.lines]
    excluded = frozenset(chance.sample(skus, min(len(skus) - 1, 2))) if chance.random() < 0.2 else frozenset()
    return rule_document(
        kind,
        effect,
        Stacking(group, consents, chance.randint(1, 200)),
        Eligibility(merchants=None, categories=categories, excluded_skus=excluded),
    )
