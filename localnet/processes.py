"""What the operating system knows about processes: who holds a port, which children were left behind.

Best effort on Linux through /proc; elsewhere the questions are answered with "unknown".
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from primitives.errors import LocalnetError, PortTaken

_PROC = Path("/proc")
_TIME_WAIT = "06"
_FIRST_FREE_PORT, _FREE_PORTS = 12_000, 20_000


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process id with its command line, as read at one moment."""

    pid: int
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"pid {self.pid} ({' '.join(self.arguments)[:160] or 'unknown command'})"


def read_process(pid: int) -> RunningProcess | None:
    """The process, or None if it is gone, a zombie, or not ours to look at."""
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return None
    if not raw:
        return None
    return RunningProcess(pid, tuple(part.decode(errors="replace") for part in raw.rstrip(b"\0").split(b"\0")))


def processes_naming(argument: str) -> list[RunningProcess]:
    """Every process that has exactly `argument` among its arguments, this one excepted."""
    found: list[RunningProcess] = []
    if not _PROC.is_dir():
        return found
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            process = read_process(int(entry.name))
            if process is not None and argument in process.arguments:
                found.append(process)
    return found


def end_process(process: RunningProcess, *, patience_seconds: float = 5.0) -> None:
    """End exactly this process: it must still show the same command line.

    Raises:
        LocalnetError: It survived SIGKILL for `patience_seconds`.
    """
    deadline = time.monotonic() + patience_seconds
    while read_process(process.pid) == process:
        if time.monotonic() > deadline:
            raise LocalnetError(f"{process} does not end: end it by hand", pid=process.pid)
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def port_holder(port: int) -> RunningProcess | None:
    """The process that uses a TCP port of this machine as its own, if /proc shows it."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] != _TIME_WAIT and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    if not inodes:
        return None
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            for descriptor in (entry / "fd").iterdir():
                if os.readlink(descriptor) in inodes:
                    return read_process(int(entry.name))
        except OSError:
            continue
    return None


def require_free_port(host: str, port: int) -> None:
    """Check that a server could listen on `host`:`port` now.

    Raises:
        PortTaken: Something holds it; `holder` says what, as far as it can be seen.
    """
    try:
        _bind(host, port)
        return
    except OSError as error:
        cause = error
    holder = port_holder(port)
    raise PortTaken(
        f"port {port} on {host} is taken by {holder or 'a process that cannot be seen'}: end it or choose another port",
        port=port,
        holder=str(holder) if holder else "unknown",
        pid=holder.pid if holder else None,
    ) from cause


def free_port(host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago, and whose successor was too.

    It lies below the range from which the kernel takes ports for outgoing connections (32768 up on Linux), where a
    port can be gone between asking and using.
    """
    while True:
        port = secrets.randbelow(_FREE_PORTS) + _FIRST_FREE_PORT
        if _can_bind(host, port) and _can_bind(host, port + 1):
            return port


def _can_bind(host: str, port: int) -> bool:
    try:
        _bind(host, port)
    except OSError:
        return False
    return True


def _bind(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: ports in TIME_WAIT count as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
