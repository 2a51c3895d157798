"""Which waiting items the chain's vouchers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from primitives.account_id import AccountId
from vouchers.issuance.sql import Item

OUT_OF_STEP = "not_next_number"
"""Code of the contract's refusal; its `next` is the number that the chain gives out next."""


def number_wanted(failure: Mapping[str, Any] | None, ours: int, cap: int) -> int | None:
    """The chain's next number, when a payment failed because that is higher than ours; None otherwise.

    A number beyond the cap is none that the contract gives out. A chain that is behind us has lost what was final
    there: that is for an operator to see, as any other failure.
    """
    if failure is None or failure.get("code") != OUT_OF_STEP:
        return None
    told = str(failure.get("facts", {}).get("next", ""))
    wanted = int(told) if told.isdecimal() else 0
    return wanted if ours < wanted <= cap + 1 else None


def matched(waiting: Sequence[Item], holders: Mapping[int, AccountId]) -> Mapping[int, Item]:
    """Items that are issued already, by number: for each number the first waiting item of the same holder.

    Args:
        waiting: In the order in which they would be issued.
        holders: To whom the chain issued each number.
    """
    left = list(waiting)
    found: dict[int, Item] = {}
    for number, holder in sorted(holders.items()):
        item = next((one for one in left if one.holder == holder), None)
        if item is not None:
            left.remove(item)
            found[number] = item
    return found
