"""The jobs that carry refunds out: one payment per step, the same one whatever crashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from chains import events as facts
from chains.campaign import CampaignTerms, ReceiptLine, ReversedRedemption
from chains.intent import Intent
from chains.ports import Chains
from keystore import PLATFORM_TENANT
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.asset import Amount
from primitives.errors import CampaignNotActive, NodeUnavailable, QuanbaoError
from primitives.signing import KeyPurpose
from vouchers.campaigns.progress import failure_of
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.ledger import sql as ledger
from vouchers.ledger.model import LedgerEntry
from vouchers.orders import sql as orders
from vouchers.ports import Accounts, PaymentOrder, Payments, PaymentState, TreasuryKeys
from vouchers.refunds import sql
from vouchers.refunds.model import ACT_REFUND, Refund, RefundStatus, RefundStep, StepKind, StepStatus
from vouchers.refunds.service import Paid, paid_order, revives, tell
from vouchers.settlement.books import Books
from vouchers.settlement.postings import fee_posting, refund_posting

log = structlog.get_logger()

_LOOK_AGAIN = timedelta(seconds=2)
_FIRST_PAUSE = timedelta(seconds=15)
_LONGEST_PAUSE = timedelta(hours=1)
_LAST = "last"


class RefundProgress:
    """Handlers of `refund.advance` and `refund.payment_ended`; both are safe to run twice, at once, or after a crash.

    Args:
        treasury_keys: Tells the keystore whom a treasury may pay.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        payments: Payments,
        books: Books,
        treasury_keys: TreasuryKeys,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._payments = payments
        self._books = books
        self._treasury_keys = treasury_keys

    def handlers(self) -> Mapping[str, Handler]:
        return {"refund.advance": self._advance, "refund.payment_ended": self._payment_ended}

    async def _advance(self, ctx: JobContext) -> Again | None:
        refund_id = UUID(ctx.job.payload["refund"])
        async with ctx.transaction() as tx:
            refund = await sql.get_refund(tx, refund_id)
            assert refund is not None
            if refund.status is RefundStatus.DONE:
                return None
            paid = await paid_order(tx, await orders.get_order(tx, refund.order_id))
            steps = await sql.steps_of(tx, refund_id)
        for step in steps:
            if step.status in (StepStatus.WAITING, StepStatus.OWING):
                await self._begin(ctx, refund, paid, step)
        async with ctx.transaction() as tx:
            steps = await sql.steps_of(tx, refund_id, lock=True)
            await self._conclude(tx, refund, steps)
        if any(step.status is StepStatus.WAITING for step in steps):
            return Again(_LOOK_AGAIN)
        owing = [step for step in steps if step.status is StepStatus.OWING and _worth_trying(step)]
        if not owing:
            return None
        return Again(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(8, max(step.tries for step in owing))))

    async def _begin(self, ctx: JobContext, refund: Refund, paid: Paid, step: RefundStep) -> None:
        """Ask for the step's next payment; a step that needs none is done."""
        try:
            if await self._comes_too_late(ctx, paid, step):
                return
            intents = await self._intents(refund, paid, step)
        except NodeUnavailable:
            raise
        except QuanbaoError as error:
            await self._owe(ctx, paid, step, failure_of(error))
            return
        async with ctx.transaction() as tx:
            if not await self._unchanged(tx, step):
                return
            if not intents:
                await sql.update_step(tx, step, status=StepStatus.DONE.value, failure=None)
                await sql.debt_settled(tx, step)
                return
            payment_id = await self._payments.request(
                tx,
                PaymentOrder(
                    tenant_id=refund.tenant_id,
                    idempotency_key=f"refund:{refund.id}:{step.number}:{step.tries + 1}",
                    intent=intents[0],
                    act=ACT_REFUND,
                    signs="service",
                    on_end="refund.payment_ended",
                    reference={"refund": str(refund.id), "step": step.number, _LAST: len(intents) == 1},
                    asked_by=refund.created_by,
                ),
            )
            await sql.update_step(
                tx, step, status=StepStatus.IN_FLIGHT.value, payment_id=payment_id, tries=step.tries + 1
            )
        fault_point("refund.step_requested")

    async def _comes_too_late(self, ctx: JobContext, paid: Paid, step: RefundStep) -> bool:
        """Stored value that can no longer come back as value is paid in money, and the merchant keeps its payout: the
        step becomes that."""
        if step.kind is not StepKind.REVERSE:
            return False
        assert paid.offer is not None
        (redemption,) = [one for one in paid.redemptions if one.redemption_id == step.redemption_id]
        now = await self._chains.adapter(paid.offer.account.chain).block_time()
        (minor,) = [used.amount_minor for used in paid.quote.used if used.voucher == step.voucher]
        async with ctx.transaction() as tx:
            if await revives(tx, paid, redemption, now):
                return False
            if await self._unchanged(tx, step):
                units = minor * redemption.units_per_minor
                kind = StepKind.RECORDED if paid.recorded else StepKind.MONEY
                waiting = StepStatus.WAITING.value
                await sql.update_step(tx, step, kind=kind.value, base_units=units, status=waiting, failure=None)
        return True

    async def _unchanged(self, tx: Transaction, before: RefundStep) -> bool:
        steps = await sql.steps_of(tx, before.refund_id, lock=True)
        now = next(step for step in steps if step.number == before.number)
        return now.tries == before.tries and now.status is before.status

    async def _intents(self, refund: Refund, paid: Paid, step: RefundStep) -> Sequence[Intent]:
        if step.kind is StepKind.RECORDED:
            return ()
        assert paid.offer is not None
        offer = paid.offer
        if step.kind is StepKind.MONEY:
            asset = offer.redemption.remainder.asset
            amount, order_hash = Amount(step.base_units, asset), offer.redemption.order_hash
            await self._treasury_keys.allow(offer.merchant, refund.tenant_id, amount, offer.account, order_hash)
            book = self._chains.book(offer.account.chain)
            return (await book.pay_back(offer.merchant, offer.account, amount, order_hash),)
        assert step.voucher is not None
        chain = offer.account.chain
        terms = paid.campaigns[step.voucher.campaign].terms(chain)
        undone = await self._undone(paid, terms, step)
        relayer = (await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)).account
        book = self._chains.book(chain)
        if step.kind is StepKind.REVERSE:
            now = await self._chains.adapter(chain).block_time()
            number = 0 if step.reissued is None else step.reissued.serial.number
            try:
                return await book.take_back(terms, undone, number, now=now, relayer=relayer)
            except CampaignNotActive:
                # Too late for a voucher; the payout still belongs to the sponsor.
                if not step.base_units:
                    return ()
        return await book.return_payout(terms, undone, step.base_units, relayer=relayer)

    async def _undone(self, paid: Paid, terms: CampaignTerms, step: RefundStep) -> ReversedRedemption:
        """The redemption as the ledger has it, with the receipt of its transaction."""
        assert paid.offer is not None
        assert paid.attempt is not None
        async with self._database.transaction() as tx:
            told = await ledger.history(tx, redemption_id=step.redemption_id)
            standing = [entry for entry in told if isinstance(entry.event.fact, _REDEEMED) and not entry.reversing]
            if not standing:
                raise NodeUnavailable("the redemption has not been read from the chain yet", reason="not indexed")
            here = standing[-1]
            around = await ledger.history(tx, tx_hash=here.event.tx_hash)
            named = [entry.event.fact for entry in around if isinstance(entry.event.fact, _REDEEMED)]
            campaigns = await campaigns_by_id(tx, list({fact.voucher.campaign for fact in named}))
        fact = here.event.fact
        assert isinstance(fact, _REDEEMED)
        refundable = [
            one
            for one in sorted((entry for entry in around if _stands(entry, here)), key=lambda entry: entry.position)
            if isinstance(one.event.fact, _REDEEMED)
            and campaigns[one.event.fact.voucher.campaign].rules.refund.window_seconds
        ]
        receipt = []
        for one in refundable:
            told_fact = one.event.fact
            assert isinstance(told_fact, _REDEEMED)
            receipt.append(ReceiptLine(told_fact.redemption_id, told_fact.merchant, told_fact.payout))
        items = {item.voucher: item.moves for item in paid.offer.redemption.items}
        return ReversedRedemption(
            voucher=fact.voucher,
            redemption_id=fact.redemption_id,
            order_hash=fact.order_hash,
            holder=fact.holder,
            merchant=fact.merchant,
            amount_minor=fact.amount_minor,
            payout=fact.payout,
            redeemed_at=here.event.block_time,
            sequence=items[fact.voucher],
            receipt=tuple(receipt),
        )

    async def _owe(self, ctx: JobContext, paid: Paid, step: RefundStep, failure: Mapping[str, Any]) -> None:
        async with ctx.transaction() as tx:
            if await self._unchanged(tx, step):
                await self._owe_in(tx, paid, step, failure)

    async def _owe_in(self, tx: Transaction, paid: Paid, step: RefundStep, failure: Mapping[str, Any]) -> None:
        """The step becomes a debt of the merchant."""
        log.info("refund_step_owed", refund=str(step.refund_id), step=step.number, code=failure.get("code"))
        assert paid.offer is not None
        campaign = None if step.voucher is None else paid.campaigns[step.voucher.campaign]
        asset = (
            paid.offer.redemption.remainder.asset
            if campaign is None
            else campaign.rules.lane_of(paid.offer.account.chain).settlement
        )
        await sql.update_step(tx, step, status=StepStatus.OWING.value, failure=dict(failure))
        await sql.owe(tx, step, None if campaign is None else campaign.id, str(asset.id), failure)

    async def _payment_ended(self, ctx: JobContext) -> None:
        """The engine's word on a step's payment: final, or failed with no effect for ever."""
        named = ctx.job.payload["reference"]
        payment_id = UUID(ctx.job.payload["payment_id"])
        async with ctx.transaction() as tx:
            refund = await sql.get_refund(tx, UUID(named["refund"]))
            assert refund is not None
            steps = await sql.steps_of(tx, refund.id, lock=True)
            step = next(one for one in steps if one.number == int(named["step"]))
            if step.payment_id == payment_id and step.status is StepStatus.IN_FLIGHT:
                payment = await self._payments.view(tx, refund.tenant_id, payment_id)
                paid = await paid_order(tx, await orders.get_order(tx, refund.order_id))
                if payment.state is PaymentState.DONE:
                    await self._landed(tx, paid, step, payment, last=bool(named[_LAST]))
                else:
                    await self._owe_in(tx, paid, step, payment.failure or {"code": "payment_failed"})
                await self._conclude(tx, refund, await sql.steps_of(tx, refund.id))
                delay = timedelta(0) if payment.state is PaymentState.DONE else _FIRST_PAUSE
                await enqueue(tx, "refund.advance", str(refund.id), {"refund": str(refund.id)}, delay=delay)
            await ctx.finish(tx)
        fault_point("refund.payment_ended")

    async def _landed(self, tx: Transaction, paid: Paid, step: RefundStep, payment: Any, *, last: bool) -> None:
        assert paid.offer is not None
        status = StepStatus.DONE if last else StepStatus.WAITING
        await sql.update_step(tx, step, status=status.value, failure=None)
        if last:
            await sql.debt_settled(tx, step)
        chain = paid.offer.account.chain
        fee = fee_posting(payment)
        if fee is not None:
            await self._books.post_payment(tx, payment, fee, 0)
        if step.kind is StepKind.MONEY:
            asset = paid.offer.redemption.remainder.asset.id
            posting = refund_posting(
                asset, step.base_units, paid.offer.merchant, paid.offer.account, paid.offer.redemption.order_hash
            )
            await self._books.post_payment(tx, payment, posting, 1)
        await enqueue(tx, "ledger.scan", str(chain), {"chain": str(chain)})

    async def _conclude(self, tx: Transaction, refund: Refund, steps: Sequence[RefundStep]) -> None:
        if all(step.status is StepStatus.DONE for step in steps):
            if await sql.set_refund_status(tx, refund.id, RefundStatus.DONE):
                await tell(tx, refund, "order.refunded")
        elif all(step.status in (StepStatus.DONE, StepStatus.OWING) for step in steps):
            if await sql.set_refund_status(tx, refund.id, RefundStatus.OWING):
                await tell(tx, refund, "order.refund_owed")
        else:
            await sql.set_refund_status(tx, refund.id, RefundStatus.PENDING)


_REDEEMED = facts.VoucherRedeemed | facts.ValueSpent
_FOR_EVER = frozenset({"feature_unavailable", "invalid_terms", "invalid_value"})
"""Refusals that no money changes: the debt is settled between merchant and sponsor."""


def _worth_trying(step: RefundStep) -> bool:
    return (step.failure or {}).get("code") not in _FOR_EVER


def _stands(entry: LedgerEntry, like: LedgerEntry) -> bool:
    return not entry.reversing and entry.position.block_hash == like.position.block_hash
