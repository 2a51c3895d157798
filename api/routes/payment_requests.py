"""/payment-requests: links and QR codes that ask for a payment, both ways."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import PaymentRequestsDep
from api.errors import problems
from api.qr import qr_svg
from api.schemas.address_book import AskedPaymentRead, PaymentRequestMake, PaymentRequestRead, PaymentText
from api.security import CallingPerson
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    NotAuthenticated,
    PaymentLinkRefused,
    PrecisionLoss,
    UnknownAsset,
    UnknownChain,
)

router = APIRouter(prefix="/payment-requests", tags=["payment-requests"])


@router.post(
    "",
    responses=problems(
        NotAuthenticated, InvalidValue, InvalidAddress, AmountNotPositive, UnknownAsset, UnknownChain, NodeUnavailable
    ),
)
async def make_payment_request(
    body: PaymentRequestMake, caller: CallingPerson, requests: PaymentRequestsDep
) -> PaymentRequestRead:
    """A link that asks for a payment to one of the caller's accounts: EIP-681 on EVM chains, else Solana Pay.

    Nothing is stored: whoever pays is seen in the activity list.
    """
    made = await requests.make(
        caller.tenant_id,
        AccountId.parse(body.account),
        AssetId.parse(body.asset),
        None if body.base_units is None else int(body.base_units),
        label=body.label,
        message=body.message,
    )
    return PaymentRequestRead.of(made, qr_svg(made.link))


@router.post(
    "/read",
    responses=problems(
        NotAuthenticated, PaymentLinkRefused, InvalidAddress, PrecisionLoss, UnknownAsset, UnknownChain, NodeUnavailable
    ),
)
async def read_payment_request(
    body: PaymentText, caller: CallingPerson, requests: PaymentRequestsDep
) -> AskedPaymentRead:
    """What a scanned, pasted or dropped text asks for: a link of either kind, an account or an address."""
    chain = None if body.chain is None else ChainId.parse(body.chain)
    return AskedPaymentRead.of(await requests.read(caller.tenant_id, body.text, chain=chain))
