"""A rule document in English."""

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

# Not from strftime: that depends on the machine's locale.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DELIVERY = {
    Delivery.WITH_ORDER: "handed over with the order",
    Delivery.PICKUP: "to be picked up",
    Delivery.SHIPPED: "sent to you",
}
_PERIOD = {
    LimitPeriod.EVER: "in all",
    LimitPeriod.DAY: "a day",
    LimitPeriod.WEEK: "a week",
    LimitPeriod.MONTH: "a month",
}
_ENTITY = {
    LimitEntity.CAMPAIGN: "by everybody together",
    LimitEntity.HOLDER: "by each holder",
    LimitEntity.HOLDER_WALLET: "by each holder of whom nothing is verified",
    LimitEntity.HOLDER_EMAIL: "by each holder with a verified address and no reviewed document",
    LimitEntity.HOLDER_DOCUMENT: "by each holder with a reviewed document",
    LimitEntity.MERCHANT: "at each shop",
}
_POWERS = {
    CampaignPower.ADD_MERCHANT: "add shops",
    CampaignPower.PAUSE: "pause redemption",
    CampaignPower.REMOVE_MERCHANT: "remove shops",
    CampaignPower.TICKET_SIGNER: "change who signs claim tickets",
    CampaignPower.VOID: "cancel vouchers",
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
    return f"{plain_sum(minor or 0, rules.currency)} {rules.currency}"


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}" + ("" if number == 1 else "s")


def _effect(rules: RuleDocument) -> str:
    effect = rules.effect
    spend = f" when you spend at least {_sum(rules, effect.min_spend)}" if effect.min_spend else ""
    match rules.kind:
        case VoucherKind.THRESHOLD:
            if effect.per_each:
                return (
                    f"{_sum(rules, effect.amount_off)} off for every full {_sum(rules, effect.min_spend)} that you "
                    f"spend, at most {_sum(rules, effect.max_off)}."
                )
            return f"{_sum(rules, effect.amount_off)} off{spend}."
        case VoucherKind.PERCENT:
            base = " of the price before other vouchers" if rules.base is Base.ORIGINAL else ""
            return f"{percentage(effect.percent_bp or 0)} % off{base}, at most {_sum(rules, effect.max_off)}{spend}."
        case VoucherKind.CASH:
            return f"Worth up to {_sum(rules, effect.amount_off)}{spend}; what you do not use is lost."
        case VoucherKind.GIFT:
            units = f" with at least {_count(effect.min_quantity, 'unit')} in the cart" if effect.min_quantity else ""
            assert effect.delivery is not None
            return (
                f"{effect.quantity:,} × {effect.sku} for free{spend}{units}, while stocks last, "
                f"{_DELIVERY[effect.delivery]}."
            )
        case VoucherKind.STORED_VALUE:
            return f"A balance of {_sum(rules, effect.balance)} to pay with; what you do not spend stays on it."
        case VoucherKind.POINTS:
            return _points(rules)


def _points(rules: RuleDocument) -> str:
    earn, redeem, lifetime = rules.effect.earn_rate, rules.effect.redeem_rate, rules.effect.lifetime_seconds
    assert earn is not None
    assert redeem is not None
    assert lifetime is not None
    return (
        f"{_count(earn.points, 'point')} for each {_sum(rules, earn.minor)} that you pay; "
        f"{_count(redeem.points, 'point')} pay {_sum(rules, redeem.minor)}; "
        f"points expire {_count(*duration(lifetime))} after you earn them, the oldest are spent first."
    )


def _names(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)) if values else "nothing (closed)"


def _where(rules: RuleDocument) -> Iterator[str]:
    eligible = rules.eligible
    for what, values in (("stores", eligible.stores), ("categories", eligible.categories), ("goods", eligible.skus)):
        if values is not None:
            yield f"Only for these {what}: {_names(values)}."
    if eligible.excluded_skus:
        yield f"Not for: {_names(eligible.excluded_skus)}."
    if eligible.merchants is not None and len(eligible.merchants) > 1:
        yield f"Accepted by {len(eligible.merchants)} shops."


def _day(rules: RuleDocument, moment: int) -> str:
    local = local_moment(moment, rules.zone)
    text = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    return text if (local.hour, local.minute, local.second) == (0, 0, 0) else f"{text}, {_clock(rules, moment)}"


def _clock(rules: RuleDocument, moment: int) -> str:
    local = local_moment(moment, rules.zone)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def _until(rules: RuleDocument, moment: int) -> str:
    day = last_day(moment, rules.zone)
    if day is None:
        return f"until {_day(rules, moment)}"
    return f"until the end of {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _when(rules: RuleDocument) -> str:
    claim = f" Claim it {_until(rules, rules.claim_until)}." if rules.claim_until is not None else ""
    return f"Valid from {_day(rules, rules.valid_from)} {_until(rules, rules.valid_until)} ({rules.zone} time).{claim}"


def _how_often(rules: RuleDocument) -> Iterator[str]:
    if rules.per_holder is not None:
        yield f"At most {rules.per_holder:,} per account."
    if rules.claim.per_identity is not None:
        yield f"At most {rules.claim.per_identity:,} per person or device."
    for limit in rules.limits:
        if limit.count:
            yield f"Used at most {_count(limit.count, 'time')} {_PERIOD[limit.period]} {_ENTITY[limit.entity]}."
        else:
            yield f"Cannot be used {_ENTITY[limit.entity].replace('each holder', 'a holder')}."


def _combining(rules: RuleDocument) -> str:
    stacking = rules.stacking
    if stacking.group == EXCLUSIVE:
        return "Cannot be combined with any other voucher."
    several = f", at most {stacking.per_campaign} of this kind in one order" if stacking.per_campaign > 1 else ""
    if stacking.group == JOINT:
        return (
            f"Can be combined with every voucher that agrees, at most {stacking.max_per_order} in one order{several}."
        )
    if not stacking.consents:
        return "Cannot be combined with any other voucher."
    return (
        f"Can be combined with vouchers of the groups {_names(stacking.consents)}, "
        f"at most {stacking.max_per_order} in one order{several}."
    )


def _transfer(rules: RuleDocument) -> str:
    return {
        TransferPolicy.FREE: "You may hand it on.",
        TransferPolicy.ONCE: "You may hand it on once.",
        TransferPolicy.BOUND: "You cannot hand it on.",
    }[rules.transfer]


def _refund(rules: RuleDocument) -> Iterator[str]:
    if rules.kind is VoucherKind.STORED_VALUE:
        yield (
            "A refund of what it paid goes back onto the balance."
            if rules.refund.window_seconds
            else ("What it has paid does not come back onto the balance.")
        )
        return
    yield {
        RefundPolicy.KEEP: "If you return a part, the goods that you keep keep their discount.",
        RefundPolicy.RECOMPUTE: "If you return a part, what you keep is priced anew under these terms.",
        RefundPolicy.FORFEIT: "If you return a part, the discount on what you keep is charged and the voucher is gone.",
    }[rules.refund.policy]
    if rules.refund.window_seconds:
        yield (
            f"After a full refund within {_count(*duration(rules.refund.window_seconds))} you get a new voucher, "
            "while these are valid."
        )
    else:
        yield "A used voucher does not come back."
    if rules.refund.gift is GiftReturn.BACK_OR_PRICE:
        yield "If you return the goods, the gift comes back too, or its price is charged."
    elif rules.refund.gift is GiftReturn.KEPT:
        yield "The gift stays yours if you return the goods."


def _powers(rules: RuleDocument) -> str:
    declared = sorted(rules.powers.declared)
    if not declared:
        return "The issuer can change nothing afterwards."
    told = "; ".join(_POWERS[power] for power in declared)
    return f"The issuer can still: {told}{_pauses(rules)}; nothing else."


def _pauses(rules: RuleDocument) -> str:
    """Only the contract bounds pauses, and only there they move the window on."""
    if not rules.powers.max_pause_seconds:
        return ""
    longest = _count(*duration(rules.powers.max_pause_seconds))
    families = {lane.chain.family for lane in rules.lanes}
    if "solana" not in families:
        return f" (pauses of {longest} in all, by which validity is extended)"
    if families == {"solana"}:
        return " (a pause does not extend validity)"
    return f" (on EVM chains pauses of {longest} in all, by which validity is extended; on Solana none extends it)"


def _supply(rules: RuleDocument) -> str:
    if rules.kind is VoucherKind.POINTS:
        return f"At most {rules.cap:,} points are ever given; the shop keeps them, they are on no chain."
    share = percentage(rules.sponsor_bp)
    what = "what is paid with it" if rules.kind is VoucherKind.STORED_VALUE else "the discount"
    chains = _count(len(rules.lanes), "chain")
    sponsors = f", shared by {len(rules.sponsors)} organisations" if len(rules.sponsors) > 1 else ""
    return f"At most {rules.cap:,} vouchers on {chains}; the sponsor bears {share} % of {what}{sponsors}."
