"""A backup comes back as it was, or not at all."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text

from persistence.backup import UNFINISHED, finish, load_backup, unfinished, write_backup
from persistence.database import Database
from persistence.jobs import enqueue
from persistence.migrate import migrate
from primitives.errors import BackupDamaged, DatabaseUnavailable, OperationError

_KEY = bytes(range(32))


@pytest_asyncio.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """A database without tables."""
    name = f"restored_{uuid4().hex[:12]}"
    server = await asyncpg.connect(postgres_url)
    await server.execute(f'CREATE DATABASE "{name}"')
    yield postgres_url.replace("/quanbao?", f"/{name}?")
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await server.close()


async def test_what_was_there_comes_back_and_nothing_works_on_it_before_it_is_finished(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    async with database.transaction() as tx:
        await enqueue(tx, "test.job", "a key with 'quotes'\tand\\more", {"text": "全宝"})
    file = tmp_path / "backup"
    manifest = await write_backup(database.url, file, _KEY)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [found.name for found in os.scandir(tmp_path)] == [file.name]
    again = await load_backup(empty_url, file, _KEY, afterwards=["UPDATE job SET kind = 'seen.afterwards'"])
    assert again == manifest
    restored = Database(empty_url)
    try:
        await migrate(restored)
        async with restored.transaction() as tx:
            rows = (await tx.execute(text("SELECT kind, key, payload FROM job"))).all()
            assert [tuple(row) for row in rows] == [
                ("seen.afterwards", "a key with 'quotes'\tand\\more", {"text": "全宝"})
            ]
            assert await unfinished(tx)
            with pytest.raises(OperationError, match="being restored"):
                await write_backup(empty_url, tmp_path / "other", _KEY)
            await finish(tx)
        async with restored.transaction() as tx:
            assert not await unfinished(tx)
        with pytest.raises(OperationError, match="not empty"):
            await load_backup(empty_url, file, _KEY)
    finally:
        await restored.close()
    with pytest.raises(OperationError, match="exists"):
        await write_backup(database.url, file, _KEY)


async def test_a_backup_that_was_changed_or_is_of_another_key_is_refused(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    await write_backup(database.url, file, _KEY)
    with pytest.raises(BackupDamaged, match="another operator's key"):
        await load_backup(empty_url, file, bytes(32))
    whole = file.read_bytes()
    with tarfile.open(file) as archive:
        places = [(member.offset_data, member.size) for member in archive.getmembers()]
    for start, size in places:
        for place in (start, start + size // 2, start + size - 1):
            changed = bytearray(whole)
            changed[place] ^= 1
            file.write_bytes(changed)
            with pytest.raises(BackupDamaged):
                await load_backup(empty_url, file, _KEY)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupDamaged):
        await load_backup(empty_url, file, _KEY)
    file.write_bytes(b"not a backup")
    with pytest.raises(BackupDamaged, match="no backup"):
        await load_backup(empty_url, file, _KEY)


async def test_a_load_that_fails_on_its_way_leaves_nothing(database: Database, empty_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    await write_backup(database.url, file, _KEY)
    with pytest.raises(DatabaseUnavailable, match="no_such_table"):
        await load_backup(empty_url, file, _KEY, afterwards=["DELETE FROM no_such_table"])
    server = await asyncpg.connect(empty_url)
    assert await server.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert await server.fetchval(f"SELECT to_regclass('{UNFINISHED}')") is None
    await server.close()
