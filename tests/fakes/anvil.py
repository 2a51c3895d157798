"""A real Anvil for tests: started on a free port, stopped by its process."""

from __future__ import annotations

import asyncio
import contextlib
import platform
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chains.rpc.client import JsonRpcClient
from primitives.errors import MissingPart, NodeUnavailable

_MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
PROGRAM = Path(__file__).parents[2] / "node_modules" / "@foundry-rs" / f"anvil-linux-{_MACHINE}" / "bin" / "anvil"

FIRST_KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
"""Of Anvil's published development account 0, which holds 10,000 ETH."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Anvil:
    """One node. `kill` and `start` again keep the port; the state is kept in a file if one is named."""

    def __init__(
        self,
        port: int,
        cache: Path,
        *,
        block_time: int | None = 1,
        state: Path | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.rpc = JsonRpcClient(self.url, timeout_seconds=20)
        self._cache = cache
        self._block_time = block_time
        self._state = state
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        if not PROGRAM.exists():
            raise MissingPart("Anvil is not installed: run `make setup`", mend="make setup")
        mining = ["--no-mining"] if self._block_time is None else ["--block-time", str(self._block_time)]
        state = [] if self._state is None else ["--state", str(self._state)]
        epoch = [] if "--slots-in-an-epoch" in self._arguments else ["--slots-in-an-epoch", "1"]
        self._process = await asyncio.create_subprocess_exec(
            str(PROGRAM),
            *("--host", "127.0.0.1", "--port", str(self.port), "--order", "fifo", *epoch),
            *("--gas-limit", "60000000", "--enable-tx-gas-limit", "--cache-path", str(self._cache), "--silent"),
            *mining,
            *state,
            *self._arguments,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        for _ in range(100):
            with contextlib.suppress(NodeUnavailable):
                await self.rpc.call("eth_chainId")
                return
            assert self._process.returncode is None, "Anvil ended at start"
        raise AssertionError("Anvil did not answer")

    async def stop(self) -> None:
        """A clean end: the state file is written."""
        await self._end(lambda process: process.terminate())

    async def kill(self) -> None:
        await self._end(lambda process: process.kill())

    async def _end(self, how: object) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            how(process)  # type: ignore[operator]
            await process.wait()

    async def mine(self, blocks: int = 1) -> None:
        await self.rpc.call("anvil_mine", hex(blocks))

    async def fund(self, address: str, wei: int) -> None:
        await self.rpc.call("anvil_setBalance", address, hex(wei))


@asynccontextmanager
async def running_anvil(
    *, block_time: int | None = 1, keep_state: bool = False, arguments: Sequence[str] = ()
) -> AsyncIterator[Anvil]:
    """A node with one-second blocks, or mining by hand with `block_time=None`; `arguments` go to Anvil as they are."""
    with TemporaryDirectory(prefix="quanbao-anvil-") as folder:
        node = Anvil(
            free_port(),
            Path(folder) / "cache",
            block_time=block_time,
            state=Path(folder) / "state.json" if keep_state else None,
            arguments=arguments,
        )
        await node.start()
        try:
            yield node
        finally:
            await node.kill()
            await node.rpc.close()
