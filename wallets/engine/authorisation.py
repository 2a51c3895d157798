"""From stored payments to stored signed bytes: one commit under the account's lane, for as many as wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4
from weakref import WeakValueDictionary

import structlog

from chains.ports import Bid, ChainAdapter, Chains, NonceLane, Nonces, PreparedTransaction, Preview, SignedTransaction
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from primitives.errors import (
    ChainError,
    ChainMismatch,
    FeeTooLow,
    GasBudgetExhausted,
    InsufficientFunds,
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
from wallets.engine.attempts import sql as attempt_rows
from wallets.engine.funds import Purse, assets_of
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Failure, Payment, PaymentStatus, Spending
from wallets.engine.news import announce, end, set_going
from wallets.engine.ports import KeyFinder
from wallets.engine.presigning import Presigning, replacement_bids
from wallets.engine.reservations import sql as reservations
from wallets.engine.reservations.model import reservations_of
from wallets.engine.signing import sign_many, sign_one

log = structlog.get_logger()

UNSIGNED = (PaymentStatus.REQUESTED, PaymentStatus.AWAITING_SIGNATURE)
_REFUSALS = (InvalidValue, ChainError, SigningRefused, KeyNotFound, RedemptionRefused, GasBudgetExhausted)
"""What ends a payment before its signature, but for those that only say "not now"."""
_NOT_NOW = (NodeUnavailable, ChainMismatch, UnknownChain, FeeTooLow, LaneBusy, LaneHalted)
_SIGNING_AT_ONCE = 4
MOST_AT_ONCE = 100
"""Payments per commit."""

_BLOCKHASH_LOOKS = 25
_BLOCKHASH_PAUSE_SECONDS = 0.2


class _SameMessage(Exception):
    """An equal payment has these very bytes; both would be one transaction, so this one waits for a new blockhash."""


@dataclass(slots=True, eq=False)
class _Ask:
    """A payment that waits for its signature, and whoever waits for the answer."""

    payment: Payment
    signer: Signer
    preview: Preview | None
    presigning: Presigning | None
    answer: asyncio.Future[Payment]

    def give(self, payment: Payment) -> None:
        if not self.answer.done():
            self.answer.set_result(payment)

    def follow(self, other: _Ask) -> None:
        """The answer of another ask for the same payment, if it has one."""
        if other.answer.done() and not self.answer.done():
            error = other.answer.exception()
            self.answer.set_result(other.answer.result()) if error is None else self.answer.set_exception(error)

    def refuse(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass
class _Queue:
    """What waits in one process for one lane: whoever gets the lock signs for all others of the same signer."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_Ask] = field(default_factory=list)


class Authoriser:
    """Previews, assigns nonces, has transactions signed, stores.

    Args:
        most_in_flight: Payments of one account that may be signed and not yet final.
    """

    def __init__(self, database: Database, chains: Chains, keys: KeyFinder, *, most_in_flight: int) -> None:
        self._database = database
        self._chains = chains
        self._keys = keys
        self._most_in_flight = most_in_flight
        # The row lock decides between processes; this one keeps waiting payments of one process from holding a
        # database connection each while the first of them signs.
        self._queues: WeakValueDictionary[AccountId, _Queue] = WeakValueDictionary()
        # A signer may need a connection of the same pool while the lane's transaction holds one.
        self._signing = asyncio.Semaphore(_SIGNING_AT_ONCE)

    async def authorise(
        self,
        payment: Payment,
        signer: Signer,
        *,
        preview: Preview | None = None,
        presigning: Presigning | None = None,
    ) -> Payment:
        """Sign a payment that waits for it, once; a payment that is past this is answered as it stands.

        A refusal (shortage, simulated revert, key policy) uses no nonce and answers the failed payment, with its reason
        stored.

        Args:
            preview: A fresh one of the same intent, if the caller has just made it.
            presigning: Replacements to be signed along.

        Raises:
            NodeUnavailable, FeeTooLow, LaneBusy, LaneHalted, KeystoreLocked, AuditUnavailable and other "not now"
                errors: the payment keeps waiting.
        """
        if payment.status not in UNSIGNED:
            return payment
        fault_point("payment.requested")
        ask = _Ask(payment, signer, preview, presigning, asyncio.get_running_loop().create_future())
        queue = self._queues.setdefault(payment.sender, _Queue())
        queue.waiting.append(ask)
        try:
            async with queue.lock:
                if not ask.answer.done():
                    await self._sign_waiting(queue, ask)
        finally:
            if ask in queue.waiting:
                queue.waiting.remove(ask)
        signed = await ask.answer
        fault_point("payment.signed")
        return signed

    async def _sign_waiting(self, queue: _Queue, first: _Ask) -> None:
        """Sign for `first`, and for everybody who waits with the same signer."""
        others = [one for one in queue.waiting if one is not first and one.signer == first.signer]
        asks = {ask.payment.id: ask for ask in reversed([first, *others[: MOST_AT_ONCE - 1]])}
        try:
            await self._sign(list(reversed(asks.values())))
        except QuanbaoError as error:
            for ask in asks.values():
                ask.refuse(error)
        for twin in others:
            if twin.payment.id in asks:
                twin.follow(asks[twin.payment.id])
        # Whoever is left without an answer here asks again on its own: this task was cancelled.

    async def _sign(self, asks: Sequence[_Ask]) -> None:
        adapter = self._chains.adapter(asks[0].payment.chain)
        if adapter.lane is None or asks[0].payment.intent.cosigners:
            for ask in asks:
                await self._one(ask, self._alone(ask, adapter))
            return
        asks = await self._previewed(asks, adapter)
        if not asks:
            return
        try:
            await self._together(asks, adapter, adapter.lane)
        except _NOT_NOW:
            raise
        except _REFUSALS as error:
            if len(asks) == 1:
                await self._refuse(asks[0], error)
                return
            # One of them spoils it for all: each on its own, so that the others go on.
            for ask in asks:
                await self._one(ask, self._together([ask], adapter, adapter.lane))

    async def _one(self, ask: _Ask, work: object) -> None:
        try:
            await work  # type: ignore[misc]
        except _NOT_NOW as error:
            ask.refuse(error)
        except _REFUSALS as error:
            await self._refuse(ask, error)
        except QuanbaoError as error:
            ask.refuse(error)

    async def _previewed(self, asks: Sequence[_Ask], adapter: ChainAdapter) -> list[_Ask]:
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

    async def _together(self, asks: Sequence[_Ask], adapter: ChainAdapter, port: NonceLane) -> None:
        sender = asks[0].payment.sender
        assets = assets_of(adapter, [ask.payment.intent for ask in asks])
        state = await adapter.state(sender, assets)
        assert state.nonces is not None
        refused: list[tuple[_Ask, QuanbaoError]] = []
        async with self._signing, self._database.transaction() as tx:
            row = await lanes.lock_lane(tx, sender)
            if row.halted is not None:
                raise LaneHalted(row.halted, account=str(sender))
            open_ids = await sql.lock_unsigned(tx, [ask.payment.id for ask in asks])
            asks_open = [ask for ask in asks if ask.payment.id in open_ids]
            room = self._most_in_flight - await lanes.count_in_flight(tx, sender)
            if asks_open and room <= 0:
                raise LaneBusy(
                    f"{self._most_in_flight} payments of {sender.address} are in flight: wait for some of them",
                    account=str(sender),
                    limit=self._most_in_flight,
                )
            purse = Purse(adapter, sender, assets, state)
            await purse.open(tx)
            nonces = _Nonces(state.nonces, await lanes.used_nonces(tx, sender, _start(state.nonces)))
            taken: list[tuple[_Ask, PreparedTransaction, Spending]] = []
            for ask in asks_open[:room]:
                assert ask.preview is not None
                payment = ask.payment
                spending = Spending.of(payment.intent, _most(ask, adapter, port))
                try:
                    await purse.take(tx, spending)
                    await self._reserve_budgets(tx, payment, adapter.native.id, spending)
                except (InsufficientFunds, GasBudgetExhausted) as error:
                    refused.append((ask, error))
                    continue
                prepared = await adapter.prepare(payment.intent, nonce=nonces.next(), preview=ask.preview)
                taken.append((ask, prepared, spending))
            if taken:
                await self._store(tx, adapter, port, taken, nonces.highest + 1)
        for ask, reason in refused:
            await self._refuse(ask, reason)
        async with self._database.transaction() as tx:
            ids = [ask.payment.id for ask in asks]
            for ask, now in zip(asks, await sql.payments_by_ids(tx, ids), strict=True):
                if ask.answer.done():
                    continue
                if now.status in UNSIGNED:
                    ask.refuse(LaneBusy("too many payments of this account are in flight", account=str(sender)))
                else:
                    ask.give(now)

    async def _reserve_budgets(self, tx: Transaction, payment: Payment, native: AssetId, spending: Spending) -> None:
        if payment.budgets:
            wanted = reservations_of(payment.sender, native, spending, payment.budgets)
            of_budgets = [one for one in wanted if one.scope in payment.budgets]
            await reservations.require_budgets(tx, of_budgets)
            # At once: the next payment of the same commit shall see it.
            await reservations.reserve(tx, [(payment.id, one) for one in of_budgets])

    async def _store(
        self,
        tx: Transaction,
        adapter: ChainAdapter,
        port: NonceLane,
        taken: Sequence[tuple[_Ask, PreparedTransaction, Spending]],
        next_nonce: int,
    ) -> None:
        signer = taken[0][0].signer
        wanted = [(ask.payment, prepared) for ask, prepared, _ in taken]
        signed = await sign_many(tx, self._keys, adapter, wanted, signer)
        attempts = [
            attempt_rows.NewAttempt(uuid4(), ask.payment.id, 1, one, prepared.fee_limit)
            for (ask, prepared, _), one in zip(taken, signed, strict=True)
        ]
        attempts += await self._presign(tx, adapter, port, taken, signed, signer)
        await attempt_rows.insert_attempts(tx, attempts)
        await sql.set_in_flight(
            tx,
            [(ask.payment.id, prepared.nonce, prepared.fee_limit.base_units) for ask, prepared, _ in taken],
        )
        await reservations.reserve(
            tx,
            [
                (ask.payment.id, one)
                for ask, _, spending in taken
                for one in reservations_of(ask.payment.sender, adapter.native.id, spending, ())
            ],
        )
        sender = taken[0][0].payment.sender
        await lanes.advance_lane(tx, sender, next_nonce)
        await announce(
            tx,
            [
                (ask.payment, PaymentStatus.IN_FLIGHT.value, one.tx_hash)
                for (ask, _, _), one in zip(taken, signed, strict=True)
            ],
        )
        await set_going(tx, sender)

    async def _presign(
        self,
        tx: Transaction,
        adapter: ChainAdapter,
        port: NonceLane,
        taken: Sequence[tuple[_Ask, PreparedTransaction, Spending]],
        signed: Sequence[SignedTransaction],
        signer: Signer,
    ) -> list[attempt_rows.NewAttempt]:
        """Replacements that go out only when the fee of the one before them is too low."""
        wanted: list[tuple[int, Payment, PreparedTransaction]] = []
        for (ask, prepared, _), first in zip(taken, signed, strict=True):
            if ask.presigning is None:
                continue
            assert prepared.bid is not None
            bids = replacement_bids(port, prepared.bid, ask.presigning, prepared.fee_limit.base_units)
            wanted += [
                (number, ask.payment, port.rebid(prepared.sender, first.raw, bid))
                for number, bid in enumerate(bids, start=2)
            ]
        if not wanted:
            return []
        made = await sign_many(tx, self._keys, adapter, [(payment, one) for _, payment, one in wanted], signer)
        return [
            attempt_rows.NewAttempt(uuid4(), payment.id, number, one, prepared.fee_limit, reserve=True)
            for (number, payment, prepared), one in zip(wanted, made, strict=True)
        ]

    async def _alone(self, ask: _Ask, adapter: ChainAdapter) -> None:
        """For chains without account nonces, and for transactions with several signers."""
        payment = ask.payment
        preview = ask.preview or await adapter.preview(payment.intent, speed=payment.speed)
        assets = assets_of(adapter, [payment.intent])
        state = await adapter.state(payment.sender, assets)
        for _ in range(_BLOCKHASH_LOOKS):
            try:
                async with self._signing, self._database.transaction() as tx:
                    await lanes.lock_lane(tx, payment.sender)
                    if payment.id in await sql.lock_unsigned(tx, [payment.id]):
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
        async with self._database.transaction() as tx:
            ask.give(await sql.payment_by_id(tx, payment.id))

    async def _sign_alone(
        self, tx: Transaction, ask: _Ask, adapter: ChainAdapter, preview: Preview, purse: Purse
    ) -> None:
        payment = ask.payment
        spending = Spending.of(payment.intent, preview.fee_limit)
        await purse.take(tx, spending)
        await self._reserve_budgets(tx, payment, adapter.native.id, spending)
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

    async def _refuse(self, ask: _Ask, error: QuanbaoError) -> None:
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


def _most(ask: _Ask, adapter: ChainAdapter, port: NonceLane) -> Amount:
    """The fee limit of the dearest attempt that is signed now."""
    assert ask.preview is not None
    limit = ask.preview.fee_limit
    if ask.presigning is None or ask.preview.price is None:
        return limit
    first = Bid(ask.preview.price, ask.preview.priority_fee)
    last = replacement_bids(port, first, ask.presigning, limit.base_units)[-1]
    return Amount(-(-limit.base_units * last.price // first.price), adapter.native)


def _start(nonces: Nonces) -> int:
    return max(nonces.included, nonces.pending)


class _Nonces:
    """Nonces that nobody has: not the chain, not a node's pool, and none of our payments.

    The chain is a floor. A nonce below our own counter that belongs to no payment is a gap, and is taken first: it
    would hold up everything above it.
    """

    def __init__(self, nonces: Nonces, used: set[int]) -> None:
        self._next = _start(nonces)
        self._used = used
        self.highest = max(used, default=self._next - 1)

    def next(self) -> int:
        while self._next in self._used:
            self._next += 1
        found = self._next
        self._used.add(found)
        self.highest = max(self.highest, found)
        return found
