"""/orders/{id}/refund, /redemptions: giving back, and what is contested."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.dependencies import DisputesDep, IdempotencyKey, OrdersDep, RefundsDep
from api.errors import problems
from api.paging import Page
from api.schemas.refunds import (
    DisputeAnswer,
    DisputeOpen,
    DisputeRead,
    RedemptionDetail,
    RefundCreate,
    RefundRead,
)
from api.security import CallingPerson, Manager
from primitives.errors import (
    DisputeClosed,
    IdempotencyConflict,
    InvalidValue,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    NotRefundable,
    OrderNotFound,
    RedemptionNotFound,
    RefundNotFound,
)

router = APIRouter(tags=["refunds"])

RedemptionId = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="64 hex digits")]


@router.post(
    "/orders/{order_id}/refund",
    status_code=202,
    responses=problems(
        NotAuthenticated, NotPermitted, NotFound, OrderNotFound, NotRefundable, InvalidValue, IdempotencyConflict
    ),
)
async def refund_order(
    order_id: UUID, body: RefundCreate, member: Manager, key: IdempotencyKey, refunds: RefundsDep, orders: OrdersDep
) -> RefundRead:
    """Give back everything, or some units of some lines; money, voucher and payout follow by themselves."""
    view = await refunds.refund(
        member.tenant_id,
        order_id,
        body.returned,
        created_by=member.caller.person_id,
        idempotency_key=key,
        chargeback=body.chargeback,
        reason=body.reason,
    )
    return RefundRead.of(view, (await orders.get(order_id)).cart.currency)


@router.get("/orders/{order_id}/refunds", responses=problems(NotAuthenticated, OrderNotFound))
async def list_refunds(
    order_id: UUID, caller: CallingPerson, refunds: RefundsDep, orders: OrdersDep
) -> Page[RefundRead]:
    """Of one order, for its payer and its merchant."""
    order = await orders.get(order_id)
    found = await refunds.refunds(order_id, frozenset(caller.tenants))
    return Page[RefundRead].whole([RefundRead.of(view, order.cart.currency) for view in found])


@router.post(
    "/refunds/{refund_id}/retry",
    status_code=202,
    responses=problems(NotAuthenticated, NotPermitted, NotFound, RefundNotFound),
)
async def retry_refund(refund_id: UUID, member: Manager, refunds: RefundsDep, orders: OrdersDep) -> RefundRead:
    """Try now what waits for money of the merchant."""
    view = await refunds.retry(member.tenant_id, refund_id)
    return RefundRead.of(view, (await orders.get(view.refund.order_id)).cart.currency)


@router.get("/redemptions/{redemption_id}", responses=problems(NotAuthenticated, RedemptionNotFound))
async def read_redemption(
    redemption_id: RedemptionId, caller: CallingPerson, disputes: DisputesDep
) -> RedemptionDetail:
    """One redemption, for its holder and its merchant."""
    row, dispute, evidence = await disputes.redemption(bytes.fromhex(redemption_id), frozenset(caller.tenants))
    return RedemptionDetail.of(row, dispute, evidence)


@router.post(
    "/redemptions/{redemption_id}/dispute",
    status_code=201,
    responses=problems(NotAuthenticated, RedemptionNotFound, DisputeClosed),
)
async def dispute_redemption(
    redemption_id: RedemptionId, body: DisputeOpen, caller: CallingPerson, disputes: DisputesDep
) -> DisputeRead:
    """The holder contests it; what chain and order say is kept as it is now."""
    return DisputeRead.of(await disputes.open(caller.tenant_id, bytes.fromhex(redemption_id), body.reason))


@router.post(
    "/redemptions/{redemption_id}/dispute/answer",
    responses=problems(
        NotAuthenticated,
        NotPermitted,
        NotFound,
        RedemptionNotFound,
        DisputeClosed,
        NotRefundable,
        IdempotencyConflict,
    ),
)
async def answer_dispute(
    redemption_id: RedemptionId, body: DisputeAnswer, member: Manager, key: IdempotencyKey, disputes: DisputesDep
) -> DisputeRead:
    """The merchant ends it: with a refund that is linked to it, or with reasons."""
    named = bytes.fromhex(redemption_id)
    if body.refund:
        return DisputeRead.of(
            await disputes.give_back(member.tenant_id, named, body.answer, decided_by=member.caller.person_id)
        )
    return DisputeRead.of(await disputes.refuse(member.tenant_id, named, body.answer))
