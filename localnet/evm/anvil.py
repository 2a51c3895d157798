"""Finding, starting and ending the Anvil program."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from localnet.evm.rpc import EvmRpc
from localnet.processes import end_process, port_holder, processes_naming
from primitives.errors import LocalnetError, MissingPart, PortTaken

_START_SECONDS = 30.0
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def find_anvil(explicit: Path | None = None) -> Path:
    """The platform binary: the given path, else `QUANBAO_ANVIL`, else the repository's node_modules.

    The Node wrapper in `.bin/` is not used: it adds a process that survives its child.

    Raises:
        MissingPart: None of them is there.
    """
    named = explicit or (Path(os.environ["QUANBAO_ANVIL"]) if os.environ.get("QUANBAO_ANVIL") else None)
    if named is None:
        machine = _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
        package = f"@foundry-rs/anvil-{platform.system().lower()}-{machine}"
        named = Path(__file__).resolve().parents[2] / "node_modules" / package / "bin" / "anvil"
    if not named.is_file() or not os.access(named, os.X_OK):
        raise MissingPart(f"Anvil is not at {named}: run `make setup`", path=str(named), mend="make setup")
    return named.resolve()


@dataclass(frozen=True, slots=True)
class Genesis:
    """What fixes block 0, and with the same transactions and times every later block hash."""

    chain_id: int
    timestamp: int


class Anvil:
    """One running Anvil; its cache folder lies in the data folder, which is how an orphan is recognised."""

    def __init__(self, process: asyncio.subprocess.Process, rpc: EvmRpc, cache: Path) -> None:
        self._process = process
        self._cache = cache
        self.rpc = rpc

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    @classmethod
    async def start(
        cls,
        program: Path,
        session: aiohttp.ClientSession,
        *,
        host: str,
        port: int,
        genesis: Genesis,
        cache: Path,
        state: Path | None,
    ) -> Anvil:
        """Start Anvil and wait until it answers; with `state` it answers only after loading it.

        `--prune-history` stands for `--max-persisted-states 0`, which it excludes: nothing goes to disk, and
        memory holds the states of the last 64 blocks instead of all (68 MB instead of 329 MB at 3,000 blocks).

        Raises:
            PortTaken: Another process listens there, even if it answers as an Anvil would.
            LocalnetError: It ended or stayed silent; `log` holds its last words.
        """
        _make_empty(cache)
        log = cache / "anvil.log"
        arguments = [
            *("--host", host, "--port", str(port), "--chain-id", str(genesis.chain_id)),
            *("--timestamp", str(genesis.timestamp), "--order", "fifo", "--no-mining", "--prune-history", "64"),
            *("--enable-tx-gas-limit", "--gas-limit", "60000000", "--slots-in-an-epoch", "1", "--silent"),
            *("--cache-path", str(cache)),
        ]
        if state is not None:
            arguments += ["--load-state", str(state)]
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                str(program),
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cache,
                # Its own session, or a Ctrl-C in the terminal would end it before we have written our state.
                start_new_session=True,
            )
        anvil = cls(process, EvmRpc(session, f"http://{host}:{port}"), cache)
        try:
            await anvil._wait_until_ready(log, host, port)
        except BaseException:
            await anvil.stop()
            raise
        return anvil

    async def wait(self) -> int:
        """Wait until the process ends; its exit code (negative: the signal)."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End the process at once and remove its cache folder; its state is ours, so it has nothing to save."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        shutil.rmtree(self._cache, ignore_errors=True)

    async def _wait_until_ready(self, log: Path, host: str, port: int) -> None:
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while True:
            if self._process.returncode is not None:
                words = _last_words(log)
                if "address already in use" in words.lower():
                    raise _taken(host, port)
                raise LocalnetError(
                    f"Anvil ended at start with code {self._process.returncode}: {words}",
                    exit_code=self._process.returncode,
                    log=words,
                )
            try:
                await self.rpc.call("eth_chainId")
            except LocalnetError:
                if asyncio.get_running_loop().time() > deadline:
                    raise LocalnetError(f"Anvil did not answer within {_START_SECONDS:.0f} s", pid=self.pid) from None
            else:
                # Two that looked at a free port at once both start one there, and the winner answers both.
                holder = port_holder(port)
                if holder is not None and holder.pid != self.pid:
                    raise _taken(host, port)
                return
            await asyncio.sleep(0.01)


def _taken(host: str, port: int) -> PortTaken:
    holder = port_holder(port)
    return PortTaken(
        f"port {port} on {host} was taken by {holder or 'another process'} while Anvil started: start again or choose "
        "another port",
        port=port,
        holder=str(holder) if holder else "unknown",
        pid=holder.pid if holder else None,
    )


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-500:].strip()


def end_orphans(*caches: Path) -> list[int]:
    """End the Anvils that an earlier, killed process of this data folder left behind; their ids.

    Only a process whose `--cache-path` is one of our own folders is touched, and only while we hold the data
    folder's lock, so nobody else can be using it.
    """
    ended = []
    for cache in caches:
        for process in processes_naming(str(cache)):
            if "--cache-path" in process.arguments and "--prune-history" in process.arguments:
                end_process(process)
                ended.append(process.pid)
        shutil.rmtree(cache, ignore_errors=True)
    return ended
