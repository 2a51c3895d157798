"""Schemas of campaigns and issuances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.amounts import ChainAmount, CurrencyAmount
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from chains.campaign import CampaignPower, TransferPolicy
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.currency import Money
from primitives.errors import InvalidTerms
from primitives.voucher_id import Serial, SerialClass, VoucherId
from vouchers.campaigns.model import Campaign, CampaignStatus, DraftTerms, Issuance, IssuanceStatus, Lane
from vouchers.ledger.model import CampaignCounts
from vouchers.rules import (
    MAX_PER_ORDER,
    Base,
    ClaimTerms,
    ClaimWay,
    Delivery,
    Effect,
    Eligibility,
    GiftReturn,
    LimitEntity,
    LimitPeriod,
    Payout,
    PointRate,
    PowerTerms,
    RedemptionLimit,
    RefundPolicy,
    RefundTerms,
    RuleDocument,
    SponsorShare,
    Stacking,
    VoucherKind,
)
from vouchers.rules.moments import moment_of
from vouchers.rules.warnings import warnings_of

ChainText = Annotated[str, StringConstraints(min_length=3, max_length=41)]
AccountText = Annotated[str, StringConstraints(min_length=10, max_length=120)]
Minor = Annotated[int, Field(ge=0, lt=2**53, strict=True)]
Names = Annotated[list[Line], Field(max_length=500)]
MAX_LISTED = 1_000
"""Holders in one JSON list; files and segments take more."""


class RateBody(RequestBody):
    """Points against money."""

    points: int = Field(ge=1, strict=True)
    minor: int = Field(ge=1, strict=True, description="Minor units")

    def to_domain(self) -> PointRate:
        return PointRate(self.points, self.minor)


class EffectBody(RequestBody):
    """What one voucher does, in minor units; name only the fields of the kind."""

    min_spend: Minor = Field(default=0, description="Smallest eligible subtotal; 0 for no threshold", examples=[10000])
    amount_off: Minor | None = Field(default=None, description="`threshold`, `cash`", examples=[2000])
    per_each: bool = Field(default=False, description="`threshold`: once for each full min_spend")
    percent_bp: Minor | None = Field(default=None, description="`percent`: basis points off")
    max_off: Minor | None = Field(
        default=None, description="`percent`, `gift`, and `threshold` with per_each: at most this"
    )
    sku: Line | None = Field(default=None, description="`gift`: which")
    quantity: int | None = Field(default=None, ge=1, strict=True, description="`gift`: how many")
    min_quantity: int = Field(default=0, ge=0, strict=True, description="`gift`: smallest number of eligible units")
    delivery: Delivery | None = Field(default=None, description="`gift`: how it reaches its holder")
    balance: Minor | None = Field(default=None, description="`stored_value`: what a new voucher holds")
    earn_rate: RateBody | None = Field(default=None, description="`points`")
    redeem_rate: RateBody | None = Field(default=None, description="`points`")
    lifetime_seconds: int | None = Field(default=None, ge=1, strict=True, description="`points`: until they expire")

    def to_domain(self) -> Effect:
        return Effect(
            min_spend=self.min_spend,
            amount_off=self.amount_off,
            per_each=self.per_each,
            percent_bp=self.percent_bp,
            max_off=self.max_off,
            sku=self.sku,
            quantity=self.quantity,
            min_quantity=self.min_quantity,
            delivery=self.delivery,
            balance=self.balance,
            earn_rate=None if self.earn_rate is None else self.earn_rate.to_domain(),
            redeem_rate=None if self.redeem_rate is None else self.redeem_rate.to_domain(),
            lifetime_seconds=self.lifetime_seconds,
        )


class LimitBody(RequestBody):
    """At most so many redemptions of the campaign by one entity in one period."""

    entity: LimitEntity = Field(
        description="`holder_wallet`, `holder_email`, `holder_document`: one holder who is known exactly so well"
    )
    period: LimitPeriod
    count: int = Field(ge=0, strict=True, description="0, for a level only: holders of this level cannot redeem")


class ClaimBody(RequestBody):
    """How vouchers are given out."""

    ways: list[ClaimWay] = Field(default=[ClaimWay.LIST], max_length=4, description="What the issuer may use")
    per_identity: int | None = Field(
        default=None, ge=1, strict=True, description="Claims per account, person or device; null for no limit"
    )
    count_on_chain: bool = Field(default=False, description="The contract counts per_holder for tickets (EVM)")


class SponsorBody(RequestBody):
    """One organisation's part of what the sponsors bear; it must accept before the launch."""

    organisation: UUID
    share_bp: int = Field(ge=1, le=10_000, strict=True)


class RefundBody(RequestBody):
    """What a return costs, and how long a used voucher can come back."""

    policy: RefundPolicy = RefundPolicy.KEEP
    window_seconds: int = Field(default=0, ge=0, strict=True, description="0: never")
    gift: GiftReturn | None = Field(default=None, description="Gifts only")


class PowersBody(RequestBody):
    """What the issuer may do after the launch; nothing else ever becomes possible."""

    declared: list[CampaignPower] = Field(default_factory=list, max_length=5)
    max_pause_seconds: int = Field(default=0, ge=0, strict=True, description="Above 0 exactly with `pause`")


class LaneBody(RequestBody):
    """How many vouchers on which chain."""

    chain: ChainText = Field(description="CAIP-2", examples=["eip155:31337"])
    cap: int = Field(ge=1, lt=2**47, strict=True, description="Most vouchers ever issued there", examples=[50])


class CampaignDraft(RequestBody):
    """The rules of a campaign; they never change. 满100减20 is `threshold` with min_spend 10000, amount_off 2000."""

    title: Line = Field(examples=["满100减20"])
    kind: VoucherKind = Field(examples=["threshold"])
    effect: EffectBody
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217", examples=["CNY"])
    valid_from: datetime = Field(
        description="First moment, in block time; whole seconds. Without an offset it is read in `zone`; a time that "
        "its clocks skip or show twice is refused"
    )
    valid_until: datetime = Field(description="First moment no longer valid; whole seconds")
    zone: Line = Field(
        default="UTC", description="IANA zone in which people read the dates", examples=["Asia/Shanghai"]
    )
    lanes: list[LaneBody] = Field(default_factory=list, max_length=16, description="One per chain; none for points")
    per_holder: int | None = Field(default=None, ge=1, strict=True, description="Most vouchers per account")
    sponsor_bp: int = Field(
        default=10_000, ge=0, le=10_000, strict=True, description="The sponsor's share of the discount"
    )
    merchants: list[UUID] | None = Field(
        default=None,
        max_length=200,
        description="Organisations that accept the vouchers; null: the drafting one; each other one is asked",
    )
    stores: Names | None = Field(default=None, description="null: no limit; an empty list is closed")
    categories: Names | None = None
    skus: Names | None = None
    excluded_skus: Names = Field(default_factory=list)
    stacking_group: Line = Field(
        default="exclusive",
        description="Two vouchers stand together if both groups consent; `joint` consents to all, `exclusive` to none",
    )
    stacking_consents: Names = Field(default_factory=list)
    priority: int = Field(default=100, ge=0, le=1_000_000, strict=True, description="Smaller is applied first")
    transfer: TransferPolicy = Field(default=TransferPolicy.BOUND)
    max_per_order: int = Field(default=MAX_PER_ORDER, ge=1, le=MAX_PER_ORDER, strict=True)
    per_campaign: int = Field(default=1, ge=1, le=MAX_PER_ORDER, strict=True, description="Of this campaign, per order")
    base: Base = Field(default=Base.RUNNING, description="What a percentage or a gift is reckoned on")
    claim_until: datetime | None = Field(default=None, description="First moment too late to claim; whole seconds")
    limits: list[LimitBody] = Field(default_factory=list, max_length=12)
    claim: ClaimBody = Field(default_factory=ClaimBody)
    sponsors: list[SponsorBody] = Field(default_factory=list, max_length=8)
    refund: RefundBody = Field(default_factory=RefundBody)
    powers: PowersBody = Field(default_factory=PowersBody)
    payout: Payout = Field(default=Payout.IMMEDIATE, description="`accrued`: credited and settled later (EVM)")
    points_cap: int | None = Field(default=None, ge=1, lt=2**47, strict=True, description="`points`: most ever earned")

    def to_domain(self) -> DraftTerms:
        """Raises InvalidTerms, InvalidValue."""
        caps = {ChainId.parse(lane.chain): lane.cap for lane in self.lanes}
        if len(caps) != len(self.lanes):
            raise InvalidTerms("two lanes have the same chain", field="lanes")
        return DraftTerms(
            title=self.title,
            kind=self.kind,
            effect=self.effect.to_domain(),
            currency=self.currency,
            valid_from=_seconds(self.valid_from, self.zone, "valid_from"),
            valid_until=_seconds(self.valid_until, self.zone, "valid_until"),
            zone=self.zone,
            caps=caps,
            per_holder=self.per_holder,
            eligible=Eligibility(
                merchants=None if self.merchants is None else frozenset(str(merchant) for merchant in self.merchants),
                stores=_set_or_none(self.stores),
                categories=_set_or_none(self.categories),
                skus=_set_or_none(self.skus),
                excluded_skus=frozenset(self.excluded_skus),
            ),
            stacking=Stacking(
                self.stacking_group,
                frozenset(self.stacking_consents),
                self.priority,
                self.max_per_order,
                self.per_campaign,
            ),
            sponsor_bp=self.sponsor_bp,
            transfer=self.transfer,
            base=self.base,
            claim_until=None if self.claim_until is None else _seconds(self.claim_until, self.zone, "claim_until"),
            limits=tuple(RedemptionLimit(one.entity, one.period, one.count) for one in self.limits),
            claim=ClaimTerms(frozenset(self.claim.ways), self.claim.per_identity, self.claim.count_on_chain),
            sponsors=tuple(SponsorShare(str(one.organisation), one.share_bp) for one in self.sponsors),
            refund=RefundTerms(self.refund.policy, self.refund.window_seconds, self.refund.gift),
            powers=PowerTerms(frozenset(self.powers.declared), self.powers.max_pause_seconds),
            payout=self.payout,
            points_cap=self.points_cap,
        )


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _seconds(moment: datetime, zone: str, field: str) -> int:
    if moment.tzinfo is None:
        return moment_of(moment, zone, field=field)
    whole, rest = divmod(moment - _EPOCH, timedelta(seconds=1))
    if rest:
        raise InvalidTerms("chains count whole seconds", field=field)
    return whole


def _set_or_none(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


class CampaignLaunch(RequestBody):
    """Where to launch."""

    chains: list[ChainText] | None = Field(default=None, max_length=16, description="CAIP-2; null: all of its lanes")


class CampaignIssue(RequestBody):
    """Whom to issue one voucher each, all on one chain; an account may stand there more than once."""

    holders: list[AccountText] = Field(min_length=1, max_length=MAX_LISTED, description="CAIP-10")

    def to_domain(self) -> list[AccountId]:
        """Raises InvalidAddress, InvalidValue."""
        return [AccountId.parse(text) for text in self.holders]


class FailureRead(ResponseBody):
    """Why something ended without effect."""

    code: str = Field(examples=["insufficient_funds"])
    message: str
    facts: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, failure: Mapping[str, Any] | None) -> Self | None:
        if failure is None:
            return None
        return cls(
            code=str(failure.get("code", "failed")),
            message=str(failure.get("message", "")),
            facts=dict(failure.get("facts", {})),
        )


class LaneRead(ResponseBody):
    """One chain's part of a campaign."""

    lane: int = Field(description="First byte of its serials")
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    status: CampaignStatus
    cap: int
    reserved: int = Field(description="Issued, or asked for")
    steps: int = Field(description="Launch transactions so far")
    issuer: str = Field(description="CAIP-10")
    funder: str = Field(description="CAIP-10")
    full_funding: ChainAmount = Field(description="What makes every voucher payable")
    failure: FailureRead | None = Field(description="Why the launch stopped; launch again to go on")

    @classmethod
    def of(cls, campaign: Campaign, lane: Lane) -> Self:
        terms = campaign.terms(lane.chain)
        return cls(
            lane=lane.lane,
            chain=str(lane.chain),
            status=lane.status,
            cap=lane.cap,
            reserved=lane.reserved,
            steps=lane.step,
            issuer=str(terms.issuer),
            funder=str(terms.funder),
            full_funding=ChainAmount.of(Amount(terms.full_funding, terms.settlement)),
            failure=FailureRead.of(lane.failure),
        )


class CountsRead(ResponseBody):
    """What the chains say, all lanes together."""

    issued: int
    live: int
    redeemed: int
    void: int
    cost: CurrencyAmount = Field(description="Discounts given")
    paid_out: list[ChainAmount] = Field(description="What escrow paid to merchants, per settlement asset")
    alarms: int = Field(description="Chain facts that contradict the rules; anything but 0 needs a person")


class CampaignRead(ResponseBody):
    """A campaign as its organisation sees it."""

    id: str = Field(description="48 hex digits, the same on every chain")
    status: CampaignStatus
    rules_hash: str = Field(description="keccak256 of the rule document, 64 hex digits")
    rules: dict[str, Any] = Field(description="The rule document (docs/rule-document.md)")
    created_at: Moment
    lanes: list[LaneRead]
    counts: CountsRead

    @classmethod
    def of(cls, campaign: Campaign, counts: CampaignCounts) -> Self:
        assets = {str(lane.settlement.id): lane.settlement for lane in campaign.rules.lanes}
        return cls(
            id=str(campaign.id),
            status=campaign.status,
            rules_hash=campaign.rules_hash.hex(),
            rules=campaign.rules.to_document(),
            created_at=campaign.created_at,
            lanes=[LaneRead.of(campaign, lane) for lane in campaign.lanes],
            counts=CountsRead(
                issued=counts.issued,
                live=counts.live,
                redeemed=counts.redeemed,
                void=counts.void,
                cost=CurrencyAmount.of(Money(counts.cost_minor, campaign.rules.currency)),
                paid_out=[
                    ChainAmount.of(Amount(units, assets[asset]))
                    for asset, units in sorted(counts.paid_out.items())
                    if asset in assets
                ],
                alarms=counts.alarms,
            ),
        )


class WarningRead(ResponseBody):
    """Something possible that is probably not meant."""

    code: str
    field: str
    message: str

    @classmethod
    def of(cls, rules: RuleDocument, now: int) -> list[Self]:
        """`now`: Unix seconds."""
        return [cls(code=one.code, field=one.field, message=one.message) for one in warnings_of(rules, now)]


class DraftedCampaign(CampaignRead):
    """A campaign that was just drafted, with what is possible in its terms and probably not meant."""

    warnings: list[WarningRead]


class IssuanceRead(ResponseBody):
    """A request to issue and what became of it."""

    id: UUID
    campaign: str
    chain: str
    status: IssuanceStatus
    holders: list[str] = Field(description="CAIP-10")
    vouchers: list[str | None] = Field(description="Voucher ids in the order of the holders; null until final")
    failure: FailureRead | None
    created_at: Moment

    @classmethod
    def of(cls, issuance: Issuance, lane: int) -> Self:
        return cls(
            id=issuance.id,
            campaign=str(issuance.campaign_id),
            chain=str(issuance.chain),
            status=issuance.status,
            holders=[str(holder) for holder in issuance.holders],
            vouchers=[
                None
                if number is None
                else str(VoucherId(issuance.campaign_id, Serial(lane, SerialClass.SINGLE, number)))
                for number in issuance.numbers
            ],
            failure=FailureRead.of(issuance.failure),
            created_at=issuance.created_at,
        )
