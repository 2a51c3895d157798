"""/organisations/{organisation_id}/policies: rules for what leaves an organisation's own accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from api.dependencies import PoliciesDep
from api.errors import problems
from api.paging import Page, Paging
from api.routes.policies import CODES, OutcomeQuery, key, place
from api.schemas.policies import (
    CodeBody,
    DecisionRead,
    DryRunRead,
    DryRunRequest,
    LimitRead,
    PolicyRead,
    PolicySave,
)
from api.security import CallingMember, member_in_path
from people.roles import MemberRole
from primitives.errors import (
    ApprovalRefused,
    InvalidPolicy,
    InvalidValue,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PriceStale,
)
from wallets.policy.service import Owner

router = APIRouter(prefix="/organisations/{organisation_id}/policies", tags=["policies"])

_Reader = Annotated[CallingMember, member_in_path(MemberRole.OWNER, MemberRole.MANAGER, MemberRole.AUDITOR)]
_Owner = Annotated[CallingMember, member_in_path(MemberRole.OWNER)]
_REFUSED = (NotAuthenticated, NotFound, NotPermitted)


@router.get("", responses=problems(*_REFUSED))
async def read_organisation_policy(member: _Reader, policies: PoliciesDep) -> PolicyRead:
    """The rules for what leaves the organisation's accounts, and a loosening that waits."""
    return PolicyRead.of(await policies.state(_of(member)))


@router.put("", responses=problems(*_REFUSED, InvalidPolicy, *CODES))
async def save_organisation_policy(body: PolicySave, member: _Owner, policies: PoliciesDep) -> PolicyRead:
    """Change the rules: a loosening needs a code, and waits until its time or until another owner approves it."""
    saved = await policies.save(_of(member), member.caller.person_id, body.policy.to_json(), body.code)
    return PolicyRead.of(saved)


@router.delete("/pending", responses=problems(*_REFUSED))
async def withdraw_organisation_policy(member: _Owner, policies: PoliciesDep) -> PolicyRead:
    """Take back a loosening that waits."""
    return PolicyRead.of(await policies.withdraw(_of(member)))


@router.post("/pending/approve", responses=problems(*_REFUSED, ApprovalRefused, *CODES))
async def approve_organisation_policy(body: CodeBody, member: _Owner, policies: PoliciesDep) -> PolicyRead:
    """Let a loosening that another owner made count at once."""
    return PolicyRead.of(await policies.approve_change(_of(member), member.caller.person_id, body.code))


@router.post("/dry-run", responses=problems(*_REFUSED, InvalidPolicy, PriceStale))
async def try_organisation_policy(body: DryRunRequest, member: _Reader, policies: PoliciesDep) -> DryRunRead:
    """What these rules would have said of the organisation's payments of the last days."""
    return DryRunRead.of(await policies.dry_run(_of(member), body.policy.to_json(), body.days))


@router.get("/limits", responses=problems(*_REFUSED))
async def list_organisation_limits(member: _Reader, policies: PoliciesDep) -> Page[LimitRead]:
    """Every limit, and how much of it is used now."""
    return Page[LimitRead].whole([LimitRead.of(one) for one in await policies.limits(_of(member))])


@router.get("/decisions", responses=problems(*_REFUSED, InvalidValue))
async def list_organisation_decisions(
    member: _Reader, policies: PoliciesDep, paging: Paging, outcome: OutcomeQuery = None
) -> Page[DecisionRead]:
    """What the rules said of each payment and why, newest first."""
    rows = await policies.decisions(_of(member), outcome=outcome, before=place(paging), limit=paging.limit + 1)
    return paging.page(rows, DecisionRead.of, key)


def _of(member: CallingMember) -> Owner:
    return Owner(member.organisation_id, is_organisation=True)
