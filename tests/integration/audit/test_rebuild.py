"""A month of traffic with reorganisations, dropped and read again: equal, row for row."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from audit.rebuild import sql
from audit.rebuild.service import RebuildService
from chains import events as facts
from persistence.database import Database
from persistence.jobs import Worker
from primitives.errors import LedgerDiverged
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.integration.vouchers.stage import Stage
from vouchers.settlement.books import Books

pytestmark = pytest.mark.xdist_group("audit_rebuild")

DAY = 86_400
ROOT = Path(__file__).parents[3]


class Traffic:
    """Issues, moves, redemptions and fundings as a chain tells them; what a reorganisation drops comes again later, if
    it comes."""

    def __init__(self, stage: Stage, campaign: CampaignId, seed: int) -> None:
        self.stage = stage
        self.campaign = campaign
        self.chance = random.Random(seed)
        self.accounts = [stage.holder()[1] for _ in range(5)]
        self.merchant = stage.holder()[1]
        self.live: list[VoucherId] = []
        self.number = 0
        self.reorganisations = 0

    def day(self) -> None:
        chain = self.stage.chain
        for _ in range(3):
            chain._add([(keccak256(repr(one).encode()).hex(), one) for one in self._facts()])
        chain.blocks[-1].time += DAY

    def night(self) -> None:
        """What was read by day may turn out otherwise."""
        chain, chance = self.stage.chain, self.chance
        if chance.random() < 0.4:
            depth = chance.randint(1, 2)
            lost = [one for block in chain.blocks[-depth:] for one in block.events]
            chain.reorganise(depth)
            self.reorganisations += 1
            # All of it is included again, in one later block, so that nobody's serial is missing.
            chain._add(lost)

    def _facts(self) -> list[facts.Fact]:
        chance, settlement = self.chance, self.stage.chain.money.id
        told: list[facts.Fact] = []
        for _ in range(chance.randint(1, 4)):
            self.number += 1
            voucher = VoucherId(self.campaign, Serial(0, SerialClass.SINGLE, self.number))
            told.append(facts.VoucherIssued(voucher, chance.choice(self.accounts)))
            self.live.append(voucher)
        if chance.random() < 0.6 and len(self.live) > 6:
            voucher = self.live.pop(chance.randrange(3))
            holder = self.stage.chain.state.vouchers.get(voucher)
            account = self.accounts[0] if holder is None else holder.holder
            digest = keccak256(voucher.raw)
            told.append(
                facts.VoucherRedeemed(voucher, digest, digest, account, self.merchant, 2_000, 20_000_000, settlement)
            )
            told.append(facts.OrderPaid(digest, account, self.merchant, settlement, 80_000_000))
        return told


async def lived(database: Database, *, days: int, seed: int) -> tuple[Stage, Traffic, RebuildService]:
    stage = Stage(database)
    campaign = await stage.campaign()
    books = Books(database, stage.chains)
    traffic = Traffic(stage, campaign.id, seed)
    for _ in range(days):
        traffic.day()
        await stage.scan()
        traffic.night()
        await stage.scan()
    stage.chain.mine(4)
    await stage.scan()
    async with database.transaction() as tx:
        while await books.post(tx, stage.chain.chain_id):
            pass
    return stage, traffic, RebuildService(database, stage.indexer, books)


async def gone(database: Database) -> int:
    async with database.transaction() as tx:
        count: int = (
            await tx.execute(text("SELECT count(*) FROM ledger_entry WHERE observation % 2 = 1"))
        ).scalar_one()
        return count


async def test_a_month_with_reorganisations_is_rebuilt_row_for_row(database: Database) -> None:
    """Every projection is equal; what reorganisations took back is still on record."""
    _, traffic, service = await lived(database, days=30, seed=8)
    assert traffic.reorganisations > 5
    taken_back = await gone(database)
    assert taken_back > 5
    rebuilt = await service.rebuild()
    assert rebuilt.equal, rebuilt
    assert {table.name: table.rows > 20 for table in rebuilt.tables} == dict.fromkeys(
        ("ledger_entry", "voucher", "book_entry"), True
    )
    assert await gone(database) == taken_back


async def test_what_was_edited_is_told_and_mended(database: Database) -> None:
    """The chain knows better: after the rebuild the edited row is as it was before."""
    _, _, service = await lived(database, days=3, seed=9)
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE voucher SET moves = 7 WHERE id = (SELECT min(id) FROM voucher)"))
    first = await service.rebuild()
    (table,) = (one for one in first.tables if not one.equal)
    assert (table.name, '"moves": 7' in table.lost[0], '"moves": 0' in table.new[0]) == ("voucher", True, True)
    assert (await service.rebuild()).equal


async def test_nothing_is_dropped_while_a_document_is_wrong(database: Database) -> None:
    _, _, service = await lived(database, days=1, seed=10)
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE document SET body = body || ' '::bytea"))
        before = (await tx.execute(text("SELECT count(*) FROM voucher"))).scalar_one()
    with pytest.raises(LedgerDiverged):
        await service.rebuild()
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM voucher"))).scalar_one() == before > 0


async def killed(database_url: str) -> None:
    """Another process drops the projections and dies before it reads anything."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.audit.dying_rebuild", database_url),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": "rebuild.dropped"},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def rows(database: Database) -> dict[str, int]:
    """Of the projections: what stands in the ledger, the vouchers, the postings and both cursors."""
    tables = ("voucher", "book_entry", "ledger_cursor", "book_cursor")
    async with database.transaction() as tx:
        found = {name: (await tx.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in tables}
        issued = "SELECT count(*) FROM ledger_entry WHERE observation % 2 = 0 AND kind = 'issued'"
        taken_back = issued.replace("observation % 2 = 0", "observation % 2 = 1")
        found["issued"] = (await tx.execute(text(f"SELECT ({issued}) - ({taken_back})"))).scalar_one()
    return found


async def test_killed_after_the_drop_the_installation_fills_the_tables_again(
    database: Database, database_url: str
) -> None:
    """kill -9 when everything is dropped and nothing is read: the running jobs make every row again."""
    stage, traffic, service = await lived(database, days=4, seed=11)
    before, reversals = await rows(database), await gone(database)
    assert min(before.values()) > 0
    books = Books(database, stage.chains)
    async with database.engine.connect() as connection:
        async with connection.begin():
            await sql.remember(connection)
        await killed(database_url)
        assert await rows(database) == dict.fromkeys(before, 0)
        assert await gone(database) == reversals

        # What an installation runs all the time, and nothing else: no rebuild goes on.
        worker = Worker(database, {**stage.indexer.handlers(), **books.handlers()})
        for _ in range(20):
            await stage.indexer.start(database)
            await books.start(database)
            await worker.run_due(rounds=10)
            if await rows(database) == before:
                break
        assert await rows(database) == before
        async with connection.begin():
            for name in sql.CANONICAL:
                count, lost, new = await sql.compare(connection, name)
                assert (count > 0, lost, new) == (True, [], []), name
    assert (await service.rebuild()).equal
    assert traffic.number == before["issued"]
