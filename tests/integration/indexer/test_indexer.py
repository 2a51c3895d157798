"""Whatever a node or the way to it does, the ledger says what the chain says."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from chains.registry import ConfiguredChains
from tests.fakes.faulty_proxy import Fault, faulty_proxy
from tests.integration.indexer.conftest import Scanned


@pytest.fixture
def slots() -> list[str]:
    """Final is 64 blocks below the head."""
    return ["--slots-in-an-epoch", "32"]


async def _until_quiet(scanned: Scanned, chains: ConfiguredChains, rounds: int = 40) -> None:
    """Scan until the ledger stands as the chain does."""
    for _ in range(rounds):
        await scanned.scan(chains)
        if await scanned.standing() == await scanned.on_chain():
            return
    raise AssertionError(f"{len(await scanned.standing())} facts stand, {len(await scanned.on_chain())} are on chain")


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DROP,
        Fault.LATE_DROP,
        Fault.DELAY,
        Fault.DUPLICATE,
        Fault.STALE,
        Fault.TOO_MANY,
        Fault.HTML,
        Fault.BROKEN,
        Fault.MISSING,
    ],
)
async def test_a_single_bad_node_puts_no_wrong_entry_into_the_ledger(scanned: Scanned, fault: Fault) -> None:
    """Every second exchange goes wrong; at no moment does anything stand that is not on the chain."""
    async with faulty_proxy(scanned.node.url, seed=7) as proxy:
        chains = await scanned.chains(proxy.url)
        proxy.faults = {Fault.NONE: 0.5, fault: 0.5}
        for _ in range(4):
            await scanned.issue(3)
            await scanned.scan(chains)
            assert await scanned.standing() <= await scanned.on_chain()
        proxy.faults = {Fault.NONE: 1.0}
        await _until_quiet(scanned, chains)
        assert proxy.counts[fault] > 0
        assert await scanned.observations() == scanned.issued, "nothing was taken back and written again"
        await chains.close()


async def test_a_liar_among_three_changes_nothing(scanned: Scanned) -> None:
    """It forges holders, leaves logs out, invents a block and calls the head final: the others are believed."""

    def lie(method: str, result: Any) -> Any:
        if method == "eth_getLogs":
            return [{**log, "topics": [*log["topics"][:3], "0x" + "66" * 32]} for log in result[1:]]
        if method == "eth_getBlockByNumber" and result:
            return {**result, "hash": "0x" + os.urandom(32).hex(), "number": hex(int(result["number"], 16) + 9)}
        return result

    async with faulty_proxy(scanned.node.url) as liar, faulty_proxy(scanned.node.url) as honest:
        chains = await scanned.chains(liar.url, honest.url, scanned.node.url)
        liar.lie = lie
        liar.always(Fault.WRONG)
        for _ in range(3):
            await scanned.issue(5)
            await _until_quiet(scanned, chains)
        assert "6" * 40 not in "".join(await scanned.holders()).lower()
        assert await scanned.observations() == scanned.issued == 15
        assert liar.counts[Fault.WRONG] > 0
        await chains.close()


async def test_two_nodes_that_contradict_each_other_write_nothing(scanned: Scanned) -> None:
    async with faulty_proxy(scanned.node.url) as liar:
        chains = await scanned.chains(scanned.node.url, liar.url)
        liar.lie = lambda method, result: [] if method == "eth_getLogs" else result
        liar.always(Fault.WRONG)
        await scanned.issue(5)
        assert "contradict" in str(await scanned.scan(chains))
        assert await scanned.standing() == set()
        liar.always(Fault.NONE)
        await _until_quiet(scanned, chains)
        await chains.close()


async def test_a_node_that_falls_behind_takes_nothing_back(scanned: Scanned) -> None:
    """Its head is below what was read: facts above it stay, and reading goes on when it has caught up."""
    async with faulty_proxy(scanned.node.url) as proxy:
        chains = await scanned.chains(proxy.url)
        await scanned.scan(chains)  # the proxy remembers these heads
        for _ in range(3):
            await scanned.issue(2)
        await _until_quiet(scanned, chains)
        proxy.always(Fault.STALE)
        await scanned.scan(chains)
        assert await scanned.standing() == await scanned.on_chain()
        proxy.always(Fault.NONE)
        await scanned.issue(1)
        await _until_quiet(scanned, chains)
        assert await scanned.observations() == scanned.issued
        await chains.close()


@pytest.mark.parametrize("seed", range(3))
async def test_reorganisations_at_random_leave_what_a_fresh_scan_finds(scanned: Scanned, seed: int) -> None:
    """Depths 1 to 20, some issues included again and some lost, scans in between."""
    chance = random.Random(seed)
    chains = await scanned.chains(scanned.node.url)
    await scanned.node.mine(3)
    for _ in range(6):
        for _ in range(chance.randrange(1, 5)):
            await scanned.issue(chance.randrange(1, 4))
            if chance.random() < 0.5:
                await scanned.scan(chains)
        head = int(await scanned.node.rpc.call("eth_blockNumber"), 16)
        await scanned.node.rpc.call("anvil_reorg", min(chance.randrange(1, 21), head - 1), [])
        if chance.random() < 0.5:
            await scanned.issue(2)
        await _until_quiet(scanned, chains)
        on_chain = await scanned.on_chain()
        assert set(await scanned.holders()) == {voucher for voucher, _, _ in on_chain}
    await chains.close()


async def test_a_block_replaced_below_final_halts_the_chain_and_starts_a_local_one_anew(scanned: Scanned) -> None:
    chains = await scanned.chains(scanned.node.url)
    await scanned.issue(4)
    await scanned.node.mine(100)
    await _until_quiet(scanned, chains)
    before = await scanned.standing()
    await scanned.node.rpc.call("anvil_reorg", 99, [])
    await scanned.scan(chains)
    assert "replaced" in str(await scanned.halted())
    assert await scanned.standing() == before
    await scanned.change_cursor("halted = NULL")
    await scanned.scan(chains, local=True)
    assert await scanned.standing() == await scanned.on_chain()
    await chains.close()


async def test_a_history_that_was_read_is_read_again_without_a_new_row(scanned: Scanned) -> None:
    """From the beginning, in many pages: reading is idempotent, and goes on where it stopped."""
    chains = await scanned.chains(scanned.node.url)
    for _ in range(4):
        await scanned.issue(50)
    await scanned.node.mine(70)
    await _until_quiet(scanned, chains)
    rows = await scanned.observations()
    await scanned.change_cursor("final_height = -1, final_hash = NULL, tip_height = -1, span = 1")
    await _until_quiet(scanned, chains)
    assert await scanned.observations() == rows == scanned.issued == 200
    await chains.close()
