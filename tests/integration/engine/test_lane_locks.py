"""Lanes of accounts that have never paid are made before any other lane is held, so that nobody waits in a circle."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event, text

from persistence.database import Database
from primitives.account_id import AccountId
from tests.integration.engine.stage import CHAIN
from wallets.engine.lanes import sql as lanes

KNOWN, NEW, LAST = (AccountId.from_raw(CHAIN, bytes([at]) * 20) for at in (1, 2, 3))
_LANE = text("SELECT 1 FROM payment_lane WHERE account = :account FOR UPDATE NOWAIT")
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND query LIKE 'INSERT INTO payment_lane%'"
)


async def test_nobody_holds_a_lane_while_waiting_for_one_that_is_being_made(database: Database) -> None:
    async with database.transaction() as tx:
        await lanes.lock_lanes(tx, [KNOWN, LAST])

    async def both() -> list[AccountId]:
        async with database.transaction() as tx:
            held, _ = await lanes.lock_lanes(tx, [LAST, NEW, KNOWN])
            return list(held)

    async with database.transaction() as first:
        await lanes.lock_lanes(first, [NEW])
        second = asyncio.create_task(both())
        async with asyncio.timeout(60):
            while True:
                async with database.statements() as tx:
                    if (await tx.execute(_WAITING)).scalar_one():
                        break
        # Whoever makes a lane can go on with those that are there, though somebody waits for theirs.
        for account in (KNOWN, LAST):
            await first.execute(_LANE, {"account": account.address})
    assert sorted(await second, key=lambda one: one.address) == [KNOWN, NEW, LAST]


async def test_lanes_that_are_there_are_held_in_one_statement(database: Database) -> None:
    async with database.transaction() as tx:
        await lanes.lock_lanes(tx, [NEW, KNOWN])
        await lanes.advance_lane(tx, NEW, 7)
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    async with database.transaction() as tx:
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        held, _ = await lanes.lock_lanes(tx, [NEW, KNOWN])
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert len(statements) == 1
    assert {account: lane.next_nonce for account, lane in held.items()} == {KNOWN: None, NEW: 7}
