"""The database of the installation that runs on this machine, for acts on the database itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.settings import Settings
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from primitives.errors import DatabaseUnavailable


@asynccontextmanager
async def running_database(settings: Settings) -> AsyncIterator[Database]:
    """Open it while the block runs.

    Raises:
        DatabaseUnavailable: None runs in the data folder.
    """
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
    else:
        embedded = EmbeddedPostgres(settings.data_dir / "postgres")
        if embedded.pid is None:
            raise DatabaseUnavailable(f"no database runs in {settings.data_dir}: start it with `quanbao up`")
        url = embedded.url
    database = Database(url, pool_size=1)
    try:
        yield database
    finally:
        await database.close()
