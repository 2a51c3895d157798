"""Collect the ready orders of one merchant and redeem them in one transaction, each by itself.

An order that waits has its holder's consent stored and is locked like any other. The job that gathers simulates each
of them alone, leaves out what the chain would refuse, and binds the others to one payment in one commit. When that is
final, the chain's own receipt says of each order whether it was redeemed or left out; a batch that never took effect
sends each of its orders on alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from chains.campaign import CampaignTerms, ManyRedemption
from chains.intent import ContractCall, Intent
from chains.many_orders import RedeemsMany
from chains.ports import Chains, Speed, VoucherBook
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.chain_id import ChainId
from primitives.errors import (
    FeeTooLow,
    LeaseLost,
    LedgerDiverged,
    NodeUnavailable,
    QuanbaoError,
    TransactionReverted,
)
from primitives.signing import Signature
from vouchers.campaigns.progress import failure_of
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.orders import sql as orders
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.carrying import attempt_key, carry_alone, carry_together, reference
from vouchers.orders.endings import OrderEndings
from vouchers.orders.gathering import sql
from vouchers.orders.model import Attempt, OrderQuote, Way
from vouchers.ports import Payments, PaymentState

log = structlog.get_logger()

GATHER = "order.gather"
BATCH_ENDED = "order.batch_ended"

MOST_ORDERS = 50
MOST_GAS = 12_000_000
"""Of the sum of what each order takes alone; a transaction has 2^24 (EIP-7825), and a fifth is added before it goes."""
WAIT = timedelta(seconds=1)
"""An order waits for others so long at most."""
_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Ready:
    """An attempt with all that its transaction takes. `gas`: what it takes alone; 0 where nobody has simulated it."""

    attempt: Attempt
    quote: OrderQuote
    terms: Sequence[CampaignTerms]
    consents: Mapping[str, Signature]
    alone: Intent
    gas: int = 0


class Gathering:
    """Handlers of `order.gather` and `order.batch_ended`; both are safe to run twice, or after a crash.

    Args:
        wait: How long an order waits for others at most.
        most_orders, most_gas: Of one transaction.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        payments: Payments,
        endings: OrderEndings,
        *,
        give_up_after: timedelta,
        wait: timedelta = WAIT,
        most_orders: int = MOST_ORDERS,
        most_gas: int = MOST_GAS,
    ) -> None:
        self._database = database
        self._chains = chains
        self._payments = payments
        self._endings = endings
        self._give_up_after = give_up_after
        self._wait = wait
        self._most_orders = most_orders
        self._most_gas = most_gas

    def handlers(self) -> Mapping[str, Handler]:
        return {GATHER: self._gather, BATCH_ENDED: self._ended}

    def takes(self, book: VoucherBook, quote: OrderQuote, consents: Mapping[str, Signature]) -> bool:
        """Whether the chain can redeem this order together with others."""
        return isinstance(book, RedeemsMany) and book.joins_many(quote.redemption, consents)

    async def wait(self, tx: Transaction, attempt: Attempt, consents: Mapping[str, Signature]) -> None:
        """Keep the holder's consent with an attempt that is locked; the job takes it up, whatever becomes of us."""
        chain = attempt.account.chain
        await sql.store_consents(tx, attempt, consents)
        there = await sql.waiting(tx, attempt.tenant_id, chain, self._most_orders)
        full = len(there) >= self._most_orders
        await self._ask(tx, attempt, timedelta(0) if full else self._wait)

    async def _ask(self, tx: Transaction, attempt: Attempt, delay: timedelta) -> None:
        chain, merchant = str(attempt.account.chain), str(attempt.tenant_id)
        await enqueue(tx, GATHER, f"{chain}:{merchant}", {"chain": chain, "merchant": merchant}, delay=delay)

    # -------------------------------------------------------------------------------------------------------- gather

    async def _gather(self, ctx: JobContext) -> Again | None:
        chain, merchant = ChainId.parse(ctx.job.payload["chain"]), UUID(ctx.job.payload["merchant"])
        async with ctx.transaction() as tx:
            waiting = await sql.waiting(tx, merchant, chain, self._most_orders)
        if not waiting:
            return None
        longest = timedelta(seconds=max(seconds for _, seconds in waiting))
        only_batches = all(attempt.way is Way.BATCH for attempt, _ in waiting)
        if only_batches and len(waiting) < self._most_orders and longest < self._wait:
            return Again(self._wait - longest)
        try:
            ready = [await self._read(attempt) for attempt, _ in waiting]
            alone = [one for one in ready if one.attempt.way is Way.ALONE]
            groups = await self._groups(ctx, [one for one in ready if one.attempt.way is Way.BATCH])
        except (NodeUnavailable, FeeTooLow):
            return Again(_PAUSE)
        for group in groups:
            alone += await self._send_together(ctx, group) if len(group) > 1 else group
        for one in alone:
            await self._send_alone(ctx, one)
        # Whatever has come meanwhile, and those that somebody else held just now.
        async with ctx.transaction() as tx:
            left = await sql.waiting(tx, merchant, chain, 1)
        return Again(timedelta(milliseconds=100)) if left else None

    async def _read(self, attempt: Attempt) -> _Ready:
        chain = attempt.account.chain
        async with self._database.transaction() as tx:
            quote = await orders.get_quote(tx, attempt.quote_id, attempt.holder_tenant_id)
            assert quote is not None
            ids = list(dict.fromkeys(item.voucher.campaign for item in quote.redemption.items))
            campaigns = await campaigns_by_id(tx, ids)
        terms = [campaigns[campaign].terms(chain) for campaign in ids]
        consents = dict(attempt.consents or {})
        intent = await self._chains.book(chain).redeem(terms, quote.redemption, consents)
        return _Ready(attempt, quote, terms, consents, intent)

    async def _groups(self, ctx: JobContext, ready: Sequence[_Ready]) -> Sequence[list[_Ready]]:
        """What one transaction can hold each. An order that the chain would refuse now ends here, with its reason."""
        if len(ready) < 2:
            return [list(ready)] if ready else []
        adapter = self._chains.adapter(ready[0].quote.account.chain)
        previews = await adapter.preview_many([(one.alone, Speed.NORMAL) for one in ready])
        by_book: dict[tuple[object, ...], list[list[_Ready]]] = {}
        for one, preview in zip(ready, previews, strict=True):
            if isinstance(preview, NodeUnavailable | FeeTooLow):
                raise preview
            if isinstance(preview, QuanbaoError):
                await self._fail(ctx, one.attempt, preview)
                continue
            assert isinstance(one.alone.action, ContractCall)
            found = by_book.setdefault((one.alone.sender, one.alone.action.to), [[]])
            if sum(other.gas for other in found[-1]) + preview.units > self._most_gas:
                found.append([])
            found[-1].append(_Ready(one.attempt, one.quote, one.terms, one.consents, one.alone, preview.units))
        return [group for groups in by_book.values() for group in groups if group]

    async def _send_together(self, ctx: JobContext, group: Sequence[_Ready]) -> Sequence[_Ready]:
        """Bind them to one payment. Answers those that must go alone instead: all of them, where one cannot go."""
        book = self._chains.book(group[0].quote.account.chain)
        assert isinstance(book, RedeemsMany)
        try:
            intent = await book.redeem_many(
                [ManyRedemption(tuple(one.terms), one.quote.redemption, one.consents) for one in group],
                gas=sum(one.gas for one in group),
            )
            async with ctx.transaction() as tx:
                held = await sql.hold_waiting(tx, [one.attempt for one in group])
                if len(held) != len(group):
                    return ()
                await carry_together(tx, self._payments, [(one.attempt, one.quote) for one in group], intent)
        except LeaseLost:
            raise
        except QuanbaoError as error:
            log.info("orders.batch_refused", orders=len(group), code=error.code)
            return group
        fault_point("order.batch_stored")
        return ()

    async def _send_alone(self, ctx: JobContext, one: _Ready) -> None:
        try:
            async with ctx.transaction() as tx:
                if await sql.hold_waiting(tx, [one.attempt]):
                    await carry_alone(tx, self._payments, one.attempt, one.quote, one.alone)
        except LeaseLost:
            raise
        except QuanbaoError as error:
            await self._fail(ctx, one.attempt, error)
        fault_point("order.gathered_alone")

    async def _fail(self, ctx: JobContext, attempt: Attempt, error: QuanbaoError) -> None:
        async with ctx.transaction() as tx:
            if await sql.hold_waiting(tx, [attempt]):
                await self._endings.failed(tx, attempt, failure_of(error))

    # -------------------------------------------------------------------------------------------------------- ending

    async def _ended(self, ctx: JobContext) -> Again | None:
        """The engine's word on the payment of a batch, and the chain's on each of its orders."""
        payment_id = UUID(ctx.job.payload["payment_id"])
        named = [(UUID(one["order"]), int(one["attempt"])) for one in ctx.job.payload["reference"]["orders"]]
        async with ctx.transaction() as tx:
            carried = []
            for order_id, number in named:
                attempt = await attempt_rows.get_attempt(tx, order_id, number)
                if attempt is not None and attempt.payment_id == payment_id:
                    carried.append(attempt)
            if not carried:
                return None
            payment = await self._payments.view(tx, carried[0].payer_id, payment_id)
        chain = carried[0].account.chain
        outcomes: Mapping[bytes, TransactionReverted | None] = {}
        if payment.state is PaymentState.DONE:
            assert payment.tx_hash is not None
            book = self._chains.book(chain)
            assert isinstance(book, RedeemsMany)
            outcomes = await book.outcomes(payment.tx_hash)
            untold = [attempt for attempt in carried if attempt.order_hash not in outcomes]
            if untold:
                raise LedgerDiverged(
                    f"the receipt of {payment.tx_hash} tells nothing of {len(untold)} of its orders",
                    transaction=payment.tx_hash,
                )
        elif payment.state is not PaymentState.FAILED:
            return None
        for attempt in carried:
            async with ctx.transaction() as tx:
                now = await attempt_rows.get_attempt(tx, attempt.order_id, attempt.number, lock=True)
                if now is None or now.payment_id != payment_id:
                    continue
                refusal = outcomes.get(now.order_hash)
                if payment.state is PaymentState.FAILED or (refusal is not None and _says_nothing(refusal)):
                    await self._go_alone(tx, now)
                elif refusal is not None:
                    await self._endings.failed(tx, now, failure_of(refusal))
                else:
                    await self._endings.final(tx, now, payment)
            fault_point("order.batch_ended")
        async with ctx.transaction() as tx:
            await enqueue(tx, "ledger.scan", str(chain), {"chain": str(chain)})
            await ctx.finish(tx)
        return None

    async def _go_alone(self, tx: Transaction, attempt: Attempt) -> None:
        if not attempt.live:
            return
        await sql.wait_alone(tx, attempt)
        await self._ask(tx, attempt, timedelta(0))
        await enqueue(tx, "order.attempt_due", attempt_key(attempt), reference(attempt), delay=self._give_up_after)


def _says_nothing(refusal: TransactionReverted) -> bool:
    """An order that was left out without any reason ran out of gas, or a holder's contract gave none."""
    return type(refusal) is TransactionReverted and refusal.facts.get("reason") == "without a reason"
