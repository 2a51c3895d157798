"""How much goes back. Pure functions over minor units; nothing here ever gives back more than was paid.

Source: rules.md §6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vouchers.checkout.allocation import allocate


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One line of a paid order.

    Attributes:
        paid: What was paid for the line after its discounts, by whatever tender, in minor units.
        returned: Units given back before.
    """

    quantity: int
    unit_price_minor: int
    paid: int
    returned: int = 0

    @property
    def kept(self) -> int:
        return self.quantity - self.returned


def share_of_units(total: int, quantity: int, before: int, count: int) -> int:
    """What units `before + 1 … before + count` of `quantity` bear of `total`: unit k bears ⌊total·k/n⌋ −
    ⌊total·(k−1)/n⌋, so that all units together bear exactly `total`."""
    return total * (before + count) // quantity - total * before // quantity


def returned_everything(lines: Sequence[PaidLine], returning: Sequence[int]) -> bool:
    """Whether nothing is kept afterwards."""
    return all(line.kept == count for line, count in zip(lines, returning, strict=True))


def refund_amount(
    lines: Sequence[PaidLine],
    returning: Sequence[int],
    *,
    paid: int,
    refunded: int,
    kept_price: int | None = None,
    charged: int = 0,
) -> int:
    """What this refund pays back.

    Args:
        returning: Units of each line that come back now.
        paid: For the whole order. `refunded`: by earlier refunds.
        kept_price: The price of what is kept where a threshold is broken and its campaign says so; None: each unit
            gives back what it bore.
        charged: The price of a gift that does not come back.

    Raises:
        ValueError: More units than are kept, or fewer than none.
    """
    for line, count in zip(lines, returning, strict=True):
        if not 0 <= count <= line.kept:
            raise ValueError(f"{count} of {line.kept} units cannot come back")
    left = paid - refunded
    if returned_everything(lines, returning):
        amount = left
    elif kept_price is not None:
        amount = left - kept_price
    else:
        amount = sum(
            share_of_units(line.paid, line.quantity, line.returned, count)
            for line, count in zip(lines, returning, strict=True)
        )
    return max(0, min(amount - charged, left))


def price_of_kept(lines: Sequence[PaidLine], returning: Sequence[int], kept_discounts: Sequence[int]) -> int:
    """The price of what is kept: its full price less what each voucher still gives under its campaign's policy."""
    full = sum((line.kept - count) * line.unit_price_minor for line, count in zip(lines, returning, strict=True))
    return max(0, full - sum(kept_discounts))


def kept_share(per_line: Sequence[int], lines: Sequence[PaidLine], returning: Sequence[int]) -> int:
    """What the kept units bear of an amount that was spread over the lines."""
    return sum(
        share - share_of_units(share, line.quantity, 0, line.returned + count)
        for share, line, count in zip(per_line, lines, returning, strict=True)
    )


def split_over_tenders(amount: int, left: Mapping[str, int]) -> dict[str, int]:
    """Spread a refund over what is left of each tender by largest remainder; the last refund takes the rest of each.

    Raises:
        ValueError: More than is left.
    """
    if amount > sum(left.values()):
        raise ValueError("a refund is never above what is left of the tenders")
    names = list(left)
    shares = allocate(amount, [left[name] for name in names])
    return dict(zip(names, shares, strict=True))


def payout_to_return(payout: int, returned: int, kept_sponsor: int) -> int:
    """Base units of a redemption's payout that go back: all but what the kept units still cost the sponsor.

    Args:
        payout: What escrow paid. `returned`: went back before.
        kept_sponsor: The sponsor's share on the kept units, in base units.
    """
    return max(0, payout - returned - min(payout, kept_sponsor))
