"""A campaign, its lanes and its issuances, as stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from chains.campaign import CampaignTerms, TransferPolicy
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId
from vouchers.rules import (
    Base,
    ClaimTerms,
    Effect,
    Eligibility,
    Payout,
    PowerTerms,
    RedemptionLimit,
    RefundTerms,
    RuleDocument,
    SponsorShare,
    Stacking,
    VoucherKind,
)

ACT_LAUNCH = "campaign.launch"
ACT_ISSUE = "campaign.issue"


class CampaignStatus(StrEnum):
    """Of a campaign and of each of its lanes."""

    DRAFT = "draft"
    LAUNCHING = "launching"
    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is issued or claimed until it is resumed; where the terms declare PAUSE, nothing is redeemed either."""
    ENDED = "ended"
    """Nothing is issued or claimed ever again; what holders have stays good for its window."""
    FAILED = "failed"
    """A launch step failed for good; launching again goes on where it stopped."""


class IssuanceStatus(StrEnum):
    REQUESTED = "requested"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DraftTerms:
    """What a merchant decides; accounts, lanes and escrow follow from it.

    Attributes:
        caps: Vouchers per chain; their sum is the campaign's cap.
        eligible: Its merchants are organisation ids; None is the drafting organisation alone. Each other one is asked,
            and accepts before the launch.
        points_cap: Most points ever earned, of points, which have no lanes.
    """

    title: str
    kind: VoucherKind
    effect: Effect
    currency: str
    valid_from: int
    valid_until: int
    zone: str
    caps: Mapping[ChainId, int]
    per_holder: int | None
    eligible: Eligibility
    stacking: Stacking
    sponsor_bp: int
    transfer: TransferPolicy
    base: Base = Base.RUNNING
    claim_until: int | None = None
    limits: tuple[RedemptionLimit, ...] = ()
    claim: ClaimTerms = field(default_factory=ClaimTerms)
    sponsors: tuple[SponsorShare, ...] = ()
    refund: RefundTerms = field(default_factory=RefundTerms)
    powers: PowerTerms = field(default_factory=PowerTerms)
    payout: Payout = Payout.IMMEDIATE
    points_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One chain's part.

    Attributes:
        step: Launch payments asked for so far; part of their idempotency keys.
        payment_id: The launch payment under way.
        next_number: Number of the next voucher that the chain will issue.
        reserved: Vouchers issued or asked for; never above the cap.
        issue_payment_id: The issue payment under way; a lane issues one after the other.
        failure: Code, message and facts of what stopped the launch.
        drop_root, drop_count: Solana: the one drop, fixed before the launch.
        launched_by: Who asked for the launch, which pays out of the treasury.
    """

    campaign_id: CampaignId
    chain: ChainId
    tenant_id: UUID
    lane: int
    cap: int
    status: CampaignStatus
    step: int
    payment_id: UUID | None
    next_number: int
    reserved: int
    issue_payment_id: UUID | None
    failure: Mapping[str, Any] | None
    drop_root: bytes | None = None
    drop_count: int = 0
    launched_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """`tenant_id` is the organisation; `salt` is 32 bytes."""

    id: CampaignId
    tenant_id: UUID
    rules_hash: bytes
    salt: bytes
    status: CampaignStatus
    created_by: UUID
    created_at: datetime
    rules: RuleDocument
    lanes: tuple[Lane, ...]

    def lane_of(self, chain: ChainId) -> Lane | None:
        return next((lane for lane in self.lanes if lane.chain == chain), None)

    def terms(self, chain: ChainId) -> CampaignTerms:
        """What the chain is told. Raises InvalidTerms when the campaign is not on this chain."""
        lane = self.rules.lane_of(chain)
        issuers = {other.chain.family: other.issuer.raw for other in self.rules.lanes}
        return CampaignTerms(
            id=self.id,
            chain=chain,
            rules_hash=self.rules_hash,
            evm_issuer=issuers.get("eip155", bytes(20)),
            solana_issuer=issuers.get("solana", bytes(32)),
            salt=self.salt,
            lane=lane.lane,
            cap=lane.cap,
            issuer=lane.issuer,
            funder=lane.funder,
            merchants=lane.merchants,
            settlement=lane.settlement,
            max_payout=lane.max_payout,
            units_per_minor=lane.units_per_minor,
            sponsor_bp=self.rules.sponsor_bp,
            valid_from=self.rules.valid_from,
            valid_until=self.rules.valid_until,
            transfer_policy=self.rules.transfer,
            title=self.rules.title,
            kind=self.rules.kind.value,
            currency=self.rules.currency,
            powers=self.rules.powers.declared,
            refund_window=self.rules.refund.window_seconds,
            delegate=lane.delegate,
            max_pause_seconds=self.rules.powers.max_pause_seconds if chain.family == "eip155" else 0,
            accrued=self.rules.payout is Payout.ACCRUED,
            claim_until=self.rules.claim_until,
            ticket_signer=lane.ticket_signer,
            claims_per_holder=(self.rules.per_holder or 0)
            if self.rules.claim.count_on_chain and chain.family == "eip155"
            else 0,
            **self._drop_of(chain),
        )

    def _drop_of(self, chain: ChainId) -> dict[str, Any]:
        """Of Solana: the root stands in the mint. EVM drops are committed later, each by its own transaction."""
        lane = self.lane_of(chain)
        if lane is None or lane.drop_root is None:
            return {}
        return {"drop_root": lane.drop_root, "drop_count": lane.drop_count}


@dataclass(frozen=True, slots=True)
class Issuance:
    """One request to issue; `numbers` are those issued so far, in the order of `holders` (None: not yet)."""

    id: UUID
    tenant_id: UUID
    campaign_id: CampaignId
    chain: ChainId
    status: IssuanceStatus
    holders: tuple[AccountId, ...]
    numbers: tuple[int | None, ...]
    failure: Mapping[str, Any] | None
    created_at: datetime
