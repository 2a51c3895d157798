"""/vouchers: what the caller holds."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import HandingOnDep, IdempotencyKey, KeystoreDep, Unlocked, VoucherViewsDep
from api.errors import problems
from api.paging import Page
from api.schemas.vouchers import VoucherRead, VoucherTransfer, VoucherTransferRead
from api.security import CallingPerson
from primitives.account_id import AccountId
from primitives.errors import (
    IdempotencyConflict,
    InsufficientFunds,
    InvalidValue,
    KeystoreLocked,
    NodeUnavailable,
    NotAuthenticated,
    SigningRefused,
    TransferForbidden,
    VoucherAlreadyRedeemed,
    VoucherExpired,
    VoucherInFlight,
    VoucherNotFound,
)
from primitives.voucher_id import VoucherId

router = APIRouter(prefix="/vouchers", tags=["vouchers"])


@router.get("", responses=problems(NotAuthenticated))
async def list_vouchers(caller: CallingPerson, views: VoucherViewsDep) -> Page[VoucherRead]:
    """The vouchers of all the caller's accounts: live ones by expiry, then the rest."""
    return Page[VoucherRead].whole([VoucherRead.of(view) for view in await views.held_by(caller.tenant_id)])


@router.get("/{voucher_id}", responses=problems(NotAuthenticated, InvalidValue, VoucherNotFound))
async def read_voucher(voucher_id: str, caller: CallingPerson, views: VoucherViewsDep) -> VoucherRead:
    """One voucher, for its holder and the organisation that issued it."""
    view = await views.voucher(
        VoucherId.parse(voucher_id), person_id=caller.person_id, tenants=frozenset(caller.memberships)
    )
    return VoucherRead.of(view)


@router.post(
    "/{voucher_id}/transfer",
    status_code=202,
    responses=problems(
        NotAuthenticated,
        InvalidValue,
        VoucherNotFound,
        VoucherAlreadyRedeemed,
        VoucherInFlight,
        VoucherExpired,
        TransferForbidden,
        InsufficientFunds,
        IdempotencyConflict,
        KeystoreLocked,
        SigningRefused,
        NodeUnavailable,
    ),
)
async def transfer_voucher(
    voucher_id: str,
    body: VoucherTransfer,
    caller: CallingPerson,
    unlock: Unlocked,
    key: IdempotencyKey,
    handing_on: HandingOnDep,
    keystore: KeystoreDep,
) -> VoucherTransferRead:
    """Give a voucher to another account, where its campaign's terms allow it."""
    payment = await handing_on.hand_on(
        caller.tenant_id,
        VoucherId.parse(voucher_id),
        AccountId.parse(body.recipient),
        keystore.signer(unlock),
        idempotency_key=key,
    )
    return VoucherTransferRead.of(payment)
