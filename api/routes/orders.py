"""/orders: charge, quote, pay, receipt."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from api.dependencies import (
    ChargingDep,
    IdempotencyKey,
    KeystoreDep,
    OrdersDep,
    OrganisationsDep,
    TillDep,
    Unlocked,
)
from api.errors import problems
from api.paging import Page, Paging
from api.receipt_page import receipt_page
from api.schemas.orders import (
    ConsentRead,
    OrderCreate,
    OrderPay,
    OrderProgress,
    OrderRead,
    OrderSubmit,
    PaymentRead,
    Receipt,
)
from api.schemas.quotes import QuoteRead, QuoteRequest
from api.schemas.till import LockRead, LockRequest, ScanRead, ScanRequest, TenderCreate, TenderRead
from api.security import CallingPerson, Till
from codec.order_document import decode_order_document
from people.caller import Caller
from people.organisations.service import Organisations
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import (
    ApprovalNeeded,
    CampaignExhausted,
    CampaignNotActive,
    GiftOutOfStock,
    GoodsUnknown,
    IdempotencyConflict,
    IdentityLevelTooLow,
    InsufficientFunds,
    InvalidValue,
    KeystoreLocked,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    NotVoucherHolder,
    OrderLocked,
    OrderNotFound,
    OrderNotPayable,
    PolicyRefused,
    PresentmentNotFound,
    PriceStale,
    PriceUnavailable,
    QuoteExpired,
    SigningRefused,
    StoreUnknown,
    TenderMismatch,
    TooManyAttempts,
    TransactionReverted,
    UnknownAsset,
    VoucherAlreadyRedeemed,
    VoucherExpired,
    VoucherInFlight,
    VoucherNotFound,
)
from vouchers.orders.model import Attempt, Order, OrderStatus
from vouchers.orders.service import OrderService
from vouchers.till.service import TillService

router = APIRouter(prefix="/orders", tags=["orders"])

_REFUSALS = (
    NotAuthenticated,
    CampaignExhausted,
    OrderNotFound,
    OrderNotPayable,
    QuoteExpired,
    VoucherAlreadyRedeemed,
    VoucherInFlight,
    VoucherExpired,
    NotVoucherHolder,
    IdentityLevelTooLow,
    InsufficientFunds,
    NodeUnavailable,
    PolicyRefused,
    ApprovalNeeded,
    PriceUnavailable,
    PriceStale,
)
_CLAIMING = (VoucherNotFound, CampaignNotActive, TooManyAttempts)
"""Of vouchers that paying claims first."""


async def _order(order: Order, organisations: Organisations) -> OrderRead:
    return OrderRead.of(order, (await organisations.get(order.tenant_id)).name)


async def _payment(attempt: Attempt, orders: OrderService) -> PaymentRead:
    payment, redemptions = await orders.evidence(attempt)
    return PaymentRead.of(attempt, payment, list(redemptions))


@router.post(
    "",
    status_code=201,
    responses=problems(
        NotAuthenticated, NotPermitted, NotFound, InvalidValue, GoodsUnknown, StoreUnknown, IdempotencyConflict
    ),
)
async def create_order(
    body: OrderCreate,
    member: Till,
    key: IdempotencyKey,
    orders: OrdersDep,
    organisations: OrganisationsDep,
    charging: ChargingDep,
) -> OrderRead:
    """Charge a cart; show its id to the holder as link or QR.

    A shop that keeps stores or a catalogue charges what is in them: another store or sku is refused.
    """
    goods = await charging.goods(
        member.tenant_id,
        [line.sku for line in body.lines],
        store=body.store,
        currency=body.currency,
        unpriced=[line.sku for line in body.lines if not line.whole],
    )
    order = await orders.create(
        member.tenant_id,
        body.to_domain(member.organisation_id, goods),
        created_by=member.caller.person_id,
        idempotency_key=key,
        reference=body.reference,
        expires_at=body.expires_at,
        remainder_by=body.remainder_by,
        batch=body.batch,
    )
    return await _order(order, organisations)


@router.get("", responses=problems(NotAuthenticated, NotPermitted, NotFound))
async def list_orders(
    member: Till, paging: Paging, orders: OrdersDep, organisations: OrganisationsDep
) -> Page[OrderRead]:
    """What the organisation has charged, newest first."""
    after = paging.after(str, str)
    before = None if after is None else _sort_key(*after)
    rows = await orders.orders(member.tenant_id, before=before, limit=paging.limit + 1)
    name = (await organisations.get(member.organisation_id)).name
    return paging.page(
        rows, lambda order: OrderRead.of(order, name), lambda order: (order.created_at.isoformat(), str(order.id))
    )


def _sort_key(created_at: str, order_id: str) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(created_at), UUID(order_id)
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error


@router.get("/{order_id}", responses=problems(NotAuthenticated, OrderNotFound))
async def read_order(
    order_id: UUID, _caller: CallingPerson, orders: OrdersDep, organisations: OrganisationsDep
) -> OrderProgress:
    """An order by its id, with the last attempt to pay it."""
    order, attempt = await orders.progress(order_id)
    return OrderProgress(
        order=await _order(order, organisations),
        payment=None if attempt is None else await _payment(attempt, orders),
    )


@router.post(
    "/{order_id}/cancel", responses=problems(NotAuthenticated, NotPermitted, NotFound, OrderNotFound, OrderNotPayable)
)
async def cancel_order(order_id: UUID, member: Till, orders: OrdersDep, organisations: OrganisationsDep) -> OrderRead:
    """Take back an order that nobody is paying."""
    return await _order(await orders.cancel(member.tenant_id, order_id), organisations)


@router.post(
    "/{order_id}/quote",
    responses=problems(NotAuthenticated, OrderNotFound, OrderNotPayable, InvalidValue, UnknownAsset, NodeUnavailable),
)
async def quote_order(order_id: UUID, body: QuoteRequest, caller: CallingPerson, orders: OrdersDep) -> QuoteRead:
    """Find the caller's vouchers and price the order with the best; every other one is explained. Nothing is locked."""
    return QuoteRead.of(
        await orders.quote(
            caller.tenant_id,
            order_id,
            account=None if body.account is None else AccountId.parse(body.account),
            chain=None if body.chain is None else ChainId.parse(body.chain),
            tender=body.tender,
        )
    )


@router.post(
    "/{order_id}/pay",
    status_code=202,
    responses=problems(*_REFUSALS, *_CLAIMING, IdempotencyConflict, KeystoreLocked, SigningRefused),
)
async def pay_order(
    order_id: UUID,
    body: OrderPay,
    caller: CallingPerson,
    unlock: Unlocked,
    key: IdempotencyKey,
    orders: OrdersDep,
    keystore: KeystoreDep,
) -> PaymentRead:
    """Redeem the quoted vouchers and pay the remainder in one act; pending until the chain finalises it.

    The caller's own rules are asked about the remainder. Where they want a word first (`approval_needed`), it is said
    by `POST /transfers/{approval}/approve` with the error's `payload_hash`; then the same request goes on, with a new
    quote if the first has become too old.
    """
    attempt = await orders.pay(caller.tenant_id, order_id, body.quote, keystore.signer(unlock), idempotency_key=key)
    return await _payment(attempt, orders)


@router.post("/{order_id}/prepare", responses=problems(*_REFUSALS, *_CLAIMING, InvalidValue))
async def prepare_order(order_id: UUID, body: OrderPay, caller: CallingPerson, orders: OrdersDep) -> Page[ConsentRead]:
    """What an outside wallet signs to pay the quote. Nothing is locked before `submit`."""
    return Page[ConsentRead].whole(
        [ConsentRead.of(request) for request in await orders.prepare(caller.tenant_id, order_id, body.quote)]
    )


@router.post(
    "/{order_id}/submit",
    status_code=202,
    responses=problems(*_REFUSALS, *_CLAIMING, IdempotencyConflict, InvalidValue, SigningRefused, TransactionReverted),
)
async def submit_order(
    order_id: UUID, body: OrderSubmit, caller: CallingPerson, key: IdempotencyKey, orders: OrdersDep
) -> PaymentRead:
    """As `pay`, with what an outside wallet signed. The act is simulated before anything is locked."""
    attempt = await orders.submit(caller.tenant_id, order_id, body.quote, body.to_domain(), idempotency_key=key)
    return await _payment(attempt, orders)


@router.post(
    "/{order_id}/lock",
    responses=problems(
        NotAuthenticated,
        OrderNotFound,
        OrderNotPayable,
        OrderLocked,
        QuoteExpired,
        VoucherInFlight,
        VoucherAlreadyRedeemed,
        GiftOutOfStock,
        InvalidValue,
        NodeUnavailable,
    ),
)
async def lock_order(order_id: UUID, body: LockRequest, caller: CallingPerson, till: TillDep) -> LockRead:
    """Hold the order, the quote's vouchers and gifts for this quote alone; it ends by itself."""
    until = await till.lock(caller.tenant_id, order_id, body.quote, body.lock_seconds)
    return LockRead(quote=body.quote, locked_until=until)


@router.post("/{order_id}/unlock", status_code=204, responses=problems(NotAuthenticated, OrderNotFound))
async def unlock_order(order_id: UUID, caller: CallingPerson, till: TillDep) -> None:
    """Let go of the caller's lock before its end."""
    await till.unlock(caller.tenant_id, order_id)


@router.post(
    "/{order_id}/scan",
    responses=problems(NotAuthenticated, NotPermitted, NotFound, OrderNotFound, OrderNotPayable, PresentmentNotFound),
)
async def scan_presentment(order_id: UUID, body: ScanRequest, member: Till, till: TillDep) -> ScanRead:
    """Ask whoever shows this code to pay the order: the prompt appears on the holder's device."""
    used = await till.scan(member.tenant_id, order_id, body.secret)
    return ScanRead(presentment=used.id, order=order_id)


@router.post(
    "/{order_id}/tender",
    status_code=201,
    responses=problems(NotAuthenticated, NotPermitted, NotFound, OrderNotFound, OrderNotPayable, TenderMismatch),
)
async def record_tender(order_id: UUID, body: TenderCreate, member: Till, till: TillDep) -> TenderRead:
    """Enter what was taken in cash or at a card terminal, exactly what is left to pay; the order is then paid."""
    tender = await till.record(
        member.tenant_id,
        order_id,
        body.method,
        body.amount_minor,
        entered_by=member.caller.person_id,
        reference=body.reference,
    )
    return TenderRead.of(tender)


@router.get("/{order_id}/receipt", responses=problems(NotAuthenticated, OrderNotFound, OrderNotPayable))
async def read_receipt(
    order_id: UUID, caller: CallingPerson, orders: OrdersDep, organisations: OrganisationsDep, till: TillDep
) -> Receipt:
    """Of a paid order, for its payer and its merchant."""
    return await _receipt(order_id, caller, orders, organisations, till)


@router.get(
    "/{order_id}/receipt.html",
    responses={
        **problems(NotAuthenticated, OrderNotFound, OrderNotPayable),
        200: {"content": {"text/html": {}}, "description": "A page to print, in Chinese and English"},
    },
    response_class=Response,
)
async def print_receipt(
    order_id: UUID, caller: CallingPerson, orders: OrdersDep, organisations: OrganisationsDep, till: TillDep
) -> Response:
    """The receipt as a page to print, in Chinese and English."""
    page = receipt_page(await _receipt(order_id, caller, orders, organisations, till))
    return Response(page, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


async def _receipt(
    order_id: UUID, caller: Caller, orders: OrderService, organisations: Organisations, till: TillService
) -> Receipt:
    order, attempt = await orders.receipt(order_id)
    tender = await till.tender(order_id)
    payer = set() if attempt is None else {attempt.holder_tenant_id}
    if not (payer | {order.tenant_id}) & caller.tenants:
        raise OrderNotFound("no such order", order=str(order_id))
    if order.status is not OrderStatus.PAID:
        raise OrderNotPayable(f"the order is {order.status.value}, not paid", status=order.status.value)
    quote = None if attempt is None else await orders.quote_of(attempt)
    return Receipt(
        order=await _order(order, organisations),
        payment=None if attempt is None else await _payment(attempt, orders),
        quote=None if quote is None else QuoteRead.of(quote),
        document=None if quote is None else decode_order_document(quote.document),
        tender=None if tender is None else TenderRead.of(tender),
    )
