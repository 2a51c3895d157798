"""The commit that binds an attempt to pay to the payment that carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chains.campaign import Redemption
from chains.intent import Intent
from persistence.database import Transaction
from vouchers.gifts.acts import keep_gifts
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.model import ACT_PAY, Attempt, OrderQuote, Way
from vouchers.points.acts import keep_points
from vouchers.ports import PaymentOrder, Payments


def attempt_key(attempt: Attempt) -> str:
    return f"{attempt.order_id}:{attempt.number}"


def reference(attempt: Attempt) -> dict[str, Any]:
    return {"order": str(attempt.order_id), "attempt": attempt.number}


def named_in(told: Mapping[str, Any]) -> list[tuple[UUID, int]]:
    """Orders and attempts that the reference of a payment names."""
    return [(UUID(one["order"]), int(one["attempt"])) for one in told.get("orders", [told])]


async def carry_alone(tx: Transaction, payments: Payments, attempt: Attempt, quote: OrderQuote, intent: Intent) -> None:
    """One payment for this attempt, which is locked and still waits for one.

    Raises:
        GiftOutOfStock, PointsNotEnough: They lapsed before, and somebody else took them.
    """
    payment_id = await payments.request(
        tx,
        PaymentOrder(
            tenant_id=attempt.holder_tenant_id,
            idempotency_key=f"order:{attempt.order_id}:pay:{attempt.number}",
            intent=intent,
            act=ACT_PAY,
            signs="person" if intent.chain.family == "solana" else "service",
            on_end="order.payment_ended",
            reference=reference(attempt),
            # Whoever submits pays the fee: it counts against each campaign and against the holder.
            budgets=(*_campaigns([quote.redemption]), f"holder:{quote.redemption.holder}"),
        ),
    )
    await attempt_rows.carry_by_payment(tx, attempt, payment_id, Way.ALONE)
    await _keep(tx, attempt, quote)


async def carry_together(
    tx: Transaction, payments: Payments, orders: Sequence[tuple[Attempt, OrderQuote]], intent: Intent
) -> None:
    """One payment for several attempts of one merchant, which are locked and still wait for one.

    It is the merchant's, and no holder's budget bears the fee of all: it counts against the campaigns.
    """
    first = orders[0][0]
    payment_id = await payments.request(
        tx,
        PaymentOrder(
            tenant_id=first.tenant_id,
            # An attempt is in one batch at most.
            idempotency_key=f"orders:{first.order_id}:pay:{first.number}",
            intent=intent,
            act=ACT_PAY,
            signs="service",
            on_end="order.batch_ended",
            reference={"orders": [reference(attempt) for attempt, _ in orders]},
            budgets=_campaigns([quote.redemption for _, quote in orders]),
        ),
    )
    for attempt, quote in orders:
        await attempt_rows.carry_by_payment(tx, attempt, payment_id, Way.BATCH)
        await _keep(tx, attempt, quote)


async def _keep(tx: Transaction, attempt: Attempt, quote: OrderQuote) -> None:
    await keep_gifts(tx, attempt.tenant_id, order_id=attempt.order_id, attempt=attempt.number)
    await keep_points(tx, order_id=attempt.order_id, attempt=attempt.number, at=quote.price.now)


def _campaigns(redemptions: Sequence[Redemption]) -> tuple[str, ...]:
    found = {str(item.voucher.campaign) for redemption in redemptions for item in redemption.items}
    return tuple(f"campaign:{one}" for one in sorted(found))
