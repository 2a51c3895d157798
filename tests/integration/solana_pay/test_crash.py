"""kill -9 of the worker that has just accepted a payment: the request is paid once, by that payment alone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from persistence.database import Database
from persistence.jobs import Worker
from tests.integration.solana_pay.conftest import SOL, Shop
from tests.integration.solana_pay.test_solana_pay import gift

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[3]
_BOUND_SECONDS = 90


async def _dies(database_url: str, shop: Shop, point: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.solana_pay.dying_look", database_url, shop.node.url),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
    )
    assert await asyncio.wait_for(process.wait(), _BOUND_SECONDS) == -signal.SIGKILL


async def _asked(database: Database, statement: str, **values: Any) -> list[Any]:
    async with database.transaction() as tx:
        found = await tx.execute(text(statement), values)
        return list(found) if found.returns_rows else []


async def _look_only_at(database: Database, request: dict[str, Any]) -> None:
    await _asked(
        database,
        "UPDATE job SET due_at = now() + CASE WHEN key = :key THEN interval '0' ELSE interval '1 hour' END"
        " WHERE kind = 'solana_pay.look'",
        key=request["id"],
    )


async def _until_looked_at(shop: Shop, database: Database, request: dict[str, Any]) -> None:
    """A worker as `up` runs one, until it has nothing more to look for."""
    worker = Worker(database, shop.pay.handlers(), lease=timedelta(seconds=5), poll=timedelta(milliseconds=50))
    running = asyncio.create_task(worker.run())
    try:
        for _ in range(_BOUND_SECONDS * 50):
            if not await _asked(database, "SELECT 1 FROM job WHERE key = :key", key=request["id"]):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("nobody finished looking")
    finally:
        worker.stop()
        await running


async def test_a_payment_whose_acceptance_was_cut_off_is_counted_once(
    shop: Shop, database: Database, database_url: str
) -> None:
    """One transfer names two requests and a second one names the first again: after the death the first request has
    the first transfer, the other request has none, and nobody is led to pay again."""
    payer = await shop.payer()
    request, other = await shop.ask(SOL // 4), await shop.ask(SOL // 4)
    both = gift(shop, payer, SOL // 4, request["reference"], other["reference"])
    paid = await shop.send(await shop.signed(payer, both))
    await shop.node.finalise()
    await _look_only_at(database, request)
    await _dies(database_url, shop, "solana_pay.accepted")
    receipts = "SELECT signature, request_id::text, base_units::bigint FROM solana_pay_receipt"
    assert await _asked(database, receipts) == [(paid, request["id"], SOL // 4)], "the death came after the commit"
    assert await _asked(database, "SELECT 1 FROM job WHERE key = :key", key=request["id"]), "nobody finished it"

    again = await shop.client.post(f"/api/v1/solana-pay/{request['id']}", json={"account": str(payer.pubkey())})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    await shop.send(await shop.signed(payer, gift(shop, payer, SOL // 2, request["reference"])))
    await shop.node.finalise()
    await _look_only_at(database, request)
    await _until_looked_at(shop, database, request)
    states = await asyncio.gather(*(shop.read(one) for one in (request, other, request, other)))
    assert [(one["status"], one["signature"]) for one in states] == [("paid", paid), ("open", None)] * 2
    assert await _asked(database, receipts) == [(paid, request["id"], SOL // 4)]
