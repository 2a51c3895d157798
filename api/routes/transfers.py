"""/transfers: the caller's own transfers of coins and tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from api.dependencies import IdempotencyKey, KeystoreDep, TransfersDep, Unlocked
from api.errors import problems
from api.lean_route import LeanRoute
from api.paging import Page, PageRequest, Paging
from api.schemas.transfers import (
    FeesRead,
    SpeedRead,
    SpeedUpRequest,
    TransferBatchRead,
    TransferBatchRequest,
    TransferOutcome,
    TransferPreviewRead,
    TransferRead,
    TransferRequest,
)
from api.security import CallingPerson
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    FeeTooLow,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    KeystoreLocked,
    LaneBusy,
    LaneHalted,
    NodeUnavailable,
    NotAuthenticated,
    PaymentNotFound,
    PaymentNotReplaceable,
    PaymentNotRetryable,
    PrecisionLoss,
    TransactionReverted,
    UnknownAsset,
    UnknownChain,
    WarningNotAccepted,
)
from wallets.engine.model import Payment

router = APIRouter(prefix="/transfers", tags=["transfers"], route_class=LeanRoute)

_REFUSALS = (
    NotAuthenticated,
    InvalidAddress,
    UnknownChain,
    UnknownAsset,
    AmountNotPositive,
    PrecisionLoss,
    InsufficientFunds,
    TransactionReverted,
    FeeTooLow,
    NodeUnavailable,
)
_SIGNING = (WarningNotAccepted, KeystoreLocked, LaneBusy, LaneHalted, IdempotencyConflict)
_REPLACING = (
    NotAuthenticated,
    PaymentNotFound,
    PaymentNotReplaceable,
    FeeTooLow,
    InsufficientFunds,
    KeystoreLocked,
    NodeUnavailable,
)


@router.post("/preview", responses=problems(*_REFUSALS))
async def preview_transfer(
    body: TransferRequest, caller: CallingPerson, transfers: TransfersDep
) -> TransferPreviewRead:
    """Simulate and price a transfer; nothing is stored or signed."""
    return TransferPreviewRead.of(await transfers.preview(caller.tenant_id, body.to_domain()))


@router.post("", status_code=202, responses=problems(*_REFUSALS, *_SIGNING))
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


@router.post("/batch", status_code=202, responses=problems(*_REFUSALS, *_SIGNING, InvalidValue))
async def create_transfers(
    body: TransferBatchRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    transfers: TransfersDep,
    key: IdempotencyKey,
) -> TransferBatchRead:
    """Sign and send up to a hundred transfers: one simulation, one commit, one audit entry per account.

    Each stands for itself; repeat the whole request with the same key to go on after an interruption.
    """
    answers = await transfers.create_many(
        caller.tenant_id,
        [one.to_domain() for one in body.transfers],
        keystore.signer(unlock),
        idempotency_keys=[f"{key}:{place}" for place in range(len(body.transfers))],
    )
    return TransferBatchRead(outcomes=[TransferOutcome.of(answer) for answer in answers])


@router.get("/fees", responses=problems(NotAuthenticated, UnknownChain, InvalidValue, NodeUnavailable))
async def read_fees(chain: str, caller: CallingPerson, transfers: TransfersDep) -> FeesRead:
    """What each speed costs now on a chain (CAIP-2), and how long it takes."""
    quotes = await transfers.fees(ChainId.parse(chain))
    return FeesRead(speeds=[SpeedRead.of(quote) for quote in quotes.values()])


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


@router.post("/{transfer_id}/speed-up", status_code=202, responses=problems(*_REPLACING))
async def speed_up_transfer(
    transfer_id: UUID,
    body: SpeedUpRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    transfers: TransfersDep,
) -> TransferRead:
    """Put a dearer transaction in place of one that waits: both fees 12.5 % higher at least, with the same nonce."""
    return TransferRead.of(
        await transfers.speed_up(caller.tenant_id, transfer_id, keystore.signer(unlock), speed=body.speed)
    )


@router.post("/{transfer_id}/cancel", status_code=202, responses=problems(*_REPLACING))
async def cancel_transfer(
    transfer_id: UUID, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep, transfers: TransfersDep
) -> TransferRead:
    """Use up the nonce of a transfer that waits, so that it never happens.

    Named by the transfer, never by a nonce. The chain decides which of the two it takes: follow `status`.
    """
    return TransferRead.of(await transfers.cancel(caller.tenant_id, transfer_id, keystore.signer(unlock)))


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
