"""A database that cannot be reached or refuses the login is told as such, in every way of using it."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit

import pytest

from localnet.processes import free_port
from persistence.database import Database, lock_for_transaction
from persistence.migrate import migrate
from primitives.errors import DatabaseUnavailable


def _urls(database_url: str) -> dict[str, str]:
    parts = urlsplit(database_url.replace("postgresql+asyncpg", "postgresql"))
    return {
        "nobody listens": f"postgresql://someone@127.0.0.1:{free_port()}/quanbao",
        "no such socket": "postgresql://someone@/quanbao?host=/nowhere/at/all",
        "no such host": "postgresql://someone@host.invalid/quanbao",
        "no such database": urlunsplit(parts._replace(path="/no_such_database")),
        "no such role": urlunsplit(parts._replace(netloc="nobody@" + parts.netloc.rpartition("@")[2])),
    }


@pytest.mark.parametrize(
    "what", ["nobody listens", "no such socket", "no such host", "no such database", "no such role"]
)
class TestUnreachable:
    async def test_a_transaction_says_so(self, database_url: str, what: str) -> None:
        database = Database(_urls(database_url)[what])
        try:
            with pytest.raises(DatabaseUnavailable, match="check"):
                await database.ping()
        finally:
            await database.close()

    async def test_migrations_say_so(self, database_url: str, what: str) -> None:
        database = Database(_urls(database_url)[what])
        try:
            with pytest.raises(DatabaseUnavailable, match="check"):
                await migrate(database)
        finally:
            await database.close()


async def test_one_of_two_that_wait_for_each_other_may_try_again(database: Database) -> None:
    """PostgreSQL ends a deadlock by rolling one back: that one is retried, not reported as a fault of ours."""
    reached = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> None:
        async with database.transaction() as tx:
            await lock_for_transaction(tx, first)
            await reached.wait()
            await lock_for_transaction(tx, second)

    outcomes = await asyncio.gather(lock("a", "b"), lock("b", "a"), return_exceptions=True)
    (collided,) = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(collided, DatabaseUnavailable)
    assert collided.retryable


async def test_a_file_that_the_caller_misses_is_not_the_database(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.transaction():
            raise FileNotFoundError("the caller's own")
