"""/vouchers: what the caller holds."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.dependencies import HandingOnDep, IdempotencyKey, KeystoreDep, Unlocked, VoucherViewsDep
from api.errors import problems
from api.paging import Page, Paging
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
from vouchers.views import Place

router = APIRouter(prefix="/vouchers", tags=["vouchers"])


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def list_vouchers(caller: CallingPerson, views: VoucherViewsDep, paging: Paging) -> Page[VoucherRead]:
    """The vouchers of all the caller's accounts: live ones by expiry, then the rest."""
    after = _place(paging.after(bool, int, str))
    found = await views.held_by(caller.tenant_id, after=after, limit=paging.limit + 1)
    return paging.page(found, VoucherRead.of, lambda view: view.place)


def _place(cursor: tuple[Any, ...] | None) -> Place | None:
    """Raises InvalidValue where no list can have led there."""
    if cursor is None:
        return None
    ended, end, voucher = cursor
    if not 0 <= end < 2**40:
        raise InvalidValue("this is not a cursor of this list")
    return ended, end, str(VoucherId.parse(voucher))


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
