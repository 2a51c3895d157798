"""A campaign whose issues are logs on a real node, and a database to read them into."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest_asyncio
from sqlalchemy import text

from chains.registry import ChainEndpoint, ConfiguredChains
from codec.evm.create2 import book_address
from persistence.database import Database
from persistence.jobs import Worker, release_leases
from tests.fakes.anvil import running_anvil
from tests.fakes.voucher_logs import VoucherLogs
from tests.fakes.vouchers import EVM
from tests.integration.vouchers.stage import Stage, terms
from vouchers.ledger.indexer import Indexer


class Scanned:
    """Issue on the node, scan into the database, compare the two."""

    def __init__(self, database: Database, logs: VoucherLogs) -> None:
        self.database = database
        self.logs = logs
        self.node = logs.node
        self.issued = 0

    async def prepare(self) -> None:
        stage = Stage(self.database)
        self.campaign = await stage.campaigns.draft(
            stage.merchant, terms(caps={EVM: 10_000}), created_by=stage.merchant, idempotency_key=uuid4().hex
        )
        async with self.database.transaction() as tx:
            await tx.execute(text("UPDATE campaign_lane SET status = 'active'"))

    async def issue(self, count: int) -> None:
        await self.logs.issue(self.campaign.id, self.issued + 1, [os.urandom(20) for _ in range(count)])
        self.issued += count

    async def chains(self, *urls: str, quorum: int | None = None) -> ConfiguredChains:
        return await ConfiguredChains.connect(
            [ChainEndpoint("eip155", urls[0], chain=EVM, book=book_address(), others=urls[1:], quorum=quorum)]
        )

    async def scan(self, chains: ConfiguredChains, *, local: bool = False) -> str | None:
        """One scan; what the job says when it failed."""
        indexer = Indexer(chains, rewindable=frozenset({EVM} if local else ()))
        async with self.database.transaction() as tx:
            await tx.execute(text("DELETE FROM job"))
            await release_leases(tx)
        await indexer.start(self.database)
        await Worker(self.database, indexer.handlers()).run_due(rounds=50)
        async with self.database.transaction() as tx:
            failed: str | None = (await tx.execute(text("SELECT last_error FROM job"))).scalar()
            return failed

    async def standing(self) -> set[tuple[str, str, int]]:
        """Voucher, block hash and log index of every fact that stands."""
        statement = """
            SELECT voucher_id, encode(block_hash, 'hex'), event_index FROM ledger_entry
            GROUP BY chain, height, transaction_index, event_index, block_hash, voucher_id
            HAVING max(observation) % 2 = 0"""
        async with self.database.transaction() as tx:
            return {(row[0], row[1], row[2]) for row in await tx.execute(text(statement))}

    async def on_chain(self, until: str = "latest") -> set[tuple[str, str, int]]:
        """The same, read afresh from the node itself."""
        found = await self.node.rpc.call(
            "eth_getLogs", {"address": self.logs.book.address, "fromBlock": "0x0", "toBlock": until}
        )
        return {
            (log["topics"][1][2:], log["blockHash"][2:], int(log["logIndex"], 16))
            for log in found
            if log["data"] == "0x"
        }

    async def holders(self) -> dict[str, str]:
        async with self.database.transaction() as tx:
            return {row.id: row.holder for row in await tx.execute(text("SELECT id, holder FROM voucher"))}

    async def observations(self) -> int:
        async with self.database.transaction() as tx:
            return int((await tx.execute(text("SELECT count(*) FROM ledger_entry"))).scalar_one())

    async def change_cursor(self, assignments: str) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(text(f"UPDATE ledger_cursor SET {assignments}"))

    async def halted(self) -> str | None:
        async with self.database.transaction() as tx:
            answer: str | None = (await tx.execute(text("SELECT halted FROM ledger_cursor"))).scalar()
            return answer


@pytest_asyncio.fixture
async def scanned(database: Database, slots: Sequence[str]) -> AsyncIterator[Scanned]:
    async with running_anvil(block_time=None, arguments=slots) as node:
        logs = VoucherLogs(node)
        await logs.install()
        made = Scanned(database, logs)
        await made.prepare()
        yield made
