"""What pricing takes and gives. Money is in minor units of the cart's one currency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from primitives.currency import Money
from primitives.errors import InvalidValue
from primitives.voucher_id import VoucherId

MAX_LINES = 200
MAX_QUANTITY = 1_000_000


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line, at its price after price promotions and with tax. `category` None belongs to no category."""

    sku: str
    name: str
    quantity: int
    unit_price_minor: int
    category: str | None = None

    def __post_init__(self) -> None:
        if not self.sku or not 0 < self.quantity <= MAX_QUANTITY:
            raise InvalidValue(f"a line has a sku and a quantity of 1 to {MAX_QUANTITY}", sku=self.sku)
        if not 0 <= self.unit_price_minor < 2**43:
            raise InvalidValue("a unit price is not negative and below 2^43 minor units", sku=self.sku)

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, slots=True)
class Cart:
    """`merchant` is the organisation's id as text."""

    merchant: str
    currency: str
    lines: tuple[CartLine, ...]
    store: str | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidValue(f"an order has 1 to {MAX_LINES} lines", lines=len(self.lines))
        if self.total_minor >= 2**53:
            raise InvalidValue("an order's total is below 2^53 minor units", total_minor=self.total_minor)
        Money(self.total_minor, self.currency)

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


class UnusedReason(StrEnum):
    """Why a voucher is not used."""

    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    OTHER_CURRENCY = "other_currency"
    OTHER_MERCHANT = "other_merchant"
    NOTHING_ELIGIBLE = "nothing_eligible"
    BELOW_MIN_SPEND = "below_min_spend"
    NO_EFFECT = "no_effect"
    ONE_PER_CAMPAIGN = "one_per_campaign"
    NOT_COMBINABLE = "not_combinable"
    ORDER_FULL = "order_full"
    NOT_BEST = "not_best"


@dataclass(frozen=True, slots=True)
class AppliedVoucher:
    """A voucher that the order uses. `per_line` and `sponsor_per_line` stand in the order of the cart's lines."""

    voucher: VoucherId
    amount_minor: int
    sponsor_minor: int
    per_line: tuple[int, ...]
    sponsor_per_line: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UnusedVoucher:
    """Attributes:
    would_give_minor: The discount alone, where there would be one.
    spend_more: Minor units missing to the voucher's threshold, for BELOW_MIN_SPEND.
    """

    voucher: VoucherId
    reason: UnusedReason
    would_give_minor: int = 0
    spend_more: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """`payable_per_line` sums to `remainder_minor`; `now` is the block time that decided about windows.

    Attributes:
        nodes: Sets of vouchers that the search looked at.
        bound_minor: No set of these vouchers takes off more; above `discount_minor` only when the search was given up.
    """

    currency: str
    total_minor: int
    discount_minor: int
    remainder_minor: int
    payable_per_line: tuple[int, ...]
    used: tuple[AppliedVoucher, ...]
    unused: tuple[UnusedVoucher, ...]
    now: int
    rules_version: int
    nodes: int = 0
    bound_minor: int = 0

    @property
    def optimal(self) -> bool:
        """Whether it is proven that no set of these vouchers takes off more."""
        return self.bound_minor <= self.discount_minor
