"""Voucher events from eth_getLogs to committed rows, beside web3.py's contract event loop with ORM writes.

Ours writes what the product needs: a ledger entry with its five indexes and the voucher's row for each issue, and
compares with what is stored; the reference writes one row. Each issue is two logs, of which both ask for one.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from bench.measure import Report, Result
from chains.registry import ChainEndpoint, ConfiguredChains
from codec.evm.abi import load_artifact
from codec.evm.create2 import book_address
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from persistence.jobs import Worker
from persistence.migrate import migrate
from primitives.errors import MissingPart
from primitives.garbage import collect_seldom
from tests.fakes.anvil import Anvil, running_anvil
from tests.fakes.voucher_logs import VoucherLogs
from tests.fakes.vouchers import EVM
from tests.integration.vouchers.stage import Stage, terms
from vouchers.ledger.indexer import Indexer

_REFERENCE_PYTHON = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"
_MEND = (
    "python3 -m venv .venv-bench && .venv-bench/bin/python -m pip install --require-hashes -r requirements/bench.lock"
)
_REFERENCE_SHARE = 10
"""The reference reads one tenth of the events: its rate does not depend on their number."""


def run(*, smoke: bool) -> list[Report]:
    """Both, one after the other."""
    if not smoke and not _REFERENCE_PYTHON.exists():
        raise MissingPart(f"web3.py is not installed for benchmarks: {_MEND}", mend=_MEND)
    return [asyncio.run(_run(2_000 if smoke else 100_000, rounds=1 if smoke else 3))]


async def _run(events: int, *, rounds: int) -> Report:
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        os.chmod(folder, 0o711)
        server = EmbeddedPostgres(Path(folder) / "postgres")
        database = Database(await server.start())
        try:
            await migrate(database)
            async with running_anvil(block_time=None) as node:
                return await _compare(database, node, events, rounds)
        finally:
            await database.close()
            await server.stop()


async def _compare(database: Database, node: Anvil, events: int, rounds: int) -> Report:
    stage = Stage(database)
    campaign = await stage.campaigns.draft(
        stage.merchant, terms(caps={EVM: events}), created_by=stage.merchant, idempotency_key=uuid4().hex
    )
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE campaign_lane SET status = 'active'"))
    logs = VoucherLogs(node)
    await logs.install()
    await logs.issue(campaign.id, 1, [os.urandom(20) for _ in range(events)], per_block=250)
    await node.mine(4)
    chains = await ConfiguredChains.connect(
        [ChainEndpoint("eip155", node.url, chain=EVM, book=book_address(), local=True)]
    )
    collect_seldom()  # as the composition root does
    ours: list[float] = []
    again: list[float] = []
    reference: list[float] = []
    try:
        for _ in range(rounds):
            await _forget(database)
            ours.append(events / await _index(database, chains))
            await _require(database, events)
            async with database.transaction() as tx:
                await tx.execute(text("DELETE FROM ledger_cursor"))
            again.append(events / await _index(database, chains))
            await _require(database, events)
            if _REFERENCE_PYTHON.exists():
                reference.append(await _reference(database, node, logs, events))
    finally:
        await chains.close()
    return _report(events, ours, again, reference)


async def _index(database: Database, chains: ConfiguredChains) -> float:
    """Seconds until everything final is stored, by the worker as in production."""
    indexer = Indexer(chains)
    await indexer.start(database)
    started = time.perf_counter()
    await Worker(database, indexer.handlers()).run_due(rounds=10_000)
    seconds = time.perf_counter() - started
    async with database.transaction() as tx:
        failed = (await tx.execute(text("SELECT last_error FROM job WHERE last_error IS NOT NULL"))).scalar()
    if failed:
        raise AssertionError(failed)
    return seconds


async def _forget(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("TRUNCATE ledger_entry, ledger_cursor, voucher, event, event_parked"))
        await tx.execute(text("DELETE FROM job"))


async def _require(database: Database, events: int) -> None:
    """Each event is stored once, and each voucher stands."""
    async with database.transaction() as tx:
        for table in ("ledger_entry", "voucher"):
            count = (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608
            if count != events:
                raise AssertionError(f"{count} rows in {table}, not {events}")
        await tx.execute(text("DELETE FROM job"))


async def _reference(database: Database, node: Anvil, logs: VoucherLogs, events: int) -> float:
    head = int(await node.rpc.call("eth_blockNumber"), 16)
    until = max(1, head // _REFERENCE_SHARE)
    job: dict[str, Any] = {
        "database": database.url.replace("+asyncpg", "+psycopg"),
        "node": node.url,
        "address": logs.book.address,
        "abi": [one for one in load_artifact("VoucherBook")["abi"] if one.get("name") == "VoucherIssued"],
        "since": 0,
        "until": until,
        "span": 10,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [_REFERENCE_PYTHON, "-m", "bench.reference.web3_events"],
        input=json.dumps(job).encode(),
        capture_output=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "ETH_HASH_BACKEND"},
    )
    if done.returncode:
        raise AssertionError(done.stderr.decode()[-2000:])
    told = json.loads(done.stdout)
    rate: float = told["rows"] / told["seconds"]
    return rate


def _report(events: int, ours: list[float], again: list[float], reference: list[float]) -> Report:
    # To the reference of the same round, so that what else the machine did then counts for both.
    base = reference or ours
    cases = [
        ("indexer: logs to ledger and voucher rows", ours, False),
        ("indexer: the same history again, nothing new", again, False),
        ("web3.py contract event loop, ORM rows", reference, True),
    ]
    results = tuple(
        Result(
            name,
            statistics.median(rates),
            max(rates),
            statistics.median(rate / other for rate, other in zip(rates, base, strict=True)),
            is_reference,
        )
        for name, rates, is_reference in cases
        if rates
    )
    remarks = (
        f"{events:,} issues, two logs each; the reference reads a tenth of them and writes one row per event",
        "the second reading finds every row there and adds none",
    )
    return Report("Indexer", "events", results, remarks)
