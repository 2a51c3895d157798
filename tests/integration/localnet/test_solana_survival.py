"""kill -9 of the local Solana chain under traffic, again and again: what was confirmed stays, nothing moves twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
import struct
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from localnet.solana.faucet import associated_token_account
from localnet.testing import Localnet, start_localnet
from tests.integration.localnet.json_rpc import NodeError, call
from tests.integration.localnet.solana_sender import SOL, latest_blockhash, send, sign
from tests.integration.localnet.waiting import until

TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
_UNREACHABLE = (aiohttp.ClientError, ConnectionError, TimeoutError)
_MONEY = 10**9


class TokenTraffic:
    """Moves a different amount of test money each time, and remembers every signed transaction."""

    def __init__(self, network: Localnet) -> None:
        self.key, self.receiver = Keypair(), Keypair().pubkey()
        self.mint = Pubkey.from_string(network.asset("solana", "tCNY").rpartition(":")[2])
        self.sent: dict[str, tuple[bytes, int]] = {}
        self.confirmed: dict[str, int] = {}

    @property
    def source(self) -> Pubkey:
        return associated_token_account(self.key.pubkey(), self.mint)

    @property
    def target(self) -> Pubkey:
        return associated_token_account(self.receiver, self.mint)

    async def fund(self, network: Localnet) -> None:
        await network.give(str(self.key.pubkey()), "native", 10 * SOL, family="solana")
        await network.give(str(self.key.pubkey()), "tCNY", _MONEY, family="solana")
        await network.give(str(self.receiver), "tCNY", 1, family="solana")

    async def run(self, network: Localnet) -> None:
        """Send and look until the node is gone."""
        with contextlib.suppress(*_UNREACHABLE):
            while True:
                await self._send_one(network.solana_url)
                await self.look(network)

    async def _send_one(self, url: str) -> None:
        amount = 1_000 + len(self.sent)
        accounts = [
            AccountMeta(self.source, False, True),
            AccountMeta(self.mint, False, False),
            AccountMeta(self.target, False, True),
            AccountMeta(self.key.pubkey(), True, False),
        ]
        move = Instruction(TOKEN, struct.pack("<BQB", 12, amount, 6), accounts)
        wire = sign([move], await latest_blockhash(url), self.key)
        self.sent[str(VersionedTransaction.from_bytes(wire).signatures[0])] = (wire, amount)
        await send(url, wire)

    async def look(self, network: Localnet) -> None:
        names = list(self.sent)[-200:]
        answer = await call(network.solana_url, "getSignatureStatuses", names, {"searchTransactionHistory": True})
        for name, state in zip(names, answer["value"], strict=True):
            if state is not None and state["confirmationStatus"] != "processed":
                assert self.confirmed.setdefault(name, state["slot"]) == state["slot"]

    async def send_again(self, network: Localnet) -> None:
        """As a careful client does after a crash: the same bytes, whatever became of them."""
        for wire, _ in list(self.sent.values())[-20:]:
            with contextlib.suppress(NodeError):
                await send(network.solana_url, wire)

    async def check(self, network: Localnet) -> None:
        """What was confirmed is there in its slot; the balances are exactly what the history says."""

        async def quiet() -> bool:
            states = await call(network.solana_url, "getSignatureStatuses", list(self.sent)[-200:])
            return all(state is None or state["confirmationStatus"] != "processed" for state in states["value"])

        await until(quiet)
        await self.look(network)
        options: dict[str, Any] = {"commitment": "confirmed", "limit": 1000}
        history: list[dict[str, Any]] = []
        while True:
            page = await call(network.solana_url, "getSignaturesForAddress", str(self.source), options)
            history += page
            if len(page) < 1000:
                break
            options["before"] = page[-1]["signature"]
        slots = {row["signature"]: row["slot"] for row in history if row["signature"] in self.sent}
        assert len(slots) == len({row["signature"] for row in history} & set(self.sent))
        assert {name: slots.get(name) for name in self.confirmed} == self.confirmed
        moved = sum(self.sent[name][1] for name in slots)
        level = {"commitment": "confirmed"}
        left, arrived = [
            int((await call(network.solana_url, "getTokenAccountBalance", str(one), level))["value"]["amount"])
            for one in (self.source, self.target)
        ]
        assert (left, arrived) == (_MONEY - moved, 1 + moved)


async def _survive(folder: Path, *, kills: int, seed: int, most_seconds: float) -> None:
    chance = random.Random(seed)
    network = await start_localnet(folder, block_seconds=0, slot_seconds=0.05)
    try:
        traffic = TokenTraffic(network)
        await traffic.fund(network)
        genesis = await call(network.solana_url, "getGenesisHash")
        for _ in range(kills):
            sending = asyncio.create_task(traffic.run(network))
            before = len(traffic.confirmed)
            await until(lambda before=before: _grown(traffic, before))  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0.0, most_seconds))
            await network.kill(anvil_too=True)
            await sending
            network = await network.restart()
            assert await call(network.solana_url, "getGenesisHash") == genesis
            await traffic.send_again(network)
            await traffic.check(network)
        assert len(traffic.confirmed) >= kills
    finally:
        await network.stop()


async def _grown(traffic: TokenTraffic, before: int) -> bool:
    return len(traffic.confirmed) > before


@pytest.mark.timeout(120)
async def test_tokens_survive_kills(tmp_path: Path) -> None:
    """Short: two kills."""
    await _survive(tmp_path, kills=2, seed=1, most_seconds=0.3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [11, 12, 13])
async def test_tokens_survive_many_kills(tmp_path: Path, seed: int) -> None:
    """Fifteen kills at random moments on one data folder."""
    await _survive(tmp_path, kills=15, seed=seed, most_seconds=1.0)
