"""The suite's stage on the local Solana chain, mining by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chains.rpc.client import JsonRpcClient
from chains.solana.adapter import SolanaAdapter
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.signing import Curve
from tests.conformance.adapter.stage import Stage
from tests.fakes.anvil import free_port
from tests.fakes.signer import MemorySigner
from tests.fakes.solana_localnet import running_solana


@asynccontextmanager
async def solana_stage() -> AsyncIterator[Stage]:
    async with running_solana() as node:
        rpc, nobody = JsonRpcClient(node.url), JsonRpcClient(f"http://127.0.0.1:{free_port()}", attempts=1)
        sol = Asset(AssetId.native(node.chain_id), "SOL", 9)
        adapter = SolanaAdapter(node.chain_id, rpc, native=sol, known_assets=[node.cny])
        signer = MemorySigner()
        keys = {
            adapter.account_of(public): (key, public)
            for key, public in (signer.add(Curve.ED25519, secret) for secret in (b"\x06" * 32, b"\x07" * 32))
        }
        rich, poor = keys
        await node.give(rich, lamports=10**10, cny=1_000_000_000)
        yield Stage(
            adapter=adapter,
            dead_adapter=SolanaAdapter(node.chain_id, nobody, native=sol),
            signer=signer,
            keys=keys,
            rich=rich,
            poor=poor,
            recipient=AccountId.from_raw(node.chain_id, b"\x22" * 32),
            foreign=AccountId(ChainId.evm(31337), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
            token=node.cny,
            token_units=1_000_000_000,
            no_token=AssetId.fungible(node.chain_id, rich.address),
            advance=node.advance,
        )
        await rpc.close()
        await nobody.close()
