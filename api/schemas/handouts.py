"""Schemas of campaign life: templates, previews, acts, partners, drops, segments and triggers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.amounts import ChainAmount
from api.schemas.base import FileBody, Line, Moment, RequestBody, ResponseBody
from api.schemas.campaigns import AccountText, CampaignRead, ChainText, FailureRead, Minor, WarningRead
from chains.campaign import IssuerPower
from codec.rule_document import encode_rule_document, rules_hash
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.voucher_id import CampaignId
from vouchers.campaigns.acts.sql import Act, ActKind, ActStatus
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.partners.sql import Partner
from vouchers.campaigns.templates import Template
from vouchers.issuance.drops.service import LeafProof
from vouchers.issuance.drops.sql import Drop, DropStatus
from vouchers.issuance.segments.service import Segment
from vouchers.rules import RuleDocument
from vouchers.rules.summary import summary
from vouchers.triggers.sql import Grant, Trigger, TriggerKind

MAX_PART = 10_000


class TemplateRead(ResponseBody):
    """A campaign to begin with: add dates and lanes to `draft`."""

    id: str
    name: str = Field(description="In the language of the request")
    about: str
    draft: dict[str, Any] = Field(description="The body of POST /campaigns but for what is the merchant's")
    change: list[str] = Field(description="Fields to look at first")

    @classmethod
    def of(cls, template: Template, language: str) -> Self:
        return cls(
            id=template.id,
            name=template.names[language],
            about=template.about[language],
            draft=dict(template.draft),
            change=list(template.change),
        )


class FundingRead(ResponseBody):
    """What makes every voucher of a lane payable."""

    chain: str
    amount: ChainAmount


class PreviewRead(ResponseBody):
    """What a draft would fix; nothing was stored."""

    rules: dict[str, Any]
    rules_hash: str = Field(description="keccak256, 64 hex digits")
    summary: list[str] = Field(description="In plain words, in the language of the request")
    warnings: list[WarningRead]
    funding: list[FundingRead]
    partners: dict[str, int] = Field(description="Organisations that must accept, and what each bears in basis points")

    @classmethod
    def of(cls, rules: RuleDocument, language: str, now: int, partners: dict[UUID, int]) -> Self:
        document = rules.to_document()
        return cls(
            rules=document,
            rules_hash=rules_hash(encode_rule_document(document)).hex(),
            summary=list(summary(rules, language)),
            warnings=WarningRead.of(rules, now),
            funding=[
                FundingRead(
                    chain=str(lane.chain), amount=ChainAmount.of(Amount(lane.max_payout * lane.cap, lane.settlement))
                )
                for lane in rules.lanes
            ],
            partners={str(organisation): share for organisation, share in partners.items()},
        )


class FundBody(RequestBody):
    """More money for one chain's escrow, from the treasury."""

    chain: ChainText
    base_units: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,39}$")] = Field(
        description="Of the settlement asset"
    )


class ChainBody(RequestBody):
    """Which chain."""

    chain: ChainText


class ActRead(ResponseBody):
    """An act on one chain and what became of it."""

    id: UUID
    campaign: str
    chain: str
    kind: ActKind
    status: ActStatus
    facts: dict[str, Any]
    tx_hash: str | None
    failure: FailureRead | None
    created_at: Moment

    @classmethod
    def of(cls, act: Act) -> Self:
        return cls(
            id=act.id,
            campaign=str(act.campaign_id),
            chain=str(act.chain),
            kind=act.kind,
            status=act.status,
            facts=dict(act.facts),
            tx_hash=act.tx_hash,
            failure=FailureRead.of(act.failure),
            created_at=act.created_at,
        )


class PowerRead(ResponseBody):
    """What somebody can still do, as the chain says."""

    chain: str
    code: str
    text: str
    who: str | None = Field(description="CAIP-10")

    @classmethod
    def of(cls, chain: str, power: IssuerPower) -> Self:
        return cls(chain=chain, code=power.code, text=power.text, who=None if power.who is None else str(power.who))


class PartnerRead(ResponseBody):
    """An organisation that a campaign names, and its word."""

    organisation: UUID
    share_bp: int = Field(description="What it bears of each discount, in basis points")
    answer: str | None = Field(description="accepted, refused, or null")
    answered_at: Moment | None

    @classmethod
    def of(cls, partner: Partner) -> Self:
        return cls(
            organisation=partner.organisation_id,
            share_bp=partner.share_bp,
            answer=partner.answer,
            answered_at=partner.answered_at,
        )


class InvitationRead(ResponseBody):
    """A campaign of another organisation that names yours."""

    campaign: str
    title: str
    by: UUID = Field(description="The organisation that drafted it")
    status: str
    your_part: PartnerRead
    summary: list[str]
    rules: dict[str, Any]

    @classmethod
    def of(cls, partner: Partner, campaign: Campaign, language: str) -> Self:
        return cls(
            campaign=str(campaign.id),
            title=campaign.rules.title,
            by=campaign.tenant_id,
            status=campaign.status.value,
            your_part=PartnerRead.of(partner),
            summary=list(summary(campaign.rules, language)),
            rules=campaign.rules.to_document(),
        )


class AnswerBody(RequestBody):
    """Your organisation's word; it stands."""

    accept: bool = Field(strict=True)


class CsvBody(FileBody):
    """A file as text: `account[,count]` a row, all of one chain."""

    csv: str = Field(min_length=1, max_length=900_000)


class SegmentBody(RequestBody):
    """Whom to single out among the people who have paid here; all that is named must hold."""

    chain: ChainText
    bought_sku: Line | None = None
    holds: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{48}$")] | None = Field(
        default=None, description="A live voucher of this campaign"
    )
    spent_minor: Minor | None = Field(default=None, description="At least so much in all")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    seen_within_days: int | None = Field(default=None, ge=1, strict=True)
    not_seen_within_days: int | None = Field(default=None, ge=1, strict=True)

    def to_domain(self) -> Segment:
        """Raises InvalidTerms."""
        return Segment(
            bought_sku=self.bought_sku,
            holds=None if self.holds is None else CampaignId.parse(self.holds),
            spent_minor=self.spent_minor,
            currency=self.currency,
            seen_within_days=self.seen_within_days,
            not_seen_within_days=self.not_seen_within_days,
        )


class SegmentRead(ResponseBody):
    """How many people a segment has, and the first of their accounts."""

    count: int = Field(description="At most 10,000 are counted")
    first: list[str] = Field(description="CAIP-10")


class DropBody(RequestBody):
    """A list of holders to be opened; EVM campaigns have up to 65,536, Solana campaigns one, before the launch."""

    chain: ChainText
    number: int = Field(default=0, ge=0, lt=2**16, strict=True)


class DropPartBody(RequestBody):
    """The next holders. The whole list becomes public when it is committed."""

    first: int = Field(ge=0, lt=2**32, strict=True, description="Index of the first of them: how many there are so far")
    holders: list[AccountText] = Field(min_length=1, max_length=MAX_PART, description="CAIP-10")

    def to_domain(self) -> list[AccountId]:
        """Raises InvalidAddress, InvalidValue."""
        return [AccountId.parse(text) for text in self.holders]


class DropRead(ResponseBody):
    """A drop."""

    campaign: str
    chain: str
    number: int
    status: DropStatus
    count: int
    root: str | None = Field(description="64 hex digits")
    leaves_hash: str | None = Field(description="keccak256 of the published list, 64 hex digits")
    act: UUID | None = Field(description="The act that commits it (EVM)")

    @classmethod
    def of(cls, drop: Drop) -> Self:
        return cls(
            campaign=str(drop.campaign_id),
            chain=str(drop.chain),
            number=drop.number,
            status=drop.status,
            count=drop.count,
            root=None if drop.root is None else drop.root.hex(),
            leaves_hash=None if drop.leaves_hash is None else drop.leaves_hash.hex(),
            act=drop.act_id,
        )


class LeafRead(ResponseBody):
    """A leaf with its proof: enough to claim it, or to redeem straight from the drop."""

    voucher: str = Field(description="64 hex digits")
    index: int
    holder: str = Field(description="CAIP-10")
    proof: list[str] = Field(description="Sisters from the leaf upwards, 64 hex digits each")
    root: str

    @classmethod
    def of(cls, leaf: LeafProof) -> Self:
        return cls(
            voucher=str(leaf.voucher),
            index=leaf.claim.index,
            holder=str(leaf.claim.holder),
            proof=[sister.hex() for sister in leaf.claim.proof],
            root=leaf.root.hex(),
        )


class TriggerBody(RequestBody):
    """What earns a voucher of the campaign from now on."""

    kind: TriggerKind
    rule: dict[str, Any] = Field(
        default_factory=dict,
        description=(
            "first_payment {min_minor}; loyalty {every, times}; spend {minor, repeat}; date {at, segment}; "
            "visit {every}; referral {reward_on, most}; cashback {min_minor, per_minor, most}; welcome {}"
        ),
    )


class TriggerRead(ResponseBody):
    """A trigger. `code`: of a visit, told once: show it in the shop."""

    id: UUID
    campaign: str
    kind: TriggerKind
    rule: dict[str, Any]
    ended_at: Moment | None
    created_at: Moment
    code: str | None = None

    @classmethod
    def of(cls, trigger: Trigger, code: str | None = None) -> Self:
        return cls(
            id=trigger.id,
            campaign=str(trigger.campaign_id),
            kind=trigger.kind,
            rule=dict(trigger.rule),
            ended_at=trigger.ended_at,
            created_at=trigger.created_at,
            code=code,
        )


class GrantRead(ResponseBody):
    """What somebody earned. `subject` says by what, once and for ever."""

    trigger: UUID
    subject: str
    account: str | None
    count: int
    issuance: UUID | None
    refusal: FailureRead | None
    waiting: bool
    created_at: Moment

    @classmethod
    def of(cls, grant: Grant) -> Self:
        return cls(
            trigger=grant.trigger_id,
            subject=grant.subject,
            account=None if grant.account is None else str(grant.account),
            count=grant.count,
            issuance=grant.issuance_id,
            refusal=FailureRead.of(grant.refusal),
            waiting=grant.waits_for is not None,
            created_at=grant.created_at,
        )


class WatchRead(ResponseBody):
    """The funnel of a campaign."""

    campaign: CampaignRead
    claims: dict[str, int] = Field(description="Claims by status")
    waiting: int = Field(description="Vouchers asked for and not yet issued")
    remaining: int = Field(description="Below the caps")
    partners: list[PartnerRead]
    acts: list[ActRead]
    drops: list[DropRead]


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
