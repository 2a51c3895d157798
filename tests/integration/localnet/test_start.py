"""Starting and stopping: ports, folders, clocks."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import orjson
import pytest

from localnet.evm.anvil import Anvil, Genesis, find_anvil
from localnet.processes import free_port, processes_naming, read_process
from localnet.testing import Localnet, localnet, start_localnet
from primitives.errors import LocalnetError, PortTaken
from tests.integration.localnet.json_rpc import call
from tests.integration.localnet.waiting import until

_ROOT = Path(__file__).resolve().parents[3]


def _python(*arguments: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen([sys.executable, *arguments], cwd=_ROOT, stdout=output, stderr=output)


@pytest.mark.parametrize("taken", ["evm_port", "solana_port", "websocket", "control_port"])
async def test_a_taken_port_is_named_with_its_holder(tmp_path: Path, taken: str) -> None:
    """Whichever port it is: a typed error with the holder's pid, and nothing is left running."""
    port = free_port()
    listened = port + 1 if taken == "websocket" else port
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", listened))
        server.listen()
        name = "solana_port" if taken == "websocket" else taken
        with pytest.raises(LocalnetError) as refused:
            await start_localnet(tmp_path, **{name: port})
    assert refused.value.cause == "port_taken"
    assert refused.value.cause_facts["port"] == str(listened)
    assert refused.value.cause_facts["pid"] == str(os.getpid())
    assert processes_naming(str(tmp_path / "evm" / "anvil-cache")) == []
    assert not (tmp_path / "localnet.json").exists()


async def test_a_port_lost_after_it_was_seen_free_is_told_as_taken(network: Localnet, tmp_path: Path) -> None:
    """The winner's Anvil answers in our stead; nobody may take its chain for his own."""
    cache = tmp_path / "anvil-cache"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(PortTaken) as refused:
            await Anvil.start(
                find_anvil(),
                session,
                host="127.0.0.1",
                port=int(network.evm_url.rpartition(":")[2]),
                genesis=Genesis(31337, int(time.time())),
                cache=cache,
                state=None,
            )
    assert refused.value.facts["pid"] == await network.anvil_pid()
    assert processes_naming(str(cache)) == []
    assert not cache.exists()
    assert await call(network.evm_url, "eth_chainId") == "0x7a69"


async def test_a_second_process_on_the_same_folder_is_refused(network: Localnet) -> None:
    """The first one goes on undisturbed, with its status file."""
    folder = Path(network.status["data_dir"])
    with pytest.raises(LocalnetError) as refused:
        await start_localnet(folder)
    assert refused.value.cause == "data_folder_busy"
    assert refused.value.cause_facts["pid"] == str(network.pid)
    assert orjson.loads((folder / "localnet.json").read_bytes())["pid"] == network.pid
    assert await call(network.evm_url, "eth_chainId") == "0x7a69"


async def test_a_folder_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """Refused before anything in it changes."""
    (tmp_path / "format").write_text("99")
    with pytest.raises(LocalnetError) as refused:
        await start_localnet(tmp_path)
    assert refused.value.cause == "data_folder_newer"
    assert not (tmp_path / "evm").exists()


async def test_a_missing_anvil_says_what_to_run(tmp_path: Path) -> None:
    """The command that mends it is in the error."""
    with pytest.raises(LocalnetError) as refused:
        await start_localnet(tmp_path, anvil=tmp_path / "nothing")
    assert refused.value.cause == "missing_part"
    assert refused.value.cause_facts["mend"] == "make setup"


async def test_stopping_leaves_no_process_and_no_cache(tmp_path: Path) -> None:
    """SIGTERM: exit code 0, Anvil gone, its cache folder and the status file removed, ports free."""
    network = await start_localnet(tmp_path, block_seconds=0, slot_seconds=0)
    anvil = await network.anvil_pid()
    assert (tmp_path / "evm" / "anvil-cache").exists()
    assert await network.stop() == 0
    assert read_process(anvil) is None
    assert not (tmp_path / "evm" / "anvil-cache").exists()
    assert not (tmp_path / "localnet.json").exists()


async def test_the_evm_clock_makes_final_blocks_and_then_rests(tmp_path: Path) -> None:
    """A transaction becomes final by itself; afterwards only the heartbeat makes blocks."""
    async with localnet(tmp_path, block_seconds=0.1, slot_seconds=0, heartbeat_seconds=2) as network:
        tx_hash = await network.give("0x" + "61" * 20, "native", 1)
        included = int((await call(network.evm_url, "eth_getTransactionReceipt", tx_hash))["blockNumber"], 16)

        async def final() -> bool:
            block = await call(network.evm_url, "eth_getBlockByNumber", "finalized", False)
            return int(block["number"], 16) >= included

        await until(final)
        assert int(await call(network.evm_url, "eth_blockNumber"), 16) == included + 2

        async def beaten() -> bool:
            return int(await call(network.evm_url, "eth_blockNumber"), 16) > included + 2

        await until(beaten)
        beat = await call(network.evm_url, "eth_getBlockByNumber", hex(included + 3), False)
        before = await call(network.evm_url, "eth_getBlockByNumber", hex(included + 2), False)
        # Many ticks passed in between, and none of them made a block.
        assert int(beat["timestamp"], 16) - int(before["timestamp"], 16) >= 2


async def test_blocks_are_made_at_a_given_time(tmp_path: Path) -> None:
    """`timestamp` is honoured on both chains, and time never goes back."""
    async with localnet(tmp_path, block_seconds=0, slot_seconds=0) as network:
        future = int(time.time()) + 86_400
        height = await network.mine(1, timestamp=future)
        block = await call(network.evm_url, "eth_getBlockByNumber", hex(height), False)
        assert int(block["timestamp"], 16) == future
        await network.mine(1, timestamp=5)
        block = await call(network.evm_url, "eth_getBlockByNumber", "latest", False)
        assert int(block["timestamp"], 16) == future + 1
        slot = await network.mine(1, family="solana", timestamp=future)
        await network.mine(1, family="solana")
        assert await call(network.solana_url, "getBlockTime", slot) == future


async def test_mining_takes_only_sensible_numbers(network: Localnet) -> None:
    """Zero blocks, text, an unknown chain: typed."""
    for body in ({"blocks": 0}, {"blocks": "1"}, {"family": "bitcoin"}, {"timestamp": -1}):
        with pytest.raises(LocalnetError) as refused:
            await network.request("/mine", dict(body))
        assert refused.value.answer["code"] == "invalid_value"


async def test_status_shows_both_chains(network: Localnet) -> None:
    """Heights move, the file says the same as the port."""
    first = await network.request("/status")
    await asyncio.sleep(0)
    assert [chain["family"] for chain in first["chains"]] == ["eip155", "solana"]
    genesis = await call(network.solana_url, "getGenesisHash")
    assert first["chains"][1]["chain"] == f"solana:{genesis[:32]}"
    assert first["chains"][0]["chain"] == f"eip155:{int(await call(network.evm_url, 'eth_chainId'), 16)}"

    async def moved() -> bool:
        return int((await network.request("/status"))["chains"][1]["height"]) > int(first["chains"][1]["height"])

    await until(moved)


async def test_it_goes_with_its_parent_and_the_next_one_waits_for_it(tmp_path: Path) -> None:
    """The starting process is killed: the network stops cleanly, and a successor started at once gets the folder."""
    arguments = ["--data-dir", str(tmp_path), "--block-seconds", "0", "--slot-seconds", "0"]
    for name in ("--evm-port", "--solana-port", "--control-port"):
        arguments += [name, str(free_port())]
    script = (
        "import os, subprocess, sys\n"
        f"arguments = [*{arguments!r}, '--with-parent', str(os.getpid())]\n"
        "subprocess.Popen([sys.executable, '-m', 'localnet', *arguments]).wait()"
    )
    log = tmp_path / "parent.log"
    parent = _python("-c", script, log=log)

    async def status() -> dict[str, object] | None:
        try:
            found: dict[str, object] = orjson.loads((tmp_path / "localnet.json").read_bytes())
        except FileNotFoundError:
            return None
        return found

    try:
        first = await until(status, seconds=30)
    finally:
        parent.kill()
        parent.wait()
    assert first is not None
    successor = _python("-m", "localnet", *arguments, "--with-parent", str(os.getpid()), log=log)
    try:

        async def replaced() -> bool:
            found = await status()
            return found is not None and found["pid"] == successor.pid

        assert await until(replaced, seconds=30)
        assert read_process(int(str(first["pid"]))) is None
    finally:
        successor.terminate()
        assert successor.wait() == 0


async def test_it_goes_when_its_parent_was_killed_before_it_could_look(tmp_path: Path) -> None:
    """A process whose parent dies while it still loads its modules has another parent from the beginning."""
    log = tmp_path / "network.log"
    gone = _python("-c", "", log=log)
    gone.wait()
    arguments = ["--block-seconds", "0", "--slot-seconds", "0", "--with-parent", str(gone.pid)]
    for name in ("--evm-port", "--solana-port", "--control-port"):
        arguments += [name, str(free_port())]
    network = _python("-m", "localnet", "--data-dir", str(tmp_path), *arguments, log=log)
    try:
        assert await asyncio.to_thread(network.wait, 60) == 0
    finally:
        network.kill()
        network.wait()
