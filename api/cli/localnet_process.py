"""The local testnets as a child process of `quanbao up`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson

from api.cli.node_ports import NodePorts
from primitives.errors import LocalnetError, PortTaken, QuanbaoError


class LocalnetProcess:
    """Starts `python -m localnet`, waits until it serves, and ends it.

    Args:
        folder: The testnets' own data folder.
        ports: Where they listen, on loopback.
        log: File that receives the child's output.
        block_seconds: How often the EVM chain makes a block while something waits.
        exchange: Put a swap router with pools of test money on it.
    """

    def __init__(
        self, folder: Path, ports: NodePorts, log: Path, *, block_seconds: float = 1.0, exchange: bool = False
    ) -> None:
        self._folder = folder
        self._block_seconds = block_seconds
        self._exchange = exchange
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
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "localnet",
                *("--data-dir", str(self._folder)),
                *("--evm-port", str(self._ports.evm)),
                *("--solana-port", str(self._ports.solana)),
                *("--control-port", str(self._ports.control)),
                *("--block-seconds", str(self._block_seconds)),
                # It must not outlive us: a successor needs its folder and its ports.
                *("--with-parent", str(os.getpid())),
                *(("--exchange",) if self._exchange else ()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )
        while True:
            with contextlib.suppress(FileNotFoundError):
                status: dict[str, Any] = orjson.loads(status_file.read_bytes())
                if status["pid"] == self._process.pid:
                    return status
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 0.05)
                raise self._why()

    def _why(self) -> QuanbaoError:
        """The error that the child wrote as its last line, or the end of its log."""
        end = self._log.read_text(errors="replace").strip()[-2000:]
        with contextlib.suppress(ValueError, KeyError, TypeError):
            told = orjson.loads(end.rpartition("\n")[2])["error"]
            if told["code"] == PortTaken.code:
                return PortTaken(told["message"], **told["facts"])
            return LocalnetError(told["message"], cause=told["code"])
        if "address already in use" in end:
            return PortTaken("a port of the local testnets was taken while they started", port=0, holder="unknown")
        return LocalnetError(f"the local testnets did not start. The end of {self._log}: {end}", log=str(self._log))

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
