"""The local chain misbehaves on request as a cluster can: lost, late, out of order, expired, on a fork that lost."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from localnet.testing import Localnet, start_localnet
from primitives.errors import LocalnetError
from tests.integration.localnet.json_rpc import NodeError, call
from tests.integration.localnet.solana_sender import SOL, balance, latest_blockhash, send, sign, status


class Sender:
    """A funded account on a chain whose slots are made by hand."""

    def __init__(self, network: Localnet) -> None:
        self.network = network
        self.url = network.solana_url
        self.key = Keypair()
        self._sent = 0

    async def gift(self, to: Pubkey, lamports: int = SOL // 10) -> bytes:
        self._sent += 1
        one = transfer(TransferParams(from_pubkey=self.key.pubkey(), to_pubkey=to, lamports=lamports + self._sent))
        return sign([one], await latest_blockhash(self.url), self.key)

    async def slots(self, count: int) -> None:
        await self.network.mine(count, family="solana")

    async def level(self, signature: str) -> str | None:
        found = await status(self.url, signature)
        return None if found is None else str(found["confirmationStatus"])


@contextlib.asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[Sender]:
    network = await start_localnet(folder, block_seconds=0, slot_seconds=0)
    try:
        sender = Sender(network)
        await network.give(str(sender.key.pubkey()), "native", 50 * SOL, family="solana")
        await sender.slots(6)
        yield sender
    finally:
        await sender.network.stop()


async def test_lost_late_expired_duplicate_and_out_of_order(tmp_path: Path) -> None:
    """Each answered with its signature; the money moves once at most."""
    async with _running(tmp_path) as sender:
        network, url, to = sender.network, sender.url, Keypair().pubkey()

        await network.misbehave(drop=1)
        lost = await sender.gift(to)
        signature = await send(url, lost)
        await sender.slots(2)
        assert await sender.level(signature) is None
        assert await balance(url, to) == 0
        assert await send(url, lost) == signature
        await sender.slots(1)
        assert await sender.level(signature) == "confirmed"
        once = await balance(url, to)

        await network.misbehave(delay=1, delay_slots=3)
        late = await sender.gift(to)
        signature = await send(url, late)
        assert await send(url, late) == signature
        await sender.slots(1)
        twice = await balance(url, to)
        assert twice > once
        await sender.slots(5)
        assert await balance(url, to) == twice
        with pytest.raises(NodeError, match="already been processed"):
            await send(url, late)

        first, second = await sender.gift(to), await sender.gift(to)
        await network.misbehave(delay=2, delay_slots=2, reverse=True)
        names = [await send(url, first), await send(url, second)]
        await sender.slots(3)
        history = await call(url, "getSignaturesForAddress", str(to), {"commitment": "confirmed"})
        assert [row["signature"] for row in history[:2]] == names

        await network.misbehave(delay=1, delay_slots=400)
        expired = await sender.gift(to)
        signature = await send(url, expired)
        before = await balance(url, to)
        await network.expire_blockhashes()
        with pytest.raises(NodeError, match="Blockhash not found"):
            await send(url, expired)
        await sender.slots(260)
        assert await sender.level(signature) is None
        assert await balance(url, to) == before


async def test_a_fork_that_loses_takes_its_transactions_along(tmp_path: Path) -> None:
    """What was confirmed but not final never was, its blockhashes are void; what was final stays, as after kill -9."""
    async with _running(tmp_path) as sender:
        network, url = sender.network, sender.url
        kept, gone = Keypair().pubkey(), Keypair().pubkey()
        final = await send(url, await sender.gift(kept))
        await sender.slots(6)
        assert await sender.level(final) == "finalized"
        money = await balance(url, sender.key.pubkey())
        fork = [await send(url, await sender.gift(gone))]
        await sender.slots(1)
        slot = await call(url, "getSlot", {"commitment": "confirmed"})
        fork.append(await send(url, await sender.gift(gone)))
        built_on_the_fork = await sender.gift(kept)
        assert (await sender.level(fork[0]), await sender.level(fork[1])) == ("confirmed", "processed")

        done = await network.rewind_solana(1)
        assert done == {"height": slot + 2, "dropped": fork, "landed": []}
        assert [await sender.level(one) for one in (*fork, final)] == [None, None, "finalized"]
        assert await balance(url, gone, "processed") == 0
        assert await balance(url, sender.key.pubkey()) == money
        assert await call(url, "getSignaturesForAddress", str(gone), {"commitment": "confirmed"}) == []
        with pytest.raises(NodeError, match="Blockhash not found"):
            await send(url, built_on_the_fork)
        with pytest.raises(LocalnetError, match="not final"):
            await network.rewind_solana(50)

        await send(url, await sender.gift(kept))
        await sender.slots(1)
        block = await call(url, "getBlock", slot + 2, {"commitment": "confirmed"})
        assert block["parentSlot"] == slot - 1
        assert slot not in await call(url, "getBlocks", slot - 1, slot + 2, {"commitment": "confirmed"})
        with pytest.raises(NodeError, match="was skipped"):
            await call(url, "getBlock", slot, {"commitment": "confirmed"})
        after = await balance(url, kept)
        await network.kill()
        sender.network = network = await network.restart()
        assert await balance(url, kept) == after
        assert await balance(url, gone) == 0
        assert await sender.level(fork[0]) is None
        with pytest.raises(NodeError, match="was skipped"):
            await call(url, "getBlock", slot, {"commitment": "confirmed"})


async def test_the_winning_fork_may_hold_the_same_transactions_in_another_order(tmp_path: Path) -> None:
    """Landed again with the same signatures: nobody is paid twice."""
    async with _running(tmp_path) as sender:
        to = Keypair().pubkey()
        names = [await send(sender.url, await sender.gift(to)) for _ in range(3)]
        await sender.slots(1)
        paid = await balance(sender.url, to)
        done = await sender.network.rewind_solana(1, "reverse")
        assert (done["dropped"], done["landed"]) == (names, names[::-1])
        await sender.slots(1)
        assert await balance(sender.url, to) == paid
        history = await call(sender.url, "getSignaturesForAddress", str(to), {"commitment": "confirmed"})
        assert [row["signature"] for row in history] == names


async def test_orders_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    async with _running(tmp_path) as sender:
        for path, body in (
            ("/solana/misbehave", {"drop": -1}),
            ("/solana/misbehave", {"lose": 1}),
            ("/solana/misbehave", {"reverse": 1}),
            ("/solana/rewind", {"again": "maybe"}),
            ("/solana/rewind", {"slots": "1"}),
        ):
            with pytest.raises(LocalnetError) as refused:
                await sender.network.request(path, dict(body))
            assert refused.value.answer["code"] == "invalid_value"
