"""Schemas of reconciliation, replay, custody, exports and auditors' grants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from api.schemas.audit import PlaceRead
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from audit.auditors.model import Grant
from audit.masking import PERSONAL, Masking
from audit.provenance.model import Custody, CustodyAct
from audit.reconciliation.model import Finding, LaneReconciliation
from audit.replay.service import Replay, ReplayFinding

CampaignText = Annotated[str, StringConstraints(pattern="^[0-9a-f]{48}$")]


class FindingRead(ResponseBody):
    """One divergence, by name."""

    fault: str = Field(examples=["row_edited"])
    subject: str = Field(description="What diverges: a voucher, a place on the chain, or the campaign")
    expected: str
    found: str

    @classmethod
    def of(cls, finding: Finding | ReplayFinding, masking: Masking) -> Self:
        expected, found = finding.expected, finding.found
        if finding.subject in PERSONAL:
            expected, found = masking.account(expected), masking.account(found)
        return cls(
            fault=finding.fault.value,
            subject=finding.subject,
            expected=masking.words(expected),
            found=masking.words(found),
        )


class ReconciliationRead(ResponseBody):
    """One campaign on one chain at one height."""

    campaign: str
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    height: int
    agrees: bool
    complete: bool = Field(description="Every event was compared, not sums alone")
    figures: Mapping[str, Any] = Field(description="Of ledger, chain and books: counts, and base units as text")
    findings: list[FindingRead]
    note: str | None = Field(description="Why the chain tells nothing of this height")

    @classmethod
    def of(cls, lane: LaneReconciliation, masking: Masking) -> Self:
        return cls(
            campaign=str(lane.campaign),
            chain=str(lane.chain),
            height=lane.height,
            agrees=lane.agrees,
            complete=lane.complete,
            figures=lane.figures_json(),
            findings=[FindingRead.of(one, masking) for one in lane.findings],
            note=lane.note,
        )


class SettlementRead(ResponseBody):
    """What a campaign pays in, as its rule document says."""

    asset: str = Field(description="CAIP-19")
    symbol: str = Field(examples=["tCNY"])
    decimals: int = Field(examples=[6])


class BoardLaneRead(ResponseBody):
    """What the continuous reconciliation said last of one campaign on one chain."""

    campaign: str
    title: str = Field(description="Of the rule document", examples=["满100减20"])
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    height: int
    agrees: bool
    open_alarms: int = Field(description="Divergences that are not over", examples=[0])
    settlement: SettlementRead = Field(description="The money of its escrow on this chain")
    figures: Mapping[str, Any] = Field(description="Of ledger, chain and books: counts, and base units as text")
    at: Moment

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            campaign=row.campaign_id,
            title=row.title,
            chain=row.chain,
            height=row.height,
            agrees=row.agrees,
            open_alarms=row.open_alarms,
            settlement=SettlementRead.model_validate(row.settlement),
            figures=row.figures,
            at=row.at,
        )


class AlarmRead(ResponseBody):
    """A divergence that the continuous reconciliation found."""

    id: UUID
    campaign: str
    chain: str
    fault: str
    subject: str
    expected: str
    found: str
    height: int
    found_at: Moment
    cleared_at: Moment | None

    @classmethod
    def of(cls, row: Any, masking: Masking) -> Self:
        return cls(
            id=row.id,
            campaign=row.campaign_id,
            chain=row.chain,
            fault=row.fault,
            subject=row.subject,
            expected=masking.words(row.expected),
            found=masking.words(row.found),
            height=row.height,
            found_at=row.found_at,
            cleared_at=row.cleared_at,
        )


class ReplayRead(ResponseBody):
    """A redemption's price, computed again from the committed documents."""

    redemption_id: str
    voucher: str
    order_hash: str
    agrees: bool
    currency: str | None = Field(description="Null where the documents do not allow a price")
    discount_minor: int | None
    remainder_minor: int | None
    findings: list[FindingRead]

    @classmethod
    def of(cls, replay: Replay, masking: Masking) -> Self:
        return cls(
            redemption_id=replay.redemption_id.hex(),
            voucher=replay.voucher,
            order_hash=replay.order_hash.hex(),
            agrees=replay.agrees,
            currency=replay.currency,
            discount_minor=replay.discount_minor,
            remainder_minor=replay.remainder_minor,
            findings=[FindingRead.of(one, masking) for one in replay.findings],
        )


class CustodyActRead(ResponseBody):
    """One act on the way."""

    act: str = Field(examples=["redemption"])
    standing: bool = Field(description="False: a reorganisation took it back")
    place: PlaceRead
    voucher: str | None
    campaign: str | None
    details: dict[str, str]

    @classmethod
    def of(cls, act: CustodyAct) -> Self:
        return cls(
            act=act.act.value,
            standing=act.standing,
            place=PlaceRead.of(act.place),
            voucher=act.voucher,
            campaign=act.campaign,
            details=dict(act.details),
        )


class CustodyRead(ResponseBody):
    """The chain of custody of one subject, in order of chain and position."""

    kind: str = Field(examples=["holder"])
    subject: str
    acts: list[CustodyActRead]
    cut: bool = Field(description="There is more than is shown: ask for a shorter time")

    @classmethod
    def of(cls, custody: Custody) -> Self:
        acts = [CustodyActRead.of(act) for act in custody.acts]
        return cls(kind=custody.kind.value, subject=custody.subject, acts=acts, cut=custody.cut)


class GrantCreate(RequestBody):
    """Let an outside auditor read some campaigns' facts of some time."""

    label: Line = Field(description="For whom", examples=["Annual audit"])
    campaigns: list[CampaignText] = Field(min_length=1, max_length=100)
    facts_since: AwareDatetime = Field(description="Block time from which facts may be seen")
    facts_until: AwareDatetime = Field(description="Block time before which they may be seen")
    expires_at: AwareDatetime = Field(description="When the token ends, at most a year from now")


class GrantRead(ResponseBody):
    """A grant; its token is told once, when it is made."""

    id: UUID
    label: str
    campaigns: list[str]
    facts_since: Moment
    facts_until: Moment
    created_at: Moment
    expires_at: Moment
    revoked_at: Moment | None
    token: str | None = Field(default=None, description="Only in the answer to the grant's making")

    @classmethod
    def of(cls, grant: Grant, token: str | None = None) -> Self:
        return cls(
            id=grant.id,
            label=grant.label,
            campaigns=sorted(str(one) for one in grant.campaigns),
            facts_since=datetime.fromtimestamp(grant.facts_since, UTC),
            facts_until=datetime.fromtimestamp(grant.facts_until, UTC),
            created_at=grant.created_at,
            expires_at=grant.expires_at,
            revoked_at=grant.revoked_at,
            token=token,
        )


class LogProofRead(ResponseBody):
    """An entry of the audit log below a signed root; `keystore.audit_verifier.inclusion` checks both anywhere."""

    root: Mapping[str, Any]
    proof: Mapping[str, Any]
