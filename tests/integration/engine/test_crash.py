"""kill -9 after each persisted step, then somebody else goes on: exactly one effect on the chain."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.integration.engine.crash_runner import AMOUNT
from tests.integration.engine.stage import Bench
from wallets.engine.model import PaymentStatus

ROOT = Path(__file__).parents[3]


async def _dead(bench: Bench, process: asyncio.subprocess.Process, point: str) -> bool | None:
    """Whether the process has ended. To be caught between included and final, a transaction gets one block only."""
    if point == "payment.included":
        pool = await bench.node.rpc.call("txpool_status")
        if int(pool["pending"], 16):
            await bench.node.mine()
    return process.returncode is not None or None


@pytest.mark.parametrize(
    "point",
    [
        "payment.requested",
        "payment.signed",
        "payment.handed_over",
        "payment.broadcast",
        "payment.followed",
        "payment.included",
        "payment.ended",
    ],
)
async def test_crash_pays_once(bench: Bench, database_url: str, point: str) -> None:
    """The process dies at the point; a new worker finishes; one transaction, one transfer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.engine.crash_runner", database_url, bench.node.url, str(bench.tenant)),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
    )

    try:
        await bench.until(lambda: _dead(bench, process, point), mining=point == "payment.ended")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == -signal.SIGKILL
    async with bench.database.transaction() as tx:
        stored = await bench.engine.by_key(tx, bench.tenant, "crash")
    assert stored is not None
    assert (stored.attempt is None) == (point == "payment.requested")
    again = await bench.pay("crash", AMOUNT)
    assert again.id == stored.id
    async with bench.working():
        done = await bench.ended(stored)
    assert done.status is PaymentStatus.DONE
    if stored.attempt is not None:
        assert done.tx_hash == stored.tx_hash
    assert await bench.received() == AMOUNT
    assert await bench.adapter.next_nonce(bench.sender) == 1
