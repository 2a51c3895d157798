"""Many payments, a worker that dies at one persisted step after the other: every payment once, no nonce left out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from chains.intent import Intent, Transfer
from primitives.account_id import AccountId
from primitives.asset import Amount
from tests.integration.engine.stage import CHAIN, ETHER, Bench
from wallets.engine.model import PaymentRequest, PaymentStatus

ROOT = Path(__file__).parents[3]
POINTS = (
    "payment.requested",
    "payment.signed",
    "payment.handed_over",
    "payment.broadcast",
    "payment.followed",
    "payment.included",
    "payment.ended",
)
_BLOCKS_PER_DEATH = 400


def _recipient(number: int) -> AccountId:
    return AccountId.from_raw(CHAIN, (0x77 << 152 | number).to_bytes(20, "big"))


async def _request(bench: Bench, count: int) -> None:
    for start in range(0, count, 100):
        async with bench.database.transaction() as tx:
            await bench.engine.request_many(
                tx,
                [
                    PaymentRequest(
                        bench.tenant,
                        f"k{number}",
                        Intent(bench.sender, Transfer(Amount(1000 + number, ETHER), _recipient(number))),
                        "transfer",
                    )
                    for number in range(start, min(start + 100, count))
                ],
            )


async def _die_at(bench: Bench, database_url: str, point: str, nth: int) -> bool:
    """Let a worker run until it kills itself at the n-th passing of the point; False if nothing was left to do."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.engine.crash_batch", database_url, bench.node.url),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": f"{point}:{nth}"},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        for _ in range(_BLOCKS_PER_DEATH):
            await bench.node.mine()
            async with bench.database.transaction() as tx:
                counts = await bench.engine.counts(tx)
            # Asked after the counts: the last end may be the very passing at which it dies.
            done = set(counts) == {PaymentStatus.DONE}
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 3 if done else 0.1)
            if process.returncode is not None:
                assert process.returncode == -signal.SIGKILL
                return True
            if done:
                return False
        raise AssertionError(f"neither dead nor done: {counts}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _crash_through(bench: Bench, database_url: str, count: int) -> int:
    await _request(bench, count)
    deaths = 0
    # Later passings as well: at the first one the batch is young, at the third half of it is on the chain.
    for nth in (1, 3):
        for point in POINTS:
            deaths += await _die_at(bench, database_url, point, nth)
    async with bench.working():

        async def done() -> bool | None:
            async with bench.database.transaction() as tx:
                counts = await bench.engine.counts(tx)
            return set(counts) == {PaymentStatus.DONE} or None

        await bench.until(done, rounds=2000)
    return deaths


async def _check(bench: Bench, count: int) -> None:
    """Every receipt, every nonce, every amount: once."""
    async with bench.database.transaction() as tx:
        rows = (
            await tx.execute(
                text(
                    "SELECT a.tx_hash, p.nonce FROM payment p JOIN payment_attempt a ON a.payment_id = p.id "
                    "WHERE a.status = 'final' AND a.ok"
                )
            )
        ).all()
    assert len(rows) == count
    receipts = await bench.node.rpc.batch([("eth_getTransactionReceipt", [row.tx_hash]) for row in rows])
    assert all(receipt["status"] == "0x1" for receipt in receipts)
    head = int(await bench.node.rpc.call("eth_blockNumber"), 16)
    blocks = await bench.node.rpc.batch([("eth_getBlockByNumber", [hex(n), True]) for n in range(1, head + 1)])
    sent = [one for block in blocks for one in block["transactions"]]
    assert len(sent) == count
    assert sorted(int(one["nonce"], 16) for one in sent) == list(range(count))
    assert max(Counter(one["to"] for one in sent).values()) == 1
    balances = await bench.node.rpc.batch([("eth_getBalance", [_recipient(n).address, "latest"]) for n in range(count)])
    assert [int(balance, 16) for balance in balances] == [1000 + n for n in range(count)]


@pytest.mark.parametrize("point", ["payment.signed", "payment.handed_over", "payment.ended"])
async def test_batch_survives_a_death(bench: Bench, database_url: str, point: str) -> None:
    """Thirty payments and one death: the smoke of the soak below."""
    await _request(bench, 30)
    assert await _die_at(bench, database_url, point, 1)
    async with bench.working():

        async def done() -> bool | None:
            async with bench.database.transaction() as tx:
                counts = await bench.engine.counts(tx)
            return set(counts) == {PaymentStatus.DONE} or None

        await bench.until(done, rounds=1000)
    await _check(bench, 30)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_a_thousand_survive_every_death(bench: Bench, database_url: str) -> None:
    """1,000 payments, mining by hand, a kill -9 at every persisted step, early and late."""
    deaths = await _crash_through(bench, database_url, 1000)
    assert deaths >= len(POINTS)
    await _check(bench, 1000)
