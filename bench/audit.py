"""Proof bundles built and verified per second, events rebuilt per second, and a large campaign reconciled."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from audit.attestation import FileAttester
from audit.proofs.evm import EvmBundleBuilder
from audit.rebuild.service import RebuildService
from audit.reconciliation.chain import EvmReader
from audit.reconciliation.service import ReconciliationService
from audit.verifier import verify
from bench.measure import Report, Result
from chains.registry import ChainEndpoint, ConfiguredChains
from codec.evm.create2 import book_address
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from persistence.jobs import Worker
from persistence.migrate import migrate
from primitives.hashing import keccak256
from tests.fakes.anvil import running_anvil
from tests.fakes.voucher_logs import VoucherLogs
from tests.fakes.vouchers import EVM
from tests.integration.audit.evm_stage import BOOK, CHAIN, EvmStage
from tests.integration.vouchers.stage import Stage, terms
from vouchers.ledger.indexer import Indexer
from vouchers.settlement.books import Books


def run(*, smoke: bool) -> list[Report]:
    """Bundles first, then a campaign of 100,000 vouchers."""
    return [asyncio.run(_bundles(2 if smoke else 60)), asyncio.run(_campaign(1_000 if smoke else 100_000))]


async def _bundles(count: int) -> Report:
    """Of one redemption each, amid ten other transactions and below 31 further headers."""
    async with running_anvil(block_time=None) as anvil:
        stage = EvmStage(anvil)
        await stage.open()
        order = stage.order(await stage.issue(), order_hash=keccak256(b"bench"))
        receipt = await stage.redeem(order, neighbours=10)
        await anvil.mine(40)
        builder = EvmBundleBuilder(CHAIN, anvil.rpc, [BOOK], FileAttester(keccak256(b"attester")))
        subject = stage.subject(receipt)
        built, checked, hashed = [], [], []
        data = await builder.build(subject)
        for _ in range(count):
            started = time.perf_counter()
            data = await builder.build(subject)
            built.append(1 / (time.perf_counter() - started))
            started = time.perf_counter()
            verify(data)
            checked.append(1 / (time.perf_counter() - started))
            started = time.perf_counter()
            keccak256(data)
            hashed.append(1 / (time.perf_counter() - started))
    base = _median(hashed)
    results = (
        Result("bundle built from a node's answers", _median(built), max(built), _median(built) / base, False),
        Result("bundle verified", _median(checked), max(checked), _median(checked) / base, False),
        Result("its bytes hashed once (keccak256)", base, max(hashed), 1.0, True),
    )
    return Report("Proof bundles", "bundles", results, (f"a bundle has {len(data):,} bytes",))


async def _campaign(vouchers: int) -> Report:
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        os.chmod(folder, 0o711)
        server = EmbeddedPostgres(Path(folder) / "postgres")
        database = Database(await server.start())
        try:
            await migrate(database)
            async with running_anvil(block_time=None) as node, _indexed(database, node, vouchers) as (chains, campaign):
                return await _measured(database, node, chains, campaign, vouchers)
        finally:
            await database.close()
            await server.stop()


@asynccontextmanager
async def _indexed(database: Database, node: Any, vouchers: int) -> AsyncIterator[tuple[ConfiguredChains, Any]]:
    """A campaign whose vouchers are logged by a stand-in of the book, and read into the ledger."""
    stage = Stage(database)
    campaign = await stage.campaigns.draft(
        stage.merchant, terms(caps={EVM: vouchers}), created_by=stage.merchant, idempotency_key=uuid4().hex
    )
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE campaign_lane SET status = 'active'"))
    logs = VoucherLogs(node)
    await logs.install()
    await logs.issue(campaign.id, 1, [os.urandom(20) for _ in range(vouchers)], per_block=250)
    await node.mine(4)
    endpoint = ChainEndpoint("eip155", node.url, chain=EVM, book=book_address(), local=True)
    chains = await ConfiguredChains.connect([endpoint])
    try:
        indexer = Indexer(chains)
        await indexer.start(database)
        await Worker(database, indexer.handlers()).run_due(rounds=10_000)
        yield chains, campaign
    finally:
        await chains.close()


async def _measured(database: Database, node: Any, chains: ConfiguredChains, campaign: Any, vouchers: int) -> Report:
    reader = EvmReader(EVM, node.rpc, [book_address()])
    service = ReconciliationService(database, chains, {EVM: reader})
    async with database.transaction() as tx:
        # The comparison with rows and sums in SQL: what a plan needs to be good.
        await tx.execute(text("ANALYZE ledger_entry, voucher"))
        started = time.perf_counter()
        counted = (await tx.execute(text("SELECT count(*), count(DISTINCT voucher_id) FROM ledger_entry"))).one()
        reference = time.perf_counter() - started
    times = []
    for _ in range(3):
        started = time.perf_counter()
        (lane,) = await service.of_campaign(campaign.id)
        times.append(time.perf_counter() - started)
    rows = {one.fault.value for one in lane.findings if one.fault.value.startswith(("row_", "serial_"))}
    if lane.ledger.issued != vouchers or rows:
        raise AssertionError(f"{lane.ledger.issued} issued, {rows}")
    rebuilt = await RebuildService(database, Indexer(chains), Books(database, chains)).rebuild()
    if not rebuilt.equal or rebuilt.events != vouchers:
        raise AssertionError(rebuilt.tables)
    base, again = counted[0] / reference, vouchers / rebuilt.seconds
    rates = [vouchers / one for one in times]
    results = (
        Result("reconciled: sums, rows, chain, books", _median(rates), max(rates), _median(rates) / base, False),
        Result("rebuilt: dropped, read again, compared", again, again, again / base, False),
        Result("counted in SQL", base, base, 1.0, True),
    )
    remarks = (f"{vouchers:,} vouchers; reconciled in {_median(times):.2f} s, rebuilt in {rebuilt.seconds:.1f} s",)
    return Report("A large campaign", "vouchers", results, remarks)


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
