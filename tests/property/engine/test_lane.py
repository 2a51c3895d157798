"""The nonce lane and the way of payments under arbitrary histories: money moves exactly once, nonces never collide."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from chains.intent import Intent, Transfer
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.signing import Curve
from tests.fakes.accounts import KnownKeys
from tests.fakes.chain import CHAIN, COIN, FEE, FakeAdapter, FakeChain, FakeTransaction
from tests.fakes.signer import MemorySigner
from tests.integration.engine.stage import OneChain
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
                mine = FakeTransaction(self.sender.address, self.sender.address, 1, nonce, f"foreign {self.foreign}")
                self.chain.accept(mine)
            case "forget":
                self.chain.forget_pool()
            case "silent":
                self.chain.silent = not self.chain.silent

    async def read(self) -> list[Payment]:
        async with self.database.transaction() as tx:
            return list(await self.engine.list(tx, self.tenant, limit=200))

    async def settle(self) -> list[Payment]:
        """The node behaves again; work until everything that can end has ended."""
        self.chain.silent = False
        for _ in range(60):
            await self.work()
            self.chain.mine()
            payments = await self.read()
            if all(p.status.ended for p in payments):
                return payments
            lowest = self.chain.nonce(self.sender.address)
            if all(p.status.ended or (p.nonce or 0) > lowest for p in payments):
                # A reorg dropped a foreign transaction below our nonces: its owner would send it again.
                gap = FakeTransaction(self.sender.address, self.sender.address, 1, lowest, f"again {lowest}")
                self.chain.accept(gap)
        raise AssertionError([(p.status, p.nonce) for p in payments])


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_every_payment_happens_once_or_not_at_all(database: Database, steps: list[tuple[str, int]]) -> None:
    """Whatever reorgs, forgetful pools, silent nodes and foreign transactions do between the steps.

    Invariants: nonces of signed payments differ; a done payment is exactly once in the final chain; a failed one never;
    the recipient has the sum of the done ones and the sender never went below zero.
    """
    async with database.transaction() as tx:
        await tx.execute(text("TRUNCATE job, payment_attempt, payment, payment_lane CASCADE"))
    world = World(database)
    for act, argument in steps:
        await world.step(act, argument)
        signed = [p.nonce for p in await world.read() if p.nonce is not None]
        assert len(signed) == len(set(signed))
    payments = await world.settle()
    on_chain = [t.hash for block in world.chain.blocks for t in block]
    assert len(on_chain) == len(set(on_chain))
    for payment in payments:
        expected = 1 if payment.status is PaymentStatus.DONE else 0
        assert on_chain.count(payment.tx_hash or "unsigned") == expected
    done = [p.intent.action.amount.base_units for p in payments if p.status is PaymentStatus.DONE]  # type: ignore[union-attr]
    assert world.chain.balance(RECIPIENT.address) == sum(done)
    assert world.chain.balance(world.sender.address) >= 0
    assert sum(done) + FEE * len(done) <= ENDOWMENT
