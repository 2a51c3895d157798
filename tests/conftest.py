"""Shared fixtures: the embedded PostgreSQL, and a fresh migrated database for each test that asks."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from primitives.garbage import collect_seldom
from tests.blank_databases import BlankDatabases
from tests.fakes.words import EveryonesWords

# As in the application; at the usual pace a quarter of the unit tests' time went into looking for cycles.
collect_seldom()

# structlog's own default draws the locals of every frame: that takes minutes for large ones, and shows their secrets.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


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
def blank_databases(postgres_url: str) -> Iterator[BlankDatabases]:
    databases = BlankDatabases(postgres_url)
    asyncio.run(databases.open())
    yield databases
    asyncio.run(databases.close())


@pytest_asyncio.fixture
async def database_url(blank_databases: BlankDatabases) -> AsyncIterator[str]:
    url = await blank_databases.take()
    yield url
    await blank_databases.give_back(url)


@pytest_asyncio.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty, migrated database of this test's own."""
    database = Database(database_url, seal=EveryonesWords(tmp_path / "erasure"))
    yield database
    await database.close()


_HERE = Path(__file__).parent

_LONG = (
    "integration/vouchers/test_both_chains.py",
    "integration/localnet/test_survival.py",
    "integration/localnet/test_javascript_clients.py",
    "integration/transfers/test_transfers.py",
)
"""Files whose tests run one after the other for longer than others': begun late, they would be waited for."""


def _group(item: pytest.Item) -> str | None:
    """Tests that share a network, an installation or a file run on one worker; None: it says so itself."""
    if item.get_closest_marker("xdist_group") is not None:
        return None
    if "running_up" in getattr(item, "fixturenames", ()):
        return "running_up"
    parts = item.path.relative_to(_HERE).parts
    return "/".join(parts[:2]) if parts[0] == "e2e" else "/".join(parts)


def pytest_collection_finish() -> None:
    """All modules are loaded now."""
    collect_seldom()


@pytest.hookimpl(tryfirst=True)  # before xdist's own, which writes each group into the test's id
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start each network and installation once, and the longest groups first."""
    for item in items:
        if item.path.relative_to(_HERE).parts[0] == "e2e" and item.get_closest_marker("timeout") is None:
            # A whole installation starts in the first test that asks for it, on a machine that runs other tests too.
            item.add_marker(pytest.mark.timeout(600))
        group = _group(item)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    order = {"e2e": 0, "integration": 2, "conformance": 3}

    def place(item: pytest.Item) -> int:
        inside = item.path.relative_to(_HERE)
        return 1 if str(inside) in _LONG else order.get(inside.parts[0], 4)

    items.sort(key=place)
