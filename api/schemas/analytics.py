"""Schemas of a campaign's figures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Self

from pydantic import Field

from api.schemas.base import ResponseBody
from vouchers.analytics.model import (
    Analytics,
    By,
    CohortRow,
    Cost,
    FunnelRow,
    GiftRow,
    LiabilityRow,
    Repeat,
    StockRow,
    Uplift,
)


class FunnelRead(ResponseBody):
    """One line of the funnel, from facts that stand on the chains now."""

    key: str = Field(description="Day, store, segment or chain; empty in the sum", examples=["2026-05-31"])
    issued: int = Field(description="Vouchers that came into being, reissues after reversals included")
    claimed: int = Field(description="Of them, those that their holders asked for themselves")
    held: int | None = Field(description="Live now; null where the breakdown cannot say")
    redeemed: int = Field(description="Used up, less those whose use was taken back")
    spent: int = Field(description="Partial uses of stored value beside them")
    settled: int = Field(description="Uses whose payout has reached the merchant")
    reversed: int
    voided: int
    discount_minor: int = Field(description="What customers saved")
    payout_units: str = Field(description="What escrow paid, base units of the settlement asset")
    orders: int
    sales_minor: int = Field(description="Of those orders, before discounts")

    @classmethod
    def of(cls, row: FunnelRow) -> Self:
        return cls(**{**asdict(row), "payout_units": str(row.payout_units)})


class CostRead(ResponseBody):
    """Who bore the discount."""

    discount_minor: int
    sponsor_minor: int = Field(description="What escrow paid, rounded down to minor units")
    merchant_minor: int
    payout_units: str

    @classmethod
    def of(cls, cost: Cost) -> Self:
        return cls(**{**asdict(cost), "payout_units": str(cost.payout_units)})


class UpliftRead(ResponseBody):
    """Orders with a voucher beside orders without, and the window beside as long a time before it. A comparison, not an
    experiment: who uses vouchers differs from who does not."""

    with_orders: int
    with_sales_minor: int
    without_orders: int
    without_sales_minor: int
    before_orders: int
    before_sales_minor: int
    seconds: int = Field(description="How long the window has run; the time before it is as long")
    basket_uplift_bp: int | None = Field(description="Average order with a voucher against without, basis points")
    sales_uplift_bp: int | None = Field(description="Sales in the window against the time before, basis points")

    @classmethod
    def of(cls, uplift: Uplift) -> Self:
        return cls(**asdict(uplift), basket_uplift_bp=uplift.basket_uplift_bp, sales_uplift_bp=uplift.sales_uplift_bp)


class RepeatRead(ResponseBody):
    """Persons who used a voucher of the campaign here."""

    persons: int
    first_timers: int = Field(description="Whose first order here was the one with the voucher")
    came_back: int = Field(description="With another order within 30 days after the first use")

    @classmethod
    def of(cls, repeat: Repeat) -> Self:
        return cls(**asdict(repeat))


class StockRead(ResponseBody):
    """What one sku sold."""

    sku: str
    name: str
    category: str | None
    units_with: int = Field(description="In orders with a voucher of the campaign")
    amount_with_minor: int
    units_without: int = Field(description="In orders of the window without any voucher")
    units_returned: int = Field(description="Of `units_with`, by refunds")

    @classmethod
    def of(cls, row: StockRow) -> Self:
        return cls(**asdict(row))


class GiftTakeUpRead(ResponseBody):
    """What became of one gift."""

    sku: str
    name: str
    units_given: int
    units_returned: int
    waiting: int = Field(description="Units that are owed, due or on their way")
    delivered: int
    stock: int = Field(description="On hand now")

    @classmethod
    def of(cls, row: GiftRow) -> Self:
        return cls(**asdict(row))


class LiabilityDayRead(ResponseBody):
    """At the end of one day in the zone."""

    day: str = Field(examples=["2026-05-31"])
    issued: int
    ended: int = Field(description="Used up or voided")
    outstanding: int
    liability_units: str = Field(description="The most that live vouchers can still cost, base units")
    breakage: int = Field(description="Vouchers that ended unused; 0 before the window is over")

    @classmethod
    def of(cls, row: LiabilityRow) -> Self:
        return cls(**{**asdict(row), "liability_units": str(row.liability_units)})


class AnalyticsRead(ResponseBody):
    """All figures of one campaign; money in minor units of its currency."""

    campaign: str
    currency: str
    by: By
    zone: str
    total: FunnelRead
    rows: list[FunnelRead]
    cost: CostRead
    uplift: UpliftRead
    repeat: RepeatRead
    stock: list[StockRead]
    gifts: list[GiftTakeUpRead]
    liability: list[LiabilityDayRead]

    @classmethod
    def of(cls, found: Analytics) -> Self:
        return cls(
            campaign=found.campaign,
            currency=found.currency,
            by=found.by,
            zone=found.zone,
            total=FunnelRead.of(found.total),
            rows=[FunnelRead.of(row) for row in found.rows],
            cost=CostRead.of(found.cost),
            uplift=UpliftRead.of(found.uplift),
            repeat=RepeatRead.of(found.repeat),
            stock=[StockRead.of(row) for row in found.stock],
            gifts=[GiftTakeUpRead.of(row) for row in found.gifts],
            liability=[LiabilityDayRead.of(row) for row in found.liability],
        )


class CohortRead(ResponseBody):
    """Persons whose first order was in `month`, `after` months later."""

    month: str = Field(examples=["2026-05"])
    persons: int
    after: int
    active: int = Field(description="Of them, who ordered in that month")
    sales_minor: int

    @classmethod
    def of(cls, row: CohortRow) -> Self:
        return cls(**asdict(row))
