"""/transfers: the caller's own transfers of coins and tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from api.dependencies import IdempotencyKey, KeystoreDep, TransfersDep, Unlocked
from api.errors import problems
from api.paging import Page, PageRequest, Paging
from api.schemas.transfers import TransferPreviewRead, TransferRead, TransferRequest
from api.security import CallingPerson
from primitives.errors import (
    AmountNotPositive,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    KeystoreLocked,
    NodeUnavailable,
    NotAuthenticated,
    PaymentNotFound,
    PaymentNotRetryable,
    PrecisionLoss,
    TransactionReverted,
    UnknownAsset,
    UnknownChain,
)
from wallets.engine.model import Payment

router = APIRouter(prefix="/transfers", tags=["transfers"])

_REFUSALS = (
    NotAuthenticated,
    InvalidAddress,
    UnknownChain,
    UnknownAsset,
    AmountNotPositive,
    PrecisionLoss,
    InsufficientFunds,
    TransactionReverted,
    NodeUnavailable,
)


@router.post("/preview", responses=problems(*_REFUSALS))
async def preview_transfer(
    body: TransferRequest, caller: CallingPerson, transfers: TransfersDep
) -> TransferPreviewRead:
    """Simulate and price a transfer; nothing is stored or signed."""
    return TransferPreviewRead.of(await transfers.preview(caller.tenant_id, body.to_domain()))


@router.post("", status_code=202, responses=problems(*_REFUSALS, KeystoreLocked, IdempotencyConflict))
async def create_transfer(
    body: TransferRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    transfers: TransfersDep,
    key: IdempotencyKey,
) -> TransferRead:
    """Sign a transfer with the caller's unlocked keys and send it; follow its `status` until `done` or `failed`."""
    payment = await transfers.create(caller.tenant_id, body.to_domain(), keystore.signer(unlock), idempotency_key=key)
    return TransferRead.of(payment)


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def list_transfers(caller: CallingPerson, transfers: TransfersDep, paging: Paging) -> Page[TransferRead]:
    """The caller's transfers, newest first."""
    rows = await transfers.list(caller.tenant_id, before=_place(paging), limit=paging.limit + 1)
    return paging.page(rows, TransferRead.of, _key)


@router.get("/{transfer_id}", responses=problems(NotAuthenticated, PaymentNotFound))
async def read_transfer(transfer_id: UUID, caller: CallingPerson, transfers: TransfersDep) -> TransferRead:
    """One of the caller's transfers."""
    return TransferRead.of(await transfers.get(caller.tenant_id, transfer_id))


@router.post(
    "/{transfer_id}/retry",
    status_code=202,
    responses=problems(
        NotAuthenticated, PaymentNotFound, PaymentNotRetryable, IdempotencyConflict, KeystoreLocked, NodeUnavailable
    ),
)
async def retry_transfer(
    transfer_id: UUID,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    transfers: TransfersDep,
    key: IdempotencyKey,
) -> TransferRead:
    """A new transfer for one that failed without effect, linked to it."""
    payment = await transfers.retry(caller.tenant_id, transfer_id, keystore.signer(unlock), idempotency_key=key)
    return TransferRead.of(payment)


def _key(payment: Payment) -> tuple[str, str]:
    return payment.created_at.isoformat(), str(payment.id)


def _place(paging: PageRequest) -> tuple[datetime, UUID] | None:
    after = paging.after(str, str)
    if after is None:
        return None
    try:
        return datetime.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
