"""Spending by month, category and merchant; budgets. Money in minor units."""

from __future__ import annotations

from dataclasses import dataclass

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

    budget: Budget
    month: str
    spent_minor: int

    @property
    def level(self) -> int:
        """The highest of ALERT_LEVELS that is reached; 0 for none."""
        share = self.spent_minor * 100 // self.budget.month_minor
        return max((level for level in ALERT_LEVELS if share >= level), default=0)
