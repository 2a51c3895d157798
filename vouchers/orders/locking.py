"""The one commit that decides who pays an order, and which order redeems a voucher."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from codec.evm.redemption_id import redemption_id
from codec.order_document import ORDER_SCHEMA
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import enqueue
from primitives.clock import Clock
from primitives.errors import (
    IdempotencyConflict,
    NotVoucherHolder,
    OrderLocked,
    OrderNotPayable,
    QuanbaoError,
    QuoteExpired,
    VoucherAlreadyRedeemed,
    VoucherInFlight,
    VoucherNotFound,
)
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.checkout.limits import Payer, require_within_limits
from vouchers.documents.sql import store_document
from vouchers.gifts.acts import release_gifts, reserve_gifts
from vouchers.ledger.model import VoucherStatus
from vouchers.ledger.sql import get_voucher
from vouchers.orders import sql
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.carrying import attempt_key, reference
from vouchers.orders.model import Attempt, AttemptStatus, Order, OrderQuote, RedemptionRow
from vouchers.orders.quotes import require_open
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.points.acts import hold_points
from vouchers.till.model import LOCKED
from vouchers.till.sql import hold_voucher

_RESERVED_LONGER = timedelta(seconds=60)
"""Reserved gifts and points stay so much longer than an attempt that was interrupted."""


class AttemptLock:
    """Begins attempts to pay.

    Args:
        give_up_after: An attempt that no payment carries by then was interrupted.
    """

    def __init__(self, database: Database, clock: Clock, give_up_after: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._give_up_after = give_up_after

    async def _within_limits(self, tx: Transaction, quote: OrderQuote, order: Order) -> None:
        """Raises CampaignExhausted, IdentityLevelTooLow: what the campaign's limits allow is less than at the quote."""
        wanted = Counter(item.voucher.campaign for item in quote.redemption.items)
        campaigns = await campaigns_by_id(tx, list(wanted))
        terms = {campaign: found.rules for campaign, found in campaigns.items()}
        await require_within_limits(tx, terms, wanted, Payer(quote.tenant_id, quote.account, order.tenant_id))

    async def begin(self, quote: OrderQuote, idempotency_key: str) -> tuple[Attempt, bool]:
        """One commit that decides: the order becomes pending, each voucher gets its one live redemption.

        False: the same key came twice at once, and the other call has the attempt.
        """
        redemption = quote.redemption
        async with self._database.transaction() as tx:
            number = await sql.begin_attempt(tx, quote.order_id, quote.id)
            order = await sql.get_order(tx, quote.order_id)
            if number is None:
                other = await attempt_rows.attempt_by_key(tx, quote.tenant_id, idempotency_key)
                if other is not None and other.quote_id == quote.id:
                    return other, False
                require_open(order)
                if order.locked_until is not None and order.locked_by != quote.id and not self._over(order):
                    until = order.locked_until.isoformat()
                    raise OrderLocked("another quote holds the order for a while", order=str(order.id), until=until)
                raise OrderNotPayable("the order has expired", status="expired", order=str(order.id))
            if await attempt_rows.order_hash_used(tx, order.tenant_id, redemption.order_hash):
                raise QuoteExpired("this quote was tried before: ask for a new one")
            await store_document(tx, ORDER_SCHEMA, quote.document)
            attempt = Attempt(
                order_id=quote.order_id,
                number=number,
                tenant_id=order.tenant_id,
                holder_tenant_id=quote.tenant_id,
                quote_id=quote.id,
                account=quote.account,
                order_hash=redemption.order_hash,
                idempotency_key=idempotency_key,
                status=AttemptStatus.REQUESTED,
                payment_id=None,
                failure=None,
                created_at=self._clock.now(),
                ended_at=None,
            )
            if not await attempt_rows.insert_attempt(tx, attempt):
                raise IdempotencyConflict("this idempotency key is paying right now")
            await self._within_limits(tx, quote, order)
            stored = {used.voucher for used in quote.price.used if used.balance is not None}
            # In one order for everybody, so that two orders that share vouchers never wait for each other.
            for item in sorted(redemption.items, key=lambda item: str(item.voucher)):
                row = RedemptionRow(
                    id=redemption_id(
                        item.voucher,
                        redemption.holder,
                        redemption.merchant,
                        redemption.order_hash,
                        item.amount_minor,
                        item.moves,
                    ),
                    order_id=attempt.order_id,
                    attempt=number,
                    voucher=item.voucher,
                    holder=redemption.holder,
                    merchant=redemption.merchant,
                    amount_minor=item.amount_minor,
                    status=AttemptStatus.REQUESTED,
                    spends=item.voucher in stored,
                )
                if not await hold_voucher(tx, item.voucher, quote.tenant_id, quote.order_id, None):
                    raise OrderLocked("another order holds this voucher for a while", voucher=str(item.voucher))
                if not await redemption_rows.lock_voucher(tx, row, order.tenant_id, leaf=item.proof is not None):
                    raise await self._why_not(tx, row)
            await self._reserve(tx, order, quote, number)
            await enqueue(tx, "order.attempt_due", attempt_key(attempt), reference(attempt), delay=self._give_up_after)
            await publish(tx, order.tenant_id, "order.pending", {"order": str(order.id)})
        fault_point("order.pay_requested")
        return attempt, True

    def _over(self, order: Order) -> bool:
        """Whether the holder must have begun to pay before now."""
        return order.expires_at is not None and order.expires_at <= self._clock.now()

    async def _reserve(self, tx: Transaction, order: Order, quote: OrderQuote, number: int) -> None:
        """The quote's gifts and points, for this attempt; what a lock reserved goes over to it."""
        if quote.price.gifts:
            await release_gifts(tx, order.tenant_id, order_id=order.id, attempt=LOCKED)
            lifetime = self._give_up_after + _RESERVED_LONGER
            await reserve_gifts(
                tx, order.tenant_id, quote.price.gifts, order_id=order.id, attempt=number, lifetime=lifetime
            )
        await hold_points(
            tx,
            quote.price.points,
            order_id=order.id,
            attempt=number,
            holder_id=quote.tenant_id,
            at=quote.price.now,
            lifetime=self._give_up_after + _RESERVED_LONGER,
        )

    async def _why_not(self, tx: Transaction, row: RedemptionRow) -> QuanbaoError:
        live = (await redemption_rows.live_redemptions(tx, [row.voucher])).get(row.voucher)
        if live is not None and live.status is not AttemptStatus.FINAL:
            return VoucherInFlight("another order is redeeming this voucher right now", voucher=str(row.voucher))
        voucher = await get_voucher(tx, row.voucher)
        if live is not None or (voucher is not None and voucher.status is VoucherStatus.REDEEMED):
            return VoucherAlreadyRedeemed("the voucher was redeemed before", voucher=str(row.voucher))
        if voucher is None or voucher.status is VoucherStatus.VOID:
            return VoucherNotFound("there is no such live voucher", voucher=str(row.voucher))
        return NotVoucherHolder("the voucher belongs to another account", voucher=str(row.voucher))
