"""/claims: by code, by ticket, from a drop; welcomes, referrals, visits. And the organisation's links."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.dependencies import AccountsDep, ClientAddress, HandoutsDep, IdempotencyKey, PageUrl
from api.errors import problems
from api.languages import preferred_language
from api.paging import Page, Paging
from api.qr import qr_svg
from api.schemas.claims import (
    ClaimRead,
    ClaimRequest,
    LeafRequest,
    LinkRead,
    LinksBody,
    PublicClaim,
    ReferralRead,
    ReferralRequest,
    TicketRequest,
    WaitingLeaf,
    WelcomeRequest,
    claim_url,
)
from api.schemas.handouts import GrantRead
from api.security import PUBLIC, CallingPerson, Manager
from primitives.account_id import AccountId
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    CampaignNotFound,
    ClaimCodeInvalid,
    FeatureUnavailable,
    IdempotencyConflict,
    IdentityLevelTooLow,
    InvalidTerms,
    InvalidValue,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TooManyAttempts,
    VoucherNotFound,
)
from primitives.voucher_id import CampaignId
from vouchers.claims.model import LinkPurpose

router = APIRouter(tags=["claims"])

_CLAIMING = (
    NotAuthenticated,
    ClaimCodeInvalid,
    TooManyAttempts,
    CampaignExhausted,
    CampaignNotActive,
    IdentityLevelTooLow,
    InvalidTerms,
    IdempotencyConflict,
    NodeUnavailable,
)
_MEMBER = (NotAuthenticated, NotPermitted, NotFound, CampaignNotFound)


@router.post(
    "/campaigns/{campaign_id}/claim-links",
    status_code=201,
    responses=problems(*_MEMBER, InvalidTerms, IdempotencyConflict),
)
async def create_claim_links(
    campaign_id: str, body: LinksBody, member: Manager, key: IdempotencyKey, handouts: HandoutsDep, page: PageUrl
) -> Page[LinkRead]:
    """Make links, each with a secret of 136 bits. Their codes are told now and never again: only hashes are kept."""
    made = await handouts.claims.create_links(
        member.tenant_id,
        CampaignId.parse(campaign_id),
        body.to_domain(),
        created_by=member.caller.person_id,
        idempotency_key=key,
    )
    return Page[LinkRead].whole([LinkRead.of(link, code, page) for link, code in made])


@router.get("/campaigns/{campaign_id}/claim-links", responses=problems(*_MEMBER))
async def list_claim_links(campaign_id: str, member: Manager, paging: Paging, handouts: HandoutsDep) -> Page[LinkRead]:
    """The campaign's links and how often each was used, newest first."""
    rows = await handouts.claims.links(
        member.tenant_id, CampaignId.parse(campaign_id), before=_before(paging.after(str, str)), limit=paging.limit + 1
    )
    return paging.page(rows, LinkRead.of, lambda link: (link.created_at.isoformat(), str(link.id)))


@router.delete("/campaigns/{campaign_id}/claim-links/{link_id}", status_code=204, responses=problems(*_MEMBER))
async def revoke_claim_link(campaign_id: str, link_id: UUID, member: Manager, handouts: HandoutsDep) -> None:
    """Close a link for ever."""
    await handouts.claims.revoke(member.tenant_id, CampaignId.parse(campaign_id), link_id)


def _before(after: tuple[str, str] | tuple[object, ...] | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    try:
        return datetime.fromisoformat(str(after[0])), UUID(str(after[1]))
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error


@router.get("/claims", responses=problems(NotAuthenticated))
async def list_claims(caller: CallingPerson, paging: Paging, handouts: HandoutsDep) -> Page[ClaimRead]:
    """What the caller has claimed, newest first."""
    rows = await handouts.claims.claims(
        caller.person_id, before=_before(paging.after(str, str)), limit=paging.limit + 1
    )
    return paging.page(rows, ClaimRead.of, lambda claim: (claim.created_at.isoformat(), str(claim.id)))


@router.post("/claims", status_code=202, responses=problems(*_CLAIMING))
async def claim_voucher(
    body: ClaimRequest, caller: CallingPerson, key: IdempotencyKey, address: ClientAddress, handouts: HandoutsDep
) -> ClaimRead:
    """Get a voucher by a code, of a campaign or of somebody who referred you; the holder pays nothing."""
    account = AccountId.parse(body.account)
    purpose = await handouts.claims.purpose(caller.person_id, body.code, account, address, key)
    if purpose is LinkPurpose.REFERRAL:
        claim = await handouts.triggers.referred(
            caller.person_id, body.code, account, device=body.device, address=address, idempotency_key=key
        )
    else:
        claim = await handouts.claims.claim(
            caller.person_id, body.code, account, device=body.device, address=address, idempotency_key=key
        )
    return ClaimRead.of(claim)


@router.post("/claims/tickets", status_code=202, responses=problems(*_CLAIMING, FeatureUnavailable))
async def claim_ticket(
    body: TicketRequest, caller: CallingPerson, key: IdempotencyKey, address: ClientAddress, handouts: HandoutsDep
) -> ClaimRead:
    """A ticket that the issuer signed, bound to account, campaign, chain, contract and serial: send it from any wallet,
    or have it relayed."""
    claim = await handouts.direct.ticket(
        caller.person_id,
        body.code,
        AccountId.parse(body.account),
        device=body.device,
        address=address,
        relayed=body.relayed,
        idempotency_key=key,
    )
    return ClaimRead.of(claim, await handouts.direct.ticket_call(claim))


@router.post("/claims/drops", status_code=202, responses=problems(*_CLAIMING, NotFound, VoucherNotFound))
async def claim_from_drop(
    body: LeafRequest, caller: CallingPerson, key: IdempotencyKey, handouts: HandoutsDep
) -> ClaimRead:
    """Have the voucher of a leaf made for the account that the list names; nobody else can get it."""
    claim = await handouts.direct.claim_leaf(
        caller.person_id,
        body.campaign_id(),
        body.drop,
        AccountId.parse(body.account),
        index=body.index,
        idempotency_key=key,
    )
    return ClaimRead.of(claim)


@router.post("/claims/welcome", status_code=202, responses=problems(*_CLAIMING, NotFound, CampaignNotFound))
async def claim_welcome(
    body: WelcomeRequest, caller: CallingPerson, key: IdempotencyKey, handouts: HandoutsDep
) -> ClaimRead:
    """The welcome of an organisation that you have never paid: once."""
    claim = await handouts.triggers.welcome(
        caller.person_id,
        body.campaign_id(),
        AccountId.parse(body.account),
        device=body.device,
        idempotency_key=key,
    )
    return ClaimRead.of(claim)


@router.post("/claims/visits", status_code=202, responses=problems(*_CLAIMING))
async def check_in(
    body: ClaimRequest, caller: CallingPerson, key: IdempotencyKey, address: ClientAddress, handouts: HandoutsDep
) -> GrantRead:
    """Check in with the code that the shop shows, once a day; some visits earn a voucher."""
    grant = await handouts.triggers.visit(
        caller.person_id,
        body.code,
        AccountId.parse(body.account),
        address=address,
    )
    return GrantRead.of(grant)


@router.post(
    "/claims/referrals",
    status_code=201,
    responses=problems(NotAuthenticated, NotFound, CampaignNotFound, CampaignNotActive, InvalidTerms, NodeUnavailable),
)
async def create_referral(body: ReferralRequest, caller: CallingPerson, handouts: HandoutsDep) -> ReferralRead:
    """A code of your own to hand on: newcomers claim with it, and you get a voucher for each."""
    code = await handouts.triggers.referral_code(caller.person_id, body.campaign_id(), AccountId.parse(body.account))
    return ReferralRead(code=code.reveal())


@router.get("/claims/waiting", responses=problems(NotAuthenticated))
async def list_waiting_leaves(
    request: Request, caller: CallingPerson, accounts: AccountsDep, handouts: HandoutsDep
) -> Page[WaitingLeaf]:
    """Vouchers that lie ready for the caller's accounts and that nobody has claimed, what ends first in front."""
    own = [held.account for held in await accounts.list(caller.tenant_id)]
    ready = await handouts.leaves.ready_for(own, int(time.time()))
    language = preferred_language(request.headers.get("accept-language"))
    return Page[WaitingLeaf].whole([WaitingLeaf.of(one, language) for one in ready])


@router.get("/claims/mine/{claim_id}", responses=problems(NotAuthenticated, NotFound))
async def read_claim(claim_id: UUID, caller: CallingPerson, handouts: HandoutsDep) -> ClaimRead:
    """What became of a claim."""
    claim = await handouts.claims.get(caller.person_id, claim_id)
    return ClaimRead.of(claim, await handouts.direct.ticket_call(claim))


@router.get(
    "/claims/{code}",
    dependencies=[PUBLIC],
    responses=problems(ClaimCodeInvalid, CampaignNotFound, TooManyAttempts),
)
async def look_at_claim(code: str, request: Request, address: ClientAddress, handouts: HandoutsDep) -> PublicClaim:
    """What a claim page shows, by a code or by a campaign's id: how many are left, and until when. Wrong codes all get
    one answer, and each costs more time."""
    view = await handouts.claims.look(code, address)
    return PublicClaim.of(view, preferred_language(request.headers.get("accept-language")))


@router.get(
    "/claims/{code}/qr",
    dependencies=[PUBLIC],
    response_class=Response,
    responses={
        **problems(ClaimCodeInvalid, CampaignNotFound, TooManyAttempts),
        200: {"content": {"image/svg+xml": {}}, "description": "The address of the claim page as a QR code"},
    },
)
async def draw_claim(code: str, address: ClientAddress, handouts: HandoutsDep, page: PageUrl) -> Response:
    """The claim page of a code, or of a campaign's id, to print or to show. Whoever has the code can draw it, and
    nobody else: it is kept nowhere. Wrong codes get the same answer as on the page."""
    await handouts.claims.look(code, address)
    return Response(qr_svg(claim_url(page, code)), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
