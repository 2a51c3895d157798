"""What pricing takes and gives. Money is in minor units of the cart's one currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from primitives.currency import Money
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.rules import RuleDocument, VoucherKind

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


@dataclass(frozen=True, slots=True)
class GiftStock:
    """What the merchant's gift catalogue has of one sku: units that no order has reserved, and the customer's price."""

    name: str
    unit_price_minor: int
    available: int
    category: str | None = None


@dataclass(frozen=True, slots=True)
class StoredBalance:
    """What a stored-value voucher holds, and the sequence that the holder signs (moves + spends, EVM)."""

    balance_minor: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the holder brings beside the vouchers themselves, as read at the quote.

    Attributes:
        balances: Of stored-value vouchers; one that is not named here holds its whole face value at sequence 0.
        points: Spendable points per programme; a programme that is not named is not used.
        uses_left: Redemptions that a campaign's limits still allow; one that is not named has no limits.
        closed_to_level: Campaigns whose terms shut out holders who are known no better.
        paused_seconds: By how much pauses on the order's chain have moved a campaign's window on.
        paused: Campaigns that are paused there right now: the chain would redeem none of their vouchers.
    """

    balances: Mapping[VoucherId, StoredBalance] = field(default_factory=dict)
    points: Mapping[CampaignId, int] = field(default_factory=dict)
    uses_left: Mapping[CampaignId, int] = field(default_factory=dict)
    closed_to_level: frozenset[CampaignId] = frozenset()
    paused_seconds: Mapping[CampaignId, int] = field(default_factory=dict)
    paused: frozenset[CampaignId] = frozenset()

    def balance_of(self, voucher: VoucherId, rules: RuleDocument) -> StoredBalance:
        """Of a stored-value voucher."""
        assert rules.effect.balance is not None
        return self.balances.get(voucher) or StoredBalance(rules.effect.balance, 0)


class UnusedReason(StrEnum):
    """Why a voucher is not used."""

    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    PAUSED = "paused"
    OTHER_CURRENCY = "other_currency"
    OTHER_MERCHANT = "other_merchant"
    NOTHING_ELIGIBLE = "nothing_eligible"
    BELOW_MIN_SPEND = "below_min_spend"
    BELOW_MIN_QUANTITY = "below_min_quantity"
    NO_SUCH_GIFT = "no_such_gift"
    GIFT_OUT_OF_STOCK = "gift_out_of_stock"
    LIMIT_REACHED = "limit_reached"
    IDENTITY_LEVEL_TOO_LOW = "identity_level_too_low"
    NO_EFFECT = "no_effect"
    NOTHING_LEFT = "nothing_left"
    ONE_PER_CAMPAIGN = "one_per_campaign"
    MOST_PER_CAMPAIGN = "most_per_campaign"
    NOT_COMBINABLE = "not_combinable"
    ORDER_FULL = "order_full"
    NOT_BEST = "not_best"


@dataclass(frozen=True, slots=True)
class GiftGiven:
    """Units of a gift that leave the catalogue's stock with this order.

    Attributes:
        freed: (line, units) of the cart that the voucher frees.
        added: Units that come as a line of their own; `line` is its place in the quote's lines.
    """

    sku: str
    quantity: int
    freed: tuple[tuple[int, int], ...]
    added: int
    line: int | None


@dataclass(frozen=True, slots=True)
class AppliedVoucher:
    """A voucher that the order uses; its lists stand in the order of the quote's lines.

    Attributes:
        amount_minor: What it takes off, or pays (stored value); what the chain is told.
        sponsor_minor: The sponsors' share of it; the merchant bears the rest.
        balance: Of a stored-value voucher before the order.
        gift: What a gift voucher gives.
        paused_seconds: By how much pauses had moved its window on.
    """

    voucher: VoucherId
    amount_minor: int
    sponsor_minor: int
    per_line: tuple[int, ...]
    sponsor_per_line: tuple[int, ...]
    kind: VoucherKind
    balance: StoredBalance | None = None
    gift: GiftGiven | None = None
    paused_seconds: int = 0


@dataclass(frozen=True, slots=True)
class SpentPoints:
    """Points that pay a part of the order. `balance`: spendable points of the programme before it."""

    programme: CampaignId
    points: int
    amount_minor: int
    per_line: tuple[int, ...]
    balance: int


@dataclass(frozen=True, slots=True)
class UnusedVoucher:
    """Attributes:
    would_give_minor: What it gives alone, where it would give something.
    spend_more: Minor units missing to the voucher's threshold, for BELOW_MIN_SPEND.
    units_more: Units missing, for BELOW_MIN_QUANTITY and GIFT_OUT_OF_STOCK (of the gift).
    """

    voucher: VoucherId
    reason: UnusedReason
    would_give_minor: int = 0
    spend_more: int | None = None
    units_more: int | None = None


@dataclass(frozen=True, slots=True)
class UnusedPoints:
    """Points that the order does not use."""

    programme: CampaignId
    reason: UnusedReason


@dataclass(frozen=True, slots=True)
class Quote:
    """total = discount + tender + remainder. `payable_per_line` sums to `remainder_minor`.

    Attributes:
        lines: The cart's lines, then a line for every gift that is added.
        total_minor: Of `lines`.
        discount_minor: Taken off by discounts and gifts.
        tender_minor: Paid by stored value and points.
        now: The block time that decided about windows.
        nodes: Sets of vouchers that the search looked at.
        bound_minor, tender_bound_minor: No set takes off more, and of those that take off as much none pays more; above
            `discount_minor` and `tender_minor` only when the search was given up.
    """

    currency: str
    lines: tuple[CartLine, ...]
    total_minor: int
    discount_minor: int
    tender_minor: int
    remainder_minor: int
    payable_per_line: tuple[int, ...]
    used: tuple[AppliedVoucher, ...]
    points: tuple[SpentPoints, ...]
    unused: tuple[UnusedVoucher, ...]
    unused_points: tuple[UnusedPoints, ...]
    now: int
    rules_version: int
    nodes: int = 0
    bound_minor: int = 0
    tender_bound_minor: int = 0

    @property
    def optimal(self) -> bool:
        """Whether it is proven that no set of these vouchers gives more."""
        return (self.bound_minor, self.tender_bound_minor) <= (self.discount_minor, self.tender_minor)

    @property
    def gap_minor(self) -> int:
        """What could be missing to the best discount at most; 0 when it is proven best."""
        return max(0, self.bound_minor - self.discount_minor)

    @property
    def gifts(self) -> Mapping[str, int]:
        """Units to reserve per sku of the gift catalogue."""
        units: dict[str, int] = {}
        for applied in self.used:
            if applied.gift is not None:
                units[applied.gift.sku] = units.get(applied.gift.sku, 0) + applied.gift.quantity
        return units
