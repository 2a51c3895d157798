"""A node that loses, holds back and reorders what it is given: nothing is paid twice, and no voucher is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from chains.events import Divergence, VoucherIssued, VoucherRedeemed
from chains.intent import Intent, Transfer
from chains.rpc.client import Call
from localnet.solana.misbehaviour import Orders
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.errors import TransactionReverted
from primitives.signing import Curve
from tests.fakes.accounts import KnownKeys
from tests.fakes.signer import MemorySigner
from tests.fakes.solana_cast import YUAN, Cast
from tests.integration.engine.stage import OneChain
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine

NAMES = ("issuer", "merchant", "holder", "stranger", "relayer", "authority", "operator")
BLOCKHASH_SLOTS = 160
_OTHER_GENESIS = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"


class Payments:
    """The engine on a chain that mines by hand."""

    def __init__(self, cast: Cast, database: Database) -> None:
        self.cast, self.database, self.tenant = cast, database, uuid4()
        self.signer = signer = MemorySigner()
        keys = {}
        for name in NAMES:
            key, public = signer.add(Curve.ED25519, name.encode().ljust(32, b"-"))
            keys[cast.adapter.account_of(public)] = key
        self.engine = Engine(
            database,
            OneChain(cast.adapter),
            KnownKeys(keys),
            signer,
            follow_every=timedelta(seconds=0.02),
            rebroadcast_every=timedelta(seconds=0.1),
            node_pause=timedelta(seconds=0.05),
            rewindable=frozenset({cast.node.chain_id}),
        )

    def order(self, **orders: int | bool) -> None:
        self.cast.node.chain.misbehaviour.orders = Orders(**orders)  # type: ignore[arg-type]

    @property
    def dropped(self) -> int:
        return self.cast.node.chain.misbehaviour.dropped

    async def request(self, intent: Intent, key: str) -> Payment:
        async with self.database.transaction() as tx:
            return await self.engine.request(tx, PaymentRequest(self.tenant, key, intent, "test"))

    async def pay(self, units: int = 7 * YUAN, key: str = "one") -> Payment:
        amount = Amount(units, self.cast.node.cny)
        return await self.request(Intent(self.cast.merchant, Transfer(amount, self.cast.relayer)), key)

    async def read(self, payment: Payment) -> Payment:
        async with self.database.transaction() as tx:
            return await self.engine.get(tx, self.tenant, payment.id)

    async def until(self, ready: Callable[[], object], *, slots: int = 1) -> None:
        """Let the worker run and the chain go on until an awaitable condition holds."""
        worker = Worker(self.database, self.engine.handlers(), poll=timedelta(milliseconds=20))
        running = asyncio.create_task(worker.run())
        try:
            for _ in range(1_500):
                found = ready()
                if await found if asyncio.iscoroutine(found) else found:
                    return
                await self.cast.node.chain.mine(slots)
                await asyncio.sleep(0.02)
            raise AssertionError("it never came to be")
        finally:
            worker.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running, 15)

    async def ended(self, *payments: Payment, slots: int = 1) -> list[Payment]:
        async def all_over() -> bool:
            return all([(await self.read(payment)).status.ended for payment in payments])

        await self.until(all_over, slots=slots)
        return [await self.read(payment) for payment in payments]

    async def received(self) -> int:
        return await self.cast.cny(self.cast.relayer)


@pytest_asyncio.fixture
async def payments(cast: Cast, database: Database) -> AsyncIterator[Payments]:
    yield Payments(cast, database)


class TestTransfers:
    async def test_dropped_bytes_are_sent_again(self, payments: Payments) -> None:
        payments.order(drop=3)
        (done,) = await payments.ended(await payments.pay())
        assert (done.status, payments.dropped, await payments.received()) == (PaymentStatus.DONE, 3, 7 * YUAN)

    async def test_a_late_and_a_repeated_landing_are_one(self, payments: Payments) -> None:
        """Held back for long, sent again and again meanwhile, each time held back too."""
        payments.order(delay=4, delay_slots=60)
        (done,) = await payments.ended(await payments.pay())
        await payments.cast.node.chain.mine(130)
        assert (done.status, await payments.received()) == (PaymentStatus.DONE, 7 * YUAN)

    async def test_expired_means_failed_and_only_then_a_retry_pays(self, payments: Payments) -> None:
        payments.order(drop=1_000_000)
        first = await payments.pay()
        (failed,) = await payments.ended(first, slots=5)
        assert failed.status is PaymentStatus.FAILED
        assert failed.failure is not None
        assert failed.failure.code == "transaction_expired"
        assert await payments.received() == 0
        payments.order()
        async with payments.database.transaction() as tx:
            again = await payments.engine.retry(tx, payments.tenant, first.id, "again")
        (done,) = await payments.ended(again)
        await payments.cast.node.chain.mine(BLOCKHASH_SLOTS)
        assert (done.status, await payments.received()) == (PaymentStatus.DONE, 7 * YUAN)

    async def test_out_of_order(self, payments: Payments) -> None:
        payments.order(delay=5, delay_slots=10, reverse=True)
        wanted = [await payments.pay(units, f"payment {units}") for units in (1, 20, 300, 4_000, 50_000)]
        done = await payments.ended(*wanted)
        assert {payment.status for payment in done} == {PaymentStatus.DONE}
        assert await payments.received() == 54_321


class TestExchangedCluster:
    async def test_nothing_is_signed_until_the_genesis_is_the_right_one_again(
        self, payments: Payments, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between two payments the address comes to serve another cluster, whose blockhashes look as good."""
        await payments.ended(await payments.pay())
        signed, asked = len(payments.signer.requests), 0
        rpc = payments.cast.adapter._node.rpc
        served = rpc.settle

        async def exchanged(calls: Sequence[Call]) -> list[Any]:
            nonlocal asked
            answers = await served(calls)
            places = [place for place, (method, _) in enumerate(calls) if method == "getGenesisHash"]
            asked += len(places)
            return [_OTHER_GENESIS if place in places else answer for place, answer in enumerate(answers)]

        with monkeypatch.context() as patched:
            patched.setattr(rpc, "settle", exchanged)
            second = await payments.pay(20, "two")
            await payments.until(lambda: asked >= 2)
        assert len(payments.signer.requests) == signed
        assert not (await payments.read(second)).status.ended
        (done,) = await payments.ended(second)
        assert (done.status, await payments.received()) == (PaymentStatus.DONE, 7 * YUAN + 20)


class TestDurableNonce:
    async def test_of_two_payments_with_one_nonce_one_pays_and_the_other_fails(self, payments: Payments) -> None:
        cast = payments.cast
        opening = await cast.adapter.open_nonce(cast.merchant)
        assert opening is not None
        await cast.carry_out(opening)
        await cast.node.finalise()
        payments.order(delay=1_000, delay_slots=200)
        wanted = []
        for units in (1, 20):
            transfer = Transfer(Amount(units, cast.node.cny), cast.relayer)
            wanted.append(await payments.request(Intent(cast.merchant, transfer, durable_nonce=0), f"{units}"))
        done = await payments.ended(*wanted, slots=5)
        assert sorted(payment.status for payment in done) == [PaymentStatus.DONE, PaymentStatus.FAILED]
        (paid,) = [payment for payment in done if payment.status is PaymentStatus.DONE]
        assert await payments.received() == int(paid.idempotency_key)


class TestVouchers:
    async def issued(self, payments: Payments, *holders: AccountId) -> Sequence[Payment]:
        cast = payments.cast
        await cast.launch()
        steps = await cast.book.issue(cast.terms, holders, 1)
        return [await payments.request(step, f"issue {place}") for place, step in enumerate(steps)]

    @pytest.mark.parametrize(
        "orders", [{"drop": 3}, {"delay": 3, "delay_slots": 30}, {"delay": 4, "delay_slots": 8, "reverse": True}]
    )
    async def test_every_serial_exists_once(self, payments: Payments, orders: dict[str, int]) -> None:
        cast = payments.cast
        people = [cast.account(f"person {number}") for number in range(10)]
        wanted = await self.issued(payments, *people)
        payments.order(**orders)
        done = await payments.ended(*wanted)
        await cast.node.chain.mine(BLOCKHASH_SLOTS)
        assert {payment.status for payment in done} == {PaymentStatus.DONE}
        found = [fact for fact in await cast.facts() if isinstance(fact, VoucherIssued)]
        assert sorted(fact.voucher.serial.number for fact in found) == list(range(1, 11))
        assert {fact.holder: fact.voucher.serial.number for fact in found} == {
            person: number for number, person in enumerate(people, 1)
        }

    async def test_two_late_redemptions_of_one_voucher(self, payments: Payments) -> None:
        """Both pass preflight, both are held back, the second lands first: one is carried out, one refused."""
        cast = payments.cast
        await cast.launch()
        await cast.issue()
        intents = [
            await cast.book.redeem([cast.terms], cast.redemption(order=bytes([order]) * 32), {}) for order in (1, 2)
        ]
        signed = [await cast.signed(intent) for intent in intents]
        payments.order(delay=2, delay_slots=5, reverse=True)
        for one in signed:
            await cast.adapter.broadcast(one)
        await cast.node.chain.mine(8)
        first, second = [await cast.adapter.receipt(one.tx_hash) for one in signed]
        assert first is not None
        assert second is not None
        assert (first.ok, second.ok) == (False, True)
        assert "redeemed before" in str(first.reason)
        facts = await cast.facts()
        assert len([fact for fact in facts if isinstance(fact, VoucherRedeemed)]) == 1
        assert not [fact for fact in facts if isinstance(fact, Divergence)]
        assert (await cast.book.escrow(cast.terms)).base_units == 180 * YUAN
        with pytest.raises(TransactionReverted):
            await cast.signed(intents[0])
