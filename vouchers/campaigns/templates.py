"""Campaigns to begin with: the body of a draft with what most shops choose, and what it is called in two languages.

Dates, chains and numbers are the merchant's: `draft` lacks `lanes`, `valid_from` and `valid_until`. With them each is
taken as it stands, of a gift once the shop's catalogue has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Template:
    """`names` and `about` by language (`zh-CN`, `en`); `change` names the fields that a merchant looks at first."""

    id: str
    names: Mapping[str, str]
    about: Mapping[str, str]
    draft: Mapping[str, Any]
    change: tuple[str, ...]


_GIVEN_OUT = {"ways": ["list", "link"], "per_identity": 1}
_ANYHOW = {"ways": ["list", "link", "drop"], "per_identity": 1}


def _template(
    name: str, names: tuple[str, str], about: tuple[str, str], change: tuple[str, ...], **draft: Any
) -> Template:
    return Template(
        name,
        MappingProxyType({"zh-CN": names[0], "en": names[1]}),
        MappingProxyType({"zh-CN": about[0], "en": about[1]}),
        MappingProxyType({"currency": "CNY", "zone": "Asia/Shanghai", "claim": _GIVEN_OUT, **draft}),
        change,
    )


TEMPLATES: Sequence[Template] = (
    _template(
        "threshold",
        ("满100减20", "20 off from 100"),
        ("消费满额立减，适合日常促销。", "A fixed amount off from a minimum spend: for everyday promotion."),
        ("effect.min_spend", "effect.amount_off", "lanes"),
        title="满100减20",
        kind="threshold",
        claim=_ANYHOW,
        effect={"min_spend": 10_000, "amount_off": 2_000},
    ),
    _template(
        "newcomer",
        ("新客立减10元", "10 off for newcomers"),
        (
            "首次到店的顾客每人一张，可与欢迎礼触发器配合。",
            "One for each person who has never paid here; goes with the welcome trigger.",
        ),
        ("effect.amount_off", "lanes"),
        title="新客立减10元",
        kind="cash",
        effect={"amount_off": 1_000},
        per_holder=1,
    ),
    _template(
        "percent",
        ("八折优惠", "20 % off"),
        ("全单打折，封顶让利30元。", "A percentage off the whole cart, 30 at most."),
        ("effect.percent_bp", "effect.max_off", "lanes"),
        title="八折优惠",
        kind="percent",
        claim=_ANYHOW,
        effect={"percent_bp": 2_000, "max_off": 3_000},
    ),
    _template(
        "cash",
        ("5元代金券", "A 5 cash voucher"),
        ("无门槛抵扣，适合返现和感谢。", "Takes 5 off any cart: for cashback and thanks."),
        ("effect.amount_off", "lanes"),
        title="5元代金券",
        kind="cash",
        claim=_ANYHOW,
        effect={"amount_off": 500},
        transfer="free",
    ),
    _template(
        "gift",
        ("满50送茶杯", "A cup from 50"),
        ("买满即赠，按赠品库存预留。", "A gift from a minimum spend; its stock is reserved."),
        ("effect.sku", "effect.min_spend", "effect.max_off", "lanes"),
        title="满50送茶杯",
        kind="gift",
        claim=_ANYHOW,
        effect={
            "min_spend": 5_000,
            "sku": "gift-cup",
            "quantity": 1,
            "max_off": 2_500,
            "delivery": "with_order",
        },
        refund={"gift": "back_or_price"},
    ),
    _template(
        "stored_value",
        ("储值卡100元", "A stored value of 100"),
        ("可分次使用的储值，目前仅限 EVM 链。", "A balance to be used in parts; on EVM chains so far."),
        ("effect.balance", "lanes"),
        title="储值卡100元",
        kind="stored_value",
        effect={"balance": 10_000},
    ),
    _template(
        "points",
        ("消费积分", "Points"),
        ("每消费1元得1分，100分抵1元，一年有效。", "1 point for each 1 paid; 100 points are worth 1; good for a year."),
        ("effect.earn_rate", "effect.redeem_rate", "effect.lifetime_seconds"),
        title="消费积分",
        kind="points",
        effect={
            "earn_rate": {"points": 1, "minor": 100},
            "redeem_rate": {"points": 100, "minor": 100},
            "lifetime_seconds": 31_536_000,
        },
        points_cap=10_000_000,
        lanes=[],
        claim={"ways": []},
        sponsor_bp=0,
    ),
)
