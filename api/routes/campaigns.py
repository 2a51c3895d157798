"""/campaigns: draft, launch, issue, and the numbers."""

from __future__ import annotations

import time
from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import CampaignsDep, IdempotencyKey, VoucherViewsDep
from api.errors import problems
from api.paging import Page
from api.schemas.campaigns import (
    CampaignDraft,
    CampaignIssue,
    CampaignLaunch,
    CampaignRead,
    DraftedCampaign,
    IssuanceRead,
    WarningRead,
)
from api.security import PUBLIC, AnyMember, CallingMember, Manager
from primitives.chain_id import ChainId
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    CampaignNotFound,
    IdempotencyConflict,
    InvalidTerms,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    UnknownAsset,
    UnknownChain,
)
from primitives.voucher_id import CampaignId
from vouchers.campaigns.service import CampaignService
from vouchers.views import VoucherViews

router = APIRouter(prefix="/campaigns", tags=["campaigns"])


async def _read(
    campaign_id: CampaignId, member: CallingMember, campaigns: CampaignService, views: VoucherViews
) -> CampaignRead:
    campaign = await campaigns.get(member.tenant_id, campaign_id)
    return CampaignRead.of(campaign, (await views.counts([campaign_id]))[campaign_id])


@router.post(
    "",
    status_code=201,
    responses=problems(
        NotAuthenticated, NotPermitted, NotFound, InvalidTerms, UnknownAsset, UnknownChain, IdempotencyConflict
    ),
)
async def draft_campaign(
    body: CampaignDraft, member: Manager, key: IdempotencyKey, campaigns: CampaignsDep, views: VoucherViewsDep
) -> DraftedCampaign:
    """Fix the rules for ever. Nothing happens on chain before the launch. The answer warns of terms that are possible
    and probably not meant; impossible ones are refused with their field."""
    drafted = await campaigns.draft(
        member.tenant_id, body.to_domain(), created_by=member.caller.person_id, idempotency_key=key
    )
    read = await _read(drafted.id, member, campaigns, views)
    return DraftedCampaign(**dict(read), warnings=WarningRead.of(drafted.rules, int(time.time())))


@router.get("", responses=problems(NotAuthenticated, NotFound))
async def list_campaigns(member: AnyMember, campaigns: CampaignsDep, views: VoucherViewsDep) -> Page[CampaignRead]:
    """The organisation's campaigns, newest first."""
    found = await campaigns.campaigns(member.tenant_id)
    counts = await views.counts([campaign.id for campaign in found])
    return Page[CampaignRead].whole([CampaignRead.of(campaign, counts[campaign.id]) for campaign in found])


@router.get("/{campaign_id}", responses=problems(NotAuthenticated, NotFound, CampaignNotFound))
async def read_campaign(
    campaign_id: str, member: AnyMember, campaigns: CampaignsDep, views: VoucherViewsDep
) -> CampaignRead:
    """One campaign with its lanes and what the chains say of it."""
    return await _read(CampaignId.parse(campaign_id), member, campaigns, views)


@router.get(
    "/{campaign_id}/rules",
    dependencies=[PUBLIC],
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}, **problems(CampaignNotFound)},
)
async def read_rules(campaign_id: str, views: VoucherViewsDep) -> Response:
    """The rule document in its canonical bytes, for anybody: its keccak256 stands on chain."""
    return Response(await views.rule_document(CampaignId.parse(campaign_id)), media_type="application/json")


@router.post(
    "/{campaign_id}/launch",
    status_code=202,
    responses=problems(NotAuthenticated, NotPermitted, NotFound, CampaignNotFound, InvalidTerms),
)
async def launch_campaign(
    campaign_id: str, body: CampaignLaunch, member: Manager, campaigns: CampaignsDep, views: VoucherViewsDep
) -> CampaignRead:
    """Create and fund it on its chains, one transaction after the other; launching again changes nothing, and after a
    failure it goes on."""
    chosen = None if body.chains is None else [ChainId.parse(text) for text in body.chains]
    launched = await campaigns.launch(
        member.tenant_id, CampaignId.parse(campaign_id), chosen, launched_by=member.caller.person_id
    )
    return await _read(launched.id, member, campaigns, views)


@router.post(
    "/{campaign_id}/issue",
    status_code=202,
    responses=problems(
        NotAuthenticated,
        NotPermitted,
        NotFound,
        CampaignNotFound,
        CampaignNotActive,
        CampaignExhausted,
        InvalidTerms,
        IdempotencyConflict,
        NodeUnavailable,
        UnknownChain,
    ),
)
async def issue_vouchers(
    campaign_id: str, body: CampaignIssue, member: Manager, key: IdempotencyKey, campaigns: CampaignsDep
) -> IssuanceRead:
    """Issue one voucher to each holder, at no cost to them."""
    issuance = await campaigns.issue(
        member.tenant_id,
        CampaignId.parse(campaign_id),
        body.to_domain(),
        created_by=member.caller.person_id,
        idempotency_key=key,
    )
    campaign = await campaigns.get(member.tenant_id, issuance.campaign_id)
    return IssuanceRead.of(issuance, campaign.rules.lane_of(issuance.chain).lane)


@router.get("/{campaign_id}/issuances/{issuance_id}", responses=problems(NotAuthenticated, NotFound, CampaignNotFound))
async def read_issuance(
    campaign_id: str, issuance_id: UUID, member: AnyMember, campaigns: CampaignsDep
) -> IssuanceRead:
    """What became of a request to issue."""
    campaign = await campaigns.get(member.tenant_id, CampaignId.parse(campaign_id))
    issuance = await campaigns.issuance(member.tenant_id, issuance_id)
    if issuance.campaign_id != campaign.id:
        raise NotFound("no such issuance")
    return IssuanceRead.of(issuance, campaign.rules.lane_of(issuance.chain).lane)
