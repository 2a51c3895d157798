"""Spending by month, category and merchant; budgets. Money in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from primitives.asset import Amount
from primitives.currency import Money
from wallets.prices.model import Price
from wallets.prices.rate import Rate

ALERT_LEVELS = (80, 100)
"""Percent of a budget at which its owner is told, once a month each."""


@dataclass(frozen=True, slots=True)
class SpendingLine:
    """What one person spent at one merchant on one category in one month.

    Attributes:
        month: YYYY-MM in the zone that was asked for.
        category: None: goods without one, and refunds of whole orders.
        spent_minor: After discounts; stored value and points that paid are in it.
        saved_minor: Taken off by vouchers.
        refunded_minor: Given back in that month.
    """

    month: str
    merchant: str
    merchant_name: str
    category: str | None
    currency: str
    orders: int
    spent_minor: int
    saved_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class SentLine:
    """What one person sent of one asset in one month outside of orders, to accounts that are not their own.

    Attributes:
        month: YYYY-MM in the zone that was asked for, by the day on which it was final.
        transfers: How many.
    """

    month: str
    amount: Amount
    transfers: int


@dataclass(frozen=True, slots=True)
class SentWorth:
    """A line of what was sent, and the price at which it is shown; None: nobody says what it is worth now."""

    line: SentLine
    money: Money | None
    price: Price | None


@dataclass(frozen=True, slots=True)
class Shown:
    """All of it in one currency, at rates and prices of now: what it was worth on the day is not kept.

    Attributes:
        sent: In the order of the lines.
        rates: One for each other currency among the lines.
        missing: Currencies without a usable rate, and symbols without a usable price: not in the sums.
    """

    currency: str
    spent_minor: int
    saved_minor: int
    refunded_minor: int
    sent_minor: int
    sent: tuple[SentWorth, ...]
    rates: tuple[Rate, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a person wants to spend in a month at most.

    Attributes:
        category: None: all together.
        told_month, told_level: The last alert: its month, and the percent that were passed.
    """

    currency: str
    category: str | None
    month_minor: int
    zone: str
    told_month: str | None = None
    told_level: int = 0


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget and what was spent of it this month, refunds taken off."""

    id: UUID
    budget: Budget
    month: str
    spent_minor: int

    @property
    def level(self) -> int:
        """The highest of ALERT_LEVELS that is reached; 0 for none."""
        share = self.spent_minor * 100 // self.budget.month_minor
        return max((level for level in ALERT_LEVELS if share >= level), default=0)
