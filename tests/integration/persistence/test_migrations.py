"""The migrations make exactly the tables that the code declares."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

import persistence.jobs  # noqa: F401  (declares its table)
from persistence.database import Database, metadata
from persistence.migrate import migrate
from primitives.errors import DataFolderNewer

ROOT = Path(__file__).parents[3]


def _import_all_tables() -> None:
    for path in sorted(ROOT.glob("*/**/sql.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] in {"keystore", "wallets", "vouchers", "people", "audit", "persistence"}:
            importlib.import_module(".".join(parts))


async def test_tables_equal_the_migrations(database: Database) -> None:
    """Neither a table, column, index nor type differs."""
    _import_all_tables()

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        found = await connection.run_sync(differences)
    assert found == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    await migrate(database)


async def test_database_of_a_newer_version_is_refused_untouched(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataFolderNewer, match="newer version") as caught:
        await migrate(database)
    assert caught.value.revision == "9999"
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one() == "9999"
