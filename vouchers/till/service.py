"""At the till: hold an order and its vouchers for a while, show a one-time code, enter money taken otherwise."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from chains.ports import Chains
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Handler, JobContext, enqueue
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    InvalidValue,
    OrderLocked,
    OrderNotFound,
    OrderNotPayable,
    PresentmentNotFound,
    QuoteExpired,
    TenderMismatch,
    VoucherAlreadyRedeemed,
    VoucherInFlight,
)
from primitives.hashing import keccak256
from vouchers.gifts.acts import release_gifts, reserve_gifts
from vouchers.orders import sql as orders
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.model import AttemptStatus, Order, OrderQuote, OrderStatus
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.ports import Accounts
from vouchers.till import sql
from vouchers.till.model import LOCKED, Presentment, RecordedTender, RemainderBy, TenderMethod

PRESENTMENT_SECONDS = 60
MAX_LOCK_SECONDS = 600


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A new presentment. `secret`: 128 random bits as text, shown once and stored hashed."""

    id: UUID
    secret: str
    expires_at: datetime


class TillService:
    """Who may call what is decided above, by the rule of each route."""

    def __init__(self, database: Database, chains: Chains, accounts: Accounts, *, clock: Clock | None = None) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {"order.lock_ended": self._lock_ended}

    # ----------------------------------------------------------------------------------------------------------- lock

    async def lock(self, tenant_id: UUID, order_id: UUID, quote_id: UUID, lock_seconds: int) -> datetime:
        """Hold the order, the quote's vouchers and its gifts for this quote alone; it ends by itself.

        Vouchers are held where the quote's account is the caller's here. A quote may be of any account, for wallets
        that sign elsewhere, and whoever asks for one shall keep nobody from their own vouchers.

        One conditional write decides about the order and one about each voucher, so that of many at once one has it.
        The holder's own lock is replaced.

        Returns:
            When it ends.

        Raises:
            InvalidValue: `lock_seconds` is not 1 to 600.
            OrderNotFound, OrderNotPayable, QuoteExpired
            OrderLocked: Another holder's quote has the order, or another order a voucher.
            VoucherInFlight, VoucherAlreadyRedeemed, GiftOutOfStock
        """
        if not 1 <= lock_seconds <= MAX_LOCK_SECONDS:
            raise InvalidValue(f"a lock lasts 1 to {MAX_LOCK_SECONDS} seconds", lock_seconds=lock_seconds)
        quote = await self._quote(tenant_id, order_id, quote_id)
        now = await self._chains.adapter(quote.account.chain).block_time()
        if now >= quote.expires_at:
            raise QuoteExpired("the quote is too old: ask for a new one", expires_at=quote.expires_at)
        own = quote.account in await self._accounts.accounts_of(tenant_id)
        async with self._database.transaction() as tx:
            until = await orders.lock_order(tx, order_id, quote_id, tenant_id, timedelta(seconds=lock_seconds))
            order = await orders.get_order(tx, order_id)
            if until is None:
                raise _locked(order)
            await self._hold(tx, order, quote, until, own=own)
            await enqueue(
                tx,
                "order.lock_ended",
                str(order_id),
                {"order": str(order_id)},
                delay=timedelta(seconds=lock_seconds + 1),
            )
        fault_point("order.locked")
        return until

    async def _hold(self, tx: Transaction, order: Order, quote: OrderQuote, until: datetime, *, own: bool) -> None:
        await sql.let_go(tx, order.id)
        vouchers = sorted((item.voucher for item in quote.redemption.items), key=str)
        for voucher in vouchers if own else ():
            if not await sql.hold_voucher(tx, voucher, quote.tenant_id, order.id, until):
                raise OrderLocked("another order holds this voucher for a while", voucher=str(voucher))
        live = await redemption_rows.live_redemptions(tx, vouchers)
        for voucher, row in live.items():
            if row.status is AttemptStatus.FINAL:
                raise VoucherAlreadyRedeemed("the voucher was redeemed before", voucher=str(voucher))
            raise VoucherInFlight("another order is redeeming this voucher right now", voucher=str(voucher))
        await release_gifts(tx, order.tenant_id, order_id=order.id, attempt=LOCKED)
        if quote.price.gifts:
            lifetime = until - self._clock.now()
            await reserve_gifts(
                tx, order.tenant_id, quote.price.gifts, order_id=order.id, attempt=LOCKED, lifetime=lifetime
            )

    async def _quote(self, tenant_id: UUID, order_id: UUID, quote_id: UUID) -> OrderQuote:
        async with self._database.transaction() as tx:
            quote = await orders.get_quote(tx, quote_id, tenant_id)
        if quote is None or quote.order_id != order_id:
            raise OrderNotFound("no such order or quote", order=str(order_id))
        return quote

    async def unlock(self, tenant_id: UUID, order_id: UUID) -> None:
        """Let go before the lock's end. Does nothing where the caller holds no lock. Raises OrderNotFound."""
        async with self._database.transaction() as tx:
            order = await orders.get_order(tx, order_id)
            if await orders.unlock_order(tx, order_id, tenant_id):
                await sql.let_go(tx, order_id)
                await release_gifts(tx, order.tenant_id, order_id=order_id, attempt=LOCKED)

    async def _lock_ended(self, ctx: JobContext) -> None:
        """Reserved gifts go back to the stock; the rest of a lock has ended by the clock alone."""
        order_id = UUID(ctx.job.payload["order"])
        async with ctx.transaction() as tx:
            order = await orders.get_order(tx, order_id)
            if order.locked_until is None or order.locked_until <= self._clock.now():
                await release_gifts(tx, order.tenant_id, order_id=order_id, attempt=LOCKED)

    # ---------------------------------------------------------------------------------------------------- presentment

    async def present(self, tenant_id: UUID) -> ShownCode:
        """A code for a till to scan, once, within 60 seconds. It shows who is there and authorises nothing."""
        secret = secrets.token_urlsafe(16)
        code = ShownCode(uuid4(), secret, self._clock.now() + timedelta(seconds=PRESENTMENT_SECONDS))
        async with self._database.transaction() as tx:
            await sql.insert_presentment(tx, code.id, tenant_id, _hash(secret), code.expires_at)
        return code

    async def scan(self, merchant_id: UUID, order_id: UUID, secret: str) -> Presentment:
        """Ask whoever shows the code to pay this order: the prompt appears on the holder's device.

        Raises:
            OrderNotFound, OrderNotPayable
            PresentmentNotFound: Unknown, used or too old.
        """
        async with self._database.transaction() as tx:
            order = await orders.get_order(tx, order_id)
            if order.tenant_id != merchant_id:
                raise OrderNotFound("no such order", order=str(order_id))
            if order.status is not OrderStatus.OPEN:
                raise OrderNotPayable(f"the order is {order.status.value}", status=order.status.value)
            used = await sql.use_presentment(tx, _hash(secret), merchant_id, order_id, self._clock.now())
            if used is None:
                raise PresentmentNotFound("this code does not work: let the holder show a new one")
            await publish(
                tx,
                used.tenant_id,
                "order.pay_prompt",
                {"order": str(order_id), "presentment": str(used.id), "merchant": str(merchant_id)},
            )
        return used

    async def presentment(self, tenant_id: UUID, presentment_id: UUID) -> Presentment:
        """The caller's own, with the order once a till has scanned it. Raises PresentmentNotFound."""
        async with self._database.transaction() as tx:
            found = await sql.get_presentment(tx, presentment_id, tenant_id)
        if found is None:
            raise PresentmentNotFound("no such code")
        return found

    # ------------------------------------------------------------------------------------------------ recorded tender

    async def record(
        self,
        merchant_id: UUID,
        order_id: UUID,
        method: TenderMethod,
        amount_minor: int,
        *,
        entered_by: UUID,
        reference: str | None = None,
    ) -> RecordedTender:
        """Enter what was taken in cash or at a card terminal: exactly what is left to pay. The order is then paid.

        Before any voucher is used the whole price is left; afterwards what the vouchers did not cover. The same entry
        again is the same answer.

        Raises:
            OrderNotFound
            OrderNotPayable: The remainder is paid on chain, or a payment is under way; `status`.
            TenderMismatch: `expected`.
        """
        async with self._database.transaction() as tx:
            order = await orders.get_order(tx, order_id)
            if order.tenant_id != merchant_id:
                raise OrderNotFound("no such order", order=str(order_id))
            known = await sql.tender_of(tx, order_id)
            if known is not None:
                if (known.method, known.amount_minor, known.reference) != (method, amount_minor, reference):
                    raise OrderNotPayable("the order has another entry", status=order.status.value)
                return known
            if order.remainder_by is not RemainderBy.RECORDED:
                raise OrderNotPayable("the order is paid on chain", status=order.status.value)
            before, expected, holder = await self._left(tx, order)
            if amount_minor != expected:
                raise TenderMismatch(
                    f"{expected} are left to pay, not {amount_minor}", expected=expected, entered=amount_minor
                )
            tender = RecordedTender(
                order_id, merchant_id, method, amount_minor, reference, entered_by, self._clock.now()
            )
            if not await orders.set_order_status(tx, order_id, before, OrderStatus.PAID):
                raise OrderNotPayable("somebody begins to pay the order right now", status="pending")
            await sql.insert_tender(tx, tender)
            for tenant_id in filter(None, (merchant_id, holder)):
                await publish(tx, tenant_id, "order.paid", {"order": str(order_id), "tender": method.value})
        fault_point("order.tender_recorded")
        return tender

    async def _left(self, tx: Transaction, order: Order) -> tuple[OrderStatus, int, UUID | None]:
        """From which status the entry leads on, what is left to pay, and who pays."""
        if order.status is OrderStatus.OPEN:
            return OrderStatus.OPEN, order.cart.total_minor, None
        attempt = await attempt_rows.last_attempt(tx, order.id)
        if order.status is not OrderStatus.PENDING or attempt is None or attempt.status is not AttemptStatus.FINAL:
            raise OrderNotPayable(f"the order is {order.status.value}", status=order.status.value)
        quote = await orders.get_quote(tx, attempt.quote_id, attempt.holder_tenant_id)
        assert quote is not None
        return OrderStatus.PENDING, quote.price.remainder_minor, attempt.holder_tenant_id

    async def tender(self, order_id: UUID) -> RecordedTender | None:
        """What the merchant entered for an order."""
        async with self._database.transaction() as tx:
            return await sql.tender_of(tx, order_id)


def _hash(secret: str) -> bytes:
    return keccak256(secret.encode())


def _locked(order: Order) -> OrderLocked | OrderNotPayable:
    if order.status is not OrderStatus.OPEN:
        return OrderNotPayable(f"the order is {order.status.value}", status=order.status.value, order=str(order.id))
    until = None if order.locked_until is None else order.locked_until.isoformat()
    return OrderLocked("another quote holds the order for a while", order=str(order.id), until=until)
