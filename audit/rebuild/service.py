"""`quanbao rebuild`: the projections are dropped, read again from the chains, and compared with what they were."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from audit.rebuild import sql
from persistence.database import Database
from persistence.faults import fault_point
from persistence.jobs import Handler, Worker
from primitives.chain_id import ChainId
from primitives.errors import LedgerDiverged, NodeUnavailable
from primitives.hashing import keccak256
from vouchers.ledger.sql import cursors, hold_chain
from vouchers.settlement.sql import posted_height

_PATIENCE = 600
"""Rounds without any progress after which a node is taken not to answer."""


class Reader(Protocol):
    """The indexer, and the books: durable work that goes on from its cursor."""

    def handlers(self) -> Mapping[str, Handler]: ...

    async def start(self, database: Database) -> None: ...


@dataclass(frozen=True, slots=True)
class RebuiltTable:
    """`lost` and `new` are rows, as JSON, that only the old or only the new table has; at most 20 each."""

    name: str
    rows: int
    lost: Sequence[str]
    new: Sequence[str]

    @property
    def equal(self) -> bool:
        return not self.lost and not self.new


@dataclass(frozen=True, slots=True)
class Rebuilt:
    tables: tuple[RebuiltTable, ...]
    seconds: float

    @property
    def equal(self) -> bool:
        return all(table.equal for table in self.tables)

    @property
    def events(self) -> int:
        return next(table.rows for table in self.tables if table.name == "ledger_entry")


class RebuildService:
    """Restores the listed projections (`audit.rebuild.sql.CANONICAL`).

    A crash at any point leaves tables that the running installation fills by itself: what is dropped is what the
    indexer and the books make of the chains anyway.
    """

    def __init__(self, database: Database, indexer: Reader, books: Reader) -> None:
        self._database = database
        self._indexer = indexer
        self._books = books

    async def rebuild(self) -> Rebuilt:
        """Drop, read again, compare.

        Raises:
            LedgerDiverged: A content-addressed document does not have its hash; nothing was dropped.
            NodeUnavailable: A chain cannot be read as far as it was; what was read stays, and reading goes on later.
        """
        await self._require_documents()
        started = time.monotonic()
        # One connection for as long as it takes: what the tables were is kept in its own temporary tables.
        async with self._database.engine.connect() as connection:
            async with connection.begin():
                until = await sql.remember(connection)
                posted = await sql.posted(connection)
            async with connection.begin():
                for chain in sorted(until, key=str):
                    await hold_chain(connection, chain)
                await sql.drop(connection)
            fault_point("rebuild.dropped")
            await self._read(until, posted)
            seconds = time.monotonic() - started
            async with connection.begin():
                tables = [RebuiltTable(name, *await sql.compare(connection, name)) for name in sql.CANONICAL]
        return Rebuilt(tuple(tables), seconds)

    async def _require_documents(self) -> None:
        async with self._database.transaction() as tx:
            for digest, body in await sql.edited_documents(tx):
                if keccak256(body) != digest:
                    raise LedgerDiverged(
                        f"the document {digest.hex()} does not have its hash: restore it from a backup first",
                        document=digest.hex(),
                    )

    async def _read(self, until: Mapping[ChainId, int], posted: Mapping[ChainId, int]) -> None:
        worker = Worker(self._database, {**self._indexer.handlers(), **self._books.handlers()})
        idle, known = 0, -1
        while idle < _PATIENCE:
            await self._indexer.start(self._database)
            await self._books.start(self._database)
            await worker.run_due(rounds=10_000)
            async with self._database.transaction() as tx:
                reached = {chain: cursor.final_height for chain, cursor in (await cursors(tx)).items()}
                heights = {chain: await posted_height(tx, chain) for chain in posted}
            behind = [chain for chain, height in until.items() if reached.get(chain, -1) < height]
            behind += [chain for chain, height in posted.items() if heights[chain] < height]
            if not behind:
                return
            progress = sum(reached.values()) + sum(heights.values())
            idle, known = (0 if progress > known else idle + 1), progress
            await asyncio.sleep(0.05)
        raise NodeUnavailable(
            f"{behind[0]} cannot be read as far as it was: reading goes on by itself when its node answers",
            reason="rebuild",
        )
