"""Where the payments of a lane stand: included, final, taken back by a reorg, or never to land."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from chains.ports import ChainAdapter, Chains, Finalised, Heads, NonceLane, Receipt, SignedTransaction, Standing
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, JobContext
from persistence.together import Together
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable, NonceTooLow, TransactionExpired, TransactionRejected, TransactionReverted
from wallets.engine import sql
from wallets.engine.attempts import sql as attempt_rows
from wallets.engine.care import Care
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Attempt, AttemptStatus, Failure, Payment, PaymentStatus
from wallets.engine.news import announce, set_going, tell_ends
from wallets.engine.reservations import sql as reservations

log = structlog.get_logger()

_BLOCKHASH_HEIGHTS = 150
"""Blocks for which a Solana blockhash counts. Source: Agave, `MAX_PROCESSING_AGE`."""
_HISTORY_PAUSE = timedelta(minutes=1)
"""Until a node with a longer history is configured, whether the payment was made is not known."""
_AT_ONCE = 100
"""Payments per look."""
_CARE_LOOKS = 4


@dataclass(slots=True)
class _Found:
    """What one look found, by what is to be written."""

    marks: list[tuple[UUID, Receipt, AttemptStatus]] = field(default_factory=list)
    unmark: list[UUID] = field(default_factory=list)
    news: list[tuple[Payment, str, str | None]] = field(default_factory=list)
    done: list[Payment] = field(default_factory=list)
    ended: list[tuple[Payment, PaymentStatus, Failure | None]] = field(default_factory=list)
    final: list[UUID] = field(default_factory=list)
    settled: list[tuple[UUID, bool, int]] = field(default_factory=list)
    released: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Look:
    """`more` to look at now; whether nothing `may_be_over` in flight any more; a `pause` that is longer than usual."""

    more: bool
    may_be_over: bool
    pause: timedelta | None = None


class Following:
    """The job `lane.follow`.

    Args:
        every: Pause between two looks at the chain.
        node_pause: Pause after a node did not answer.
    """

    def __init__(
        self, database: Database, chains: Chains, care: Care, *, every: timedelta, node_pause: timedelta
    ) -> None:
        self._database = database
        self._chains = chains
        self._care = care
        self._every = every
        self._node_pause = node_pause
        self._cared: dict[AccountId, float] = {}
        self._heads: dict[ChainId, tuple[float, Heads]] = {}
        self._ask_heads = Together(self._heads_now)
        self._nothing_at: dict[AccountId, Heads] = {}

    def forget_heads(self, chain: ChainId) -> None:
        """The chain's heads are asked for at the next look, however fresh they are."""
        self._heads.pop(chain, None)

    async def follow(self, context: JobContext) -> Again | None:
        """One look at everything of the lane that may have moved, then care for what does not move."""
        account = AccountId.parse(context.job.payload["account"])
        adapter = self._chains.adapter(account.chain)
        try:
            if adapter.lane is None:
                look = await self._look_without_nonces(context, account, adapter)
            else:
                look = await self._look_at_lane(context, account, adapter, adapter.lane)
        except NodeUnavailable:
            self._nothing_at.pop(account, None)
            return Again(self._node_pause)
        if look.may_be_over:
            async with context.transaction() as tx:
                if not await lanes.count_in_flight(tx, account):
                    await context.finish(tx)
                    self._cared.pop(account, None)
                    self._nothing_at.pop(account, None)
                    return None
        return Again(timedelta(0) if look.more else look.pause or self._every)

    async def _look_at_lane(
        self, context: JobContext, account: AccountId, adapter: ChainAdapter, port: NonceLane
    ) -> _Look:
        """With account nonces, two numbers tell whether there is anything to look at."""
        heads = await self._heads_of(adapter)
        care_is_due = self._care_is_due(account)
        if not care_is_due and self._nothing_at.get(account) == heads:
            # Since the last look no block has come. Another one of the same height is found with the next care.
            fault_point("payment.followed")
            return _Look(more=False, may_be_over=False)
        counts = await adapter.standing(account, ())
        included, final = counts.included, counts.finalised.nonce
        assert included is not None
        assert final is not None
        async with self._database.statements() as tx:
            glance = await lanes.glance(tx, account, included=included, final=final)
        moved = await self._moved_blocks(glance.blocks, adapter)
        if glance.changed or moved:
            self._nothing_at.pop(account, None)
            async with self._database.statements() as tx:
                payments = await lanes.to_look_at(
                    tx, account, included=included, final=final, moved=moved, limit=_AT_ONCE
                )
            return await self._look(context, account, adapter, payments)
        if care_is_due and self._care.is_wanted(glance, included):
            await self._care.look(account, adapter, port)
        else:
            self._nothing_at[account] = heads
        fault_point("payment.followed")
        return _Look(more=False, may_be_over=not glance.in_flight)

    async def _look_without_nonces(self, context: JobContext, account: AccountId, adapter: ChainAdapter) -> _Look:
        async with self._database.statements() as tx:
            payments = await lanes.to_look_at(tx, account, included=None, final=None, moved=(), limit=_AT_ONCE)
        return await self._look(context, account, adapter, payments)

    async def _heads_of(self, adapter: ChainAdapter) -> Heads:
        """All lanes of a chain share one answer while it is fresh."""
        asked_at, heads = self._heads.get(adapter.chain_id, (float("-inf"), None))
        if heads is None or time.monotonic() - asked_at > self._every.total_seconds() / 2:
            heads = await self._ask_heads(adapter.chain_id)
        return heads

    async def _heads_now(self, chain: ChainId) -> Heads:
        asked_at = time.monotonic()
        heads = await self._chains.adapter(chain).heads()
        self._heads[chain] = (asked_at, heads)
        return heads

    def _care_is_due(self, account: AccountId) -> bool:
        """Standing still is measured in seconds: every fourth look is enough."""
        now = time.monotonic()
        if now - self._cared.get(account, float("-inf")) < _CARE_LOOKS * self._every.total_seconds():
            return False
        self._cared[account] = now
        return True

    async def _look(
        self, context: JobContext, account: AccountId, adapter: ChainAdapter, payments: Sequence[Payment]
    ) -> _Look:
        if not payments:
            fault_point("payment.followed")
            return _Look(more=False, may_be_over=True)
        attempts = [attempt for payment in payments for attempt in payment.attempts]
        standing = await adapter.standing(account, [attempt.tx_hash for attempt in attempts])
        by_hash = dict(zip((attempt.tx_hash for attempt in attempts), standing.receipts, strict=True))
        pause: timedelta | None = None
        lost = [
            payment
            for payment in payments
            if not any(by_hash[attempt.tx_hash] for attempt in payment.attempts)
            and _can_never_land(payment.attempts, standing.finalised)
        ]
        if lost and await adapter.history_since() > min(_first_height(payment.attempts) for payment in lost):
            log.error("history_too_short", account=str(account), payments=len(lost))
            payments = [payment for payment in payments if payment not in lost]
            lost = []
            pause = _HISTORY_PAUSE
        lost += [
            payment
            for payment in payments
            if payment not in lost
            and not any(by_hash[attempt.tx_hash] for attempt in payment.attempts)
            and await _all_dead(adapter, payment.attempts)
        ]
        ended = await self._write(context, account, adapter, payments, by_hash, {payment.id for payment in lost})
        fault_point("payment.ended" if ended else "payment.included" if any(standing.receipts) else "payment.followed")
        # A final look may leave the next hundred behind it; an idle one may not be repeated without pause.
        more = len(payments) == _AT_ONCE and (bool(ended) or _progress(payments, by_hash, standing))
        return _Look(more=more, may_be_over=bool(ended), pause=pause)

    async def _moved_blocks(
        self, blocks: Mapping[int, Collection[bytes]], adapter: ChainAdapter
    ) -> Collection[tuple[int, bytes]]:
        moved: list[tuple[int, bytes]] = []
        for height, hashes in blocks.items():
            canonical = await adapter.block_hash(height)
            moved += [(height, one) for one in hashes if one != canonical]
        return moved

    async def _write(
        self,
        context: JobContext,
        account: AccountId,
        adapter: ChainAdapter,
        payments: Sequence[Payment],
        receipts: dict[str, Receipt | None],
        lost: Collection[UUID],
    ) -> int:
        async with context.transaction() as tx:
            held = await lanes.hold_in_flight(tx, [payment.id for payment in payments])
            found = _Found()
            for payment in payments:
                if payment.id not in held:
                    continue
                landed = [
                    (attempt, receipt)
                    for attempt in payment.attempts
                    if (receipt := receipts[attempt.tx_hash]) is not None
                ]
                if landed:
                    attempt, receipt = max(landed, key=lambda pair: pair[1].finality)
                    _landed(found, payment, attempt, receipt, final=receipt.finality >= adapter.required_finality)
                elif payment.id in lost:
                    found.released.append(payment.id)
                    found.ended.append((payment, PaymentStatus.FAILED, Failure.of(_why_never(payment))))
                else:
                    for one in payment.attempts:
                        if one.status is AttemptStatus.INCLUDED:
                            found.unmark.append(one.id)
                            found.news.append((payment, "reorged", one.tx_hash))
            await self._store(tx, account, found)
        return len(found.done) + len(found.ended)

    async def _store(self, tx: Transaction, account: AccountId, found: _Found) -> None:
        await attempt_rows.mark_receipts(tx, found.marks)
        if found.unmark:
            await attempt_rows.unmark_receipts(tx, found.unmark)
        over = [payment.id for payment in found.done] + [payment.id for payment, _, _ in found.ended]
        if over:
            await attempt_rows.bury_attempts(tx, over, but=found.final)
            await reservations.settle(tx, found.settled)
            await reservations.release(tx, found.released)
        if found.done:
            await sql.end_done(tx, [payment.id for payment in found.done])
        for payment, status, failure in found.ended:
            await sql.end_payment(tx, payment.id, status, failure)
        await announce(tx, found.news + [(payment, "done", payment.tx_hash) for payment in found.done])
        await announce(tx, [(payment, status.value, payment.tx_hash) for payment, status, _ in found.ended])
        ends = [(payment, PaymentStatus.DONE) for payment in found.done]
        await tell_ends(tx, ends + [(payment, status) for payment, status, _ in found.ended])
        if found.unmark:
            await set_going(tx, account)


def _landed(found: _Found, payment: Payment, attempt: Attempt, receipt: Receipt, *, final: bool) -> None:
    # A reorg may have put another attempt of the payment into a block than the one that was there before.
    found.unmark += [
        one.id for one in payment.attempts if one.id != attempt.id and one.status is AttemptStatus.INCLUDED
    ]
    if not final:
        news = (attempt.status, attempt.block_hash, attempt.finality)
        if news != (AttemptStatus.INCLUDED, receipt.block_hash, receipt.finality):
            found.marks.append((attempt.id, receipt, AttemptStatus.INCLUDED))
            if attempt.status is not AttemptStatus.INCLUDED:
                found.news.append((payment, AttemptStatus.INCLUDED.value, attempt.tx_hash))
        return
    found.marks.append((attempt.id, receipt, AttemptStatus.FINAL))
    found.final.append(attempt.id)
    paid = receipt.ok and attempt.kind == "pay"
    found.settled.append((payment.id, paid, receipt.fee_paid.base_units))
    if paid:
        found.done.append(payment)
    elif receipt.ok:
        refused = next((one.last_error for one in payment.attempts if one.kind == "pay" and one.last_error), None)
        if refused is None:
            found.ended.append((payment, PaymentStatus.CANCELLED, None))
        else:
            error = TransactionRejected(f"no node took it, so its nonce was used up without effect: {refused}")
            found.ended.append((payment, PaymentStatus.FAILED, Failure.of(error)))
    else:
        reverted = receipt.refusal or TransactionReverted(
            f"the chain refused it: {receipt.reason}", reason=receipt.reason, height=receipt.height
        )
        found.ended.append((payment, PaymentStatus.FAILED, Failure.of(reverted)))


def _progress(payments: Sequence[Payment], receipts: dict[str, Receipt | None], standing: Standing) -> bool:
    """Whether this look has changed something, so that the next one sees other payments."""
    return any(
        (receipt is not None) != (attempt.status is AttemptStatus.INCLUDED)
        for payment in payments
        for attempt in payment.attempts
        if (receipt := receipts[attempt.tx_hash]) is not None or attempt.status is AttemptStatus.INCLUDED
    )


def _can_never_land(attempts: Sequence[Attempt], finalised: Finalised) -> bool:
    """The rule of architecture.md for attempts without a receipt.

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


async def _all_dead(adapter: ChainAdapter, attempts: Sequence[Attempt]) -> bool:
    """Of attempts that nothing but a durable nonce ends."""
    if adapter.lane is not None or any(attempt.last_valid_height is not None for attempt in attempts):
        return False
    for attempt in attempts:
        if not await adapter.never_lands(SignedTransaction(attempt.chain, attempt.raw, attempt.tx_hash)):
            return False
    return bool(attempts)


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
