"""Reservations."""

from __future__ import annotations

from dataclasses import dataclass

from primitives.account_id import AccountId
from primitives.asset import AssetId
from wallets.engine.model import Spending


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a payment may take of one asset under one scope.

    Attributes:
        amount: At most, in base units, `fee_part` included.
        fee_part: How much of it is the fee limit; at the end the fee that was paid takes its place.
    """

    scope: str
    asset: AssetId
    amount: int
    fee_part: int = 0


def reservations_of(
    sender: AccountId, native: AssetId, spending: Spending, budgets: tuple[str, ...]
) -> tuple[Reservation, ...]:
    """Of the account itself, and of every gas budget."""
    own = [Reservation(str(sender), native, spending.native, spending.fee)]
    if spending.asset is not None:
        own.append(Reservation(str(sender), spending.asset, spending.amount))
    return (*own, *(Reservation(budget, native, spending.fee, spending.fee) for budget in budgets))
