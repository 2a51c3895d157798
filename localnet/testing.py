"""Running a local network as a process of its own, for tests and benchmarks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from localnet.processes import end_process, free_port, read_process
from primitives.errors import LocalnetError

_ROOT = Path(__file__).resolve().parent.parent
_READY_SECONDS = 60.0
_STOP_SECONDS = 30.0


class Localnet:
    """A running local network: its urls, and the ways to end it. Bound to no event loop."""

    def __init__(self, process: subprocess.Popen[bytes], status: dict[str, Any], arguments: list[str]) -> None:
        self._process = process
        self._arguments = arguments
        self.status = status
        evm, solana = status["chains"]
        self.evm_url: str = evm["rpc_url"]
        self.evm_chain: str = evm["chain"]
        self.solana_url: str = solana["rpc_url"]
        self.solana_websocket_url: str = solana["websocket_url"]
        self.solana_chain: str = solana["chain"]
        self.control_url: str = status["control_url"]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exited(self) -> bool:
        return self._process.poll() is not None

    def asset(self, family: str, symbol: str) -> str:
        """CAIP-19 id of `ETH`, `SOL`, `tCNY` or `tUSD` on the chain of a family (`eip155` or `solana`)."""
        for chain in self.status["chains"]:
            if chain["family"] == family:
                for asset in chain["assets"]:
                    if asset["symbol"] == symbol:
                        return str(asset["asset"])
        raise LocalnetError(f"no asset {symbol} on {family}", symbol=symbol, family=family)

    async def request(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the control port: POST with a body, GET without.

        Raises:
            LocalnetError: It answered with an error; `status`, and its body in `answer`.
        """
        async with aiohttp.ClientSession() as session:
            url = self.control_url + path
            async with session.get(url) if body is None else session.post(url, json=body) as response:
                answer: dict[str, Any] = await response.json()
                if response.status != 200:
                    raise LocalnetError(f"{path}: {answer.get('message')}", status=response.status, answer=answer)
                return answer

    async def give(
        self, account: str, asset: str, base_units: int, *, family: str = "eip155", key: str | None = None
    ) -> str:
        """Ask the faucet; the transaction id, included (Solana: confirmed)."""
        chain = self.evm_chain if family == "eip155" else self.solana_chain
        body = {"chain": chain, "account": account, "asset": asset, "base_units": str(base_units)}
        if key is not None:
            body["idempotency_key"] = key
        return str((await self.request("/faucet", body))["transaction_id"])

    async def mine(self, blocks: int = 1, *, family: str = "eip155", timestamp: int | None = None) -> int:
        """Make blocks now; the height afterwards."""
        body: dict[str, Any] = {"family": family, "blocks": blocks}
        if timestamp is not None:
            body["timestamp"] = timestamp
        return int((await self.request("/mine", body))["height"])

    async def misbehave(self, **orders: int | bool) -> dict[str, Any]:
        """Standing orders for the next Solana transactions: `drop`, `delay`, `delay_slots`, `reverse`; none: behave."""
        return await self.request("/solana/misbehave", dict(orders))

    async def expire_blockhashes(self) -> int:
        """Make every Solana blockhash given out so far too old; the slot afterwards."""
        return int((await self.request("/solana/expire", {}))["height"])

    async def rewind_solana(self, slots: int, again: str = "none") -> dict[str, Any]:
        """Let another fork win: signatures `dropped` and `landed` again."""
        return await self.request("/solana/rewind", {"slots": slots, "again": again})

    async def stop(self) -> int:
        """Stop as a user would (SIGTERM); the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return await _exit_code(self._process)

    async def kill(self, *, anvil_too: bool = False) -> None:
        """Kill the process with SIGKILL. Its Anvil stays behind as an orphan, unless `anvil_too`."""
        anvil = read_process(await self.anvil_pid()) if anvil_too else None
        if self._process.poll() is None:
            self._process.kill()
        if anvil is not None:
            end_process(anvil)
        await _exit_code(self._process)

    async def anvil_pid(self) -> int:
        """Process id of the Anvil that serves the EVM chain now."""
        return int((await self.request("/status"))["chains"][0]["node_pid"])

    async def kill_anvil(self) -> None:
        """Kill the Anvil of this network with SIGKILL; the network starts another."""
        os.kill(await self.anvil_pid(), signal.SIGKILL)

    async def restart(self) -> Localnet:
        """Start again on the same data folder and ports, after `stop` or `kill`."""
        return await _start(self._arguments)


async def start_localnet(data_dir: Path, **settings: Any) -> Localnet:
    """Start a local network on free ports and wait until it is ready.

    Args:
        data_dir: Its folder; kept afterwards.
        settings: Command line options by name, for example `block_seconds=0`, `slot_seconds=0`.

    Raises:
        LocalnetError: It did not start; the code of the cause is in `cause`, its facts in `cause_facts`.
    """
    folder = _folder(data_dir)
    for name in ("evm_port", "solana_port", "control_port"):
        settings.setdefault(name, free_port())
    arguments = ["--data-dir", str(folder)]
    for name, value in settings.items():
        arguments += [f"--{name.replace('_', '-')}", str(value)]
    return await _start(arguments)


@contextlib.asynccontextmanager
async def localnet(data_dir: Path, **settings: Any) -> AsyncIterator[Localnet]:
    """A local network for the length of a block."""
    network = await start_localnet(data_dir, **settings)
    try:
        yield network
    finally:
        await network.stop()


async def _start(arguments: list[str]) -> Localnet:
    data_dir = Path(arguments[1])
    log = data_dir / "localnet.log"
    process, log_start = _spawn(arguments, log)
    try:
        return Localnet(process, await _ready(process, data_dir, log, log_start), arguments)
    except BaseException:
        if process.poll() is None:
            process.terminate()
            await _exit_code(process)
        raise


def _spawn(arguments: list[str], log: Path) -> tuple[subprocess.Popen[bytes], int]:
    with log.open("ab") as output:
        start = output.tell()
        command = [sys.executable, "-m", "localnet", *arguments]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=_ROOT), start


async def _exit_code(process: subprocess.Popen[bytes]) -> int:
    deadline = asyncio.get_running_loop().time() + _STOP_SECONDS
    while (code := process.poll()) is None:
        if asyncio.get_running_loop().time() > deadline:
            process.kill()
            raise LocalnetError(f"the local network did not stop within {_STOP_SECONDS:.0f} s", pid=process.pid)
        await asyncio.sleep(0.01)
    return code


async def _ready(process: subprocess.Popen[bytes], data_dir: Path, log: Path, log_start: int) -> dict[str, Any]:
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        status = _read_status(data_dir)
        if status is not None and status["pid"] == process.pid:
            return status
        if process.poll() is not None:
            words = _words(log, log_start)
            cause = _cause(words)
            raise LocalnetError(
                f"the local network ended with code {process.returncode}: {cause.get('message', words[-2000:])}",
                cause=cause.get("code"),
                cause_facts=cause.get("facts"),
            )
        await asyncio.sleep(0.02)
    raise LocalnetError(f"the local network was not ready within {_READY_SECONDS:.0f} s", data_dir=str(data_dir))


def _folder(data_dir: Path) -> Path:
    data_dir.mkdir(parents=True, exist_ok=True)
    return data_dir.resolve()


def _read_status(data_dir: Path) -> dict[str, Any] | None:
    try:
        status: dict[str, Any] = orjson.loads((data_dir / "localnet.json").read_bytes())
    except FileNotFoundError:
        return None
    return status


def _words(log: Path, start: int) -> str:
    return log.read_bytes()[start:].decode(errors="replace").strip()


def _cause(words: str) -> dict[str, Any]:
    last = words.rpartition("\n")[2]
    try:
        error: dict[str, Any] = orjson.loads(last)["error"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {}
    return error
