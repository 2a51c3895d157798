"""kill -9 right after the engine has mended something: filled a gap, let a presigned replacement out, replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.engine.stage import Bench, make_engine
from wallets.engine.care import Patience
from wallets.engine.model import Payment, PaymentStatus
from wallets.engine.presigning import Presigning

pytestmark = pytest.mark.xdist_group("engine")

ROOT = Path(__file__).parents[3]
SOON = Patience(gap=timedelta(0), replace=timedelta(0), stall=timedelta(seconds=60))


async def _die_at(bench: Bench, database_url: str, point: str) -> None:
    """A worker mends without any new block until it kills itself at the point."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.engine.crash_batch", database_url, bench.node.url, "impatient"),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _dear(bench: Bench, payment: Payment) -> None:
    """The pool forgets the payment, and the next blocks cost more than it offers."""
    await bench.node.rpc.call("anvil_dropTransaction", payment.tx_hash)
    await bench.node.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(10 * 10**9))
    await bench.node.mine()


async def _signed(bench: Bench) -> int:
    async with bench.database.transaction() as tx:
        return len(await bench.engine.list(tx, bench.tenant))


async def _goes_on(bench: Bench, payment: Payment) -> Payment:
    bench.engine = make_engine(bench.database, bench.adapter, patience=SOON)[0]
    async with bench.working():
        done = await bench.ended(payment)
    assert done.status is PaymentStatus.DONE
    assert await bench.received() == 1000
    return done


async def test_gap_is_filled_once(bench: Bench, database_url: str) -> None:
    raw = {"from": bench.sender.address, "to": bench.recipient.address, "value": hex(5), "nonce": "0x0"}
    foreign = await bench.node.rpc.call("eth_sendTransaction", {**raw, "gas": hex(21000)})
    payment = await bench.engine.authorise((await bench.pay("a")).id, bench.signer)
    assert payment.nonce == 1
    await bench.node.rpc.call("anvil_dropTransaction", foreign)
    await _die_at(bench, database_url, "lane.filled")
    assert await _signed(bench) == 2
    await _goes_on(bench, payment)
    assert await _signed(bench) == 2
    assert await bench.adapter.next_nonce(bench.sender) == 2


async def test_service_payment_is_replaced_and_lands_once(bench: Bench, database_url: str) -> None:
    payment = await bench.engine.authorise((await bench.pay("a")).id, bench.signer)
    await _dear(bench, payment)
    await _die_at(bench, database_url, "payment.replaced")
    replaced = await bench.read(payment)
    assert len(replaced.attempts) == 2
    assert {attempt.nonce for attempt in replaced.attempts} == {0}
    done = await _goes_on(bench, payment)
    assert sum(attempt.landed for attempt in done.attempts) == 1
    assert await bench.adapter.next_nonce(bench.sender) == 1


async def test_presigned_replacement_is_let_out_and_lands_once(bench: Bench, database_url: str) -> None:
    asked = await bench.pay("a", signs="person")
    payment = await bench.engine.authorise(asked.id, bench.signer, presigning=Presigning(3, 10**16))
    await _dear(bench, payment)
    await _die_at(bench, database_url, "payment.released")
    let_out = await bench.read(payment)
    assert let_out.attempt is not None
    assert let_out.attempt.number > 1
    done = await _goes_on(bench, payment)
    assert sum(attempt.landed for attempt in done.attempts) == 1
    assert len(done.attempts) == 4
    assert await bench.adapter.next_nonce(bench.sender) == 1
