"""The commit that signs: nonces, reservations, signatures and bytes of everything that waits, in one transaction."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from chains.ports import AccountState, Bid, ChainAdapter, NonceLane, Nonces, PreparedTransaction, SignedTransaction
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from primitives.errors import (
    ApprovalNeeded,
    GasBudgetExhausted,
    InsufficientFunds,
    LaneBusy,
    LaneHalted,
    QuanbaoError,
)
from wallets.engine import sql
from wallets.engine.asks import Ask
from wallets.engine.attempts import sql as attempt_rows
from wallets.engine.funds import Purse, assets_of
from wallets.engine.gates import Authority, Gates
from wallets.engine.handing_over import HandingOver
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Attempt, AttemptStatus, Payment, PaymentStatus, Spending
from wallets.engine.news import announce, set_lanes_going
from wallets.engine.ports import KeyFinder
from wallets.engine.presigning import replacement_bids
from wallets.engine.reservations import sql as reservations
from wallets.engine.reservations.model import reservations_of
from wallets.engine.signing import sign_many

Taken = tuple[Ask, PreparedTransaction, Spending]


class LaneCommit:
    """Signs for any number of accounts of one chain with account nonces.

    Args:
        most_in_flight: Payments of one account that may be signed and not yet final.
        signing: A signer may need a connection of the same pool while the lanes' transaction holds one, so that only
            few may do this at a time.
    """

    def __init__(
        self,
        database: Database,
        keys: KeyFinder,
        handing_over: HandingOver,
        *,
        most_in_flight: int,
        signing: asyncio.Semaphore,
        gates: Gates,
    ) -> None:
        self._database = database
        self._keys = keys
        self._handing_over = handing_over
        self._most_in_flight = most_in_flight
        self._signing = signing
        self._gates = gates

    async def sign(self, asks: Sequence[Ask], adapter: ChainAdapter, port: NonceLane) -> list[tuple[Ask, QuanbaoError]]:
        """Sign whatever can be signed now, all with one signer; each ask gets its answer, but for those that are
        returned: they cannot be paid.

        Raises:
            Whatever the signer refuses one of them for: then nothing is signed.
        """
        groups: dict[AccountId, list[Ask]] = {}
        for ask in asks:
            groups.setdefault(ask.payment.sender, []).append(ask)
        assets = {sender: assets_of(adapter, [ask.payment.intent for ask in own]) for sender, own in groups.items()}
        states = dict(zip(groups, await port.states([(one, assets[one]) for one in groups]), strict=True))
        refused: list[tuple[Ask, QuanbaoError]] = []
        signed: list[tuple[Ask, Payment]] = []
        async with self._signing, self._database.transaction() as tx:
            held, moment = await lanes.lock_lanes(tx, list(groups))
            open_ids = await sql.lock_unsigned(tx, [ask.payment.id for ask in asks])
            traffic = await lanes.traffic(
                tx, [(account, _start(states[account]), states[account].height) for account in groups]
            )
            asked = [ask for ask in asks if ask.payment.id in open_ids and held[ask.payment.sender].halted is None]
            verdicts = await self._gates.ask(tx, [(ask.payment, _authority(ask, adapter, port)) for ask in asked])
            # All at once and in one order: another commit may take the same budgets for other accounts.
            await reservations.lock_scopes(tx, {budget for ask in asked for budget in ask.payment.budgets})
            taken: list[Taken] = []
            nexts: dict[AccountId, int] = {}
            for account, own in groups.items():
                halted = held[account].halted
                waiting = [ask for ask in own if ask.payment.id in open_ids and ask.payment.id not in verdicts]
                if halted is not None:
                    _refuse_all(own, LaneHalted(halted, account=str(account)))
                    continue
                room = self._most_in_flight - traffic[account].in_flight
                busy = waiting[max(0, room) :]
                if busy:
                    # They were asked about and are not signed now: their shares of limits are free until they are.
                    await reservations.release(tx, [ask.payment.id for ask in busy])
                    _refuse_all(busy, self._busy(account))
                purse = Purse(adapter, account, assets[account], states[account], traffic[account].held)
                nonces = _Nonces(states[account], set(traffic[account].used))
                for ask in waiting[: max(0, room)]:
                    assert ask.preview is not None
                    spending = Spending.of(ask.payment.intent, _most(ask, adapter, port))
                    try:
                        await purse.take(tx, spending)
                        await reserve_budgets(tx, ask.payment, adapter.native.id, spending)
                    except (InsufficientFunds, GasBudgetExhausted) as error:
                        refused.append((ask, error))
                        continue
                    nonce = nonces.next()
                    prepared = await adapter.prepare(ask.payment.intent, nonce=nonce, preview=ask.preview)
                    taken.append((ask, prepared, spending))
                    nexts[account] = nonces.highest + 1
            if taken:
                more = Counter(ask.payment.sender for ask, _, _ in taken)
                # What a node keeps beside what it has; `lane.send` hands over the others as room comes free.
                soon = [one for one in nexts if traffic[one].in_flight + more[one] <= port.window]
                signed = await self._store(tx, adapter, port, taken, nexts, soon, moment)
        # In the order of the commits: whoever signs next for these accounts waits until this has returned.
        self._handing_over.add(
            adapter.chain_id,
            [
                (payment.attempt.id, _bytes(payment.attempt))
                for _, payment in signed
                if payment.attempt is not None and payment.sender in soon
            ]
            if signed
            else [],
        )
        for ask, payment in signed:
            ask.give(payment)
        for ask in asked:
            verdict = verdicts.get(ask.payment.id)
            if verdict is not None and verdict.retryable:
                ask.refuse(verdict)
            elif verdict is not None and not isinstance(verdict, ApprovalNeeded):
                refused.append((ask, verdict))
        decided = open_ids - {
            ask.payment.id for ask in asked if isinstance(verdicts.get(ask.payment.id), ApprovalNeeded)
        }
        await self._answer_others([ask for ask in asks if not ask.answer.done() and ask.payment.id not in decided])
        return refused

    def _busy(self, account: AccountId) -> LaneBusy:
        return LaneBusy(
            f"{self._most_in_flight} payments of {account.address} are in flight: wait for some of them",
            account=str(account),
            limit=self._most_in_flight,
        )

    async def _answer_others(self, asks: Sequence[Ask]) -> None:
        """Somebody else has signed or ended these: they are answered as they stand."""
        if asks:
            async with self._database.statements() as tx:
                found = await sql.payments_by_ids(tx, [ask.payment.id for ask in asks])
            for ask, now in zip(asks, found, strict=True):
                ask.give(now)

    async def _store(
        self,
        tx: Transaction,
        adapter: ChainAdapter,
        port: NonceLane,
        taken: Sequence[Taken],
        nexts: Mapping[AccountId, int],
        soon: Sequence[AccountId],
        moment: datetime,
    ) -> list[tuple[Ask, Payment]]:
        signer = taken[0][0].signer
        wanted = [(ask.payment, prepared) for ask, prepared, _ in taken]
        signed = await sign_many(tx, self._keys, adapter, wanted, signer)
        attempts = [
            attempt_rows.NewAttempt(uuid4(), ask.payment.id, 1, one, prepared.fee_limit)
            for (ask, prepared, _), one in zip(taken, signed, strict=True)
        ]
        along = await self._presign(tx, adapter, port, taken, signed)
        await attempt_rows.insert_attempts(tx, [*attempts, *along])
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
        await lanes.advance_lanes(tx, nexts)
        await announce(
            tx,
            [
                (ask.payment, PaymentStatus.IN_FLIGHT.value, one.tx_hash)
                for (ask, _, _), one in zip(taken, signed, strict=True)
            ],
        )
        await set_lanes_going(tx, [one for one in nexts if one not in soon], handed_over_soon=soon)
        in_reserve: dict[UUID, list[Attempt]] = {}
        for made in along:
            in_reserve.setdefault(made.payment_id, []).insert(0, _attempt(made, moment))
        return [
            (ask, _in_flight(ask.payment, prepared, _attempt(made, moment), in_reserve.get(ask.payment.id, [])))
            for (ask, prepared, _), made in zip(taken, attempts, strict=True)
        ]

    async def _presign(
        self,
        tx: Transaction,
        adapter: ChainAdapter,
        port: NonceLane,
        taken: Sequence[Taken],
        signed: Sequence[SignedTransaction],
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
        signer = taken[0][0].signer
        made = await sign_many(tx, self._keys, adapter, [(payment, one) for _, payment, one in wanted], signer)
        return [
            attempt_rows.NewAttempt(uuid4(), payment.id, number, one, prepared.fee_limit, reserve=True)
            for (number, payment, prepared), one in zip(wanted, made, strict=True)
        ]


def _authority(ask: Ask, adapter: ChainAdapter, port: NonceLane) -> Authority:
    return Authority("pay", _most(ask, adapter, port).base_units)


async def reserve_budgets(tx: Transaction, payment: Payment, native: AssetId, spending: Spending) -> None:
    """Hold the fee under every gas budget of the payment. Raises GasBudgetExhausted."""
    if payment.budgets:
        wanted = reservations_of(payment.sender, native, spending, payment.budgets)
        of_budgets = [one for one in wanted if one.scope in payment.budgets]
        await reservations.require_budgets(tx, of_budgets)
        # At once: the next payment of the same commit shall see it.
        await reservations.reserve(tx, [(payment.id, one) for one in of_budgets])


def _refuse_all(asks: Sequence[Ask], error: QuanbaoError) -> None:
    for ask in asks:
        ask.refuse(error)


def _most(ask: Ask, adapter: ChainAdapter, port: NonceLane) -> Amount:
    """The fee limit of the dearest attempt that is signed now."""
    assert ask.preview is not None
    limit = ask.preview.fee_limit
    if ask.presigning is None or ask.preview.price is None:
        return limit
    first = Bid(ask.preview.price, ask.preview.priority_fee)
    last = replacement_bids(port, first, ask.presigning, limit.base_units)[-1]
    return Amount(-(-limit.base_units * last.price // first.price), adapter.native)


def _attempt(made: attempt_rows.NewAttempt, moment: datetime) -> Attempt:
    """As it stands in the table now."""
    return Attempt(
        id=made.id,
        payment_id=made.payment_id,
        number=made.number,
        status=AttemptStatus.SIGNED,
        chain=made.signed.chain,
        tx_hash=made.signed.tx_hash,
        raw=made.signed.raw,
        nonce=made.signed.nonce,
        last_valid_height=made.signed.last_valid_height,
        broadcasts=0,
        last_error=None,
        height=None,
        tx_index=None,
        block_hash=None,
        block_time=None,
        ok=None,
        reason=None,
        finality=None,
        fee_paid=None,
        signed_at=moment,
        sent_at=None,
        kind=made.kind,
        bid=made.signed.bid,
        reserve=made.reserve,
    )


def _in_flight(payment: Payment, prepared: PreparedTransaction, attempt: Attempt, reserve: list[Attempt]) -> Payment:
    return replace(
        payment,
        status=PaymentStatus.IN_FLIGHT,
        nonce=prepared.nonce,
        fee_limit=prepared.fee_limit,
        needs_holder=False,
        fee_blocked=False,
        attempt=attempt,
        attempts=(*reserve, attempt),
    )


def _bytes(attempt: Attempt) -> SignedTransaction:
    return SignedTransaction(
        attempt.chain, attempt.raw, attempt.tx_hash, attempt.nonce, attempt.last_valid_height, attempt.bid
    )


def _nonces(state: AccountState) -> Nonces:
    assert state.nonces is not None
    return state.nonces


def _start(state: AccountState) -> int:
    nonces = _nonces(state)
    return max(nonces.included, nonces.pending)


class _Nonces:
    """Nonces that nobody has: not the chain, not a node's pool, and none of our payments.

    The chain is a floor. A nonce below our own counter that belongs to no payment is a gap, and is taken first: it
    would hold up everything above it.
    """

    def __init__(self, state: AccountState, used: set[int]) -> None:
        self._next = _start(state)
        self._used = used
        self.highest = max(used, default=self._next - 1)

    def next(self) -> int:
        while self._next in self._used:
            self._next += 1
        found = self._next
        self._used.add(found)
        self.highest = max(self.highest, found)
        return found
