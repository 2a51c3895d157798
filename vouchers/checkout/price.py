"""The price of a cart with the vouchers that its holder has.

A pure function: the same input gives the same output for ever, so that an auditor can replay every redemption.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.candidate import Candidate, Taken
from vouchers.checkout.combination import Combination, apply_in_order, best_combination
from vouchers.checkout.eligibility import Refusal, candidate_of
from vouchers.checkout.model import (
    AppliedVoucher,
    Cart,
    GiftGiven,
    GiftStock,
    Holdings,
    Quote,
    SpentPoints,
    UnusedPoints,
    UnusedReason,
    UnusedVoucher,
)
from vouchers.checkout.reasons import Reasons
from vouchers.checkout.shares import borne_by_sponsors, sponsor_per_line
from vouchers.rules import MAX_PER_ORDER, RULES_VERSION, RuleDocument, VoucherKind

OrderKey = tuple[bool, int, str, int, int]
NOTHING_HELD = Holdings()


def order_key(voucher: VoucherId | CampaignId, rules: RuleDocument) -> OrderKey:
    """The one total order: discounts before tender, priority, campaign id, expiry, serial (rules.md §3).

    A campaign's id stands for its points, which have no serial."""
    if isinstance(voucher, CampaignId):
        return rules.kind.is_tender, rules.stacking.priority, str(voucher), rules.valid_until, 0
    return (
        rules.kind.is_tender,
        rules.stacking.priority,
        str(voucher.campaign),
        rules.valid_until,
        int(voucher.serial),
    )


def price(
    cart: Cart,
    vouchers: Sequence[VoucherId],
    terms: Mapping[CampaignId, RuleDocument],
    stock: Mapping[str, GiftStock],
    now: int,
    rules_version: int,
    max_per_order: int = MAX_PER_ORDER,
    *,
    holdings: Holdings = NOTHING_HELD,
) -> Quote:
    """Choose the best vouchers that consent to each other, and say for every other why it is not used.

    Args:
        vouchers: The holder's live vouchers, in any order.
        terms: The rules of each voucher's campaign and of each points programme.
        stock: The merchant's gift catalogue, per sku.
        now: Block time, Unix seconds.
        rules_version: Which text of the rules decides.
        max_per_order: Most vouchers that the order's chain takes in one act, at most 5.
        holdings: Balances, points and what limits allow, at the time of the quote.

    Raises:
        InvalidValue: An unknown version, a voucher named twice or without terms, or a limit outside 1..5.

    Source: rules.md §1–§4.
    """
    _check(vouchers, terms, rules_version, max_per_order, holdings)
    entries = _entries(cart, vouchers, terms, stock, now, holdings)
    usable = _usable(entries, holdings, max_per_order)
    found = best_combination(
        [entry.candidate for entry in usable], [line.amount_minor for line in cart.lines], limit=max_per_order
    )
    return _quote(cart, entries, usable, found, now, rules_version, max_per_order, holdings)


def price_with(
    cart: Cart,
    vouchers: Sequence[VoucherId],
    terms: Mapping[CampaignId, RuleDocument],
    stock: Mapping[str, GiftStock],
    now: int,
    rules_version: int,
    *,
    holdings: Holdings = NOTHING_HELD,
) -> Quote:
    """The price with exactly these vouchers and points, in the total order; what no longer applies is left out.

    A refund prices what is kept like this, with the vouchers and the `now` of the purchase.

    Raises:
        InvalidValue: As `price`.

    Source: rules.md §6.
    """
    _check(vouchers, terms, rules_version, MAX_PER_ORDER, holdings)
    entries = _entries(cart, vouchers, terms, stock, now, holdings)
    amounts = [line.amount_minor for line in cart.lines]
    usable = [entry for entry in entries if entry.candidate_or_none is not None]
    taken = apply_in_order([entry.candidate for entry in usable], amounts)
    effective = [(place, one) for place, one in enumerate(taken) if one.worth > 0]
    tender = sum(one.worth for place, one in effective if usable[place].candidate.is_tender)
    score = sum(one.worth for _, one in effective) - tender, tender
    found = Combination(tuple(place for place, _ in effective), tuple(one for _, one in effective), score, 0, score)
    return _quote(cart, entries, usable, found, now, rules_version, MAX_PER_ORDER, holdings)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A voucher, or a programme's points, with what it can do on this cart."""

    what: VoucherId | CampaignId
    rules: RuleDocument
    outcome: Candidate | Refusal

    @property
    def campaign(self) -> CampaignId:
        return self.what if isinstance(self.what, CampaignId) else self.what.campaign

    @property
    def candidate_or_none(self) -> Candidate | None:
        return self.outcome if isinstance(self.outcome, Candidate) else None

    @property
    def candidate(self) -> Candidate:
        assert isinstance(self.outcome, Candidate)
        return self.outcome


def _entries(
    cart: Cart,
    vouchers: Sequence[VoucherId],
    terms: Mapping[CampaignId, RuleDocument],
    stock: Mapping[str, GiftStock],
    now: int,
    holdings: Holdings,
) -> list[_Entry]:
    """In the total order."""
    things: list[tuple[VoucherId | CampaignId, RuleDocument]] = [
        *((voucher, terms[voucher.campaign]) for voucher in vouchers),
        *((programme, terms[programme]) for programme in holdings.points),
    ]
    things.sort(key=lambda thing: order_key(*thing))
    return [_Entry(what, rules, candidate_of(cart, what, rules, stock, now, holdings)) for what, rules in things]


def _usable(entries: Iterable[_Entry], holdings: Holdings, max_per_order: int) -> list[_Entry]:
    """What the search looks at: of vouchers that are equal, as many as can be used, each after the one before."""
    usable: list[_Entry] = []
    last: dict[CampaignId, int] = {}
    copies: dict[CampaignId, int] = {}
    for entry in entries:
        candidate = entry.candidate_or_none
        if candidate is None:
            continue
        most = min(entry.rules.stacking.per_campaign, max_per_order)
        most = min(most, holdings.uses_left.get(entry.campaign, most))
        if entry.rules.kind is VoucherKind.STORED_VALUE:
            candidate = candidate.among(most)
        elif copies.get(entry.campaign, 0) < most:
            copies[entry.campaign] = copies.get(entry.campaign, 0) + 1
            candidate = candidate.among(most, last.get(entry.campaign))
            last[entry.campaign] = len(usable)
        else:
            continue
        usable.append(_Entry(entry.what, entry.rules, candidate))
    return usable


def _quote(
    cart: Cart,
    entries: Sequence[_Entry],
    usable: Sequence[_Entry],
    found: Combination,
    now: int,
    rules_version: int,
    max_per_order: int,
    holdings: Holdings,
) -> Quote:
    lines = list(cart.lines)
    places: dict[int, int] = {}
    for one, taken in zip(found.chosen, found.taken, strict=True):
        offer = usable[one].candidate.gift
        if offer is not None and taken.gift is not None and taken.gift.added:
            places[one] = len(lines)
            lines.append(offer.line(taken.gift.added))
    used: list[AppliedVoucher] = []
    points: list[SpentPoints] = []
    payable = [line.amount_minor for line in lines]
    for one, taken in zip(found.chosen, found.taken, strict=True):
        entry = usable[one]
        per_line = _per_line(taken, places.get(one), len(lines))
        payable = [amount - part for amount, part in zip(payable, per_line, strict=True)]
        if isinstance(entry.what, VoucherId):
            used.append(_applied(entry.what, entry, taken, per_line, places.get(one), holdings))
        else:
            points.append(_spent(entry.what, entry, per_line, holdings))
    reasons = Reasons(
        used=[(usable[one].what, usable[one].rules) for one in found.chosen],
        left=payable[: len(cart.lines)],
        max_per_order=max_per_order,
        uses_left=holdings.uses_left,
    )
    chosen = {usable[one].what for one in found.chosen}
    discount, tender = found.score
    total = sum(line.amount_minor for line in lines)
    return Quote(
        currency=cart.currency,
        lines=tuple(lines),
        total_minor=total,
        discount_minor=discount,
        tender_minor=tender,
        remainder_minor=total - discount - tender,
        payable_per_line=tuple(payable),
        used=tuple(used),
        points=tuple(points),
        unused=tuple(
            _unused(entry.what, entry, reasons)
            for entry in entries
            if isinstance(entry.what, VoucherId) and entry.what not in chosen
        ),
        unused_points=tuple(
            UnusedPoints(entry.what, _reason(entry, reasons))
            for entry in entries
            if isinstance(entry.what, CampaignId) and entry.what not in chosen
        ),
        now=now,
        rules_version=rules_version,
        nodes=found.nodes,
        bound_minor=found.bound[0],
        tender_bound_minor=found.bound[1],
    )


def _per_line(taken: Taken, added: int | None, lines: int) -> tuple[int, ...]:
    """Over all lines of the quote; what is added is free, so the voucher takes the whole of its line."""
    per_line = [*taken.per_line, *(0,) * (lines - len(taken.per_line))]
    if added is not None:
        assert taken.gift is not None
        per_line[added] = taken.gift.added_worth
    return tuple(per_line)


def _applied(
    voucher: VoucherId,
    entry: _Entry,
    taken: Taken,
    per_line: tuple[int, ...],
    added: int | None,
    holdings: Holdings,
) -> AppliedVoucher:
    offer = entry.candidate.gift
    given = None
    if offer is not None:
        assert taken.gift is not None
        given = GiftGiven(offer.sku, offer.quantity, taken.gift.freed, taken.gift.added, added)
    stored = entry.rules.kind is VoucherKind.STORED_VALUE
    return AppliedVoucher(
        voucher=voucher,
        amount_minor=taken.worth,
        sponsor_minor=borne_by_sponsors(entry.rules, taken.worth),
        per_line=per_line,
        sponsor_per_line=sponsor_per_line(entry.rules, per_line),
        kind=entry.rules.kind,
        balance=holdings.balance_of(voucher, entry.rules) if stored else None,
        gift=given,
        paused_seconds=holdings.paused_seconds.get(voucher.campaign, 0),
    )


def _spent(programme: CampaignId, entry: _Entry, per_line: tuple[int, ...], holdings: Holdings) -> SpentPoints:
    amount = sum(per_line)
    rate = entry.rules.effect.redeem_rate
    assert rate is not None
    return SpentPoints(programme, -(-amount * rate.points // rate.minor), amount, per_line, holdings.points[programme])


def _unused(voucher: VoucherId, entry: _Entry, reasons: Reasons) -> UnusedVoucher:
    if isinstance(entry.outcome, Refusal):
        refusal = entry.outcome
        return UnusedVoucher(voucher, refusal.reason, 0, refusal.spend_more, refusal.units_more)
    return UnusedVoucher(voucher, reasons.why(voucher, entry.rules, entry.candidate), _alone(entry.candidate))


def _alone(candidate: Candidate) -> int:
    if candidate.gift is not None:
        return candidate.gift.quantity * candidate.gift.price
    return candidate.amount(candidate.subtotal)


def _reason(entry: _Entry, reasons: Reasons) -> UnusedReason:
    if isinstance(entry.outcome, Refusal):
        return entry.outcome.reason
    return reasons.why(entry.what, entry.rules, entry.candidate)


def _check(
    vouchers: Sequence[VoucherId],
    terms: Mapping[CampaignId, RuleDocument],
    rules_version: int,
    max_per_order: int,
    holdings: Holdings,
) -> None:
    if rules_version != RULES_VERSION:
        raise InvalidValue(f"rules version {rules_version} is not known here", rules_version=rules_version)
    if not 1 <= max_per_order <= MAX_PER_ORDER:
        raise InvalidValue(f"an order uses 1 to {MAX_PER_ORDER} vouchers", max_per_order=max_per_order)
    if len(set(vouchers)) != len(vouchers):
        raise InvalidValue("a voucher is named twice")
    missing = [voucher for voucher in vouchers if voucher.campaign not in terms]
    if missing:
        raise InvalidValue(f"the rules of voucher {missing[0]} are not given", voucher=str(missing[0]))
    for programme in holdings.points:
        if programme not in terms or terms[programme].kind is not VoucherKind.POINTS:
            raise InvalidValue(f"{programme} is no points programme", programme=str(programme))
    for voucher in vouchers:
        if terms[voucher.campaign].kind is VoucherKind.POINTS:
            raise InvalidValue("points have no vouchers", voucher=str(voucher))
