"""Shared fixtures: the embedded PostgreSQL, and a fresh migrated database for each test that asks."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from persistence.database import Database, asyncpg_url
from persistence.embedded import EmbeddedPostgres
from persistence.migrate import migrate


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _admin(url: str, *statements: str) -> None:
    engine = create_async_engine(asyncpg_url(url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of this test process: `DATABASE_URL` if set, else the embedded one in a folder of its own."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="quanbao-test-") as folder:
        Path(folder).chmod(0o711)
        # These databases live for one test each: what a power cut would do to them does not matter.
        careless = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "200"}
        server = EmbeddedPostgres(Path(folder) / "postgres", server_settings=careless)
        url = asyncio.run(server.start())
        try:
            yield url
        finally:
            server.kill()


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """A database brought up by the real migrations, copied for every test."""
    name = f"template_{uuid4().hex[:12]}"

    async def make() -> None:
        await _admin(postgres_url, f'CREATE DATABASE "{name}"')
        database = Database(_with_database(postgres_url, name))
        await migrate(database)
        await database.close()

    asyncio.run(make())
    yield name
    asyncio.run(_admin(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest_asyncio.fixture
async def database_url(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    await _admin(postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    yield _with_database(postgres_url, name)
    await _admin(postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty, migrated database of this test's own."""
    database = Database(database_url)
    yield database
    await database.close()


_HERE = Path(__file__).parent


def _group(item: pytest.Item) -> str | None:
    """Tests that share a network or an installation run on one worker; None: anywhere."""
    if item.get_closest_marker("xdist_group") is not None:
        return None
    if "running_up" in getattr(item, "fixturenames", ()):
        return "running_up"
    parts = item.path.relative_to(_HERE).parts
    if parts[0] == "e2e":
        return "/".join(parts[:2])
    return str(item.path) if parts[0] in ("integration", "conformance") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start each network and installation once, and the longest groups first."""
    for item in items:
        if item.path.relative_to(_HERE).parts[0] == "e2e" and item.get_closest_marker("timeout") is None:
            # A whole installation starts in the first test that asks for it, on a machine that runs other tests too.
            item.add_marker(pytest.mark.timeout(600))
        group = _group(item)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    order = {"e2e": 0, "integration": 1, "conformance": 2}
    items.sort(key=lambda item: order.get(item.path.relative_to(_HERE).parts[0], 3))
