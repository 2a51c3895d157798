"""/solana-pay: asking for payments by link, what wallets ask of them, and reading transactions in plain words."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from api.dependencies import SolanaPayDep
from api.errors import problems
from api.languages import preferred_language
from api.paging import Page, PageRequest, Paging
from api.schemas.solana_pay import (
    InstructionRead,
    PayAccount,
    PayLabel,
    PayLinkRead,
    PayLinkText,
    PayRequestCreate,
    PayRequestRead,
    PayTransaction,
    SolanaTransactionRead,
    SolanaTransactionText,
)
from api.security import PUBLIC, CallingPerson, Till
from primitives.asset import AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    TransactionReverted,
    UnknownAsset,
    UnknownChain,
)
from wallets.solana_pay.link import parse_link
from wallets.solana_pay.model import PayRequest, PayState

router = APIRouter(prefix="/solana-pay", tags=["solana-pay"])

# Wallets of any origin ask; what they get is public to whoever holds the link.
_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}


@router.post(
    "/requests",
    status_code=201,
    responses=problems(
        NotAuthenticated,
        NotPermitted,
        AmountNotPositive,
        UnknownAsset,
        UnknownChain,
        InvalidAddress,
        InvalidValue,
        NodeUnavailable,
    ),
)
async def create_pay_request(
    body: PayRequestCreate, member: Till, pay: SolanaPayDep, request: Request
) -> PayRequestRead:
    """Ask for one amount, for an hour, to be paid to the organisation's treasury."""
    made = await pay.ask(
        member.tenant_id,
        AssetId.parse(body.asset),
        int(body.base_units),
        label=body.label,
        message=body.message,
        memo=body.memo,
    )
    return _shown(PayState(made, None, expired=False), request)


@router.get("/requests", responses=problems(NotAuthenticated, NotPermitted, InvalidValue))
async def list_pay_requests(member: Till, pay: SolanaPayDep, paging: Paging, request: Request) -> Page[PayRequestRead]:
    """The organisation's payment requests, newest first, as far as they are known to be paid."""
    rows = await pay.requests(member.tenant_id, before=_place(paging), limit=paging.limit + 1)
    now = datetime.now().astimezone()
    return paging.page(rows, lambda row: _shown(PayState(row, None, expired=now > row.expires_at), request), _key)


@router.get("/requests/{request_id}", responses=problems(NotAuthenticated, NotPermitted, NotFound, NodeUnavailable))
async def read_pay_request(request_id: UUID, member: Till, pay: SolanaPayDep, request: Request) -> PayRequestRead:
    """One payment request, looked up on the chain now."""
    return _shown(await pay.state(member.tenant_id, request_id), request)


@router.post("/links", responses=problems(NotAuthenticated, InvalidValue, InvalidAddress))
async def read_pay_link(body: PayLinkText, caller: CallingPerson) -> PayLinkRead:
    """What a scanned `solana:` link asks for; nothing is fetched from its server."""
    return PayLinkRead.of(parse_link(body.link))


@router.post(
    "/transactions",
    responses=problems(NotAuthenticated, InvalidValue, InvalidAddress, UnknownChain, NodeUnavailable),
)
async def read_transaction_in_words(
    body: SolanaTransactionText,
    caller: CallingPerson,
    pay: SolanaPayDep,
    accept_language: Annotated[str | None, Header()] = None,
) -> SolanaTransactionRead:
    """Every instruction of a transaction in plain words, the dangerous ones flagged; nothing is signed or sent."""
    try:
        wire = base64.b64decode(body.transaction, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue("this is no base64", field="transaction") from error
    message, plain = await pay.explain(wire, ChainId.parse(body.chain) if body.chain else None)
    language = preferred_language(accept_language)
    return SolanaTransactionRead(
        fee_payer=encode_base58(message.fee_payer),
        signers=[encode_base58(key) for key in message.signers],
        instructions=[InstructionRead.of(one, language) for one in plain],
        dangerous=any(one.danger is not None for one in plain),
    )


@router.get("/{request_id}", dependencies=[PUBLIC], responses=problems(NotFound))
async def label_of_pay_request(request_id: UUID, pay: SolanaPayDep, request: Request, response: Response) -> PayLabel:
    """Solana Pay transaction request, first step: who asks."""
    response.headers.update(_OPEN)
    found = await pay.shown(request_id)
    return PayLabel(label=found.label, icon=f"{str(request.base_url).rstrip('/')}/icon.svg")


@router.post(
    "/{request_id}",
    dependencies=[PUBLIC],
    responses=problems(NotFound, InvalidAddress, InsufficientFunds, TransactionReverted, InvalidValue, NodeUnavailable),
)
async def compose_pay_transaction(
    request_id: UUID, body: PayAccount, pay: SolanaPayDep, response: Response
) -> PayTransaction:
    """Solana Pay transaction request, second step: the transaction that pays it from this account."""
    response.headers.update(_OPEN)
    composed = await pay.compose(request_id, body.account)
    return PayTransaction(transaction=composed.transaction, message=composed.message)


def _shown(state: PayState, request: Request) -> PayRequestRead:
    address = f"{str(request.base_url).rstrip('/')}/api/v1/solana-pay"
    return PayRequestRead.of(state.request, state.status, state.seen, address=address)


def _key(row: PayRequest) -> tuple[str, str]:
    return row.created_at.isoformat(), str(row.id)


def _place(paging: PageRequest) -> tuple[datetime, UUID] | None:
    after = paging.after(str, str)
    if after is None:
        return None
    try:
        return datetime.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
