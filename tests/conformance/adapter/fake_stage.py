"""The suite's stage on the chain in memory, so that the fake is held to what real nodes do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.signing import Curve
from tests.conformance.adapter.stage import Stage
from tests.fakes.chain import CHAIN, TOKEN, FakeAdapter, FakeChain
from tests.fakes.signer import MemorySigner


@asynccontextmanager
async def fake_stage() -> AsyncIterator[Stage]:
    chain = FakeChain()
    adapter = FakeAdapter(chain)
    signer = MemorySigner()
    keys = {
        adapter.account_of(public): (key, public)
        for key, public in (signer.add(Curve.SECP256K1, secret) for secret in (b"\x06" * 32, b"\x07" * 32))
    }
    rich, poor = keys
    chain.endowment[rich.address] = 10**18
    chain.token_endowment[rich.address] = 1_000_000_000

    async def advance() -> None:
        chain.mine()

    yield Stage(
        adapter=adapter,
        dead_adapter=FakeAdapter(FakeChain(silent=True)),
        signer=signer,
        keys=keys,
        rich=rich,
        poor=poor,
        recipient=AccountId.from_raw(CHAIN, b"\x22" * 20),
        foreign=AccountId(ChainId("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1"), "1" * 31 + "4"),
        token=TOKEN,
        token_units=1_000_000_000,
        no_token=AssetId.fungible(CHAIN, rich.address),
        advance=advance,
    )
