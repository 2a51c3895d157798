"""A voucher, or a programme's points, that gives something on a cart, and what it takes in its turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from primitives.voucher_id import CampaignId
from vouchers.checkout.allocation import allocate
from vouchers.checkout.effects import discount_of, points_to_spend
from vouchers.checkout.gifts import NO_GIFTS, GiftOffer, GiftState, GiftTaken, after_gift, take_gift
from vouchers.rules import RuleDocument, VoucherKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that can be used on one cart.

    Attributes:
        campaign: Of which an order uses at most `per_campaign`.
        counts: Which lines it applies to.
        subtotal: Their sum before any voucher.
        funds: Of stored value the balance in minor units; of points the spendable points.
        gift: Of a gift voucher.
        most: Vouchers of its campaign that the order may use.
        after: Place of the voucher of the same campaign that must be used before this one, which is its equal.
    """

    campaign: CampaignId
    rules: RuleDocument
    counts: tuple[bool, ...]
    subtotal: int
    funds: int = 0
    gift: GiftOffer | None = None
    most: int = 1
    after: int | None = None

    @property
    def is_tender(self) -> bool:
        return self.rules.kind.is_tender

    @property
    def is_voucher(self) -> bool:
        """Points are no voucher: they take no place in the order."""
        return self.rules.kind is not VoucherKind.POINTS

    def amount(self, available: int) -> int:
        """What it takes, in minor units, from what is left on its lines; not for gifts."""
        match self.rules.kind:
            case VoucherKind.STORED_VALUE:
                return min(self.funds, available)
            case VoucherKind.POINTS:
                rate = self.rules.effect.redeem_rate
                assert rate is not None
                return points_to_spend(rate, self.funds, available)[1]
            case _:
                return discount_of(self.rules, self.subtotal, available)

    def among(self, most: int, after: int | None = None) -> Candidate:
        """One of at most `most` of its campaign; `after`: usable only together with its equal at that place."""
        return replace(self, most=most, after=after)

    def weights(self, left: Sequence[int]) -> list[int]:
        """What is left on the lines that it applies to."""
        return [amount if counted else 0 for amount, counted in zip(left, self.counts, strict=True)]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a candidate takes in its turn: minor units per cart line, and the gift behind it."""

    per_line: tuple[int, ...]
    gift: GiftTaken | None = None

    @property
    def worth(self) -> int:
        return sum(self.per_line) + (0 if self.gift is None else self.gift.added_worth)


def take(candidate: Candidate, left: Sequence[int], state: GiftState = NO_GIFTS) -> tuple[Taken, GiftState]:
    """Line by line (rules.md §4), on what the earlier ones left."""
    if candidate.gift is not None:
        gift = take_gift(candidate.gift, left, state)
        if gift is None:
            return Taken((0,) * len(left)), state
        per_line = tuple(gift.per_line.get(index, 0) for index in range(len(left)))
        return Taken(per_line, gift), after_gift(candidate.gift, gift, state)
    weights = candidate.weights(left)
    return Taken(allocate(candidate.amount(sum(weights)), weights)), state
