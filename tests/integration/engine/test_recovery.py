"""Backup, restore, and what happened on the chain between the two: nothing is paid again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text

from api.restoring import AT_LOAD, finish_restore
from chains.intent import Intent, Transfer
from persistence.backup import load_backup, write_backup
from persistence.database import Database
from primitives.asset import Amount
from primitives.errors import LaneHalted
from tests.fakes.anvil import running_anvil
from tests.integration.engine.stage import ETHER, Bench, evm_adapter, make_engine
from wallets.engine.lanes.sql import HaltedLane
from wallets.engine.model import AttemptKind, PaymentStatus
from wallets.engine.recovery import MATCH

_KEY = b"k" * 32


@pytest_asyncio.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    async with running_anvil(block_time=None) as node:
        adapter = evm_adapter(node.url)
        engine, signer, sender = make_engine(database, adapter)
        yield Bench(database, node, adapter, engine, signer, sender)
        await adapter.close()


class Restorer:
    """Takes backups and brings them back into databases of their own."""

    def __init__(self, server_url: str, folder: Path) -> None:
        self._server_url = server_url
        self._folder = folder
        self._names: list[str] = []
        self._databases: list[Database] = []

    async def take(self, bench: Bench) -> Path:
        file = self._folder / uuid4().hex
        await write_backup(bench.database.url, file, _KEY)
        return file

    async def bring_back(self, bench: Bench, file: Path) -> Bench:
        """The same node and keys on the restored database."""
        name = f"restored_{uuid4().hex[:12]}"
        server = await asyncpg.connect(self._server_url)
        await server.execute(f'CREATE DATABASE "{name}"')
        await server.close()
        self._names.append(name)
        url = self._server_url.replace("/quanbao?", f"/{name}?")
        await load_backup(url, file, _KEY, afterwards=AT_LOAD)
        database = Database(url)
        self._databases.append(database)
        assert await finish_restore(database)
        assert await finish_restore(database) == ()
        engine, signer, sender = make_engine(database, bench.adapter)
        return replace(bench, database=database, engine=engine, signer=signer, sender=sender)

    async def close(self) -> None:
        for database in self._databases:
            await database.close()
        server = await asyncpg.connect(self._server_url)
        for name in self._names:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()


@pytest_asyncio.fixture
async def restorer(postgres_url: str, tmp_path: Path) -> AsyncIterator[Restorer]:
    made = Restorer(postgres_url, tmp_path)
    yield made
    await made.close()


async def _held(bench: Bench) -> list[HaltedLane]:
    async with bench.database.transaction() as tx:
        return list(await bench.engine.recovery.halted(tx))


async def _authorise_job_waits(bench: Bench) -> None:
    """The lane refuses to sign; nothing of it reaches the chain."""
    async with bench.database.transaction() as tx:
        row = (await tx.execute(text("SELECT id FROM payment WHERE status = 'requested' LIMIT 1"))).scalar_one()
    with pytest.raises(LaneHalted, match="restored"):
        await bench.engine.authorise(row, bench.signer)


async def test_a_payment_made_after_the_backup_is_matched_and_not_made_again(bench: Bench, restorer: Restorer) -> None:
    """One final, one in flight and one unsigned at the time of the backup; all three land afterwards."""
    first = await bench.pay("final", 1)
    async with bench.working():
        await bench.ended(first)
    in_flight = await bench.pay("in flight", 10, signs="person")
    await bench.engine.authorise(in_flight.id, bench.signer)
    unsigned = await bench.pay("unsigned", 100)
    file = await restorer.take(bench)
    async with bench.working():
        for payment in (in_flight, unsigned):
            await bench.ended(payment)
    assert await bench.received() == 111

    restored = await restorer.bring_back(bench, file)
    assert [lane.account for lane in await _held(restored)] == [bench.sender]
    await _authorise_job_waits(restored)
    await restored.engine.recovery.start()
    async with restored.working():
        for payment in (first, in_flight, unsigned):
            assert (await restored.ended(payment)).status is PaymentStatus.DONE
        assert await _held(restored) == []
        later = await restored.pay("later", 1000)
        assert (await restored.ended(later)).status is PaymentStatus.DONE
    assert await bench.received() == 1111, "nothing was paid twice"
    assert (await restored.read(unsigned)).tx_hash == (await bench.read(unsigned)).tx_hash


@pytest.mark.parametrize("kind", ["pay", "void"])
async def test_a_replacement_made_after_the_backup_belongs_to_its_payment(
    bench: Bench, restorer: Restorer, kind: AttemptKind
) -> None:
    """Without it the payment would count as failed, and whoever asked for it would ask again."""
    payment = await bench.pay("replaced", 10, signs="person")
    await bench.engine.authorise(payment.id, bench.signer)
    file = await restorer.take(bench)
    if kind == "pay":
        await bench.engine.speed_up(bench.tenant, payment.id, bench.signer)
    else:
        await bench.engine.cancel(bench.tenant, payment.id, bench.signer)
    replacement = (await bench.read(payment)).tx_hash

    async def handed_over() -> bool:
        return await bench.node.rpc.call("eth_getTransactionByHash", replacement) is not None

    async with bench.working():
        await bench.until(handed_over, mining=False)
        ended = await bench.ended(payment)
    assert ended.tx_hash == replacement
    restored = await restorer.bring_back(bench, file)
    match = await restored.engine.recovery.match(bench.sender)
    assert [one[1] for one in match.matched] == [ended.tx_hash]
    async with restored.working():
        assert (await restored.ended(payment)).status is ended.status
    assert ended.status is (PaymentStatus.DONE if kind == "pay" else PaymentStatus.CANCELLED)
    assert (await restored.read(payment)).tx_hash == ended.tx_hash


async def test_a_transaction_that_belongs_to_no_payment_holds_the_account(bench: Bench, restorer: Restorer) -> None:
    """It was asked for after the backup: an operator looks, releases, and then the account goes on."""
    waiting = await bench.pay("waiting", 5, signs="person")
    file = await restorer.take(bench)
    lost = await bench.pay("lost", 7)
    async with bench.working():
        ended = await bench.ended(lost)
    restored = await restorer.bring_back(bench, file)
    async with restored.database.transaction() as tx:
        await tx.execute(text("DELETE FROM job WHERE kind <> :match"), {"match": MATCH})
    match = await restored.engine.recovery.match(bench.sender)
    assert [one.tx_hash for one in match.unknown] == [ended.tx_hash]
    (lane,) = await _held(restored)
    assert str(ended.tx_hash) in lane.reason
    with pytest.raises(LaneHalted, match=str(ended.tx_hash)):
        await restored.engine.authorise(waiting.id, restored.signer)
    await restored.engine.resume(bench.sender)
    assert await _held(restored) == []
    async with restored.working():
        await restored.engine.authorise(waiting.id, restored.signer)
        assert (await restored.ended(waiting)).status is PaymentStatus.DONE
    assert await bench.received() == 12


async def test_nothing_has_happened_since_and_no_block_is_read(
    bench: Bench, restorer: Restorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = await bench.pay("one", 5)
    async with bench.working():
        await bench.ended(payment)
    file = await restorer.take(bench)
    restored = await restorer.bring_back(bench, file)

    async def seen(*_: object) -> None:
        raise AssertionError("the whole chain was read for nothing")

    monkeypatch.setattr(type(bench.adapter), "seen", seen)
    match = await restored.engine.recovery.match(bench.sender)
    assert (match.matched, match.unknown, match.held) == ((), (), None)
    assert await _held(restored) == []


async def test_an_intent_that_only_looks_alike_is_not_matched(bench: Bench, restorer: Restorer) -> None:
    """Another amount to the same recipient is another act."""
    await bench.pay("five", 5, signs="person")
    file = await restorer.take(bench)
    six = await bench.pay("six", 6)
    async with bench.working():
        await bench.ended(six)
    restored = await restorer.bring_back(bench, file)
    match = await restored.engine.recovery.match(bench.sender)
    assert (match.matched, len(match.unknown)) == ((), 1)
    assert Intent(bench.sender, Transfer(Amount(6, ETHER), bench.recipient)) == six.intent
