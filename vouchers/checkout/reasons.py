"""Why something that would give something alone is not among the used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from primitives.voucher_id import CampaignId, VoucherId
from vouchers.checkout.candidate import Candidate
from vouchers.checkout.combination import combine_well
from vouchers.checkout.model import UnusedReason
from vouchers.rules import RuleDocument


@dataclass(frozen=True, slots=True)
class Reasons:
    """What the order uses, and what it leaves to pay on each line of the cart."""

    used: Sequence[tuple[VoucherId | CampaignId, RuleDocument]]
    left: Sequence[int]
    max_per_order: int
    uses_left: Mapping[CampaignId, int]

    def why(self, what: VoucherId | CampaignId, rules: RuleDocument, candidate: Candidate) -> UnusedReason:
        """The first of the reasons that applies."""
        campaign = candidate.campaign
        vouchers = [(one, other) for one, other in self.used if isinstance(one, VoucherId)]
        same = sum(one.campaign == campaign for one, _ in vouchers)
        if same and same >= self.uses_left.get(campaign, same + 1):
            return UnusedReason.LIMIT_REACHED
        if same >= rules.stacking.per_campaign:
            return UnusedReason.ONE_PER_CAMPAIGN if same == 1 else UnusedReason.MOST_PER_CAMPAIGN
        if any(not combine_well(rules.stacking, other.stacking) for _, other in self.used):
            return UnusedReason.NOT_COMBINABLE
        if candidate.is_tender and candidate.amount(sum(candidate.weights(self.left))) == 0:
            return UnusedReason.NOTHING_LEFT
        limits = [
            self.max_per_order,
            rules.stacking.max_per_order,
            *(other.stacking.max_per_order for _, other in vouchers),
        ]
        full = isinstance(what, VoucherId) and len(vouchers) >= min(limits)
        return UnusedReason.ORDER_FULL if full else UnusedReason.NOT_BEST
