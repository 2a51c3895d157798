"""Stored bytes on their way: broadcast until included, followed until final."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from chains.ports import Chains, Finalised, Receipt, SignedTransaction
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, JobContext, enqueue
from primitives.errors import (
    ChainError,
    FeeTooLow,
    NodeUnavailable,
    NonceTooLow,
    TransactionExpired,
    TransactionReverted,
)
from wallets.engine import sql
from wallets.engine.authorisation import BROADCAST, announce, end
from wallets.engine.model import Attempt, AttemptStatus, Failure, Payment, PaymentStatus

log = structlog.get_logger()

_BLOCKHASH_HEIGHTS = 150
"""Blocks for which a Solana blockhash counts. Source: Agave, `MAX_PROCESSING_AGE`."""
_HISTORY_PAUSE = timedelta(minutes=1)
"""Until a node with a longer history is configured, whether the payment was made is not known."""
_LANDED = (AttemptStatus.INCLUDED, AttemptStatus.FINAL, AttemptStatus.DEAD)


class Delivery:
    """The two worker jobs of a payment in flight.

    Args:
        follow_every: Pause between two looks at the chain.
        rebroadcast_every: Pause before a transaction that is not included yet is handed over again.
        node_pause: Pause after a node did not answer.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        *,
        follow_every: timedelta,
        rebroadcast_every: timedelta,
        node_pause: timedelta,
    ) -> None:
        self._database = database
        self._chains = chains
        self._follow_every = follow_every
        self._rebroadcast_every = rebroadcast_every
        self._node_pause = node_pause

    async def broadcast(self, context: JobContext) -> Again | None:
        """Hand the stored bytes to a node, again and again until they are in a block.

        A node's refusal never ends a payment here: the bytes are signed, so only the finalized chain can say that they
        have no effect (`follow`).
        """
        payment, attempts = await self._read(context)
        if payment.status is not PaymentStatus.IN_FLIGHT or not attempts or attempts[0].status in _LANDED:
            return None
        attempt = attempts[0]
        signed = SignedTransaction(
            attempt.chain, attempt.raw, attempt.tx_hash, attempt.nonce, attempt.last_valid_height
        )
        try:
            await self._chains.adapter(payment.chain).broadcast(signed)
        except NodeUnavailable:
            return Again(self._node_pause)
        except ChainError as error:
            await self._note(context, payment, attempt, error)
            return Again(self._rebroadcast_every)
        fault_point("payment.handed_over")
        async with context.transaction() as tx:
            await sql.mark_sent(tx, attempt.id)
            if payment.fee_blocked:
                await sql.set_flags(tx, payment.id, fee_blocked=False, needs_holder=False)
        fault_point("payment.broadcast")
        return Again(self._rebroadcast_every)

    async def _note(self, context: JobContext, payment: Payment, attempt: Attempt, error: ChainError) -> None:
        log.warning("broadcast_refused", payment=str(payment.id), tx_hash=attempt.tx_hash, code=error.code)
        async with context.transaction() as tx:
            await sql.note_refusal(tx, attempt.id, f"{error.code}: {error.message}")
            if isinstance(error, FeeTooLow) and not payment.fee_blocked:
                await sql.set_flags(tx, payment.id, fee_blocked=True, needs_holder=payment.signs == "person")

    async def follow(self, context: JobContext) -> Again | None:
        """Look where the attempts stand: included, final, taken back by a reorg, or never to land."""
        payment, attempts = await self._read(context)
        if payment.status is not PaymentStatus.IN_FLIGHT:
            return None
        adapter = self._chains.adapter(payment.chain)
        try:
            # In this order: what was final before a receipt was found missing cannot have included it unnoticed.
            finalised = await adapter.finalised(payment.sender)
            receipts = [await adapter.receipt(attempt.tx_hash) for attempt in attempts]
            never = not any(receipts) and _can_never_land(attempts, finalised)
            if never and (await adapter.history_since()) > _first_height(attempts):
                log.error("history_too_short", payment=str(payment.id), act=payment.act, chain=str(payment.chain))
                return Again(_HISTORY_PAUSE)
        except NodeUnavailable:
            return Again(self._node_pause)
        landed = [(attempt, receipt) for attempt, receipt in zip(attempts, receipts, strict=True) if receipt]
        async with context.transaction() as tx:
            if await sql.lock_payment(tx, payment.id) is not PaymentStatus.IN_FLIGHT:
                return None
            if landed:
                attempt, receipt = max(landed, key=lambda pair: pair[1].finality)
                is_final = receipt.finality >= adapter.required_finality
                await self._landed(tx, payment, attempt, receipt, is_final=is_final)
            else:
                is_final = never
                await self._absent(tx, payment, attempts, never=never)
            if is_final:
                await context.finish(tx)
        fault_point("payment.ended" if is_final else "payment.included" if landed else "payment.followed")
        return None if is_final else Again(self._follow_every)

    async def _landed(
        self, tx: Transaction, payment: Payment, attempt: Attempt, receipt: Receipt, *, is_final: bool
    ) -> None:
        if not is_final:
            news = (attempt.status, attempt.block_hash, attempt.finality)
            if news != (AttemptStatus.INCLUDED, receipt.block_hash, receipt.finality):
                await sql.mark_receipt(tx, attempt.id, receipt, AttemptStatus.INCLUDED)
                if attempt.status is not AttemptStatus.INCLUDED:
                    await announce(tx, payment, AttemptStatus.INCLUDED.value, attempt.tx_hash)
            return
        await sql.mark_receipt(tx, attempt.id, receipt, AttemptStatus.FINAL)
        await sql.bury_attempts(tx, payment.id, but=attempt.id)
        if receipt.ok:
            await end(tx, payment, PaymentStatus.DONE, None)
            return
        reason = receipt.reason or "reverted"
        error = TransactionReverted(f"the chain refused it: {reason}", reason=reason, tx_hash=receipt.tx_hash)
        await end(tx, payment, PaymentStatus.FAILED, Failure.of(error))

    async def _absent(self, tx: Transaction, payment: Payment, attempts: Sequence[Attempt], *, never: bool) -> None:
        if never:
            await sql.bury_attempts(tx, payment.id)
            await end(tx, payment, PaymentStatus.FAILED, Failure.of(_why_never(payment)))
            return
        taken_back = [attempt for attempt in attempts if attempt.status is AttemptStatus.INCLUDED]
        for attempt in taken_back:
            log.warning("payment_reorged", payment=str(payment.id), tx_hash=attempt.tx_hash, height=attempt.height)
            await sql.unmark_receipt(tx, attempt.id)
        if taken_back:
            await enqueue(tx, BROADCAST, str(payment.id), {"payment_id": str(payment.id)})

    async def _read(self, context: JobContext) -> tuple[Payment, Sequence[Attempt]]:
        async with self._database.transaction() as tx:
            payment = await sql.payment_by_id(tx, UUID(context.job.payload["payment_id"]))
            return payment, await sql.attempts_of(tx, payment)


def _can_never_land(attempts: Sequence[Attempt], finalised: Finalised) -> bool:
    """The rule of architecture.md for an attempt without a receipt.

    EVM: the finalized chain has used the nonce, and not by one of ours. Solana: the finalized block height is past the
    last height at which any attempt's blockhash counts; whether the node remembers that far back is asked apart.
    """
    if not attempts:
        return False
    if finalised.nonce is not None:
        return all(attempt.nonce is not None and attempt.nonce < finalised.nonce for attempt in attempts)
    if finalised.block_height is not None:
        height = finalised.block_height
        return all(a.last_valid_height is not None and a.last_valid_height < height for a in attempts)
    return False


def _first_height(attempts: Sequence[Attempt]) -> int:
    """The lowest block height at which one of the attempts could have landed; 0 on EVM."""
    ends = [attempt.last_valid_height for attempt in attempts]
    return max(0, min((end for end in ends if end is not None), default=0) - _BLOCKHASH_HEIGHTS)


def _why_never(payment: Payment) -> NonceTooLow | TransactionExpired:
    if payment.nonce is not None:
        return NonceTooLow(
            f"nonce {payment.nonce} of {payment.sender.address} was used by a transaction that is not ours: "
            "does another program hold this key? Nothing was paid; the payment can be retried",
            nonce=payment.nonce,
        )
    return TransactionExpired("its blockhash expired before it was included: nothing was paid, it can be retried")
