"""Who holds a TCP port."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from primitives.errors import PortTaken


def require_free(host: str, port: int) -> None:
    """Raises PortTaken with the holder's pid and command where the system tells."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise PortTaken(f"port {port} needs root: choose another with --port", port=port, holder="the system") from None
        except OSError:
            holder = holder_of(port) or "a process of another user"
            raise PortTaken(
                f"port {port} is taken by {holder}: stop it, or choose another with --port", port=port, holder=holder
            ) from None


def free_port(host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def holder_of(port: int) -> str | None:
    """`pid 123 (command)` of the listener, or None when we may not see it."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [os.readlink(fd) for fd in (process / "fd").iterdir()]
        except OSError:
            continue
        if any(link in inodes for link in links):
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            return f"pid {process.name} ({words[:80]})"
    return None


def _listening_inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found
