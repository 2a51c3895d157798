"""A database that cannot be reached or refuses the login is told as such, in every way of using it."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import pytest

from localnet.processes import free_port
from persistence.database import Database
from persistence.migrate import migrate
from primitives.errors import DatabaseUnavailable


def _urls(database_url: str) -> dict[str, str]:
    parts = urlsplit(database_url.replace("postgresql+asyncpg", "postgresql"))
    return {
        "nobody listens": f"postgresql://someone@127.0.0.1:{free_port()}/quanbao",
        "no such host": "postgresql://someone@host.invalid/quanbao",
        "no such database": urlunsplit(parts._replace(path="/no_such_database")),
        "no such role": urlunsplit(parts._replace(netloc="nobody@" + parts.netloc.rpartition("@")[2])),
    }


@pytest.mark.parametrize("what", ["nobody listens", "no such host", "no such database", "no such role"])
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
