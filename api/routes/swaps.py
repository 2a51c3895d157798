"""/swaps: assets of one EVM chain for others, and its coin as a token and back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from api.dependencies import ChainsDep, IdempotencyKey, KeystoreDep, OutsideSwapsDep, SwapsDep, Unlocked
from api.errors import problems
from api.paging import Page, PageRequest, Paging
from api.schemas.swaps import SubmitRequest, SwapPreviewRead, SwapRead, SwapRequest, WrapRequest
from api.security import CallingPerson
from primitives.account_id import AccountId
from primitives.errors import (
    AmountNotPositive,
    FeatureUnavailable,
    FeeTooLow,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    KeystoreLocked,
    LaneBusy,
    LaneHalted,
    NodeUnavailable,
    NonceTooLow,
    NotAuthenticated,
    NotFound,
    PaymentNotReplaceable,
    PrecisionLoss,
    SwapUnavailable,
    TransactionRejected,
    TransactionReverted,
    UnknownAsset,
    UnknownChain,
    WarningNotAccepted,
)
from wallets.defi.model import Swap

router = APIRouter(prefix="/swaps", tags=["swaps"])

_REFUSALS = (
    NotAuthenticated,
    InvalidAddress,
    UnknownChain,
    UnknownAsset,
    AmountNotPositive,
    PrecisionLoss,
    FeatureUnavailable,
    SwapUnavailable,
    InsufficientFunds,
    TransactionReverted,
    FeeTooLow,
    NodeUnavailable,
)
_SIGNING = (WarningNotAccepted, KeystoreLocked, LaneBusy, LaneHalted, IdempotencyConflict)


@router.post("/preview", responses=problems(*_REFUSALS))
async def preview_swap(body: SwapRequest, caller: CallingPerson, swaps: SwapsDep) -> SwapPreviewRead:
    """Best path, what you give and get, approvals, fees and warnings; nothing is stored or signed."""
    return SwapPreviewRead.of(await swaps.preview(caller.tenant_id, body.to_domain()))


@router.post("", status_code=202, responses=problems(*_REFUSALS, *_SIGNING))
async def create_swap(
    body: SwapRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    swaps: SwapsDep,
    key: IdempotencyKey,
) -> SwapRead:
    """Approve exactly the sold amount, then swap: both are signed with the caller's unlocked keys in this call.

    A swap that waits for a signature again (the keys were locked meanwhile, or the program ended) goes on with the
    same request and key.
    """
    swap = await swaps.create(caller.tenant_id, body.to_domain(), keystore.signer(unlock), idempotency_key=key)
    return SwapRead.of(swap)


@router.post("/wrap", status_code=202, responses=problems(*_REFUSALS, *_SIGNING))
async def wrap_coin(
    body: WrapRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    swaps: SwapsDep,
    chains: ChainsDep,
    key: IdempotencyKey,
) -> SwapRead:
    """The native coin as its ERC-20 token, one for one."""
    draft = body.to_domain(chains.info(AccountId.parse(body.account).chain).wrapped_coin, back=False)
    return SwapRead.of(await swaps.create(caller.tenant_id, draft, keystore.signer(unlock), idempotency_key=key))


@router.post("/unwrap", status_code=202, responses=problems(*_REFUSALS, *_SIGNING))
async def unwrap_coin(
    body: WrapRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    swaps: SwapsDep,
    chains: ChainsDep,
    key: IdempotencyKey,
) -> SwapRead:
    """The ERC-20 token of the native coin back into the coin, one for one."""
    draft = body.to_domain(chains.info(AccountId.parse(body.account).chain).wrapped_coin, back=True)
    return SwapRead.of(await swaps.create(caller.tenant_id, draft, keystore.signer(unlock), idempotency_key=key))


@router.post("/prepare", status_code=202, responses=problems(*_REFUSALS, WarningNotAccepted, IdempotencyConflict))
async def prepare_swap(
    body: SwapRequest, caller: CallingPerson, outside: OutsideSwapsDep, key: IdempotencyKey
) -> SwapRead:
    """A swap for an account whose key is elsewhere: sign `steps` in their order and hand each in at `/submit`."""
    return SwapRead.of(await outside.prepare(caller.tenant_id, body.to_domain(), idempotency_key=key))


@router.post(
    "/{swap_id}/submit",
    status_code=202,
    responses=problems(
        NotAuthenticated,
        NotFound,
        InvalidValue,
        TransactionRejected,
        NonceTooLow,
        FeeTooLow,
        InsufficientFunds,
        NodeUnavailable,
    ),
)
async def submit_step(swap_id: UUID, body: SubmitRequest, caller: CallingPerson, outside: OutsideSwapsDep) -> SwapRead:
    """Hand in one step of a prepared swap; it must be exactly the prepared call, signed by the swap's account."""
    return SwapRead.of(await outside.submit(caller.tenant_id, swap_id, body.step, raw=body.raw, tx_hash=body.tx_hash))


@router.post(
    "/{swap_id}/cancel",
    status_code=202,
    responses=problems(
        NotAuthenticated,
        NotFound,
        PaymentNotReplaceable,
        FeeTooLow,
        InsufficientFunds,
        KeystoreLocked,
        NodeUnavailable,
    ),
)
async def cancel_swap(
    swap_id: UUID, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep, swaps: SwapsDep
) -> SwapRead:
    """Use up the nonces of a swap that waits, so that it never happens; what nobody has signed is withdrawn.

    The chain decides which of the two it takes: follow `status`. An approval that is in a block already stands.
    """
    return SwapRead.of(await swaps.cancel(caller.tenant_id, swap_id, keystore.signer(unlock)))


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def list_swaps(caller: CallingPerson, swaps: SwapsDep, paging: Paging) -> Page[SwapRead]:
    """The caller's swaps, newest first."""
    rows = await swaps.list(caller.tenant_id, before=_place(paging), limit=paging.limit + 1)
    return paging.page(rows, SwapRead.of, _key)


@router.get("/{swap_id}", responses=problems(NotAuthenticated, NotFound))
async def read_swap(swap_id: UUID, caller: CallingPerson, swaps: SwapsDep) -> SwapRead:
    """One of the caller's swaps."""
    return SwapRead.of(await swaps.get(caller.tenant_id, swap_id))


def _key(swap: Swap) -> tuple[str, str]:
    return swap.created_at.isoformat(), str(swap.id)


def _place(paging: PageRequest) -> tuple[datetime, UUID] | None:
    after = paging.after(str, str)
    if after is None:
        return None
    try:
        return datetime.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
