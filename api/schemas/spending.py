"""Schemas of spending and budgets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas.base import Line, RequestBody, ResponseBody
from wallets.spending.model import Budget, BudgetState, SpendingLine


class SpendingRead(ResponseBody):
    """What was spent at one merchant on one category in one month; minor units."""

    month: str = Field(examples=["2026-05"])
    merchant: str = Field(description="Organisation id")
    merchant_name: str
    category: str | None = Field(description="null: goods without one, and refunds")
    currency: str
    orders: int
    spent_minor: int = Field(description="After discounts; what stored value and points paid is in it")
    saved_minor: int = Field(description="Taken off by vouchers")
    refunded_minor: int = Field(description="Given back in that month")

    @classmethod
    def of(cls, line: SpendingLine) -> Self:
        return cls(**asdict(line))


class SpendingTotal(ResponseBody):
    """The sums of one currency."""

    currency: str
    spent_minor: int
    saved_minor: int
    refunded_minor: int


class SpendingReport(ResponseBody):
    """Spending by month, merchant and category, newest month first."""

    items: list[SpendingRead]
    totals: list[SpendingTotal]

    @classmethod
    def of(cls, lines: list[SpendingRead]) -> Self:
        totals = [
            SpendingTotal(
                currency=currency,
                spent_minor=sum(line.spent_minor for line in lines if line.currency == currency),
                saved_minor=sum(line.saved_minor for line in lines if line.currency == currency),
                refunded_minor=sum(line.refunded_minor for line in lines if line.currency == currency),
            )
            for currency in sorted({line.currency for line in lines})
        ]
        return cls(items=lines, totals=totals)


class BudgetPut(RequestBody):
    """How much to spend in a month at most; alerts come as the event `spending.budget` at 80 and 100 percent."""

    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = Field(examples=["CNY"])
    category: Line | None = Field(default=None, description="null: all together")
    month_minor: int = Field(gt=0, lt=2**53, description="Minor units", strict=True)
    zone: Annotated[str, StringConstraints(max_length=64)] = Field(default="UTC", description="IANA zone of the months")

    def to_domain(self) -> Budget:
        return Budget(self.currency, self.category, self.month_minor, self.zone)


class BudgetRead(ResponseBody):
    """A budget, and what was spent of it this month."""

    currency: str
    category: str | None
    month_minor: int
    zone: str
    month: str
    spent_minor: int
    level: int = Field(description="0, 80 or 100: the highest percentage that is reached")

    @classmethod
    def of(cls, state: BudgetState) -> Self:
        budget = state.budget
        return cls(
            currency=budget.currency,
            category=budget.category,
            month_minor=budget.month_minor,
            zone=budget.zone,
            month=state.month,
            spent_minor=state.spent_minor,
            level=state.level,
        )
