"""Accounts that run low: told once, filled up once, also when the process dies in between."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from chains.intent import Intent, Transfer
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.errors import InvalidValue
from tests.integration.engine.stage import CHAIN, ETHER, Bench
from wallets.engine.model import PaymentRequest, PaymentStatus
from wallets.engine.watch.service import WATCH
from wallets.engine.watch.sql import Watched

ROOT = Path(__file__).parents[3]
RELAYER = AccountId.from_raw(CHAIN, b"\x77" * 20)
ALARM, FULL = 10**17, 10**18


async def _watch(bench: Bench, *, top_up: bool) -> None:
    async with bench.database.transaction() as tx:
        watched = Watched(RELAYER, bench.tenant, ALARM, FULL if top_up else None, bench.sender if top_up else None)
        await bench.engine.balances.watch(tx, watched)


async def _look(bench: Bench) -> None:
    """One round."""
    async with bench.database.transaction() as tx:
        await tx.execute(text("UPDATE job SET due_at = now() WHERE kind = :kind"), {"kind": WATCH})
    handlers = {WATCH: bench.engine.balances.look}
    await Worker(bench.database, handlers).run_due(rounds=1)


async def _alarms(bench: Bench) -> list[str]:
    async with bench.database.transaction() as tx:
        rows = await tx.execute(
            text(
                "SELECT data ->> 'balance' FROM event WHERE kind = 'account.low_balance' AND tenant_id = :t ORDER BY id"
            ),
            {"t": bench.tenant},
        )
        return list(rows.scalars())


async def test_it_tells_once_and_again_after_it_had_recovered(bench: Bench) -> None:
    await bench.node.fund(RELAYER.address, ALARM)
    await _watch(bench, top_up=False)
    await _look(bench)
    assert await _alarms(bench) == []
    for balance, told in ((ALARM - 1, ["99999999999999999"]), (5, ["99999999999999999"])):
        await bench.node.fund(RELAYER.address, balance)
        await _look(bench)
        assert await _alarms(bench) == told
    await bench.node.fund(RELAYER.address, FULL)
    await _look(bench)
    await bench.node.fund(RELAYER.address, 7)
    await _look(bench)
    assert await _alarms(bench) == ["99999999999999999", "7"]
    async with bench.database.transaction() as tx:
        (seen,) = await bench.engine.balances.watched(tx, bench.tenant)
    assert (seen.balance, seen.top_ups, seen.alarmed_at is not None) == (7, 0, True)


async def test_a_top_up_is_one_payment_at_a_time(bench: Bench) -> None:
    await _watch(bench, top_up=True)
    for _ in range(3):
        await _look(bench)
    async with bench.database.transaction() as tx:
        payments = await bench.engine.list(tx, bench.tenant)
    assert [payment.act for payment in payments] == ["relayer.top_up"]
    async with bench.working():
        assert (await bench.ended(payments[0])).status is PaymentStatus.DONE
    assert (await bench.adapter.balance(RELAYER, ETHER)).base_units == FULL
    await _look(bench)
    await bench.node.fund(RELAYER.address, 1)
    await _look(bench)
    async with bench.database.transaction() as tx:
        assert len(await bench.engine.list(tx, bench.tenant)) == 2


async def test_what_would_ring_again_at_once_is_refused(bench: Bench) -> None:
    for target, source in ((ALARM, bench.sender), (None, bench.sender), (FULL, None)):
        async with bench.database.transaction() as tx:
            with pytest.raises(InvalidValue):
                await bench.engine.balances.watch(tx, Watched(RELAYER, bench.tenant, ALARM, target, source))


async def test_a_process_that_dies_after_looking_has_told_and_paid_once(bench: Bench, database_url: str) -> None:
    await _watch(bench, top_up=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.engine.watch_runner", database_url, bench.node.url),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": "balance.watched"},
    )
    try:
        await bench.until(lambda: _ended(process), mining=False)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == -signal.SIGKILL
    async with bench.working():

        async def filled() -> bool:
            return (await bench.adapter.balance(RELAYER, ETHER)).base_units >= FULL

        await bench.until(filled)
        await _look(bench)
    assert (await bench.adapter.balance(RELAYER, ETHER)).base_units == FULL
    assert len(await _alarms(bench)) == 1


async def _ended(process: asyncio.subprocess.Process) -> bool:
    return process.returncode is not None


async def test_fees_count_against_a_budget_until_it_is_used_up(bench: Bench) -> None:
    """Reserved at the signature, settled with what was paid; what does not fit is refused unsigned."""
    budget = "campaign:aa"
    async with bench.database.transaction() as tx:
        await bench.engine.first_gas_budgets(tx, {budget: 10**18}, ETHER.id)
        await bench.engine.first_gas_budgets(tx, {budget: 5}, ETHER.id)  # it has one already

    async def pay(key: str) -> UUID:
        intent = Intent(bench.sender, Transfer(Amount(1, ETHER), bench.recipient))
        request = PaymentRequest(bench.tenant, key, intent, "act", signs="person", budgets=(budget,))
        async with bench.database.transaction() as tx:
            payment = await bench.engine.request(tx, request)
        return (await bench.engine.authorise(payment.id, bench.signer)).id

    async def spent() -> int:
        async with bench.database.transaction() as tx:
            return await bench.engine.gas_spent(tx, budget, ETHER.id)

    first = await pay("first")
    held = await spent()
    async with bench.database.transaction() as tx:
        payment = await bench.engine.get(tx, bench.tenant, first)
    assert payment.fee_limit is not None
    assert held == payment.fee_limit.base_units
    async with bench.working():
        done = await bench.ended(payment)
    assert done.fee_paid is not None
    assert await spent() == done.fee_paid.base_units < held
    async with bench.database.transaction() as tx:
        await bench.engine.set_gas_budget(tx, budget, ETHER.id, await spent() + 1)
        second = await bench.engine.get(tx, bench.tenant, first)
    assert second.status is PaymentStatus.DONE
    refused = await pay("second")
    async with bench.database.transaction() as tx:
        ended = await bench.engine.get(tx, bench.tenant, refused)
        await bench.engine.set_gas_budget(tx, budget, ETHER.id, None)
    assert (ended.status, ended.attempt) == (PaymentStatus.FAILED, None)
    assert ended.failure is not None
    assert ended.failure.code == "gas_budget_exhausted"
    assert await spent() == done.fee_paid.base_units, "what was refused holds nothing"
    third = await pay("third")
    async with bench.database.transaction() as tx:
        assert (await bench.engine.get(tx, bench.tenant, third)).status is PaymentStatus.IN_FLIGHT
