"""The engine is the same on every chain: one suite over a real node of each family."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from persistence.database import Database
from persistence.jobs import Worker
from primitives.asset import Amount
from primitives.errors import NodeUnavailable
from primitives.position import Finality
from tests.conformance.adapter.evm_stage import evm_stage
from tests.conformance.adapter.solana_stage import solana_stage
from tests.conformance.adapter.stage import Stage
from tests.fakes.accounts import KnownKeys
from tests.integration.engine.stage import OneChain
from wallets.engine import authorisation
from wallets.engine.model import AttemptStatus, Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine

STAGES = {"evm": evm_stage, "solana": solana_stage}


@dataclass(frozen=True, slots=True)
class Works:
    """An engine on one stage."""

    stage: Stage
    database: Database
    engine: Engine
    tenant: UUID

    async def pay(self, key: str, amount: Amount) -> Payment:
        request = PaymentRequest(self.tenant, key, self.stage.transfer(amount), "transfer")
        async with self.database.transaction() as tx:
            return await self.engine.request(tx, request)

    async def ended(self, payment: Payment) -> Payment:
        """Let a worker run and the chain go on until the payment has ended."""
        worker = Worker(self.database, self.engine.handlers(), poll=timedelta(milliseconds=50))
        running = asyncio.create_task(worker.run())
        try:
            for _ in range(600):
                async with self.database.transaction() as tx:
                    now = await self.engine.get(tx, self.tenant, payment.id)
                if now.status.ended:
                    return now
                await self.stage.advance()
                await asyncio.sleep(0.03)
            raise AssertionError(f"{payment.id} never ended")
        finally:
            worker.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running, 15)


@pytest_asyncio.fixture(params=sorted(STAGES))
async def works(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Works]:
    async with STAGES[request.param]() as stage:
        engine = Engine(
            database,
            OneChain(stage.adapter),
            KnownKeys({account: key for account, (key, _) in stage.keys.items()}),
            stage.signer,
            follow_every=timedelta(seconds=0.05),
            rebroadcast_every=timedelta(seconds=0.2),
            node_pause=timedelta(seconds=0.1),
        )
        yield Works(stage, database, engine, uuid4())


@pytest.mark.parametrize("kind", ["native", "token"])
async def test_payment_is_final_and_exact(works: Works, kind: str) -> None:
    """Coin and token: one attempt, final, the recipient has the amount."""
    amount = works.stage.native(7_000_000) if kind == "native" else Amount(55, works.stage.token)
    done = await works.ended(await works.pay("a", amount))
    assert done.status is PaymentStatus.DONE
    assert done.finality is Finality.FINALIZED
    assert done.attempt is not None
    assert done.attempt.status is AttemptStatus.FINAL
    assert await works.stage.adapter.balance(works.stage.recipient, amount.asset) == amount


async def test_several_at_once_arrive_once_each(works: Works) -> None:
    """Ten payments of ten sizes from one account."""
    payments = await asyncio.gather(*(works.pay(f"p{i}", works.stage.native(2_000_000 + i)) for i in range(10)))
    done = [await works.ended(payment) for payment in payments]
    assert {p.status for p in done} == {PaymentStatus.DONE}
    assert len({p.tx_hash for p in done}) == 10
    arrived = await works.stage.adapter.balance(works.stage.recipient, works.stage.adapter.native)
    assert arrived.base_units == sum(2_000_000 + i for i in range(10))


async def test_equal_payments_are_two_payments(works: Works) -> None:
    """Same amount, same recipient, same moment: on Solana they would be one transaction within one blockhash."""
    payments = [await works.pay(f"p{i}", works.stage.native(2_000_000)) for i in range(3)]
    done = [await works.ended(payment) for payment in payments]
    assert {p.status for p in done} == {PaymentStatus.DONE}
    assert len({p.tx_hash for p in done}) == 3
    arrived = await works.stage.adapter.balance(works.stage.recipient, works.stage.adapter.native)
    assert arrived.base_units == 6_000_000


async def test_money_in_flight_is_not_spent_again(works: Works) -> None:
    """Two payments of 60 % each: the second is refused, before and after the first is in a block."""
    held = (await works.stage.adapter.balance(works.stage.rich, works.stage.adapter.native)).base_units
    first = await works.pay("one", works.stage.native(held * 6 // 10))
    second = await works.pay("two", works.stage.native(held * 6 // 10))
    assert (await works.engine.authorise(first.id, works.stage.signer)).status is PaymentStatus.IN_FLIGHT
    refused = await works.engine.authorise(second.id, works.stage.signer)
    assert refused.failure is not None
    assert refused.failure.code == "insufficient_funds"
    assert (await works.ended(first)).status is PaymentStatus.DONE


class TestSolanaExpiry:
    @pytest_asyncio.fixture(params=["solana"])
    async def works(self, request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Works]:
        async with solana_stage() as stage:
            keys = KnownKeys({account: key for account, (key, _) in stage.keys.items()})
            quick = timedelta(seconds=0.05)
            engine = Engine(database, OneChain(stage.adapter), keys, stage.signer, follow_every=quick)
            yield Works(stage, database, engine, uuid4())

    async def test_equal_payments_never_share_a_blockhash(self, works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
        """While the chain stands still the second waits unsigned; with the next blockhash it is its own transaction."""
        monkeypatch.setattr(authorisation, "_BLOCKHASH_LOOKS", 2)
        monkeypatch.setattr(authorisation, "_BLOCKHASH_PAUSE_SECONDS", 0)
        first = await works.pay("a", works.stage.native(3_000_000))
        second = await works.pay("b", works.stage.native(3_000_000))
        signed = await works.engine.authorise(first.id, works.stage.signer)
        with pytest.raises(NodeUnavailable):
            await works.engine.authorise(second.id, works.stage.signer)
        assert len(works.stage.signer.requests) == 1
        await works.stage.advance()
        later = await works.engine.authorise(second.id, works.stage.signer)
        assert later.status is PaymentStatus.IN_FLIGHT
        assert later.tx_hash != signed.tx_hash

    async def expired(self, works: Works) -> tuple[Payment, int]:
        """A signed payment that was never broadcast until its window was over, and the window's last height."""
        payment = await works.pay("a", works.stage.native(3_000_000))
        signed = await works.engine.authorise(payment.id, works.stage.signer)
        assert signed.attempt is not None
        last = signed.attempt.last_valid_height
        assert last is not None
        for _ in range(400):
            finalised = await works.stage.adapter.finalised(works.stage.rich)
            assert finalised.block_height is not None
            if finalised.block_height > last:
                break
            await works.stage.advance()
        return payment, last

    @pytest.mark.parametrize(("forgotten", "status"), [(150, PaymentStatus.FAILED), (149, PaymentStatus.IN_FLIGHT)])
    async def test_a_node_that_has_forgotten_the_window_proves_nothing(
        self, works: Works, monkeypatch: pytest.MonkeyPatch, forgotten: int, status: PaymentStatus
    ) -> None:
        """After a long stop the transaction may have landed and been pruned: failed would invite a second payment."""
        payment, last = await self.expired(works)

        async def history_since() -> int:
            return last - forgotten

        monkeypatch.setattr(works.stage.adapter, "history_since", history_since)
        await Worker(works.database, works.engine.handlers()).run_due(rounds=1)
        async with works.database.transaction() as tx:
            assert (await works.engine.get(tx, works.tenant, payment.id)).status is status

    async def test_expired_blockhash_fails_without_effect_and_can_be_retried(self, works: Works) -> None:
        """Dead, failed, and a new payment lands."""
        payment, _ = await self.expired(works)
        failed = await works.ended(payment)
        assert failed.status is PaymentStatus.FAILED
        assert failed.failure is not None
        assert failed.failure.code == "transaction_expired"
        assert failed.attempt is not None
        assert failed.attempt.status is AttemptStatus.DEAD
        async with works.database.transaction() as tx:
            again = await works.engine.retry(tx, works.tenant, payment.id, "b")
        assert (await works.ended(again)).status is PaymentStatus.DONE
        arrived = await works.stage.adapter.balance(works.stage.recipient, works.stage.adapter.native)
        assert arrived.base_units == 3_000_000
