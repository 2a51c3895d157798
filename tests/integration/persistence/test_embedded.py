"""The embedded PostgreSQL: start, adopt, survive kill -9, keep to its own folder."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from persistence.embedded import EmbeddedPostgres
from primitives.errors import DataFolderNewer, OperationError


@pytest.fixture
def folder() -> Iterator[Path]:
    """The server's own user must pass through it; pytest closes its folders whenever it starts anew."""
    with tempfile.TemporaryDirectory(prefix="quanbao-test-") as place:
        Path(place).chmod(0o711)
        yield Path(place) / "postgres"


async def _execute(server: EmbeddedPostgres, statement: str) -> object:
    connection = await asyncpg.connect(server.url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _wait_until_gone(pid: int) -> None:
    """Reaped or a zombie: either way it serves nobody."""
    deadline = time.monotonic() + 30
    while (status := Path(f"/proc/{pid}/stat")).exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestEmbeddedPostgres:
    async def test_committed_rows_survive_kill_9(self, folder: Path) -> None:
        server = EmbeddedPostgres(folder)
        await server.start()
        await _execute(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        pid = server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        again = EmbeddedPostgres(folder)
        await again.start()
        try:
            assert await _execute(again, "SELECT answer FROM kept") == 42
            assert again.pid != pid
        finally:
            await again.stop()
        assert again.pid is None

    async def test_a_killed_server_is_started_again_by_whoever_started_it(self, folder: Path) -> None:
        server = EmbeddedPostgres(folder)
        await server.start()
        try:
            for _ in range(2):
                pid = server.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                await asyncio.to_thread(_wait_until_gone, pid)
                await server.start()
                assert await _execute(server, "SELECT 42") == 42
                assert server.pid not in (None, pid)
        finally:
            await server.stop()

    async def test_running_server_is_adopted(self, folder: Path) -> None:
        first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
        await first.start()
        try:
            await second.start()
            assert first.pid == second.pid
        finally:
            await second.stop()
        assert first.pid is None

    async def test_data_of_a_newer_postgresql_is_refused(self, folder: Path) -> None:
        server = EmbeddedPostgres(folder)
        await server.start()
        await server.stop()
        version = folder / "data" / "PG_VERSION"
        version.write_text("99\n")
        with pytest.raises(DataFolderNewer):
            await EmbeddedPostgres(folder).start()

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
    async def test_closed_parent_is_never_opened(self, folder: Path) -> None:
        """A home that is closed to others stays closed; we say so instead."""
        folder.parent.chmod(0o700)
        with pytest.raises(OperationError, match="--data-dir") as caught:
            await EmbeddedPostgres(folder).start()
        assert caught.value.folder == str(folder.parent)
        assert folder.parent.stat().st_mode & 0o777 == 0o700
