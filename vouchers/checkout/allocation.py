"""Spread an amount over lines so that it sums exactly."""

from __future__ import annotations

from collections.abc import Sequence


def allocate(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split `amount` in proportion to `weights` by largest remainder, ties by index.

    No share is above its weight, so what exceeds their sum stays unapplied: `[10, 0]` with 40 gives `[10, 0]`.

    Args:
        amount: Minor units, not negative.
        weights: Minor units per line, not negative.

    Source: rules.md §4.
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        raise ValueError("amounts and weights are not negative")
    total = sum(weights)
    amount = min(amount, total)
    if amount == 0:
        return (0,) * len(weights)
    shares = [amount * weight // total for weight in weights]
    # A line with a remainder has a share strictly below its exact part, which is at most its weight: adding 1 fits.
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(amount * weights[index] % total), index))
    for index in by_remainder[: amount - sum(shares)]:
        shares[index] += 1
    return tuple(shares)
