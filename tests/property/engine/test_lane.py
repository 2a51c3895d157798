"""The nonce lane and the way of payments under arbitrary histories: money moves exactly once, nonces never collide."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chains.intent import Intent, Transfer
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.errors import FeeTooLow, InsufficientFunds, PaymentNotReplaceable
from primitives.signing import Curve
from tests.fakes.accounts import KnownKeys
from tests.fakes.chain import CHAIN, COIN, FEE, FakeAdapter, FakeChain, FakeTransaction
from tests.fakes.signer import MemorySigner
from tests.integration.engine.stage import OneChain
from wallets.engine.care import Patience
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine

RECIPIENT = AccountId.from_raw(CHAIN, b"\x22" * 20)
ENDOWMENT = 10_000_000

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 4_000_000)),
        st.tuples(st.just("pay_at_once"), st.integers(2, 4)),
        st.tuples(st.just("work"), st.just(0)),
        st.tuples(st.just("mine"), st.integers(1, 3)),
        st.tuples(st.just("reorg"), st.integers(1, 2)),
        st.tuples(st.just("foreign"), st.just(0)),
        st.tuples(st.just("forget"), st.just(0)),
        st.tuples(st.just("silent"), st.just(0)),
        st.tuples(st.just("drift_up"), st.integers(1, 5)),
        st.tuples(st.just("drift_down"), st.integers(1, 5)),
        st.tuples(st.just("occupied"), st.integers(1, 3)),
        st.tuples(st.just("fee_spike"), st.integers(2, 5)),
        st.tuples(st.just("fees_fall"), st.just(0)),
        st.tuples(st.just("cancel"), st.integers(0, 5)),
        st.tuples(st.just("speed_up"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=14,
)


class World:
    """An engine, a chain that misbehaves, and what was asked for."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.chain = FakeChain()
        self.signer = MemorySigner()
        self.adapter = FakeAdapter(self.chain)
        key, public = self.signer.add(Curve.SECP256K1, uuid4().bytes * 2)
        self.sender = self.adapter.account_of(public)
        self.chain.endowment[self.sender.address] = ENDOWMENT
        self.tenant = uuid4()
        self.payments: list[Payment] = []
        self.foreign = 0
        none = timedelta(0)
        self.engine = Engine(
            database,
            OneChain(self.adapter),
            KnownKeys({self.sender: key}),
            self.signer,
            follow_every=none,
            rebroadcast_every=none,
            node_pause=none,
            patience=Patience(gap=none, replace=none, stall=timedelta(hours=1)),
        )
        self.worker = Worker(database, self.engine.handlers())

    async def pay(self, units: int) -> None:
        intent = Intent(self.sender, Transfer(Amount(units, COIN), RECIPIENT))
        async with self.database.transaction() as tx:
            request = PaymentRequest(self.tenant, f"k{len(self.payments)}", intent, "transfer")
            self.payments.append(await self.engine.request(tx, request))

    async def work(self) -> None:
        await self.worker.run_due(rounds=3)

    async def step(self, act: str, argument: int) -> None:
        match act:
            case "pay":
                await self.pay(argument)
            case "pay_at_once":
                fresh = []
                for _ in range(argument):
                    await self.pay(1000)
                    fresh.append(self.payments[-1])
                if not self.chain.silent:
                    await asyncio.gather(*(self.engine.authorise(p.id, self.signer) for p in fresh))
            case "work":
                await self.work()
            case "mine":
                for _ in range(argument):
                    self.chain.mine()
            case "reorg":
                self.chain.reorg(argument)
            case "foreign":
                self.foreign += 1
                nonce = self.chain.nonce(self.sender.address)
                address = self.sender.address
                mine = FakeTransaction(address, address, 1, nonce, f"foreign {self.foreign}", price=2 * FEE)
                # A pool keeps the dearer of two: ours, if the network made it dear.
                with contextlib.suppress(FeeTooLow):
                    self.chain.accept(mine)
            case "forget":
                self.chain.forget_pool()
            case "silent":
                self.chain.silent = not self.chain.silent
            case "drift_up" | "drift_down":
                await self.drift(argument if act == "drift_up" else -argument)
            case "occupied":
                for _ in range(argument):
                    self.foreign += 1
                    nonce = self.chain.pending(self.sender.address)
                    self.chain.accept(
                        FakeTransaction(self.sender.address, self.sender.address, 1, nonce, f"foreign {self.foreign}")
                    )
            case "fee_spike":
                self.chain.base_fee = FEE * argument
            case "fees_fall":
                self.chain.base_fee = FEE // 2
            case "cancel" | "speed_up":
                await self.change(act, argument)

    async def drift(self, by: int) -> None:
        """Our own counter is wrong, by whatever fault."""
        async with self.database.transaction() as tx:
            await tx.execute(
                text("UPDATE payment_lane SET next_nonce = GREATEST(0, next_nonce + :by) WHERE next_nonce IS NOT NULL"),
                {"by": by},
            )

    async def change(self, act: str, place: int) -> None:
        """The owner changes his mind about one of the payments, whatever it is at."""
        payments = await self.read()
        if self.chain.silent or place >= len(payments):
            return
        with contextlib.suppress(PaymentNotReplaceable, InsufficientFunds, FeeTooLow):
            if act == "cancel":
                await self.engine.cancel(self.tenant, payments[place].id, self.signer)
            else:
                await self.engine.speed_up(self.tenant, payments[place].id, self.signer)

    async def read(self) -> list[Payment]:
        async with self.database.transaction() as tx:
            return list(await self.engine.list(tx, self.tenant, limit=200))

    async def settle(self, *, base_fee: int = FEE // 2) -> list[Payment]:
        """The node behaves again; work until everything that can end has ended. Nobody helps the lane: what foreign
        transactions leave open, it fills by itself."""
        self.chain.silent = False
        self.chain.base_fee = base_fee
        for _ in range(60):
            await self.work()
            self.chain.mine()
            payments = await self.read()
            if all(p.status.ended for p in payments):
                return payments
        raise AssertionError([(p.status, p.nonce, p.attempts) for p in payments])


@settings(
    max_examples=14,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_every_payment_happens_once_or_not_at_all(database: Database, steps: list[tuple[str, int]]) -> None:
    """Whatever reorgs, forgetful pools, silent nodes and foreign transactions do between the steps.

    Invariants: nonces of signed payments differ; a done payment is exactly once in the final chain; a failed one never;
    the recipient has the sum of the done ones and the sender never went below zero.
    """
    world = await _world(database)
    for act, argument in steps:
        await world.step(act, argument)
        signed = [p.nonce for p in await world.read() if p.nonce is not None]
        assert len(signed) == len(set(signed))
    await _check(database, world, await world.settle())


_DONE, _FAILED = PaymentStatus.DONE, PaymentStatus.FAILED


@pytest.mark.parametrize(
    ("steps", "ends", "first_nonces"),
    [
        pytest.param([("pay_at_once", 2), ("drift_up", 5), ("pay_at_once", 1)], [_DONE] * 3, [0, 1, 2], id="drift_up"),
        pytest.param(
            [("pay_at_once", 2), ("drift_down", 2), ("pay_at_once", 2)], [_DONE] * 4, [0, 1, 2, 3], id="drift_down"
        ),
        pytest.param(
            [("occupied", 3), ("pay_at_once", 2), ("mine", 1), ("pay_at_once", 1)],
            [_DONE] * 3,
            [3, 4, 5],
            id="occupied_region",
        ),
        pytest.param(
            [("pay_at_once", 1), ("foreign", 0), ("mine", 1), ("pay_at_once", 1)],
            [_FAILED, _DONE],
            [0, 1],
            id="foreign_transaction_in_our_place",
        ),
        pytest.param(
            [("pay_at_once", 2), ("foreign", 0), ("mine", 1), ("reorg", 1), ("forget", 0), ("work", 0)],
            [_DONE] * 2,
            [0, 1],
            id="foreign_transaction_gone_again",
        ),
        pytest.param([("pay_at_once", 2), ("fee_spike", 4)], [_DONE] * 2, [0, 1], id="fee_spike"),
        pytest.param([("pay_at_once", 3), ("forget", 0)], [_DONE] * 3, [0, 1, 2], id="node_that_forgets_its_mempool"),
    ],
)
async def test_named_misfortunes(
    database: Database, steps: list[tuple[str, int]], ends: list[PaymentStatus], first_nonces: list[int]
) -> None:
    """Each has one right outcome; nobody else helps, and fees stay as high as they have become."""
    world = await _world(database)
    for act, argument in steps:
        await world.step(act, argument)
    # Payments that are asked for at once take their places in any order.
    assert sorted(p.nonce for p in await world.read() if p.nonce is not None) == first_nonces
    payments = await world.settle(base_fee=world.chain.base_fee)
    assert [p.status for p in sorted(payments, key=lambda p: p.idempotency_key) if p.act == "transfer"] == ends
    await _check(database, world, payments)


async def _world(database: Database) -> World:
    async with database.transaction() as tx:
        await tx.execute(text("TRUNCATE job, payment_attempt, payment_reservation, payment, payment_lane CASCADE"))
    return World(database)


async def _check(database: Database, world: World, payments: list[Payment]) -> None:
    on_chain = [t.hash for block in world.chain.blocks for t in block]
    assert len(on_chain) == len(set(on_chain))
    by_hash = {t.hash: t for block in world.chain.blocks for t in block}
    spent = 0
    for payment in payments:
        landed = [attempt for attempt in payment.attempts if attempt.tx_hash in by_hash]
        effective = [attempt for attempt in landed if attempt.kind == "pay"]
        assert len(landed) <= 1
        assert len(effective) == (1 if payment.status is PaymentStatus.DONE else 0)
        spent += sum(by_hash[attempt.tx_hash].price for attempt in landed)
    done = [p.intent.action.amount.base_units for p in payments if _pays(p)]  # type: ignore[union-attr]
    assert world.chain.balance(RECIPIENT.address) == sum(done)
    assert world.chain.balance(world.sender.address) >= 0
    assert sum(done) + spent <= ENDOWMENT
    used = sorted(t.nonce for block in world.chain.blocks for t in block if t.sender == world.sender.address)
    assert used == list(range(len(used)))
    async with database.transaction() as tx:
        held = await tx.execute(text("SELECT count(*) FROM payment_reservation WHERE state = 'held'"))
        assert held.scalar_one() == 0


def _pays(payment: Payment) -> bool:
    return payment.status is PaymentStatus.DONE and isinstance(payment.intent.action, Transfer)
