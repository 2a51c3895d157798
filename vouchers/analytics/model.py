"""The figures. Money is in minor units of the campaign's currency unless it says base units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LOYAL_FROM = 5
"""Orders from which on a customer counts as loyal."""
RETURN_DAYS = 30
"""Within how many days after using a voucher somebody counts as having come back."""


class By(StrEnum):
    """What the funnel is broken down by."""

    DAY = "day"
    """ISO dates in the zone; each stage on the day on which it happened."""
    STORE = "store"
    """Where vouchers were used; `issued`, `claimed` and `held` are of no store."""
    SEGMENT = "segment"
    """By the customer's orders at this shop up to the one with the voucher: new (1), returning (2–4), loyal (5 and
    more); `unknown` for holders who paid elsewhere."""
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One line of the funnel, from facts that stand.

    Attributes:
        key: The day, store, segment or chain; empty in the sum of all.
        issued: Vouchers that came into being. `claimed`: of them, those that their holders asked for themselves.
        held: Live now; None where the breakdown cannot say.
        redeemed: Used up, less those whose use was taken back. `spent`: partial uses of stored value beside them.
        settled: Uses whose payout has reached the merchant; of credited ones as many, oldest first, as were paid out.
        reversed: Uses that were taken back; `voided`: cancelled by the issuer.
        discount_minor: What customers saved.
        payout_units: What escrow paid for it, base units of the settlement asset.
        orders, sales_minor: Of this shop's orders with such a voucher, before discounts.
    """

    key: str
    issued: int
    claimed: int
    held: int | None
    redeemed: int
    spent: int
    settled: int
    reversed: int
    voided: int
    discount_minor: int
    payout_units: int
    orders: int
    sales_minor: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Who bore the discount. `sponsor_minor`: what escrow paid, rounded down; `merchant_minor`: the rest."""

    discount_minor: int
    sponsor_minor: int
    merchant_minor: int
    payout_units: int


@dataclass(frozen=True, slots=True)
class Uplift:
    """Orders with a voucher of the campaign beside those without any, and the window beside as long a time before it.

    A comparison, not an experiment: who uses vouchers differs from who does not. Ratios are basis points, None where
    there is nothing to compare with.

    Attributes:
        with_*, without_*: This shop's paid orders inside the campaign's window so far.
        before_*: Paid orders in a time before the window that is as long as the window has run.
    """

    with_orders: int
    with_sales_minor: int
    without_orders: int
    without_sales_minor: int
    before_orders: int
    before_sales_minor: int
    seconds: int

    @property
    def basket_uplift_bp(self) -> int | None:
        """How much larger the average order with a voucher was; below zero when smaller."""
        if not self.with_orders or not self.without_sales_minor:
            return None
        return (
            self.with_sales_minor * self.without_orders * 10_000 // (self.with_orders * self.without_sales_minor)
            - 10_000
        )

    @property
    def sales_uplift_bp(self) -> int | None:
        """How much more was sold than in as long a time before."""
        if not self.before_sales_minor:
            return None
        return (self.with_sales_minor + self.without_sales_minor) * 10_000 // self.before_sales_minor - 10_000


@dataclass(frozen=True, slots=True)
class Repeat:
    """Persons who used a voucher here. `came_back`: with another paid order within RETURN_DAYS after the first use;
    `first_timers`: whose first order here was the one with the voucher."""

    persons: int
    first_timers: int
    came_back: int


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Persons whose first paid order was in `month` (YYYY-MM), and how many of them ordered `after` months later."""

    month: str
    persons: int
    after: int
    active: int
    sales_minor: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """Of one sku: units and money in orders with a voucher of the campaign, in the window without one, and returned of
    the former."""

    sku: str
    name: str
    category: str | None
    units_with: int
    amount_with_minor: int
    units_without: int
    units_returned: int


@dataclass(frozen=True, slots=True)
class GiftRow:
    """Of one gift: units given with the campaign's orders, those that came back, and how far deliveries are."""

    sku: str
    name: str
    units_given: int
    units_returned: int
    waiting: int
    delivered: int
    stock: int


@dataclass(frozen=True, slots=True)
class LiabilityRow:
    """At the end of one day in the zone.

    Attributes:
        outstanding: Live vouchers. `liability_units`: the most that they can still cost, base units; 0 once the window
            is over.
        breakage: Vouchers that ended unused; 0 before the window is over.
    """

    day: str
    issued: int
    ended: int
    outstanding: int
    liability_units: int
    breakage: int


@dataclass(frozen=True, slots=True)
class Analytics:
    """All figures of one campaign."""

    campaign: str
    currency: str
    by: By
    zone: str
    total: FunnelRow
    rows: tuple[FunnelRow, ...]
    cost: Cost
    uplift: Uplift
    repeat: Repeat
    stock: tuple[StockRow, ...]
    gifts: tuple[GiftRow, ...]
    liability: tuple[LiabilityRow, ...]
