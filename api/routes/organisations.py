"""/organisations: merchants and sponsors, and their members."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.dependencies import AllServices, OrganisationsDep, SessionsDep
from api.errors import problems
from api.paging import Page
from api.schemas.organisations import MemberAdd, MemberRead, OrganisationCreate, OrganisationRead
from api.security import CallingMember, CallingPerson, member_in_path
from people.roles import MemberRole
from people.sessions.attempts import member_bounds
from primitives.errors import InvalidValue, NotAuthenticated, NotFound, NotPermitted, TooManyAttempts

router = APIRouter(prefix="/organisations", tags=["organisations"])

_AnyMember = Annotated[CallingMember, member_in_path()]
_Owner = Annotated[CallingMember, member_in_path(MemberRole.OWNER)]
_Manager = Annotated[CallingMember, member_in_path(MemberRole.OWNER, MemberRole.MANAGER)]


@router.post("", status_code=201, responses=problems(NotAuthenticated, InvalidValue))
async def create_organisation(
    body: OrganisationCreate, caller: CallingPerson, organisations: OrganisationsDep
) -> OrganisationRead:
    """Make an organisation owned by the caller; its accounts on the chains follow shortly."""
    organisation = await organisations.create(caller.person_id, body.name)
    return OrganisationRead.of(organisation, MemberRole.OWNER, ())


@router.get("", responses=problems(NotAuthenticated))
async def list_organisations(
    caller: CallingPerson, organisations: OrganisationsDep, services: AllServices
) -> Page[OrganisationRead]:
    """The organisations that the caller belongs to, oldest first."""
    return Page[OrganisationRead].whole(
        [
            OrganisationRead.of(organisation, role, await services.organisation_accounts(organisation.id))
            for organisation, role in await organisations.of_person(caller.person_id)
        ]
    )


@router.get("/{organisation_id}", responses=problems(NotAuthenticated, NotFound))
async def read_organisation(
    member: _AnyMember, organisations: OrganisationsDep, services: AllServices
) -> OrganisationRead:
    """One of the caller's organisations with its accounts on the chains."""
    organisation = await organisations.get(member.organisation_id)
    accounts = await services.organisation_accounts(organisation.id)
    return OrganisationRead.of(organisation, member.role, accounts)


@router.get("/{organisation_id}/members", responses=problems(NotAuthenticated, NotFound, NotPermitted))
async def list_members(member: _Manager, organisations: OrganisationsDep) -> Page[MemberRead]:
    """Its members, longest-standing first; a manager sees masked addresses."""
    found = await organisations.members(member.organisation_id)
    whole = member.role is MemberRole.OWNER
    return Page[MemberRead].whole([MemberRead.of(item, masked=not whole) for item in found])


@router.post(
    "/{organisation_id}/members",
    status_code=201,
    responses=problems(NotAuthenticated, NotFound, NotPermitted, InvalidValue, TooManyAttempts),
)
async def add_member(
    body: MemberAdd, member: _Owner, organisations: OrganisationsDep, sessions: SessionsDep
) -> MemberRead:
    """Add a registered person by e-mail, or change a member's role; the last owner keeps the role.

    Twenty addresses that nobody has registered in an hour are the bound: an invitation tells nobody who is.
    """
    bounds = member_bounds(str(member.caller.person_id))
    await sessions.attempts.begin(bounds)
    try:
        added = await organisations.add_member(member.organisation_id, body.email, body.role)
    except (InvalidValue, NotPermitted):
        await sessions.attempts.succeeded(bounds)
        raise
    await sessions.attempts.succeeded(bounds)
    return MemberRead.of(added)


@router.delete(
    "/{organisation_id}/members/{person_id}",
    status_code=204,
    responses=problems(NotAuthenticated, NotFound, NotPermitted),
)
async def remove_member(person_id: UUID, member: _Owner, organisations: OrganisationsDep) -> None:
    """Remove a member; the last owner stays."""
    await organisations.remove_member(member.organisation_id, person_id)
