"""Schemas of spending and budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.amounts import ChainAmount, CurrencyAmount
from api.schemas.base import Line, RequestBody, ResponseBody
from api.schemas.portfolio import ExchangeRateRead, WorthRead
from wallets.spending.model import Budget, BudgetState, SentLine, SentWorth, Shown, SpendingLine


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


class SentRead(ResponseBody):
    """What was sent of one asset in one month outside of orders, to accounts that are not the caller's."""

    month: str = Field(examples=["2026-05"])
    amount: ChainAmount
    transfers: int
    worth: WorthRead | None = Field(description="Now, in `shown.currency`; null: not asked for, or nobody says")

    @classmethod
    def of(cls, line: SentLine, worth: SentWorth | None) -> Self:
        shown = None
        if worth is not None and worth.money is not None and worth.price is not None:
            price = worth.price
            shown = WorthRead(
                money=CurrencyAmount.of(worth.money), rate=price.text, source=price.source, priced_at=price.at
            )
        return cls(month=line.month, amount=ChainAmount.of(line.amount), transfers=line.transfers, worth=shown)


class ShownRead(ResponseBody):
    """All of it in one currency, at the rates and prices of now."""

    currency: str
    spent_minor: int
    saved_minor: int
    refunded_minor: int
    sent_minor: int
    complete: bool = Field(description="false: a rate or a price is missing or too old; see `missing`")
    missing: list[str] = Field(description="Currencies and symbols that are not in the sums")
    rates: list[ExchangeRateRead]

    @classmethod
    def of(cls, shown: Shown) -> Self:
        return cls(
            currency=shown.currency,
            spent_minor=shown.spent_minor,
            saved_minor=shown.saved_minor,
            refunded_minor=shown.refunded_minor,
            sent_minor=shown.sent_minor,
            complete=shown.complete,
            missing=list(shown.missing),
            rates=[ExchangeRateRead.of(rate) for rate in shown.rates],
        )


class SpendingReport(ResponseBody):
    """Spending by month, merchant and category, newest month first."""

    items: list[SpendingRead]
    totals: list[SpendingTotal]
    sent: list[SentRead] = Field(description="Coins and tokens sent to others, beside the orders")
    shown: ShownRead | None = Field(description="In one currency, when `shown_in` asks for it")

    @classmethod
    def of(cls, found: Sequence[SpendingLine], sent: Sequence[SentLine], shown: Shown | None) -> Self:
        lines = [SpendingRead.of(line) for line in found]
        totals = [
            SpendingTotal(
                currency=currency,
                spent_minor=sum(line.spent_minor for line in lines if line.currency == currency),
                saved_minor=sum(line.saved_minor for line in lines if line.currency == currency),
                refunded_minor=sum(line.refunded_minor for line in lines if line.currency == currency),
            )
            for currency in sorted({line.currency for line in lines})
        ]
        worths = [None] * len(sent) if shown is None else list(shown.sent)
        return cls(
            items=lines,
            totals=totals,
            sent=[SentRead.of(line, worth) for line, worth in zip(sent, worths, strict=True)],
            shown=None if shown is None else ShownRead.of(shown),
        )


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

    id: UUID = Field(description="Named by the event `spending.budget`")
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
            id=state.id,
            currency=budget.currency,
            category=budget.category,
            month_minor=budget.month_minor,
            zone=budget.zone,
            month=state.month,
            spent_minor=state.spent_minor,
            level=state.level,
        )
