"""/swaps: assets of one EVM chain for others, and its coin as a token and back."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.dependencies import ChainsDep, IdempotencyKey, KeystoreDep, OutsideSwapsDep, SwapsDep, Unlocked
from api.errors import problems
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
    PrecisionLoss,
    SwapUnavailable,
    TransactionRejected,
    TransactionReverted,
    UnknownAsset,
    UnknownChain,
    WarningNotAccepted,
)

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


@router.get("/{swap_id}", responses=problems(NotAuthenticated, NotFound))
async def read_swap(swap_id: UUID, caller: CallingPerson, swaps: SwapsDep) -> SwapRead:
    """One of the caller's swaps."""
    return SwapRead.of(await swaps.get(caller.tenant_id, swap_id))
