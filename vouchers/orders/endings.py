"""How attempts to pay end: final, or failed with no effect for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from people.events import publish
from persistence.database import Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.errors import OrderNotFound
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.gifts.acts import give_gifts, release_gifts
from vouchers.orders import sql
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.beside import NO_RULES, RemainderRules
from vouchers.orders.model import Attempt, AttemptStatus, Order, OrderQuote, OrderStatus
from vouchers.points.acts import earn_points, release_points, spend_points
from vouchers.ports import Payments, PaymentState, PaymentView
from vouchers.rules import Delivery
from vouchers.settlement.books import Books
from vouchers.settlement.postings import fee_posting
from vouchers.till.model import RemainderBy


class OrderEndings:
    """Handlers of `order.payment_ended` and `order.attempt_due`.

    Args:
        books: Where the fee of a final payment is posted; None: nowhere.
        rules: The holder's own, which count what was paid beside vouchers.
    """

    def __init__(self, payments: Payments, books: Books | None = None, rules: RemainderRules = NO_RULES) -> None:
        self._payments = payments
        self._books = books
        self._rules = rules

    def handlers(self) -> Mapping[str, Handler]:
        return {"order.payment_ended": self._payment_ended, "order.attempt_due": self._attempt_due}

    async def failed(self, tx: Transaction, attempt: Attempt, failure: Mapping[str, Any]) -> None:
        """Open the order again and let its vouchers and gifts go; once."""
        if not await attempt_rows.end_attempt(tx, attempt, AttemptStatus.FAILED, failure):
            return
        await self._rules.never(tx, attempt)
        await release_gifts(tx, attempt.tenant_id, order_id=attempt.order_id, attempt=attempt.number)
        at = int(attempt.created_at.timestamp())
        await release_points(tx, order_id=attempt.order_id, attempt=attempt.number, at=at)
        await sql.set_order_status(tx, attempt.order_id, OrderStatus.PENDING, OrderStatus.OPEN, failure=failure)
        await self._tell(tx, attempt, "order.reopened", code=failure.get("code"))

    async def final(self, tx: Transaction, attempt: Attempt, payment: PaymentView) -> None:
        """The order is paid; where the rest is paid by hand, once the merchant has entered it."""
        if not await attempt_rows.end_attempt(tx, attempt, AttemptStatus.FINAL):
            return
        quote = await sql.get_quote(tx, attempt.quote_id, attempt.holder_tenant_id)
        assert quote is not None
        await self._rules.paid(tx, quote)
        order = await sql.get_order(tx, attempt.order_id)
        await self._settle_extras(tx, order, attempt, quote, payment)
        if self._books is not None and (fee := fee_posting(payment)) is not None:
            await self._books.post_payment(tx, payment, fee, 0)
        if order.remainder_by is RemainderBy.RECORDED and quote.price.remainder_minor:
            await self._tell(tx, attempt, "order.awaiting_tender", tx_hash=payment.tx_hash)
            return
        await sql.set_order_status(tx, attempt.order_id, OrderStatus.PENDING, OrderStatus.PAID)
        await self._tell(tx, attempt, "order.paid", tx_hash=payment.tx_hash)

    async def _settle_extras(
        self, tx: Transaction, order: Order, attempt: Attempt, quote: OrderQuote, payment: PaymentView
    ) -> None:
        """Gifts are given, points are spent, and new points are earned on what was paid in money."""
        if quote.price.gifts:
            ids = [applied.voucher.campaign for applied in quote.price.used if applied.gift is not None]
            campaigns = await campaigns_by_id(tx, ids)
            ways = {
                applied.gift.sku: campaigns[applied.voucher.campaign].rules.effect.delivery or Delivery.WITH_ORDER
                for applied in quote.price.used
                if applied.gift is not None
            }
            await give_gifts(
                tx,
                attempt.tenant_id,
                ways,
                order_id=attempt.order_id,
                attempt=attempt.number,
                holder_id=attempt.holder_tenant_id,
            )
        at = quote.price.now if payment.place is None else payment.place.block_time
        await spend_points(tx, order_id=order.id, attempt=attempt.number, at=at)
        await earn_points(
            tx, order.cart, quote.price.payable_per_line, order_id=order.id, holder_id=attempt.holder_tenant_id, at=at
        )

    async def _tell(self, tx: Transaction, attempt: Attempt, kind: str, **data: Any) -> None:
        for tenant_id in (attempt.tenant_id, attempt.holder_tenant_id):
            await publish(tx, tenant_id, kind, {"order": str(attempt.order_id), **data})

    async def _payment_ended(self, ctx: JobContext) -> None:
        """The engine's word on the payment."""
        async with ctx.transaction() as tx:
            attempt = await _attempt_named(tx, ctx)
            if attempt.payment_id is None:
                return
            payment = await self._payments.view(tx, attempt.payer_id, attempt.payment_id)
            if payment.state is PaymentState.DONE:
                await self.final(tx, attempt, payment)
            elif payment.state is PaymentState.FAILED:
                await self.failed(tx, attempt, payment.failure or {"code": "payment_failed"})
            chain = str(attempt.account.chain)
            await enqueue(tx, "ledger.scan", chain, {"chain": chain})
            await ctx.finish(tx)
        fault_point("order.payment_ended")

    async def _attempt_due(self, ctx: JobContext) -> Again | None:
        """Give up an attempt that was interrupted before anything was signed."""
        async with ctx.transaction() as tx:
            attempt = await _attempt_named(tx, ctx)
            if attempt.status not in (AttemptStatus.REQUESTED, AttemptStatus.PENDING):
                return None
            if attempt.payment_id is not None and (
                attempt.account.chain.family != "solana" or not await self._payments.withdraw(tx, attempt.payment_id)
            ):
                return None
            await self.failed(
                tx, attempt, {"code": "interrupted", "message": "the payment was interrupted before it was signed"}
            )
        return None


async def _attempt_named(tx: Transaction, ctx: JobContext) -> Attempt:
    named = ctx.job.payload.get("reference", ctx.job.payload)
    attempt = await attempt_rows.get_attempt(tx, UUID(named["order"]), int(named["attempt"]), lock=True)
    if attempt is None:
        raise OrderNotFound("no such attempt to pay", order=named["order"])
    return attempt
