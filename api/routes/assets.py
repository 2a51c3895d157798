"""/holdings and /token-approvals: what accounts hold, and who may take it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import AssetsDep, IdempotencyKey, KeystoreDep, Unlocked
from api.errors import problems
from api.schemas.assets import (
    ApprovalRead,
    ApprovalRequest,
    ApprovalsRead,
    HoldingRead,
    HoldingsRead,
    RevocationRequest,
)
from api.schemas.calls import CallRead
from api.security import CallingPerson
from primitives.account_id import AccountId
from primitives.errors import (
    FeatureUnavailable,
    FeeTooLow,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    KeystoreLocked,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    PaymentNotFound,
    TransactionReverted,
    UnknownChain,
    WarningNotAccepted,
)

router = APIRouter(tags=["assets"])

AccountQuery = Annotated[str, Query(min_length=5, max_length=120, description="CAIP-10, one of the caller's")]

_REFUSALS = (NotAuthenticated, InvalidAddress, UnknownChain, FeatureUnavailable, NodeUnavailable)


@router.get("/holdings", responses=problems(*_REFUSALS))
async def list_holdings(account: AccountQuery, caller: CallingPerson, assets: AssetsDep) -> HoldingsRead:
    """Tokens and collectibles of one account, with marks on what is not to be trusted."""
    found, complete = await assets.holdings(caller.tenant_id, AccountId.parse(account))
    return HoldingsRead(items=[HoldingRead.of(one) for one in found], complete=complete)


@router.get("/token-approvals", responses=problems(*_REFUSALS))
async def list_approvals(account: AccountQuery, caller: CallingPerson, assets: AssetsDep) -> ApprovalsRead:
    """What others may take from one account: allowances, operators, Permit2, delegations; unlimited ones first."""
    found, complete = await assets.approvals(caller.tenant_id, AccountId.parse(account))
    return ApprovalsRead(items=[ApprovalRead.of(one) for one in found], complete=complete)


@router.post(
    "/token-approvals/revoke",
    status_code=202,
    responses=problems(*_REFUSALS, NotFound, InsufficientFunds, KeystoreLocked, IdempotencyConflict),
)
async def revoke_approval(
    body: RevocationRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    assets: AssetsDep,
    key: IdempotencyKey,
) -> CallRead:
    """End an approval that stands; follow its `status` at `/token-approvals/revocations/{id}` until `done`."""
    payment = await assets.revoke(
        caller.tenant_id,
        AccountId.parse(body.account),
        body.kind,
        None if body.token is None else AccountId.parse(body.token),
        AccountId.parse(body.spender),
        keystore.signer(unlock),
        idempotency_key=key,
    )
    return CallRead.of(payment)


@router.post(
    "/token-approvals",
    status_code=202,
    responses=problems(
        *_REFUSALS,
        InvalidValue,
        WarningNotAccepted,
        InsufficientFunds,
        TransactionReverted,
        FeeTooLow,
        KeystoreLocked,
        IdempotencyConflict,
    ),
)
async def give_approval(
    body: ApprovalRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    assets: AssetsDep,
    key: IdempotencyKey,
) -> CallRead:
    """Let a contract take an exact amount; without limit only when `unlimited_approval` is accepted."""
    payment = await assets.approve(
        caller.tenant_id,
        body.to_domain(),
        keystore.signer(unlock),
        accepted=frozenset(body.accept_warnings),
        idempotency_key=key,
    )
    return CallRead.of(payment)


@router.get("/token-approvals/given/{approval_id}", responses=problems(NotAuthenticated, PaymentNotFound))
async def read_given_approval(approval_id: UUID, caller: CallingPerson, assets: AssetsDep) -> CallRead:
    """One of the approvals that the caller gave here, and where it stands."""
    return CallRead.of(await assets.given(caller.tenant_id, approval_id))


@router.get("/token-approvals/revocations/{revocation_id}", responses=problems(NotAuthenticated, PaymentNotFound))
async def read_revocation(revocation_id: UUID, caller: CallingPerson, assets: AssetsDep) -> CallRead:
    """One of the caller's revocations, and where it stands."""
    return CallRead.of(await assets.revocation(caller.tenant_id, revocation_id))
