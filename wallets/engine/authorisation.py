"""From stored payments to stored signed bytes, and from there to a node: for as many as wait at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import structlog

from chains.ports import ChainAdapter, Chains, NonceLane, Preview
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from primitives.errors import (
    ApprovalNeeded,
    ChainError,
    ChainMismatch,
    FeeTooLow,
    GasBudgetExhausted,
    InvalidValue,
    KeyNotFound,
    LaneBusy,
    LaneHalted,
    NodeUnavailable,
    QuanbaoError,
    RedemptionRefused,
    SigningRefused,
    UnknownChain,
)
from primitives.signing import Signer
from wallets.engine import sql
from wallets.engine.asks import Ask, Queue, Queues, Waiters
from wallets.engine.attempts import sql as attempt_rows
from wallets.engine.funds import Purse, assets_of
from wallets.engine.gates import Authority, Gates
from wallets.engine.handing_over import HandingOver
from wallets.engine.lane_commit import LaneCommit, reserve_budgets
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Failure, Payment, PaymentStatus, Spending
from wallets.engine.news import announce, end, set_going
from wallets.engine.ports import KeyFinder
from wallets.engine.presigning import Presigning
from wallets.engine.reservations import sql as reservations
from wallets.engine.reservations.model import reservations_of
from wallets.engine.signing import sign_one

log = structlog.get_logger()

UNSIGNED = (PaymentStatus.REQUESTED, PaymentStatus.AWAITING_SIGNATURE)
_REFUSALS = (InvalidValue, ChainError, SigningRefused, KeyNotFound, RedemptionRefused, GasBudgetExhausted)
"""What ends a payment before its signature, but for those that only say "not now"."""
_NOT_NOW = (NodeUnavailable, ChainMismatch, UnknownChain, FeeTooLow, LaneBusy, LaneHalted)
_SIGNING_AT_ONCE = 4
MOST_AT_ONCE = 200
"""Payments per commit."""

_BLOCKHASH_LOOKS = 25
_BLOCKHASH_PAUSE_SECONDS = 0.2


class _SameMessage(Exception):
    """An equal payment has these very bytes; both would be one transaction, so this one waits for a new blockhash."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A payment as it was just read.

    Attributes:
        preview: A fresh one of the same intent, if the caller has just made it.
        presigning: Replacements to be signed along.
    """

    payment: Payment
    preview: Preview | None = None
    presigning: Presigning | None = None


class Authoriser:
    """Previews, assigns nonces, has transactions signed, stores.

    Args:
        most_in_flight: Payments of one account that may be signed and not yet final.
    """

    def __init__(
        self, database: Database, chains: Chains, keys: KeyFinder, *, most_in_flight: int, gates: Gates
    ) -> None:
        self._database = database
        self._gates = gates
        self._chains = chains
        self._keys = keys
        self._queues = Queues()
        # A signer may need a connection of the same pool while the lanes' transaction holds one.
        self._signing = asyncio.Semaphore(_SIGNING_AT_ONCE)
        self._handing_over = HandingOver(database)
        self._commit = LaneCommit(
            database, keys, self._handing_over, most_in_flight=most_in_flight, signing=self._signing, gates=gates
        )

    async def authorise(self, wanted: Sequence[Wanted], signer: Signer) -> list[Payment | QuanbaoError]:
        """Sign payments that wait for it, each once; a payment that is past this is answered as it stands.

        A refusal (shortage, simulated revert, key policy) uses no nonce and answers the failed payment, with its reason
        stored. NodeUnavailable, FeeTooLow, LaneBusy, LaneHalted, KeystoreLocked, AuditUnavailable and other "not now"
        errors stand in the payment's place: it keeps waiting.
        """
        asks: dict[Waiters, list[Ask]] = {}
        answers: list[Payment | Ask] = []
        loop = asyncio.get_running_loop()
        for one in wanted:
            if one.payment.status not in UNSIGNED:
                answers.append(one.payment)
                continue
            fault_point("payment.requested")
            ask = Ask(one.payment, signer, one.preview, one.presigning, loop.create_future())
            lane = self._chains.adapter(one.payment.chain).lane
            asks.setdefault((one.payment.chain, None if lane is not None else one.payment.sender), []).append(ask)
            answers.append(ask)
        if len(asks) == 1:
            ((where, own),) = asks.items()
            await self._ask(where, own)
        else:
            await asyncio.gather(*(self._ask(where, own) for where, own in asks.items()))
        return [one.outcome() if isinstance(one, Ask) else one for one in answers]

    async def _ask(self, where: Waiters, asks: Sequence[Ask]) -> None:
        adapter = self._chains.adapter(where[0])
        queue = self._queues.enter(where, asks)
        asked_here = False
        try:
            # Whoever asks at the same moment has not come here yet.
            await asyncio.sleep(0)
            while not all(ask.answer.done() for ask in asks):
                async with queue.turn(asks, MOST_AT_ONCE) as now:
                    if now:
                        asked_here = True
                        await self._sign_for(queue, now, adapter)
        finally:
            self._queues.leave(where, queue, asks)
        for ask in asks:
            if ask.answer.exception() is None:
                fault_point("payment.signed")
        if asked_here:
            await self._handing_over.flush(adapter)

    async def _sign_for(self, queue: Queue, asks: Sequence[Ask], adapter: ChainAdapter) -> None:
        """Give each of them its answer, and the same to whoever waits for the same payment."""
        try:
            await self._sign(asks, adapter)
        except QuanbaoError as error:
            for ask in asks:
                ask.refuse(error)
        by_payment = {ask.payment.id: ask for ask in asks}
        for twin in queue.waiting:
            if twin.payment.id in by_payment:
                twin.follow(by_payment[twin.payment.id])
        # Whoever is left without an answer when this task is cancelled gets a turn of its own.

    async def _sign(self, asks: Sequence[Ask], adapter: ChainAdapter) -> None:
        port = adapter.lane
        if port is None or asks[0].payment.intent.cosigners:
            for ask in asks:
                await self._one(ask, self._alone(ask, adapter))
            return
        asks = await self._previewed(asks, adapter)
        if not asks:
            return
        try:
            await self._together(asks, adapter, port)
        except _NOT_NOW:
            raise
        except _REFUSALS as error:
            if len(asks) == 1:
                await self._refuse(asks[0], error)
                return
            # One of them spoils it for all: each on its own, so that the others go on.
            for ask in asks:
                if not ask.answer.done():
                    await self._one(ask, self._together([ask], adapter, port))

    async def _one(self, ask: Ask, work: Awaitable[None]) -> None:
        try:
            await work
        except _NOT_NOW as error:
            ask.refuse(error)
        except _REFUSALS as error:
            await self._refuse(ask, error)
        except QuanbaoError as error:
            ask.refuse(error)

    async def _previewed(self, asks: Sequence[Ask], adapter: ChainAdapter) -> list[Ask]:
        """Those that the chain would accept now; the others have their answer."""
        lacking = [ask for ask in asks if ask.preview is None]
        if lacking:
            intents = [(ask.payment.intent, ask.payment.speed) for ask in lacking]
            for ask, answer in zip(lacking, await adapter.preview_many(intents), strict=True):
                if isinstance(answer, Preview):
                    ask.preview = answer
                elif isinstance(answer, FeeTooLow):
                    await self._flag(ask.payment)
                    ask.refuse(answer)
                elif isinstance(answer, _NOT_NOW):
                    ask.refuse(answer)
                else:
                    await self._refuse(ask, answer)
        return [ask for ask in asks if ask.preview is not None]

    async def _together(self, asks: Sequence[Ask], adapter: ChainAdapter, port: NonceLane) -> None:
        for ask, reason in await self._commit.sign(asks, adapter, port):
            await self._refuse(ask, reason)

    async def _alone(self, ask: Ask, adapter: ChainAdapter) -> None:
        """For chains without account nonces, and for transactions with several signers."""
        payment = ask.payment
        preview = ask.preview or await adapter.preview(payment.intent, speed=payment.speed)
        assets = assets_of(adapter, [payment.intent])
        state = await adapter.state(payment.sender, assets)
        verdict: QuanbaoError | None = None
        for _ in range(_BLOCKHASH_LOOKS):
            try:
                async with self._signing, self._database.transaction() as tx:
                    await lanes.lock_lane(tx, payment.sender)
                    if payment.id in await sql.lock_unsigned(tx, [payment.id]):
                        authority = Authority("pay", preview.fee_limit.base_units)
                        verdict = (await self._gates.ask(tx, [(payment, authority)])).get(payment.id)
                        if verdict is None:
                            purse = Purse(adapter, payment.sender, assets, state)
                            await purse.open(tx)
                            await self._sign_alone(tx, ask, adapter, preview, purse)
                break
            except _SameMessage:
                await asyncio.sleep(_BLOCKHASH_PAUSE_SECONDS)
        else:
            raise NodeUnavailable(
                "the chain has had no new blockhash for a while, and an equal payment is signed with the last one: "
                "it is tried again",
                chain=str(payment.chain),
            )
        if verdict is not None and verdict.retryable:
            ask.refuse(verdict)
        elif verdict is not None and not isinstance(verdict, ApprovalNeeded):
            await self._refuse(ask, verdict)
        else:
            async with self._database.transaction() as tx:
                ask.give(await sql.payment_by_id(tx, payment.id))

    async def _sign_alone(
        self, tx: Transaction, ask: Ask, adapter: ChainAdapter, preview: Preview, purse: Purse
    ) -> None:
        payment = ask.payment
        spending = Spending.of(payment.intent, preview.fee_limit)
        await purse.take(tx, spending)
        await reserve_budgets(tx, payment, adapter.native.id, spending)
        prepared = await adapter.prepare(payment.intent, nonce=None, preview=preview)
        if await sql.message_known(tx, payment.sender, prepared.payload):
            raise _SameMessage
        signed = await sign_one(tx, self._keys, payment, adapter, prepared, ask.signer)
        await attempt_rows.insert_attempts(
            tx, [attempt_rows.NewAttempt(uuid4(), payment.id, 1, signed, prepared.fee_limit)]
        )
        await sql.set_in_flight(tx, [(payment.id, None, prepared.fee_limit.base_units)])
        own = reservations_of(payment.sender, adapter.native.id, spending, ())
        await reservations.reserve(tx, [(payment.id, one) for one in own])
        await announce(tx, [(payment, PaymentStatus.IN_FLIGHT.value, signed.tx_hash)])
        await set_going(tx, payment.sender)

    async def _refuse(self, ask: Ask, error: QuanbaoError) -> None:
        payment = ask.payment
        async with self._database.transaction() as tx:
            if payment.id in await sql.lock_unsigned(tx, [payment.id]):
                await end(tx, payment, PaymentStatus.FAILED, Failure.of(error))
                log.info("payment_refused", payment=str(payment.id), act=payment.act, code=error.code)
            ask.give(await sql.payment_by_id(tx, payment.id))

    async def _flag(self, payment: Payment) -> None:
        """Waits for a quieter network: shown and told once."""
        if payment.fee_blocked:
            return
        async with self._database.transaction() as tx:
            if payment.id in await sql.lock_unsigned(tx, [payment.id]):
                await sql.set_flags(tx, payment.id, fee_blocked=True, needs_holder=False)
                await announce(tx, [(payment, "fee_blocked", None)])
