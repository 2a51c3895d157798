"""Replacements that the holder signs along with a payment, for the time when nobody is there to sign."""

from __future__ import annotations

from dataclasses import dataclass

from chains.ports import Bid, NonceLane
from primitives.errors import InvalidValue
from wallets.engine.model import MAX_PRESIGNED


@dataclass(frozen=True, slots=True)
class Presigning:
    """The holder's word beforehand.

    Attributes:
        count: How many replacements, 1 to 3.
        fee_limit: The most that the last of them may cost, in base units of the native coin.
    """

    count: int
    fee_limit: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_PRESIGNED:
            raise InvalidValue(f"1 to {MAX_PRESIGNED} replacements can be signed beforehand")


def replacement_bids(port: NonceLane, first: Bid, wanted: Presigning, first_limit: int) -> list[Bid]:
    """Bids in even steps up to the holder's limit, each at least what nodes ask of a replacement.

    Args:
        first_limit: The fee limit of the attempt that bids `first`, in base units.

    Raises:
        InvalidValue: The limit leaves no room for a single replacement.
    """
    highest = first.price * wanted.fee_limit // first_limit
    bids: list[Bid] = []
    before = first
    for number in range(1, wanted.count + 1):
        least = port.raised(before)
        price = max(least.price, first.price + (highest - first.price) * number // wanted.count)
        if price > highest or port.capped(Bid(price)):
            break
        tip = first.priority_fee
        if tip is not None and least.priority_fee is not None:
            tip = min(price, max(least.priority_fee, tip * price // first.price))
        before = Bid(price, tip)
        bids.append(before)
    if not bids:
        raise InvalidValue(
            "the limit for replacements is too near to the first fee: a replacement costs at least 12.5 % more"
        )
    return bids
