"""Schemas of links and claims."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from api.languages import Language
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from api.schemas.campaigns import AccountText, FailureRead
from api.schemas.handouts import moment
from chains.intent import ContractCall
from people.identity.model import IdentityLevel
from primitives.voucher_id import CampaignId
from vouchers.claims.model import Claim, ClaimCode, ClaimLink, ClaimSource, ClaimStatus, LinkPurpose
from vouchers.claims.service import MAX_LINKS, LinkTerms, PublicView
from vouchers.orders.leaves import ReadyLeaf
from vouchers.rules import VoucherKind
from vouchers.rules.summary import summary

CodeText = Annotated[str, StringConstraints(min_length=1, max_length=80)]
DeviceText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
CampaignText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{48}$")]
_CAMPAIGN_DIGITS = 48

LevelWord = Literal["wallet", "email", "document"]


def _word(level: IdentityLevel) -> LevelWord:
    words: dict[IdentityLevel, LevelWord] = {
        IdentityLevel.WALLET: "wallet",
        IdentityLevel.EMAIL: "email",
        IdentityLevel.DOCUMENT: "document",
    }
    return words[level]


def claim_url(page: str, code: str) -> str:
    """The claim page of a code, which behind the `#` reaches no server and no log; or of a campaign's id, which is no
    secret."""
    return f"{page}/claim/{code}" if len(code) == _CAMPAIGN_DIGITS else f"{page}/claim#{code}"


class LinksBody(RequestBody):
    """New claim links."""

    count: int = Field(default=1, ge=1, le=MAX_LINKS, strict=True)
    uses: int | None = Field(default=1, ge=1, strict=True, description="How often each works; null: while stocks last")
    per_identity: int | None = Field(default=1, ge=1, strict=True, description="Per account, person or device")
    closes_at: AwareDatetime | None = None
    note: Line | None = None
    level: LevelWord = Field(
        default="wallet", description="How well somebody must be known: by nothing, a verified address, a document"
    )

    def to_domain(self) -> LinkTerms:
        level = IdentityLevel[self.level.upper()]
        return LinkTerms(self.count, self.uses, self.per_identity, self.closes_at, self.note, level)


class LinkRead(ResponseBody):
    """A link. `code` is told when it is made and never again."""

    id: UUID
    campaign: str
    purpose: LinkPurpose
    code: str | None = Field(description="40 letters and digits: put it into a URL, a QR code or on a card")
    url: str | None = Field(
        description="Of the claim page, with the code; `GET /claims/{code}/qr` draws it",
        examples=["https://pay.example/claim#ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGH"],
    )
    uses: int | None
    used: int
    per_identity: int | None
    closes_at: Moment | None
    revoked_at: Moment | None
    note: str | None
    level: LevelWord
    created_at: Moment

    @classmethod
    def of(cls, link: ClaimLink, code: ClaimCode | None = None, page: str = "") -> Self:
        return cls(
            id=link.id,
            campaign=str(link.campaign_id),
            purpose=link.purpose,
            code=None if code is None else code.reveal(),
            url=None if code is None else claim_url(page, code.reveal()),
            uses=link.uses,
            used=link.used,
            per_identity=link.per_identity,
            closes_at=link.closes_at,
            revoked_at=link.revoked_at,
            note=link.note,
            level=_word(link.level),
            created_at=link.created_at,
        )


class PublicLane(ResponseBody):
    """One chain of a campaign as anybody sees it."""

    chain: str
    status: str
    remaining: int


class PublicClaim(ResponseBody):
    """What a claim page shows, live."""

    campaign: str
    title: str
    kind: str
    organisation: str
    summary: list[str] = Field(description="In plain words, in the language of the request")
    terms: dict[str, list[str]] = Field(
        description="The same in every language there is", examples=[{"en": ["…"], "zh-CN": ["…"]}]
    )
    purpose: LinkPurpose | None = Field(description="Of the code; null where a campaign was asked for")
    remaining: int
    closes_at: Moment
    open: bool = Field(description="Whether a claim would be taken now")
    level: LevelWord = Field(description="How well the claimer must be known")
    lanes: list[PublicLane]
    rules_hash: str

    @classmethod
    def of(cls, view: PublicView, language: str) -> Self:
        campaign = view.campaign
        return cls(
            campaign=str(campaign.id),
            title=campaign.rules.title,
            kind=campaign.rules.kind.value,
            organisation=view.organisation,
            summary=list(summary(campaign.rules, language)),
            terms={one: list(summary(campaign.rules, one)) for one in get_args(Language)},
            purpose=None if view.link is None else view.link.purpose,
            remaining=view.remaining,
            closes_at=moment(view.closes_at),
            open=view.open,
            level=_word(IdentityLevel.WALLET if view.link is None else view.link.level),
            lanes=[
                PublicLane(chain=str(lane.chain), status=lane.status.value, remaining=lane.cap - lane.reserved)
                for lane in campaign.lanes
            ],
            rules_hash=campaign.rules_hash.hex(),
        )


class ClaimRequest(RequestBody):
    """Claim by a code to an account; gasless."""

    code: CodeText
    account: AccountText = Field(description="CAIP-10: who gets the voucher")
    device: DeviceText | None = Field(default=None, description="What names this device; kept hashed")


class TicketRequest(ClaimRequest):
    """As a claim, by a signed ticket (EVM)."""

    relayed: bool = Field(default=False, strict=True, description="Let the relayer send it, at no cost to the holder")


class WelcomeRequest(RequestBody):
    """The welcome of an organisation that you have never paid."""

    campaign: CampaignText
    account: AccountText
    device: DeviceText | None = None

    def campaign_id(self) -> CampaignId:
        return CampaignId.parse(self.campaign)


class LeafRequest(RequestBody):
    """Claim a leaf of a drop for the account that its list names."""

    campaign: CampaignText
    drop: int = Field(default=0, ge=0, lt=2**16, strict=True)
    account: AccountText
    index: int | None = Field(default=None, ge=0, lt=2**32, strict=True, description="Of several leaves, which")

    def campaign_id(self) -> CampaignId:
        return CampaignId.parse(self.campaign)


class ReferralRequest(RequestBody):
    """Make a code of your own; your vouchers go to this account."""

    campaign: CampaignText
    account: AccountText

    def campaign_id(self) -> CampaignId:
        return CampaignId.parse(self.campaign)


class ReferralRead(ResponseBody):
    """A code to hand on."""

    code: str


class TicketRead(ResponseBody):
    """What the holder sends in any transaction of their own."""

    voucher: str
    holder: str
    valid_before: int = Field(description="Unix seconds")
    signature: str = Field(description="0x, 65 bytes")
    to: str | None = Field(description="The book")
    data: str | None = Field(description="Call data, 0x")


class ClaimRead(ResponseBody):
    """A claim and what became of it."""

    id: UUID
    campaign: str
    chain: str
    account: str
    source: ClaimSource
    status: ClaimStatus
    voucher: str | None
    ticket: TicketRead | None
    failure: FailureRead | None
    created_at: Moment

    @classmethod
    def of(cls, claim: Claim, call: ContractCall | None = None) -> Self:
        ticket: dict[str, Any] | None = None
        if claim.ticket is not None:
            raw = claim.ticket.signature
            ticket = {
                "voucher": str(claim.ticket.voucher),
                "holder": str(claim.ticket.holder),
                "valid_before": claim.ticket.valid_before,
                "signature": "0x" + raw[:64].hex() + f"{raw[64] + 27:02x}",
                "to": None if call is None else call.to.address,
                "data": None if call is None else "0x" + call.data.hex(),
            }
        return cls(
            id=claim.id,
            campaign=str(claim.campaign_id),
            chain=str(claim.chain),
            account=str(claim.account),
            source=claim.source,
            status=claim.status,
            voucher=None if claim.voucher is None else str(claim.voucher),
            ticket=None if ticket is None else TicketRead(**ticket),
            failure=FailureRead.of(claim.failure),
            created_at=claim.created_at,
        )


class WaitingLeaf(ResponseBody):
    """A voucher that an organisation has put on a list for one of the caller's accounts; claiming it costs nothing."""

    campaign: str
    title: str
    kind: VoucherKind
    organisation: str
    summary: str = Field(description="What it is worth, in the language of the request")
    chain: str = Field(description="CAIP-2")
    account: str = Field(description="CAIP-10, the caller's: who gets it")
    drop: int
    index: int = Field(description="Of its leaf: with campaign, drop and account what `POST /claims/drops` takes")
    voucher: str = Field(description="Its number once it is claimed")
    claim_until: Moment = Field(description="Nothing can be claimed from then on")
    status: ClaimStatus | None = Field(description="Of the claim that was asked for it; null: none was")
    failure: FailureRead | None

    @classmethod
    def of(cls, ready: ReadyLeaf, language: str) -> Self:
        leaf, rules = ready.leaf.claim, ready.campaign.rules
        return cls(
            campaign=str(ready.campaign.id),
            title=rules.title,
            kind=rules.kind,
            organisation=ready.organisation,
            summary=summary(rules, language)[0],
            chain=str(leaf.holder.chain),
            account=str(leaf.holder),
            drop=leaf.drop,
            index=leaf.index,
            voucher=str(ready.leaf.voucher),
            claim_until=moment(ready.claimable_until),
            status=None if ready.claim is None else ready.claim.status,
            failure=None if ready.claim is None else FailureRead.of(ready.claim.failure),
        )
