"""A consumer that fails at an event holds up neither the others nor its own later events, and has it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from api.cli.doctor import _events
from api.settings import Settings
from people.events import publish
from people.events.fan_out import FanOut, _pause
from people.events.model import Event
from people.events.sql import parked_by_consumer
from persistence.database import Database, Transaction
from persistence.jobs import Worker
from primitives.errors import DatabaseUnavailable, NotFound


class Consumer:
    """Writes what it heard in the transaction that it is given, so that what is rolled back was never heard."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fails: dict[str, Exception] = {}
        self.broken_statement: str | None = None

    async def consume(self, tx: Transaction, events: Sequence[Event]) -> None:
        for event in events:
            await tx.execute(text("INSERT INTO heard VALUES (:who, :kind)"), {"who": self.name, "kind": event.kind})
            if event.kind in self.fails:
                raise self.fails[event.kind]
            if event.kind == self.broken_statement:
                await tx.execute(text("SELECT 1 / 0"))


class Town:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.person = uuid4()
        self.first, self.second = Consumer("first"), Consumer("second")
        self.fan_out = FanOut({one.name: one.consume for one in (self.first, self.second)})
        self.worker = Worker(database, self.fan_out.handlers())

    async def begin(self) -> None:
        async with self.database.transaction() as tx:
            await self.fan_out.begin(tx)

    async def tell(self, *kinds: str) -> None:
        async with self.database.transaction() as tx:
            for kind in kinds:
                await publish(tx, self.person, kind, {"id": str(UUID(int=0))})

    async def work(self) -> None:
        """Whatever is there, as if its time had come."""
        async with self.database.transaction() as tx:
            await tx.execute(text("UPDATE job SET due_at = now(), lease_until = NULL"))
            await tx.execute(text("UPDATE event_parked SET next_at = now()"))
        await self.worker.run_due(rounds=1)

    async def heard(self, who: str) -> list[str]:
        async with self.database.transaction() as tx:
            rows = await tx.execute(text("SELECT kind FROM heard WHERE who = :who"), {"who": who})
            return list(rows.scalars())

    async def parked(self) -> list[tuple[str, int, str]]:
        async with self.database.transaction() as tx:
            return [(who, many, error) for who, many, _, error in await parked_by_consumer(tx)]

    async def jobs(self) -> list[str]:
        async with self.database.transaction() as tx:
            return sorted((await tx.execute(text("SELECT kind FROM job"))).scalars())


@pytest.fixture
async def town(database: Database) -> Town:
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE heard (who text, kind text)"))
    town = Town(database)
    await town.begin()
    return town


async def test_others_and_later_events_go_on_and_the_poisonous_one_comes_in_the_end(town: Town) -> None:
    town.first.fails["bad"] = KeyError("mei@example.com")
    await town.tell("a", "bad", "b")
    await town.work()
    await town.tell("c")
    await town.work()
    assert await town.heard("second") == ["a", "bad", "b", "c"]
    assert await town.heard("first") == ["a", "b", "c"]
    # The class of a foreign error only: its text may hold anything.
    assert await town.parked() == [("first", 1, "KeyError")]
    assert await town.jobs() == ["events.fan_out", "events.parked"]

    town.first.fails["bad"] = NotFound("no such thing")
    await town.work()
    assert await town.parked() == [("first", 1, "not_found")]
    town.first.fails.clear()
    await town.work()
    await town.work()
    assert await town.heard("first") == ["a", "b", "c", "bad"]
    assert await town.heard("second") == ["a", "bad", "b", "c"]
    assert (await town.parked(), await town.jobs()) == ([], ["events.fan_out"])


async def test_a_broken_statement_spoils_nobody_elses(town: Town) -> None:
    town.first.broken_statement = "bad"
    await town.tell("bad", "a")
    await town.work()
    assert (await town.heard("first"), await town.heard("second")) == (["a"], ["bad", "a"])
    assert await town.parked() == [("first", 1, "DBAPIError")]


async def test_the_pauses_grow_and_a_start_tries_at_once(town: Town) -> None:
    assert [_pause(tries).seconds for tries in (1, 2, 3, 8, 9, 10, 1000)] == [2, 4, 8, 256, 512, 600, 600]
    town.first.fails["bad"] = ValueError()
    await town.tell("bad")
    for _ in range(3):
        await town.work()
    async with town.database.transaction() as tx:
        (row,) = await tx.execute(text("SELECT tries, next_at > now() AS later FROM event_parked"))
    assert (row.tries, row.later) == (3, True)
    town.first.fails.clear()
    await town.begin()
    await town.worker.run_due(rounds=1)
    assert (await town.heard("first"), await town.parked()) == (["bad"], [])


async def test_a_failing_database_is_nobodys_poison(town: Town) -> None:
    town.first.fails["a"] = DatabaseUnavailable("gone")
    await town.tell("a")
    await town.work()
    assert (await town.heard("first"), await town.heard("second"), await town.parked()) == ([], [], [])
    town.first.fails.clear()
    await town.work()
    assert (await town.heard("first"), await town.heard("second")) == (["a"], ["a"])


async def test_what_is_parked_for_nobody_goes(town: Town) -> None:
    town.first.fails["bad"] = ValueError()
    await town.tell("bad")
    await town.work()
    rest = FanOut({"second": town.second.consume})
    async with town.database.transaction() as tx:
        await rest.begin(tx)
    await Worker(town.database, rest.handlers()).run_due(rounds=1)
    assert await town.parked() == []


async def test_the_doctor_says_whose_how_many_and_why(town: Town, database_url: str) -> None:
    settings = Settings(database_url=database_url)  # type: ignore[arg-type]
    assert (await _events(settings)).right
    town.first.fails = {"bad": ValueError(), "worse": ValueError()}
    await town.tell("bad", "worse", "good")
    await town.work()
    found = await _events(settings)
    assert not found.right
    assert "2 for first since " in found.fact
    assert "(ValueError)" in found.fact
    assert "event_parked" in found.mend
