"""The verbs of backup and restore on databases of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import orjson
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import text

from api.cli import doctor
from api.cli.backups import halted_lanes, run_backup, run_release, run_restore
from api.operator_key import ensure_operator_key
from api.settings import Settings
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import BackupDamaged, InvalidKeyFile, NotFound

_ACCOUNT = AccountId.from_raw(ChainId.evm(31337), b"\x11" * 20)


def _settings(folder: Path, url: str) -> Settings:
    return Settings(data_dir=folder / "data", key_dir=folder / "keys", database_url=SecretStr(url))


@pytest_asyncio.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    name = f"restored_{uuid4().hex[:12]}"
    server = await asyncpg.connect(postgres_url)
    await server.execute(f'CREATE DATABASE "{name}"')
    yield postgres_url.replace("/quanbao?", f"/{name}?")
    await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await server.close()


async def test_from_backup_to_release(
    database: Database,
    empty_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "_CHECKS", ())
    source, target = _settings(tmp_path, database.url), _settings(tmp_path, empty_url)
    with pytest.raises(InvalidKeyFile):
        await run_backup(source, tmp_path / "file")
    ensure_operator_key(source.key_file)
    async with database.transaction() as tx:
        await tx.execute(
            text("INSERT INTO payment_lane (chain, account) VALUES (:chain, :account)"),
            {"chain": str(_ACCOUNT.chain), "account": _ACCOUNT.address},
        )
    await run_backup(source, tmp_path / "file")
    assert source.key_file.read_bytes().strip() not in (tmp_path / "file").read_bytes()
    await run_restore(target, tmp_path / "file")
    assert [lane.account for lane in await halted_lanes(empty_url)] == [_ACCOUNT]

    capsys.readouterr()
    assert await doctor.run_doctor(target, as_json=True) == 1
    readable, found, heard = orjson.loads(capsys.readouterr().out)
    assert readable["right"]
    assert heard["right"]
    assert str(_ACCOUNT) in found["fact"]
    assert "restored" in found["fact"]
    assert "quanbao release" in found["mend"]

    with pytest.raises(NotFound, match="is not held"):
        await run_release(target, [str(_ACCOUNT)[:-40] + "22" * 20], every=False)
    await run_release(target, [str(_ACCOUNT)], every=False)
    assert await halted_lanes(empty_url) == []
    assert await doctor.run_doctor(target, as_json=True) == 0
    await run_release(target, [], every=True)
    assert "no account is held" in capsys.readouterr().out


async def test_the_key_file_of_another_installation_restores_nothing(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    source = _settings(tmp_path, database.url)
    ensure_operator_key(source.key_file)
    await run_backup(source, tmp_path / "file")
    source.key_file.unlink()
    ensure_operator_key(source.key_file)
    with pytest.raises(BackupDamaged):
        await run_restore(_settings(tmp_path, empty_url), tmp_path / "file")
