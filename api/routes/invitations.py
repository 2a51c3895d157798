"""Invitations into an organisation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.dependencies import ClientAddress, InvitationsDep, SessionsDep
from api.errors import problems
from api.paging import Page
from api.schemas.auth import Token
from api.schemas.people import InvitationCreate, InvitationMade, InvitationRead, Joined
from api.security import CallingMember, CallingPerson, member_in_path
from people.roles import MemberRole
from people.sessions.attempts import one_time_bounds
from primitives.errors import InvalidValue, NotAuthenticated, NotFound, NotPermitted, OneTimeUsed, TooManyAttempts

router = APIRouter(tags=["invitations"])

_Owner = Annotated[CallingMember, member_in_path(MemberRole.OWNER)]
_REFUSALS = (NotAuthenticated, NotFound, NotPermitted)


@router.post(
    "/organisations/{organisation_id}/invitations",
    status_code=201,
    responses=problems(*_REFUSALS, InvalidValue, TooManyAttempts),
)
async def invite(body: InvitationCreate, member: _Owner, invitations: InvitationsDep) -> InvitationMade:
    """Ask somebody in by e-mail, registered or not: the answer is the same. Good for seven days, and once."""
    token, invitation = await invitations.invite(member.organisation_id, member.caller.person_id, body.email, body.role)
    return InvitationMade.made(token, invitation)


@router.get("/organisations/{organisation_id}/invitations", responses=problems(*_REFUSALS))
async def list_invitations(member: _Owner, invitations: InvitationsDep) -> Page[InvitationRead]:
    """Open invitations, newest first."""
    found = await invitations.list(member.organisation_id)
    return Page[InvitationRead].whole([InvitationRead.of(each) for each in found])


@router.delete(
    "/organisations/{organisation_id}/invitations/{invitation_id}", status_code=204, responses=problems(*_REFUSALS)
)
async def revoke_invitation(invitation_id: UUID, member: _Owner, invitations: InvitationsDep) -> None:
    """The invitation ends, and its address is forgotten."""
    await invitations.revoke(member.organisation_id, invitation_id)


@router.post("/invitations/accept", responses=problems(NotAuthenticated, NotPermitted, OneTimeUsed, TooManyAttempts))
async def accept_invitation(
    body: Token, caller: CallingPerson, address: ClientAddress, invitations: InvitationsDep, sessions: SessionsDep
) -> Joined:
    """Join the organisation. Only the person with the invited address can, and once."""
    bounds = one_time_bounds(address)
    await sessions.attempts.begin(bounds)
    organisation_id, role = await invitations.accept(caller.person_id, body.token)
    await sessions.attempts.succeeded(bounds)
    return Joined(organisation_id=organisation_id, role=role)
