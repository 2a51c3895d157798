"""Schemas of the EIP-1193 endpoint and of what waits for the person's word."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.balances import BalanceChangeRead, changes_read
from api.schemas.base import Moment, RequestBody, ResponseBody
from api.schemas.transfers import FailureRead
from wallets.dapps.model import AskedFor, DappRequest, Word


class RpcRequest(RequestBody):
    """JSON-RPC 2.0."""

    jsonrpc: Literal["2.0"] = "2.0"
    id: int | Annotated[str, StringConstraints(max_length=100)] | None = None
    method: str = Field(min_length=1, max_length=100, examples=["eth_requestAccounts"])
    params: Any = Field(default=None, description="A list", examples=[[]])


class RpcErrorRead(ResponseBody):
    """EIP-1193: 4001 refused by the person, 4100 not the caller's account, 4200 unsupported method, 4901 no node,
    4902 unknown chain; JSON-RPC's and the node's own."""

    code: int = Field(examples=[4001])
    message: str
    data: Any = None


class RpcAnswer(ResponseBody):
    """Either `result` or `error`."""

    jsonrpc: Literal["2.0"] = "2.0"
    id: int | str | None
    result: Any = None
    error: RpcErrorRead | None = None


class DappRequestRead(ResponseBody):
    """What a dApp wants, and the person's word on it."""

    id: UUID
    kind: AskedFor
    account: str = Field(description="CAIP-10")
    summary: str = Field(description="In plain words, read from what would be signed")
    payload: dict[str, Any] = Field(description="payment: the intent; message: its bytes; typed_data: the document")
    text: str | None = Field(description="A message that is text, as it stands")
    word: Word
    signature: str | None = Field(description="Hex, of an accepted message or document")
    tx_hash: str | None = Field(description="Of an accepted payment, once signed")
    payment_status: str | None = Field(description="in_flight · done · failed · cancelled")
    failure: FailureRead | None
    balance_changes: list[BalanceChangeRead] | None = Field(
        description="What a payment would have changed when it was asked for, fees aside; null where no node simulates"
    )
    created_at: Moment
    expires_at: Moment

    @classmethod
    def of(cls, request: DappRequest) -> Self:
        payment = request.payment
        return cls(
            id=request.id,
            kind=request.kind,
            account=str(request.account),
            summary=request.summary,
            payload=dict(request.payload),
            text=_readable(request),
            word=request.word,
            signature=None if request.signature is None else "0x" + request.signature.hex(),
            tx_hash=None if payment is None else payment.tx_hash,
            payment_status=None if payment is None else payment.status.value,
            failure=None if payment is None or payment.failure is None else FailureRead.of(payment.failure),
            balance_changes=changes_read(request.changes),
            created_at=request.created_at,
            expires_at=request.expires_at,
        )


class DappRequestsRead(ResponseBody):
    """Oldest first."""

    items: list[DappRequestRead]


class AcceptanceRequest(RequestBody):
    """The person's yes."""

    accept_warnings: list[str] = Field(
        default_factory=list, max_length=20, description="Codes that a 409 `warning_not_accepted` named"
    )


def _readable(request: DappRequest) -> str | None:
    if request.kind is not AskedFor.MESSAGE:
        return None
    try:
        return bytes.fromhex(request.payload["hex"]).decode()
    except UnicodeDecodeError:
        return None
