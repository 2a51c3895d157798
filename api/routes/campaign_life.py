"""/campaigns: templates, previews, files and segments, drops, triggers, partners, and what is done after the launch."""

from __future__ import annotations

import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import CampaignsDep, HandoutsDep, IdempotencyKey, VoucherViewsDep
from api.errors import problems
from api.languages import preferred_language
from api.paging import Page
from api.schemas.campaigns import CampaignDraft, CampaignRead, IssuanceRead
from api.schemas.handouts import (
    ActRead,
    AnswerBody,
    ChainBody,
    CsvBody,
    DropBody,
    DropPartBody,
    DropRead,
    FundBody,
    GrantRead,
    InvitationRead,
    LeafRead,
    PartnerRead,
    PowerRead,
    PreviewRead,
    SegmentBody,
    SegmentRead,
    TemplateRead,
    TriggerBody,
    TriggerRead,
    WatchRead,
)
from api.security import PUBLIC, AnyMember, CallingMember, CallingPerson, Funder, Manager
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    CampaignExhausted,
    CampaignNotActive,
    CampaignNotFound,
    FeatureUnavailable,
    IdempotencyConflict,
    InvalidRows,
    InvalidTerms,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    UnknownAsset,
    VoucherNotFound,
)
from primitives.voucher_id import CampaignId
from vouchers.campaigns.drafting import partners_in
from vouchers.campaigns.model import CampaignStatus, Issuance
from vouchers.campaigns.service import MAX_HOLDERS, CampaignService
from vouchers.campaigns.templates import TEMPLATES
from vouchers.issuance.files import read_holders
from vouchers.views import VoucherViews

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

DropNumber = Annotated[int, Path(ge=0, lt=2**16)]

_MEMBER = (NotAuthenticated, NotPermitted, NotFound, CampaignNotFound)
_ISSUING = (CampaignNotActive, CampaignExhausted, InvalidTerms, IdempotencyConflict, NodeUnavailable)


def _language(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language"))


async def _campaign(
    campaign_id: CampaignId, member: CallingMember, campaigns: CampaignService, views: VoucherViews
) -> CampaignRead:
    campaign = await campaigns.get(member.tenant_id, campaign_id)
    return CampaignRead.of(campaign, (await views.counts([campaign_id]))[campaign_id])


@router.get("/templates", responses=problems(NotAuthenticated))
async def list_templates(request: Request, caller: CallingPerson) -> Page[TemplateRead]:
    """Campaigns to begin with, in the caller's language: add dates and lanes, preview, draft."""
    language = _language(request)
    return Page[TemplateRead].whole([TemplateRead.of(template, language) for template in TEMPLATES])


@router.post("/preview", responses=problems(NotAuthenticated, NotPermitted, NotFound, InvalidTerms, UnknownAsset))
async def preview_campaign(
    body: CampaignDraft, request: Request, member: Manager, campaigns: CampaignsDep
) -> PreviewRead:
    """What a draft would fix: the rules, in plain words too, what must be funded, and who must accept. Impossible terms
    are refused with their field."""
    rules = await campaigns.preview(member.tenant_id, body.to_domain())
    partners = dict(partners_in(rules, member.tenant_id))
    return PreviewRead.of(rules, _language(request), int(time.time()), partners)


@router.get("/invitations", responses=problems(NotAuthenticated, NotFound))
async def list_campaign_invitations(request: Request, member: AnyMember, handouts: HandoutsDep) -> Page[InvitationRead]:
    """Campaigns of other organisations that name yours: none is launched before you accept it."""
    language = _language(request)
    found = await handouts.partners.invitations(member.organisation_id)
    return Page[InvitationRead].whole([InvitationRead.of(part, one, language) for part, one in found])


@router.post("/{campaign_id}/answer", responses=problems(*_MEMBER, CampaignNotActive))
async def answer_invitation(
    campaign_id: str, body: AnswerBody, request: Request, member: Manager, handouts: HandoutsDep
) -> InvitationRead:
    """Accept or refuse a campaign that names your organisation: this one, and no other. The word stands."""
    part, campaign = await handouts.partners.answer(
        member.organisation_id, CampaignId.parse(campaign_id), accepts=body.accept, by=member.caller.person_id
    )
    return InvitationRead.of(part, campaign, _language(request))


@router.get("/{campaign_id}/powers", dependencies=[PUBLIC], responses=problems(CampaignNotFound, NodeUnavailable))
async def read_powers(campaign_id: str, handouts: HandoutsDep) -> Page[PowerRead]:
    """What issuer and platform can still do, as the chains themselves say; for anybody."""
    told = await handouts.acts.powers(CampaignId.parse(campaign_id))
    return Page[PowerRead].whole([PowerRead.of(str(chain), one) for chain, powers in told.items() for one in powers])


@router.get("/{campaign_id}/watch", responses=problems(*_MEMBER))
async def watch_campaign(
    campaign_id: str, member: AnyMember, campaigns: CampaignsDep, views: VoucherViewsDep, handouts: HandoutsDep
) -> WatchRead:
    """The funnel: claimed, waiting, issued, live, redeemed; what was done, and who has accepted."""
    parsed = CampaignId.parse(campaign_id)
    campaign = await campaigns.get(member.tenant_id, parsed)
    return WatchRead(
        campaign=await _campaign(parsed, member, campaigns, views),
        claims=dict(await handouts.claims.funnel(parsed)),
        waiting=await campaigns.waiting(parsed),
        remaining=sum(lane.cap - lane.reserved for lane in campaign.lanes if lane.status is CampaignStatus.ACTIVE),
        partners=[PartnerRead.of(partner) for partner in await handouts.partners.of(parsed)],
        acts=[ActRead.of(act) for act in await handouts.acts.acts(member.tenant_id, parsed)],
        drops=[DropRead.of(drop) for drop in await handouts.drops.drops(member.tenant_id, parsed)],
    )


# ------------------------------------------------------------------------------------------------------- after launch


@router.post(
    "/{campaign_id}/fund",
    status_code=202,
    responses=problems(*_MEMBER, CampaignNotActive, InvalidTerms, AmountNotPositive, IdempotencyConflict),
)
async def fund_campaign(
    campaign_id: str, body: FundBody, member: Funder, key: IdempotencyKey, handouts: HandoutsDep
) -> ActRead:
    """Pay more into a chain's escrow from the treasury (the launch has funded every voucher already)."""
    return ActRead.of(
        await handouts.acts.fund(
            member.tenant_id,
            CampaignId.parse(campaign_id),
            ChainId.parse(body.chain),
            int(body.base_units),
            created_by=member.caller.person_id,
            idempotency_key=key,
        )
    )


@router.post(
    "/{campaign_id}/pause", status_code=202, responses=problems(*_MEMBER, CampaignNotActive, IdempotencyConflict)
)
async def pause_campaign(
    campaign_id: str,
    member: Manager,
    key: IdempotencyKey,
    handouts: HandoutsDep,
    campaigns: CampaignsDep,
    views: VoucherViewsDep,
) -> CampaignRead:
    """Stop issuing and claiming at once; where the terms declare the power, the chains stop redeeming as well."""
    parsed = CampaignId.parse(campaign_id)
    await handouts.acts.pause(member.tenant_id, parsed, created_by=member.caller.person_id, idempotency_key=key)
    return await _campaign(parsed, member, campaigns, views)


@router.post(
    "/{campaign_id}/resume", status_code=202, responses=problems(*_MEMBER, CampaignNotActive, IdempotencyConflict)
)
async def resume_campaign(
    campaign_id: str,
    member: Manager,
    key: IdempotencyKey,
    handouts: HandoutsDep,
    campaigns: CampaignsDep,
    views: VoucherViewsDep,
) -> CampaignRead:
    """End a pause; what waited goes on."""
    parsed = CampaignId.parse(campaign_id)
    await handouts.acts.resume(member.tenant_id, parsed, created_by=member.caller.person_id, idempotency_key=key)
    return await _campaign(parsed, member, campaigns, views)


@router.post("/{campaign_id}/end", responses=problems(*_MEMBER, CampaignNotActive))
async def end_campaign(
    campaign_id: str, member: Manager, handouts: HandoutsDep, campaigns: CampaignsDep, views: VoucherViewsDep
) -> CampaignRead:
    """Give out nothing any more, for ever. What holders have stays good for its window."""
    parsed = CampaignId.parse(campaign_id)
    await handouts.acts.end(member.tenant_id, parsed)
    return await _campaign(parsed, member, campaigns, views)


@router.post(
    "/{campaign_id}/reclaim",
    status_code=202,
    responses=problems(*_MEMBER, CampaignNotActive, InvalidTerms, IdempotencyConflict, NodeUnavailable),
)
async def reclaim_escrow(
    campaign_id: str, body: ChainBody, member: Funder, key: IdempotencyKey, handouts: HandoutsDep
) -> ActRead:
    """What is left in a chain's escrow back to the treasury, once window and refund window are over."""
    return ActRead.of(
        await handouts.acts.reclaim(
            member.tenant_id,
            CampaignId.parse(campaign_id),
            ChainId.parse(body.chain),
            created_by=member.caller.person_id,
            idempotency_key=key,
        )
    )


# ------------------------------------------------------------------------------------------------- files and segments


async def _issued(campaigns: CampaignService, member: CallingMember, issuance: Issuance) -> IssuanceRead:
    campaign = await campaigns.get(member.tenant_id, issuance.campaign_id)
    return IssuanceRead.of(issuance, campaign.rules.lane_of(issuance.chain).lane)


@router.post("/{campaign_id}/issue-csv", status_code=202, responses=problems(*_MEMBER, *_ISSUING, InvalidRows))
async def issue_from_file(
    campaign_id: str, body: CsvBody, member: Manager, key: IdempotencyKey, campaigns: CampaignsDep
) -> IssuanceRead:
    """Issue to the accounts of a file. Every bad row is told with its number and reason, and then nothing is issued."""
    holders = read_holders(body.csv, limit=MAX_HOLDERS)
    issuance = await campaigns.issue(
        member.tenant_id,
        CampaignId.parse(campaign_id),
        holders,
        created_by=member.caller.person_id,
        idempotency_key=key,
    )
    return await _issued(campaigns, member, issuance)


@router.post("/{campaign_id}/segment", responses=problems(*_MEMBER, InvalidTerms))
async def preview_segment(
    campaign_id: str, body: SegmentBody, member: Manager, campaigns: CampaignsDep, handouts: HandoutsDep
) -> SegmentRead:
    """Whom a segment singles out; nothing is issued."""
    await campaigns.get(member.tenant_id, CampaignId.parse(campaign_id))
    found = await handouts.segments.accounts(
        member.tenant_id, ChainId.parse(body.chain), body.to_domain(), limit=MAX_HOLDERS
    )
    return SegmentRead(count=len(found), first=[str(account) for account in found[:20]])


@router.post("/{campaign_id}/issue-segment", status_code=202, responses=problems(*_MEMBER, *_ISSUING))
async def issue_to_segment(
    campaign_id: str,
    body: SegmentBody,
    member: Manager,
    key: IdempotencyKey,
    campaigns: CampaignsDep,
    handouts: HandoutsDep,
) -> IssuanceRead:
    """Issue one voucher to each person of a segment as it is now; the same key answers with those of then."""
    await campaigns.get(member.tenant_id, CampaignId.parse(campaign_id))
    known = await campaigns.issued_by_key(member.tenant_id, CampaignId.parse(campaign_id), key)
    if known is None:
        holders = await handouts.segments.accounts(
            member.tenant_id, ChainId.parse(body.chain), body.to_domain(), limit=MAX_HOLDERS
        )
        if not holders:
            raise InvalidTerms("nobody is in this segment", field="segment")
        known = await campaigns.issue(
            member.tenant_id,
            CampaignId.parse(campaign_id),
            holders,
            created_by=member.caller.person_id,
            idempotency_key=key,
        )
    return await _issued(campaigns, member, known)


# --------------------------------------------------------------------------------------------------------------- drops

_DROP = (*_MEMBER, InvalidTerms, CampaignNotActive, CampaignExhausted, IdempotencyConflict, FeatureUnavailable)


@router.post("/{campaign_id}/drops", status_code=201, responses=problems(*_DROP))
async def open_drop(campaign_id: str, body: DropBody, member: Manager, handouts: HandoutsDep) -> DropRead:
    """Begin a list of holders; opening the same one again changes nothing."""
    drop = await handouts.drops.open(
        member.tenant_id,
        CampaignId.parse(campaign_id),
        ChainId.parse(body.chain),
        created_by=member.caller.person_id,
        number=body.number,
    )
    return DropRead.of(drop)


@router.post("/{campaign_id}/drops/{chain}/{number}/holders", responses=problems(*_DROP))
async def add_to_drop(
    campaign_id: str, chain: str, number: DropNumber, body: DropPartBody, member: Manager, handouts: HandoutsDep
) -> DropRead:
    """Append up to 10,000 holders; the same part again changes nothing."""
    drop = await handouts.drops.add(
        member.tenant_id, CampaignId.parse(campaign_id), ChainId.parse(chain), number, body.first, body.to_domain()
    )
    return DropRead.of(drop)


@router.post("/{campaign_id}/drops/{chain}/{number}/commit", status_code=202, responses=problems(*_DROP))
async def commit_drop(
    campaign_id: str, chain: str, number: DropNumber, member: Manager, handouts: HandoutsDep
) -> DropRead:
    """Publish the list and promise a voucher to each leaf by one root; committing again changes nothing."""
    drop = await handouts.drops.commit(
        member.tenant_id,
        CampaignId.parse(campaign_id),
        ChainId.parse(chain),
        number,
        created_by=member.caller.person_id,
    )
    return DropRead.of(drop)


@router.get("/{campaign_id}/drops/{chain}/{number}", responses=problems(*_MEMBER))
async def read_drop(
    campaign_id: str, chain: str, number: DropNumber, member: AnyMember, handouts: HandoutsDep
) -> DropRead:
    """A drop and how far it is."""
    return DropRead.of(
        await handouts.drops.get(member.tenant_id, CampaignId.parse(campaign_id), ChainId.parse(chain), number)
    )


@router.get(
    "/{campaign_id}/drops/{chain}/{number}/leaves",
    dependencies=[PUBLIC],
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, **problems(NotFound)},
)
async def read_leaves(campaign_id: str, chain: str, number: DropNumber, handouts: HandoutsDep) -> Response:
    """The published list (docs/claims.md), for anybody: the root on chain is computed from it."""
    body = await handouts.drops.leaves(CampaignId.parse(campaign_id), ChainId.parse(chain), number)
    return Response(body, media_type="application/octet-stream")


@router.get(
    "/{campaign_id}/drops/{chain}/{number}/proof",
    dependencies=[PUBLIC],
    responses=problems(NotFound, VoucherNotFound, CampaignNotFound),
)
async def read_leaf_proof(
    campaign_id: str,
    chain: str,
    number: DropNumber,
    handouts: HandoutsDep,
    holder: Annotated[str | None, Query(max_length=120, description="CAIP-10: every leaf of this account")] = None,
    index: Annotated[int | None, Query(ge=0, lt=2**32, description="Or one leaf by its index")] = None,
) -> Page[LeafRead]:
    """Leaves with their proofs, for anybody: with one, anybody can claim it for its holder."""
    named = CampaignId.parse(campaign_id), ChainId.parse(chain), number
    if holder is not None:
        found = list(await handouts.drops.proofs_of_holder(*named, AccountId.parse(holder)))
    else:
        found = [await handouts.drops.proof_of_index(*named, index or 0)]
    return Page[LeafRead].whole([LeafRead.of(leaf) for leaf in found])


# ------------------------------------------------------------------------------------------------------------ triggers


@router.post(
    "/{campaign_id}/triggers", status_code=201, responses=problems(*_MEMBER, InvalidTerms, IdempotencyConflict)
)
async def create_trigger(
    campaign_id: str, body: TriggerBody, member: Manager, key: IdempotencyKey, handouts: HandoutsDep
) -> TriggerRead:
    """Let something earn vouchers from now on. A visit answers its code, this once."""
    trigger, code = await handouts.triggers.create(
        member.tenant_id,
        CampaignId.parse(campaign_id),
        body.kind,
        body.rule,
        created_by=member.caller.person_id,
        idempotency_key=key,
    )
    return TriggerRead.of(trigger, None if code is None else code.reveal())


@router.get("/{campaign_id}/triggers", responses=problems(*_MEMBER))
async def list_triggers(campaign_id: str, member: AnyMember, handouts: HandoutsDep) -> Page[TriggerRead]:
    """The campaign's triggers, newest first."""
    found = await handouts.triggers.triggers(member.tenant_id, CampaignId.parse(campaign_id))
    return Page[TriggerRead].whole([TriggerRead.of(trigger) for trigger in found])


@router.delete("/{campaign_id}/triggers/{trigger_id}", status_code=204, responses=problems(*_MEMBER))
async def end_trigger(campaign_id: str, trigger_id: UUID, member: Manager, handouts: HandoutsDep) -> None:
    """Nothing is earned by it from now on."""
    await handouts.triggers.end(member.tenant_id, CampaignId.parse(campaign_id), trigger_id)


@router.get("/{campaign_id}/triggers/{trigger_id}/grants", responses=problems(*_MEMBER))
async def list_grants(campaign_id: str, trigger_id: UUID, member: Manager, handouts: HandoutsDep) -> Page[GrantRead]:
    """Who earned what by it: the last hundred."""
    found = await handouts.triggers.grants(member.tenant_id, CampaignId.parse(campaign_id), trigger_id)
    return Page[GrantRead].whole([GrantRead.of(grant) for grant in found])
