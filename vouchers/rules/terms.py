"""The words of a rule document as values. Money is in minor units of the document's currency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chains.campaign import CampaignPower
from primitives.account_id import AccountId
from primitives.asset import Asset
from primitives.chain_id import ChainId

EXCLUSIVE = "exclusive"
"""The stacking group that consents to none."""
JOINT = "joint"
"""The stacking group that consents to all."""
MAX_PER_ORDER = 5
"""Most vouchers that one order uses."""
FULL_SHARE = 10_000
"""Basis points of the whole."""


class VoucherKind(StrEnum):
    THRESHOLD = "threshold"
    """满减: take `amount_off` from `min_spend` on, with `per_each` once for each full `min_spend`."""
    PERCENT = "percent"
    """折扣: `percent_bp` basis points off, capped."""
    CASH = "cash"
    """代金: `amount_off` up to what is left."""
    GIFT = "gift"
    """赠品: `quantity` units of `sku` for nothing, from the merchant's gift catalogue."""
    STORED_VALUE = "stored_value"
    """储值: a balance that pays; what is not spent stays. EVM only."""
    POINTS = "points"
    """积分: earned on what is paid, spent as tender or on gifts. A ledger, not a token: no lanes."""

    @property
    def is_tender(self) -> bool:
        """Pays instead of lowering the price: applied after every discount."""
        return self in (VoucherKind.STORED_VALUE, VoucherKind.POINTS)


class Base(StrEnum):
    """What a percentage or a gift is reckoned on."""

    RUNNING = "running"
    """On what the earlier vouchers of the order left."""
    ORIGINAL = "original"
    """On the prices before any voucher; still never more than what is left."""


class Delivery(StrEnum):
    """How a gift reaches its holder."""

    WITH_ORDER = "with_order"
    PICKUP = "pickup"
    SHIPPED = "shipped"


class RefundPolicy(StrEnum):
    """What a return that breaks the threshold costs."""

    KEEP = "keep"
    """The kept lines keep their discount."""
    RECOMPUTE = "recompute"
    """The kept lines are priced anew under the rules at purchase."""
    FORFEIT = "forfeit"
    """The discount on kept lines is charged too, and the voucher is not returned."""


class GiftReturn(StrEnum):
    """What becomes of a gift when the goods that it came for are returned."""

    BACK_OR_PRICE = "back_or_price"
    KEPT = "kept"


class ClaimWay(StrEnum):
    """How vouchers come to holders."""

    LIST = "list"
    """Issued to named accounts: a list, a file, a segment, a trigger."""
    DROP = "drop"
    """One Merkle root; each holder claims, or redeems straight from it."""
    LINK = "link"
    """A link or QR code with a secret."""
    TICKET = "ticket"
    """A ticket that the issuer signed for one holder."""


class LimitEntity(StrEnum):
    """Whose redemptions a limit counts. A holder is an account, and the person who pays with it; a limit of a level
    bounds those only who are known exactly so well when they pay."""

    CAMPAIGN = "campaign"
    HOLDER = "holder"
    HOLDER_WALLET = "holder_wallet"
    """One holder of whom nothing is verified."""
    HOLDER_EMAIL = "holder_email"
    """One holder with a verified address."""
    HOLDER_DOCUMENT = "holder_document"
    """One holder whose document a person has looked at."""
    MERCHANT = "merchant"

    @property
    def of_level(self) -> bool:
        """Whether it bounds holders of one identity level: then its count may be 0, which shuts them out."""
        return self in OF_LEVELS


OF_LEVELS = (LimitEntity.HOLDER_WALLET, LimitEntity.HOLDER_EMAIL, LimitEntity.HOLDER_DOCUMENT)
"""From the least known to the best."""


class LimitPeriod(StrEnum):
    """Calendar periods begin at midnight in the campaign's zone; weeks on Monday."""

    EVER = "ever"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Payout(StrEnum):
    """How the sponsor's share reaches the merchant."""

    IMMEDIATE = "immediate"
    ACCRUED = "accrued"


@dataclass(frozen=True, slots=True)
class PointRate:
    """`points` against `minor` minor units: earned for each full `minor` paid, or worth `minor` when spent."""

    points: int
    minor: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What one voucher does; fields that the kind does not have keep their defaults.

    Attributes:
        min_spend: Smallest eligible subtotal before any voucher; 0 for no threshold.
        percent_bp: Basis points off, 1–10,000.
        max_off: Most that one voucher takes off; of a gift, the most that the sponsor's share is reckoned on.
        sku, quantity: The gift and how many units of it.
        min_quantity: Smallest number of eligible units in the cart for a gift; 0 for none.
        balance: What a new stored-value voucher holds.
        earn_rate: Points earned on what is paid, rounded down.
        redeem_rate: What spent points are worth, rounded down.
        lifetime_seconds: Points expire so long after they were earned.
    """

    min_spend: int = 0
    amount_off: int | None = None
    per_each: bool = False
    percent_bp: int | None = None
    max_off: int | None = None
    sku: str | None = None
    quantity: int | None = None
    min_quantity: int = 0
    delivery: Delivery | None = None
    balance: int | None = None
    earn_rate: PointRate | None = None
    redeem_rate: PointRate | None = None
    lifetime_seconds: int | None = None

    @property
    def most(self) -> int:
        """The largest amount that the sponsor's share of one voucher is reckoned on; 0 for points."""
        if self.earn_rate is not None:
            return 0
        most = next((one for one in (self.max_off, self.amount_off, self.balance) if one is not None), None)
        assert most is not None
        return most


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Which lines count. None means no limit, an empty set means closed."""

    merchants: frozenset[str] | None
    stores: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    skus: frozenset[str] | None = None
    excluded_skus: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stacking:
    """How the campaign combines.

    Attributes:
        group: Its stacking group; `exclusive` consents to none, `joint` to all.
        consents: Groups that it agrees to be used beside; itself only if listed.
        priority: Its place in the total order; smaller is applied first.
        max_per_order: Most vouchers, of any campaign, in an order that uses one of this campaign.
        per_campaign: Most vouchers of this campaign in one order.
    """

    group: str
    consents: frozenset[str]
    priority: int = 100
    max_per_order: int = MAX_PER_ORDER
    per_campaign: int = 1


@dataclass(frozen=True, slots=True)
class RedemptionLimit:
    """At most `count` redemptions of the campaign by one entity in one period; always counted. What came back by a full
    refund does not count against its holder any more."""

    entity: LimitEntity
    period: LimitPeriod
    count: int


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """How vouchers are given out.

    Attributes:
        ways: The ways that the issuer may use.
        per_identity: Most vouchers per identity (account, verified person or device); None for no limit.
        count_on_chain: `per_holder` is also counted by the contract for tickets (EVM).
    """

    ways: frozenset[ClaimWay] = frozenset({ClaimWay.LIST})
    per_identity: int | None = None
    count_on_chain: bool = False


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """`window_seconds`: how long after its redemption a voucher can come back; 0 for never. `gift`: gifts only."""

    policy: RefundPolicy = RefundPolicy.KEEP
    window_seconds: int = 0
    gift: GiftReturn | None = None


@dataclass(frozen=True, slots=True)
class PowerTerms:
    """What the issuer may do after the launch; nothing else ever becomes possible.

    `max_pause_seconds`: all pauses together; above zero exactly where `pause` is declared.
    """

    declared: frozenset[CampaignPower] = frozenset()
    max_pause_seconds: int = 0


@dataclass(frozen=True, slots=True)
class SponsorShare:
    """One organisation's part of what the sponsors bear, in basis points of it."""

    organisation: str
    share_bp: int


@dataclass(frozen=True, slots=True)
class LaneRules:
    """One chain's part of the campaign.

    Attributes:
        max_payout: Most that one voucher pays out, in base units of `settlement`.
        units_per_minor: Base units of `settlement` for one minor unit.
        ticket_signer: Signs claim tickets (EVM); None: no tickets.
        delegate: A cold key that may burn from every holder (Solana), only where `void` is declared; None: off.
    """

    lane: int
    chain: ChainId
    cap: int
    issuer: AccountId
    funder: AccountId
    merchants: tuple[AccountId, ...]
    settlement: Asset
    max_payout: int
    units_per_minor: int
    ticket_signer: AccountId | None = None
    delegate: AccountId | None = None
