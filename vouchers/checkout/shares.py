"""Who bears a discount: sponsors and merchant, and each sponsor's part.

Source: rules.md §4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vouchers.checkout.allocation import allocate
from vouchers.rules import FULL_SHARE, RuleDocument


def borne_by_sponsors(rules: RuleDocument, amount: int) -> int:
    """Minor units of one voucher's amount: the share, rounded down, on at most what one voucher can cost."""
    return min(amount, rules.effect.most) * rules.sponsor_bp // FULL_SHARE


def sponsor_per_line(rules: RuleDocument, per_line: Sequence[int]) -> tuple[int, ...]:
    """The sponsors' share over the lines, in proportion to what each line gets."""
    return allocate(borne_by_sponsors(rules, sum(per_line)), per_line)


def sponsor_shares(rules: RuleDocument, organisation: str, amount: int) -> Mapping[str, int]:
    """Each sponsor's part of what the sponsors bear, by organisation; sums exactly, ties in the order of the document.

    Args:
        organisation: Who drafted the campaign; bears all where the document names nobody.
        amount: What the sponsors bear, in minor units (or base units).
    """
    if not rules.sponsors:
        return {organisation: amount}
    bps = [share.share_bp for share in rules.sponsors]
    parts = [amount * bp // FULL_SHARE for bp in bps]
    by_remainder = sorted(range(len(bps)), key=lambda index: (-(amount * bps[index] % FULL_SHARE), index))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return {share.organisation: part for share, part in zip(rules.sponsors, parts, strict=True)}
