"""/policies: a person's own rules, what they have decided, and payments that wait for somebody's word."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import ApprovalsDep, PoliciesDep
from api.errors import problems
from api.paging import Page, PageRequest, Paging
from api.schemas.policies import (
    ApprovalBody,
    ApprovalRead,
    ApprovedRead,
    DecisionRead,
    DryRunRead,
    DryRunRequest,
    LimitRead,
    PolicyRead,
    PolicySave,
)
from api.security import CallingPerson
from people.caller import Caller
from people.roles import MemberRole
from primitives.errors import (
    ApprovalRefused,
    InvalidPolicy,
    InvalidValue,
    LoginFailed,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    PaymentNotFound,
    PriceStale,
    TooManyAttempts,
)
from wallets.policy.model import Decision
from wallets.policy.rules import Outcome
from wallets.policy.service import Owner

router = APIRouter(tags=["policies"])

CODES = (LoginFailed, TooManyAttempts, NotPermitted)
OutcomeQuery = Annotated[Outcome | None, Query(description="Only decisions that ended so")]


@router.get("/policies", responses=problems(NotAuthenticated))
async def read_policy(caller: CallingPerson, policies: PoliciesDep) -> PolicyRead:
    """The rules for the caller's own payments, and a loosening that waits."""
    return PolicyRead.of(await policies.state(_own(caller)))


@router.put("/policies", responses=problems(NotAuthenticated, InvalidPolicy, *CODES))
async def save_policy(body: PolicySave, caller: CallingPerson, policies: PoliciesDep) -> PolicyRead:
    """Change the rules: what only tightens counts at once; a loosening needs a code of the authenticator, and waits.

    Rules that contradict each other, or could never apply, are refused with their place in `field`.
    """
    return PolicyRead.of(await policies.save(_own(caller), caller.person_id, body.policy.to_json(), body.code))


@router.delete("/policies/pending", responses=problems(NotAuthenticated, NotFound))
async def withdraw_policy(caller: CallingPerson, policies: PoliciesDep) -> PolicyRead:
    """Take back a loosening that waits."""
    return PolicyRead.of(await policies.withdraw(_own(caller)))


@router.post("/policies/dry-run", responses=problems(NotAuthenticated, InvalidPolicy, PriceStale))
async def try_policy(body: DryRunRequest, caller: CallingPerson, policies: PoliciesDep) -> DryRunRead:
    """What these rules would have said of the payments of the last days, beside what the present ones say."""
    return DryRunRead.of(await policies.dry_run(_own(caller), body.policy.to_json(), body.days))


@router.get("/policies/limits", responses=problems(NotAuthenticated))
async def list_limits(caller: CallingPerson, policies: PoliciesDep) -> Page[LimitRead]:
    """Every limit, and how much of it is used now."""
    return Page[LimitRead].whole([LimitRead.of(one) for one in await policies.limits(_own(caller))])


@router.get("/policies/decisions", responses=problems(NotAuthenticated, InvalidValue))
async def list_decisions(
    caller: CallingPerson, policies: PoliciesDep, paging: Paging, outcome: OutcomeQuery = None
) -> Page[DecisionRead]:
    """What the rules said of each payment and why, newest first."""
    rows = await policies.decisions(_own(caller), outcome=outcome, before=place(paging), limit=paging.limit + 1)
    return paging.page(rows, DecisionRead.of, key)


@router.get("/approvals", responses=problems(NotAuthenticated))
async def list_waiting_approvals(caller: CallingPerson, approvals: ApprovalsDep) -> Page[ApprovalRead]:
    """Payments that wait: for the caller's approval, or the caller's own that wait for others or for a code."""
    waiting = await approvals.waiting(caller.person_id, _tenants(caller))
    return Page[ApprovalRead].whole([ApprovalRead.of(request, payment) for request, payment in waiting])


@router.post(
    "/transfers/{transfer_id}/approve",
    responses=problems(NotAuthenticated, PaymentNotFound, ApprovalRefused, *CODES),
)
async def approve_transfer(
    transfer_id: UUID, body: ApprovalBody, caller: CallingPerson, approvals: ApprovalsDep
) -> ApprovedRead:
    """Say yes or no to a payment that waits, bound to what was shown.

    The payer's word, with a code, is the second factor; it approves nothing. When nothing is missing any more the payer
    repeats the request with its Idempotency-Key to sign it; an organisation's payment is signed by the worker. The rest
    of an order, and what a dApp wants signed, wait in the same way: their ids stand in `GET /approvals`.
    """
    digest = bytes.fromhex(body.payload_hash[2:])
    own = _tenants(caller)
    if body.decision == "refuse":
        return ApprovedRead.of(await approvals.refuse(caller.person_id, own, transfer_id, digest))
    return ApprovedRead.of(await approvals.agree(caller.person_id, own, transfer_id, digest, body.code))


def key(decision: Decision) -> tuple[str, str]:
    """A decision's place in its list."""
    return decision.decided_at.isoformat(), str(decision.id)


def place(paging: PageRequest) -> tuple[datetime, UUID] | None:
    """Behind which decision to read. Raises InvalidValue."""
    after = paging.after(str, str)
    if after is None:
        return None
    try:
        return datetime.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error


def _own(caller: Caller) -> Owner:
    return Owner(caller.tenant_id, is_organisation=False)


def _tenants(caller: Caller) -> frozenset[UUID]:
    """Whose payments the caller may look after."""
    leading = (MemberRole.OWNER, MemberRole.MANAGER)
    return frozenset((caller.person_id, *(one for one, role in caller.memberships.items() if role in leading)))
