"""What was final before a crash is there after it, on both chains, whatever was killed and when."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from localnet.processes import read_process
from localnet.testing import Localnet, start_localnet
from tests.integration.localnet.evm_sender import SINK, EvmSender
from tests.integration.localnet.json_rpc import NodeError, call
from tests.integration.localnet.solana_sender import SOL, SolanaSender, balance
from tests.integration.localnet.waiting import until

_UNREACHABLE = (aiohttp.ClientError, ConnectionError, TimeoutError)


class Traffic:
    """Both senders, and everything that a client was told is settled."""

    def __init__(self) -> None:
        self.evm = EvmSender()
        self.solana = SolanaSender()
        self.final: dict[str, str] = {}
        self.confirmed: dict[str, int] = {}

    async def run(self, network: Localnet, seconds: float) -> None:
        """Send and look until the time is over or the nodes are gone."""
        with contextlib.suppress(TimeoutError, *_UNREACHABLE):
            async with asyncio.timeout(seconds):
                while True:
                    await self.evm.send_next(network.evm_url)
                    await self.solana.send_next(network.solana_url)
                    self.final.update(await self.evm.final_blocks(network.evm_url))
                    self.confirmed.update(await self.solana.confirmed_slots(network.solana_url))

    async def check(self, network: Localnet) -> None:
        """Compare what was settled with what the nodes say now."""
        assert (await self.evm.final_blocks(network.evm_url)).items() >= self.final.items()
        block = await call(network.evm_url, "eth_blockNumber")
        included = int(await call(network.evm_url, "eth_getTransactionCount", self.evm.address, block), 16)
        assert int(await call(network.evm_url, "eth_getBalance", SINK, block), 16) == included
        assert (await self.solana.confirmed_slots(network.solana_url)).items() >= self.confirmed.items()
        receiver = str(self.solana.receiver)
        history = await call(
            network.solana_url, "getSignaturesForAddress", receiver, {"commitment": "confirmed", "limit": 1000}
        )
        total = sum(self.solana.amounts[row["signature"]] for row in history)
        assert await balance(network.solana_url, self.solana.receiver) == total


async def _evm_answers(network: Localnet) -> None:
    async def answers() -> bool:
        try:
            return bool(await call(network.evm_url, "eth_chainId"))
        except _UNREACHABLE:
            return False

    await until(answers)


@contextlib.asynccontextmanager
async def _fresh(folder: Path) -> AsyncIterator[list[Localnet]]:
    """A holder of the running network, so that the one that runs at the end is the one that is stopped."""
    running = [await start_localnet(folder, block_seconds=0.1, slot_seconds=0.1)]
    try:
        yield running
    finally:
        await running[0].stop()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak)])
async def test_settled_transactions_survive_kills_at_random_moments(tmp_path: Path, seed: int) -> None:
    """Anvil, this process, or both are killed, or it is stopped, under traffic: nothing settled is lost."""
    chance = random.Random(seed)
    ways = ["anvil", "process", "both", "stop", "process"]
    chance.shuffle(ways)
    async with _fresh(tmp_path) as running:
        traffic = Traffic()
        await running[0].give(str(traffic.solana.key.pubkey()), "native", 100 * SOL, family="solana")
        for way in ways:
            network = running[0]
            sending = asyncio.create_task(traffic.run(network, seconds=2.5))
            await asyncio.sleep(chance.uniform(0.5, 2.0))
            if way == "anvil":
                await network.kill_anvil()
            elif way == "stop":
                assert await network.stop() == 0
            else:
                await network.kill(anvil_too=way == "both")
            await sending
            if way != "anvil":
                running[0] = network = await network.restart()
            await _evm_answers(network)
            await traffic.evm.send_again(network.evm_url)
            await traffic.check(network)
        assert len(traffic.final) >= 5
        assert len(traffic.confirmed) >= 5

        async def everything_is_final() -> bool:
            return len(await traffic.evm.final_blocks(running[0].evm_url)) == len(traffic.evm.sent)

        await until(everything_is_final)
        assert (await running[0].request("/status"))["chains"][0]["rewinds"] == []


async def test_an_orphaned_anvil_is_ended_and_a_foreign_process_is_not(tmp_path: Path) -> None:
    """After kill -9 the next start ends the Anvil that was left, by its own cache folder and nothing else."""
    other_folder, folder = tmp_path / "other", tmp_path / "own"
    other = await start_localnet(other_folder, block_seconds=0, slot_seconds=0)
    try:
        network = await start_localnet(folder, block_seconds=0, slot_seconds=0)
        orphan = await network.anvil_pid()
        await network.kill()
        assert read_process(orphan) is not None
        network = await network.restart()
        try:
            assert read_process(orphan) is None
            assert read_process(await other.anvil_pid()) is not None
            assert await call(other.evm_url, "eth_chainId") == "0x7a69"
        finally:
            await network.stop()
    finally:
        await other.stop()


async def test_the_same_chain_comes_back_from_the_journal_alone(tmp_path: Path) -> None:
    """Without any snapshot, replaying gives every block its old hash."""
    network = await start_localnet(tmp_path, block_seconds=0, slot_seconds=0)
    sender = EvmSender()
    try:
        for index in range(12):
            await sender.send_next(network.evm_url)
            await network.mine(1 + index % 3)
        blocks = [
            await call(network.evm_url, "eth_getBlockByNumber", hex(number), True)
            for number in range(await network.mine() + 1)
        ]
        await network.kill(anvil_too=True)
        for snapshot in (tmp_path / "evm").glob("snapshot*"):
            snapshot.unlink()
        network = await network.restart()
        for block in blocks:
            assert await call(network.evm_url, "eth_getBlockByNumber", block["number"], True) == block
    finally:
        await network.stop()


async def test_a_torn_journal_line_is_a_block_that_never_was(tmp_path: Path) -> None:
    """A crash in the middle of the write loses only that block, which was not final."""
    network = await start_localnet(tmp_path, block_seconds=0, slot_seconds=0)
    try:
        head = await network.mine(5)
        await network.kill(anvil_too=True)
        journal = tmp_path / "evm" / "journal.jsonl"
        journal.write_bytes(journal.read_bytes()[:-20])
        network = await network.restart()
        assert int(await call(network.evm_url, "eth_blockNumber"), 16) == head - 1
        assert await network.mine() == head
    finally:
        await network.stop()


async def test_a_rewind_made_on_purpose_survives_a_crash_and_is_reported(tmp_path: Path) -> None:
    """A reorganisation below final is journaled as such, shown in the status, and still the chain after kill -9."""
    network = await start_localnet(tmp_path, block_seconds=0, slot_seconds=0)
    sender = EvmSender()
    try:
        lost = await sender.send_next(network.evm_url)
        await network.mine(6)
        await call(network.evm_url, "anvil_reorg", 6, [])
        await network.mine(2)
        assert await call(network.evm_url, "eth_getTransactionReceipt", lost) is None
        head = await call(network.evm_url, "eth_getBlockByNumber", "latest", False)
        rewinds = (await network.request("/status"))["chains"][0]["rewinds"]
        assert len(rewinds) == 1
        assert "below final" in rewinds[0]
        await network.kill(anvil_too=True)
        network = await network.restart()
        assert await call(network.evm_url, "eth_getBlockByNumber", "latest", False) == head
        assert await call(network.evm_url, "eth_getTransactionReceipt", lost) is None
    finally:
        await network.stop()


async def test_a_nonce_that_was_used_stays_used(tmp_path: Path) -> None:
    """The same signed bytes are refused after a restart: on EVM by the nonce, on Solana by the stored signature."""
    network = await start_localnet(tmp_path, block_seconds=0.1, slot_seconds=0.1)
    traffic = Traffic()
    try:
        await network.give(str(traffic.solana.key.pubkey()), "native", SOL, family="solana")
        await traffic.run(network, seconds=1.5)
        await network.kill()
        network = await network.restart()
        with pytest.raises(NodeError, match="nonce too low"):
            await call(network.evm_url, "eth_sendRawTransaction", traffic.evm.sent[0][1])
        signature = next(iter(traffic.confirmed))
        shown = await call(
            network.solana_url, "getTransaction", signature, {"encoding": "base64", "commitment": "confirmed"}
        )
        with pytest.raises(NodeError, match="already been processed"):
            await call(network.solana_url, "sendTransaction", shown["transaction"][0], {"encoding": "base64"})
    finally:
        await network.stop()
