"""The local testnets as a child process of `quanbao up`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from pathlib import Path
from typing import Any

from api.cli.node_ports import NodePorts
from primitives.errors import LocalnetError


class LocalnetProcess:
    """Starts `python -m localnet`, waits until it serves, and ends it.

    Args:
        folder: The testnets' own data folder.
        ports: Where they listen, on loopback.
        log: File that receives the child's output.
    """

    def __init__(self, folder: Path, ports: NodePorts, log: Path) -> None:
        self._folder = folder
        self._ports = ports
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> dict[str, Any]:
        """Start and return the status that the testnets publish when they are ready.

        Raises:
            LocalnetError: It ended before it was ready; the end of its log is quoted.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        status_file = self._folder / "localnet.json"
        status_file.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "localnet",
                *("--data-dir", str(self._folder)),
                *("--evm-port", str(self._ports.evm)),
                *("--solana-port", str(self._ports.solana)),
                *("--control-port", str(self._ports.control)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )
        while not status_file.exists():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 0.05)
                end = self._log.read_text(errors="replace").strip()[-800:]
                raise LocalnetError(
                    f"the local testnets did not start. The end of {self._log}: {end}", log=str(self._log)
                )
        status: dict[str, Any] = json.loads(status_file.read_text())
        return status

    async def wait(self) -> None:
        """Return when the child has ended."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end and wait; the nodes' state is on disk before it goes."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), 20)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
