"""/dapps: EIP-1193 for dApps, and the person's word on what they ask."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from api.dependencies import DappsDep, KeystoreDep, Unlocked
from api.errors import problems
from api.schemas.dapps import (
    AcceptanceRequest,
    DappRequestRead,
    DappRequestsRead,
    RpcAnswer,
    RpcErrorRead,
    RpcRequest,
)
from api.schemas.transfers import SpeedUpRequest
from api.security import CallingPerson
from primitives.errors import (
    ApprovalNeeded,
    AuditUnavailable,
    FeeTooLow,
    InsufficientFunds,
    KeystoreLocked,
    LaneBusy,
    LaneHalted,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    PaymentNotReplaceable,
    PolicyRefused,
    PriceStale,
    PriceUnavailable,
    SigningRefused,
    TransactionReverted,
    WarningNotAccepted,
)
from wallets.dapps.model import ProviderError
from wallets.dapps.rpc import DappRpc, Visitor

router = APIRouter(prefix="/dapps", tags=["dapps"])

_ACCEPTING = (
    PolicyRefused,
    ApprovalNeeded,
    PriceUnavailable,
    PriceStale,
    KeystoreLocked,
    WarningNotAccepted,
    InsufficientFunds,
    TransactionReverted,
    FeeTooLow,
    SigningRefused,
    NodeUnavailable,
    LaneBusy,
    LaneHalted,
    AuditUnavailable,
)
_REPLACING = (
    NotAuthenticated,
    NotFound,
    PaymentNotReplaceable,
    FeeTooLow,
    InsufficientFunds,
    KeystoreLocked,
    NodeUnavailable,
)


@router.post("/rpc", responses=problems(NotAuthenticated), response_model_exclude_unset=True)
async def call_provider(
    body: RpcRequest | Annotated[list[RpcRequest], Body(min_length=1, max_length=100)],
    caller: CallingPerson,
    dapps: DappsDep,
) -> RpcAnswer | list[RpcAnswer]:
    """JSON-RPC 2.0 as EIP-1193 has it, on the chain that this session shows.

    What needs the person's word (`eth_sendTransaction`, `personal_sign`, `eth_signTypedData_v4`) is stored, waits in
    `/dapps/requests` and is answered once it is decided, within five minutes. Errors are in the answer's `error`.
    """
    visitor = Visitor(caller.tenant_id, caller.session_id)
    if isinstance(body, RpcRequest):
        return await _answer(dapps, visitor, body)
    return list(await asyncio.gather(*(_answer(dapps, visitor, one) for one in body)))


@router.get("/requests", responses=problems(NotAuthenticated))
async def list_requests(caller: CallingPerson, dapps: DappsDep) -> DappRequestsRead:
    """What waits for the caller's word."""
    return DappRequestsRead(items=[DappRequestRead.of(one) for one in await dapps.requests.waiting(caller.tenant_id)])


@router.get("/requests/{request_id}", responses=problems(NotAuthenticated, NotFound))
async def read_request(request_id: UUID, caller: CallingPerson, dapps: DappsDep) -> DappRequestRead:
    """One of them, decided or not."""
    return DappRequestRead.of(await dapps.requests.get(caller.tenant_id, request_id))


@router.post("/requests/{request_id}/accept", responses=problems(NotAuthenticated, NotFound, *_ACCEPTING))
async def accept_request(
    request_id: UUID,
    body: AcceptanceRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    dapps: DappsDep,
) -> DappRequestRead:
    """Store the yes and sign; see `word` for one that was decided before or has expired.

    The caller's own rules are asked: about a transaction as about any payment, about a document by what it lets others
    take. Where they want a word first (`approval_needed`), it is said by `POST /transfers/{approval}/approve`; then the
    same request goes on.
    """
    return DappRequestRead.of(
        await dapps.requests.accept(
            caller.tenant_id, request_id, keystore.signer(unlock), frozenset(body.accept_warnings)
        )
    )


@router.post("/requests/{request_id}/refuse", responses=problems(NotAuthenticated, NotFound))
async def refuse_request(request_id: UUID, caller: CallingPerson, dapps: DappsDep) -> DappRequestRead:
    """Say no: the dApp gets 4001."""
    return DappRequestRead.of(await dapps.requests.refuse(caller.tenant_id, request_id))


@router.post("/requests/{request_id}/speed-up", status_code=202, responses=problems(*_REPLACING))
async def speed_up_request(
    request_id: UUID,
    body: SpeedUpRequest,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    dapps: DappsDep,
) -> DappRequestRead:
    """Put a dearer transaction in place of an accepted payment's that waits; `tx_hash` is the new one's."""
    return DappRequestRead.of(
        await dapps.requests.speed_up(caller.tenant_id, request_id, keystore.signer(unlock), speed=body.speed)
    )


@router.post("/requests/{request_id}/cancel", status_code=202, responses=problems(*_REPLACING))
async def cancel_request(
    request_id: UUID, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep, dapps: DappsDep
) -> DappRequestRead:
    """Use up the nonce of an accepted payment that waits, so that it never happens.

    The chain decides which of the two it takes: follow `payment_status`.
    """
    return DappRequestRead.of(await dapps.requests.cancel(caller.tenant_id, request_id, keystore.signer(unlock)))


async def _answer(dapps: DappRpc, visitor: Visitor, request: RpcRequest) -> RpcAnswer:
    try:
        result = await dapps.request(visitor, request.method, request.params)
    except ProviderError as error:
        told = RpcErrorRead(code=error.number, message=error.message, data=error.data)
        return RpcAnswer(jsonrpc="2.0", id=request.id, error=told)
    return RpcAnswer(jsonrpc="2.0", id=request.id, result=result)
