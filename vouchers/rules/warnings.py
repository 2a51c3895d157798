"""Terms that are possible and probably not meant: told at the draft, refused by nobody."""

from __future__ import annotations

from dataclasses import dataclass

from chains.campaign import CampaignPower, TransferPolicy
from vouchers.rules.document import RuleDocument
from vouchers.rules.fields import pointer_of
from vouchers.rules.terms import EXCLUSIVE, RefundPolicy, VoucherKind

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class TermsWarning:
    """`field` (and `pointer`, RFC 6901) name the place; `code` is stable."""

    code: str
    field: str
    message: str

    @property
    def pointer(self) -> str:
        return pointer_of(self.field)


def warnings_of(rules: RuleDocument, now: int) -> tuple[TermsWarning, ...]:
    """In the order of the document. `now`: block time, Unix seconds."""
    found: list[TermsWarning] = []

    def warn(code: str, field: str, message: str) -> None:
        found.append(TermsWarning(code, field, message))

    effect, kind = rules.effect, rules.kind
    if kind is VoucherKind.CASH and effect.amount_off is not None and effect.min_spend < effect.amount_off:
        warn("cash_may_be_lost", "effect.min_spend", "below amount_off: what a small cart leaves over is lost")
    if kind is VoucherKind.PERCENT and effect.percent_bp == 10_000:
        warn("everything_free", "effect.percent_bp", "the whole amount up to max_off is free")
    if kind is VoucherKind.PERCENT and effect.percent_bp and effect.max_off and effect.min_spend:
        least = effect.min_spend * effect.percent_bp // 10_000
        if least > effect.max_off:
            warn("cap_always_reached", "effect.max_off", "every cart above min_spend reaches max_off: say cash instead")
    if kind is VoucherKind.GIFT and effect.min_spend == 0 and effect.min_quantity <= 1:
        warn("gift_for_anything", "effect.min_spend", "any purchase brings the gift")
    if rules.valid_until <= now:
        warn("over_already", "window.valid_until", "the window is over")
    elif rules.valid_until - rules.valid_from < 3_600:
        warn("short_window", "window.valid_until", "the window is shorter than an hour")
    if (
        kind is not VoucherKind.POINTS
        and rules.refund.window_seconds == 0
        and rules.refund.policy is not RefundPolicy.KEEP
    ):
        warn("no_voucher_back", "refund.window_seconds", "no redemption can be reversed: a voucher never comes back")
    if rules.refund.window_seconds > 180 * _DAY:
        warn("long_refund_window", "refund.window_seconds", "merchants wait for their money for more than 180 days")
    if rules.eligible.merchants == frozenset() or rules.eligible.skus == frozenset():
        warn("closed", "eligible", "an empty list is closed: nothing can be redeemed")
    if (
        rules.stacking.group not in rules.stacking.consents
        and rules.stacking.consents
        and rules.stacking.group != EXCLUSIVE
    ):
        warn(
            "not_with_itself",
            "stacking.consents",
            "two vouchers of this group do not combine, as it does not list itself",
        )
    if rules.per_holder is not None and rules.per_holder >= rules.cap:
        warn("limit_without_effect", "per_holder", "one account may have all of them")
    if CampaignPower.VOID in rules.powers.declared:
        warn("holders_see_void", "powers.declared", "holders are told that you can cancel their vouchers")
    if rules.transfer is TransferPolicy.FREE and rules.per_holder is not None:
        warn("limit_can_be_passed_by", "transfer", "vouchers that can be handed on gather at one account all the same")
    return tuple(found)
