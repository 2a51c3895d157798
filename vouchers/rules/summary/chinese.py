"""A rule document in Chinese."""

from __future__ import annotations

from collections.abc import Iterator

from chains.campaign import CampaignPower, TransferPolicy
from vouchers.rules.document import RuleDocument
from vouchers.rules.summary.words import duration, last_day, local_moment, percentage, plain_sum
from vouchers.rules.terms import (
    EXCLUSIVE,
    JOINT,
    Base,
    Delivery,
    GiftReturn,
    LimitEntity,
    LimitPeriod,
    RefundPolicy,
    VoucherKind,
)

_CURRENCY = {"CNY": "元", "USD": "美元", "EUR": "欧元", "HKD": "港元", "JPY": "日元", "KWD": "科威特第纳尔"}
_DELIVERY = {Delivery.WITH_ORDER: "随单领取", Delivery.PICKUP: "到店自取", Delivery.SHIPPED: "邮寄"}
_PERIOD = {LimitPeriod.EVER: "累计", LimitPeriod.DAY: "每日", LimitPeriod.WEEK: "每周", LimitPeriod.MONTH: "每月"}
_ENTITY = {
    LimitEntity.CAMPAIGN: "所有人",
    LimitEntity.HOLDER: "每位持有人",
    LimitEntity.HOLDER_WALLET: "每位未经任何验证的持有人",
    LimitEntity.HOLDER_EMAIL: "每位仅验证邮箱的持有人",
    LimitEntity.HOLDER_DOCUMENT: "每位证件已经人工审核的持有人",
    LimitEntity.MERCHANT: "每家商户",
}
_UNIT = {"day": "天", "hour": "小时", "minute": "分钟", "second": "秒"}
_POWERS = {
    CampaignPower.ADD_MERCHANT: "增加商户",
    CampaignPower.PAUSE: "暂停核销",
    CampaignPower.REMOVE_MERCHANT: "移除商户",
    CampaignPower.TICKET_SIGNER: "更换领取凭证的签名人",
    CampaignPower.VOID: "作废券",
}


def sentences(rules: RuleDocument) -> Iterator[str]:
    """In the order in which people ask."""
    yield _effect(rules)
    yield from _where(rules)
    yield _when(rules)
    yield from _how_often(rules)
    if rules.kind is not VoucherKind.POINTS:
        yield _combining(rules)
        yield _transfer(rules)
        yield from _refund(rules)
        yield _powers(rules)
    yield _supply(rules)


def _sum(rules: RuleDocument, minor: int | None) -> str:
    unit = _CURRENCY.get(rules.currency)
    text = plain_sum(minor or 0, rules.currency)
    return f"{text}{unit}" if unit else f"{text} {rules.currency}"


def _length(seconds: int) -> str:
    number, unit = duration(seconds)
    return f"{number:,}{_UNIT[unit]}"


def _effect(rules: RuleDocument) -> str:
    effect = rules.effect
    spend = f"满{_sum(rules, effect.min_spend)}" if effect.min_spend else ""
    match rules.kind:
        case VoucherKind.THRESHOLD:
            if effect.per_each:
                return f"每{spend}减{_sum(rules, effect.amount_off)}，最多减{_sum(rules, effect.max_off)}。"
            return f"{spend}减{_sum(rules, effect.amount_off)}。"
        case VoucherKind.PERCENT:
            base = "按使用其他券之前的价格，" if rules.base is Base.ORIGINAL else ""
            off = effect.percent_bp or 0
            fold = "免费" if off == 10_000 else f"打{_fold(10_000 - off)}折（减{percentage(off)}%）"
            return f"{base}{spend}{fold}，最多减{_sum(rules, effect.max_off)}。"
        case VoucherKind.CASH:
            return f"{spend}可抵{_sum(rules, effect.amount_off)}，未用完部分作废。"
        case VoucherKind.GIFT:
            units = f"满{effect.min_quantity:,}件" if effect.min_quantity else ""
            given = f"{spend}{units}赠" if spend or units else "赠"
            assert effect.delivery is not None
            return f"{given} {effect.sku} × {effect.quantity:,}，{_DELIVERY[effect.delivery]}，赠完即止。"
        case VoucherKind.STORED_VALUE:
            return f"储值{_sum(rules, effect.balance)}，可分次使用，余额保留。"
        case VoucherKind.POINTS:
            return _points(rules)


def _fold(paid_bp: int) -> str:
    """How Chinese tells a discount: 8,750 basis points to pay are "8.75"."""
    whole, part = divmod(paid_bp, 1_000)
    return f"{whole}" + (f".{part:03d}".rstrip("0") if part else "")


def _points(rules: RuleDocument) -> str:
    earn, redeem, lifetime = rules.effect.earn_rate, rules.effect.redeem_rate, rules.effect.lifetime_seconds
    assert earn is not None
    assert redeem is not None
    assert lifetime is not None
    return (
        f"每支付{_sum(rules, earn.minor)}得{earn.points:,}积分；{redeem.points:,}积分抵{_sum(rules, redeem.minor)}；"
        f"积分自获得起{_length(lifetime)}后过期，先到期的先用。"
    )


def _names(values: frozenset[str]) -> str:
    return "、".join(sorted(values)) if values else "无（不开放）"


def _where(rules: RuleDocument) -> Iterator[str]:
    eligible = rules.eligible
    for what, values in (("门店", eligible.stores), ("品类", eligible.categories), ("商品", eligible.skus)):
        if values is not None:
            yield f"仅限以下{what}：{_names(values)}。"
    if eligible.excluded_skus:
        yield f"不适用于：{_names(eligible.excluded_skus)}。"
    if eligible.merchants is not None and len(eligible.merchants) > 1:
        yield f"{len(eligible.merchants)}家商户通用。"


def _day(rules: RuleDocument, moment: int) -> str:
    local = local_moment(moment, rules.zone)
    text = f"{local.year}年{local.month}月{local.day}日"
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return text if clock == "00:00" else f"{text} {clock}"


def _until(rules: RuleDocument, moment: int) -> str:
    day = last_day(moment, rules.zone)
    return f"{_day(rules, moment)}前" if day is None else f"{day.year}年{day.month}月{day.day}日（含当日）"


def _when(rules: RuleDocument) -> str:
    claim = f"领取截止：{_until(rules, rules.claim_until)}。" if rules.claim_until is not None else ""
    return f"有效期：{_day(rules, rules.valid_from)}至{_until(rules, rules.valid_until)}（{rules.zone} 时间）。{claim}"


def _how_often(rules: RuleDocument) -> Iterator[str]:
    if rules.per_holder is not None:
        yield f"每个账户限领{rules.per_holder:,}张。"
    if rules.claim.per_identity is not None:
        yield f"每人或每台设备限领{rules.claim.per_identity:,}张。"
    for limit in rules.limits:
        if limit.count:
            yield f"{_ENTITY[limit.entity]}{_PERIOD[limit.period]}最多使用{limit.count:,}次。"
        else:
            yield f"{_ENTITY[limit.entity].removeprefix('每位')}不可使用。"


def _combining(rules: RuleDocument) -> str:
    stacking = rules.stacking
    if stacking.group == EXCLUSIVE or (stacking.group != JOINT and not stacking.consents):
        return "不可与其他券同用。"
    several = f"，其中本券最多{stacking.per_campaign}张" if stacking.per_campaign > 1 else ""
    if stacking.group == JOINT:
        return f"可与同意叠加的券同用，每单最多{stacking.max_per_order}张{several}。"
    return f"可与以下组的券同用：{_names(stacking.consents)}，每单最多{stacking.max_per_order}张{several}。"


def _transfer(rules: RuleDocument) -> str:
    return {
        TransferPolicy.FREE: "可以转赠。",
        TransferPolicy.ONCE: "可以转赠一次。",
        TransferPolicy.BOUND: "不可转赠。",
    }[rules.transfer]


def _refund(rules: RuleDocument) -> Iterator[str]:
    if rules.kind is VoucherKind.STORED_VALUE:
        yield "退款时，已支付部分退回余额。" if rules.refund.window_seconds else "已支付部分不退回余额。"
        return
    yield {
        RefundPolicy.KEEP: "部分退货时，保留的商品仍享优惠。",
        RefundPolicy.RECOMPUTE: "部分退货时，保留的商品按本规则重新计价。",
        RefundPolicy.FORFEIT: "部分退货时，补收保留商品的优惠，券不退回。",
    }[rules.refund.policy]
    if rules.refund.window_seconds:
        yield f"{_length(rules.refund.window_seconds)}内全额退款且仍在有效期内的，补发新券。"
    else:
        yield "已使用的券不退回。"
    if rules.refund.gift is GiftReturn.BACK_OR_PRICE:
        yield "退货时须退回赠品，否则按价补款。"
    elif rules.refund.gift is GiftReturn.KEPT:
        yield "退货时赠品可以保留。"


def _powers(rules: RuleDocument) -> str:
    declared = sorted(rules.powers.declared)
    if not declared:
        return "发行方事后不能更改任何内容。"
    told = "、".join(_POWERS[power] for power in declared)
    return f"发行方仍可：{told}{_pauses(rules)}；除此之外不能更改。"


def _pauses(rules: RuleDocument) -> str:
    """Only the contract bounds pauses, and only there they move the window on."""
    if not rules.powers.max_pause_seconds:
        return ""
    longest = _length(rules.powers.max_pause_seconds)
    families = {lane.chain.family for lane in rules.lanes}
    if "solana" not in families:
        return f"（累计暂停不超过{longest}，有效期相应顺延）"
    if families == {"solana"}:
        return "（暂停不延长有效期）"
    return f"（EVM 链上累计暂停不超过{longest}，有效期相应顺延；Solana 上暂停不延长有效期）"


def _supply(rules: RuleDocument) -> str:
    if rules.kind is VoucherKind.POINTS:
        return f"积分总量不超过{rules.cap:,}；由商户记账，不在链上。"
    share = percentage(rules.sponsor_bp)
    what = "储值支付额" if rules.kind is VoucherKind.STORED_VALUE else "优惠"
    sponsors = f"（{len(rules.sponsors)}家机构分担）" if len(rules.sponsors) > 1 else ""
    return f"最多发行{rules.cap:,}张，分布于{len(rules.lanes)}条链；{what}的{share}%由出资方承担{sponsors}。"
