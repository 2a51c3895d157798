"""Schemas of portfolios."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.schemas.amounts import ChainAmount, CurrencyAmount
from api.schemas.base import Moment, ResponseBody
from wallets.portfolio.model import Holding, HoldingKind, NoWorth, Portfolio, Right, Total, Worth
from wallets.prices.rate import Rate


class WorthRead(ResponseBody):
    """What something is worth now."""

    money: CurrencyAmount
    rate: str = Field(description="Whole units of the currency for one of the asset", examples=["21345.67"])
    source: str = Field(description="Whose price it is", examples=["treasury desk"])
    priced_at: Moment = Field(description="When that price was so")

    @classmethod
    def of(cls, worth: Worth) -> Self:
        return cls(
            money=CurrencyAmount.of(worth.money), rate=worth.rate, source=worth.source, priced_at=worth.priced_at
        )


class ExchangeRateRead(ResponseBody):
    """What a currency is worth in another one now."""

    base: str = Field(description="ISO 4217", examples=["USD"])
    quote: str = Field(description="ISO 4217", examples=["CNY"])
    rate: str = Field(description="Whole units of `quote` for one of `base`", examples=["7.1034"])
    source: str = Field(description="Whose rate it is", examples=["treasury desk"])
    rated_at: Moment = Field(description="When that rate was so")

    @classmethod
    def of(cls, rate: Rate) -> Self:
        return cls(base=rate.base, quote=rate.quote, rate=rate.text, source=rate.source, rated_at=rate.at)


class ExchangeRead(ExchangeRateRead):
    """The rate, and a sum at it."""

    money: CurrencyAmount | None = Field(description="The asked sum in `quote`, rounded down")


class RightRead(ResponseBody):
    """Vouchers of one campaign, or points of one programme: what a shop owes, not money."""

    reference: str = Field(description="Campaign or programme, 48 hex digits")
    title: str = Field(examples=["满100减20"])
    count: int = Field(description="Vouchers, or points")
    in_shop: CurrencyAmount | None = Field(description="What they take off prices at most; null: the cart decides")
    expires_at: Moment | None = Field(description="Of the soonest")

    @classmethod
    def of(cls, right: Right) -> Self:
        return cls(
            reference=right.reference,
            title=right.title,
            count=right.count,
            in_shop=None if right.in_shop is None else CurrencyAmount.of(right.in_shop),
            expires_at=right.expires_at,
        )


class PortfolioItem(ResponseBody):
    """One thing that one account holds."""

    kind: HoldingKind
    account: str | None = Field(description="CAIP-10; null for points")
    label: str = Field(description="Of the account")
    name: str
    amount: ChainAmount | None = Field(description="null for vouchers and points")
    right: RightRead | None = Field(description="Of vouchers and points")
    marks: list[str] = Field(description="Why it is not to be trusted", examples=[["unsolicited"]])
    hidden: bool = Field(description="Leave it out unless the person asks for it")
    worth: WorthRead | None
    no_worth: NoWorth | None = Field(description="Why it has no worth in the total")

    @classmethod
    def of(cls, holding: Holding) -> Self:
        return cls(
            kind=holding.kind,
            account=None if holding.account is None else str(holding.account),
            label=holding.label,
            name=holding.name,
            amount=None if holding.amount is None else ChainAmount.of(holding.amount),
            right=None if holding.right is None else RightRead.of(holding.right),
            marks=list(holding.marks),
            hidden=holding.hidden,
            worth=None if holding.worth is None else WorthRead.of(holding.worth),
            no_worth=holding.no_worth,
        )


class TotalRead(ResponseBody):
    """The sum of all worths, and whether it is all."""

    money: CurrencyAmount
    complete: bool = Field(description="false: a chain did not answer, its history is not read, or a price is missing")
    missing: list[str] = Field(description="Symbols without a usable price", examples=[["ETH"]])
    sources: list[str]
    priced_at: Moment | None = Field(description="Of the oldest price in it")

    @classmethod
    def of(cls, total: Total) -> Self:
        return cls(
            money=CurrencyAmount.of(total.money),
            complete=total.complete,
            missing=list(total.missing),
            sources=list(total.sources),
            priced_at=total.priced_at,
        )


class ValuedPortfolioRead(ResponseBody):
    """All that a person holds, read now."""

    items: list[PortfolioItem]
    total: TotalRead
    in_shop: list[CurrencyAmount] = Field(description="What vouchers and points take off at most; not in the total")
    unavailable: list[str] = Field(description="Chains (CAIP-2) whose node did not answer; their holdings are absent")
    reading: list[str] = Field(description="Chains whose history is not read to its end: ask again")
    read_at: Moment
    watched: list[PortfolioItem] = Field(description="What watched addresses hold; it cannot be spent here")
    watched_total: TotalRead = Field(description="Of what is watched; it is not in `total`")
    watched_unavailable: list[str] = Field(description="Networks (CAIP-2) without a node of ours that answers")

    @classmethod
    def of(cls, portfolio: Portfolio) -> Self:
        return cls(
            items=[PortfolioItem.of(one) for one in portfolio.holdings],
            total=TotalRead.of(portfolio.total),
            in_shop=[CurrencyAmount.of(one) for one in portfolio.in_shop],
            unavailable=[str(chain) for chain in portfolio.unavailable],
            reading=[str(chain) for chain in portfolio.reading],
            read_at=portfolio.read_at,
            watched=[PortfolioItem.of(one) for one in portfolio.watched],
            watched_total=TotalRead.of(portfolio.watched_total),
            watched_unavailable=list(portfolio.watched_unavailable),
        )
