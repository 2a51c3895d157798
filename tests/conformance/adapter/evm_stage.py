"""The suite's stage on Anvil, mining by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chains.evm.adapter import EvmAdapter
from chains.rpc.client import JsonRpcClient
from codec.evm.abi import encode, load_artifact
from codec.evm.erc20 import mint_call
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.signing import Curve
from tests.conformance.adapter.stage import Stage
from tests.fakes.anvil import FIRST_KEY, Anvil, free_port, running_anvil
from tests.fakes.signer import MemorySigner

CHAIN = ChainId.evm(31337)
ETHER = Asset(AssetId.native(CHAIN), "ETH", 18)


async def deploy_test_money(node: Anvil, minter: AccountId) -> Asset:
    """TestMoney from the committed artefact, sent by the node's own unlocked account."""
    code = bytes.fromhex(load_artifact("TestMoney")["bytecode"].removeprefix("0x"))
    code += encode(["string", "string", "address"], ["Test money without value", "tCNY", minter.address])
    sent = await node.rpc.call("eth_sendTransaction", {"from": minter.address, "data": "0x" + code.hex()})
    await node.mine()
    receipt = await node.rpc.call("eth_getTransactionReceipt", sent)
    token = AccountId.of(CHAIN, receipt["contractAddress"])
    return Asset(AssetId.fungible(CHAIN, token.address), "tCNY", 6)


async def mint_test_money(node: Anvil, minter: AccountId, token: Asset, to: AccountId, base_units: int) -> None:
    data = "0x" + mint_call(to.raw, base_units).hex()
    await node.rpc.call("eth_sendTransaction", {"from": minter.address, "to": token.id.reference, "data": data})
    await node.mine()


@asynccontextmanager
async def evm_stage() -> AsyncIterator[Stage]:
    async with running_anvil(block_time=None) as node:
        rpc, nobody = JsonRpcClient(node.url), JsonRpcClient(f"http://127.0.0.1:{free_port()}", attempts=1)
        adapter = EvmAdapter(CHAIN, rpc, native=ETHER)
        signer = MemorySigner()
        keys = {
            adapter.account_of(public): (key, public)
            for key, public in (signer.add(Curve.SECP256K1, secret) for secret in (FIRST_KEY, b"\x07" * 32))
        }
        rich, poor = keys
        token = await deploy_test_money(node, rich)
        await mint_test_money(node, rich, token, rich, 1_000_000_000)
        yield Stage(
            adapter=adapter,
            dead_adapter=EvmAdapter(CHAIN, nobody, native=ETHER),
            signer=signer,
            keys=keys,
            rich=rich,
            poor=poor,
            recipient=AccountId.from_raw(CHAIN, b"\x22" * 20),
            foreign=AccountId(ChainId("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1"), "1" * 31 + "4"),
            token=token,
            token_units=1_000_000_000,
            no_token=AssetId.fungible(CHAIN, rich.address),
            advance=node.mine,
        )
        await rpc.close()
        await nobody.close()
