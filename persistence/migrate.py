"""Bring the database to this version's tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from persistence.database import Database
from primitives.errors import DataFolderNewer

_SCRIPTS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def known_revisions() -> frozenset[str]:
    """Of the schema, that this version can bring up to its own."""
    return frozenset(one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


def _upgrade(connection: Connection) -> None:
    config = _config()
    known = known_revisions()
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise DataFolderNewer(
            f"the database is at revision {current}, which this version does not know: "
            "run the newer version that wrote it, or restore a backup made by this one",
            revision=current,
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate(database: Database) -> None:
    """Run every migration that is missing; does nothing on a current database.

    Raises:
        DataFolderNewer: A newer version wrote this database; nothing was changed.
        DiskFull, DatabaseUnavailable
    """
    async with database.transaction() as connection:
        await connection.run_sync(_upgrade)
