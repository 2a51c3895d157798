"""Contracts of others on a test node: Uniswap v2 and WETH9 as their npm packages carry them, and odd tokens of our own.

Everything is sent by a development account that the node has unlocked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from codec.evm import tokens
from codec.evm.abi import encode
from primitives.account_id import AccountId, checksum_address
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from tests.fakes.anvil import Anvil

HERE = Path(__file__).resolve().parent
PACKAGES = HERE.parents[1] / "node_modules" / "@uniswap"
SENDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
"""Anvil's published development account 0."""


@cache
def odd_contracts() -> dict[str, Any]:
    """The committed artefacts of contracts/OddTokens.sol."""
    found: dict[str, Any] = json.loads((HERE / "artifacts.json").read_text())["contracts"]
    return found


async def send(node: Anvil, to: str | None, data: bytes, *, value: int = 0, sender: str = SENDER) -> dict[str, Any]:
    """The receipt of a transaction that must succeed."""
    call = {"from": sender, "data": "0x" + data.hex(), "value": hex(value), "gas": hex(8_000_000)}
    made = await node.rpc.call("eth_sendTransaction", call if to is None else {**call, "to": to})
    await node.mine()
    receipt: dict[str, Any] = await node.rpc.call("eth_getTransactionReceipt", made)
    assert receipt["status"] == "0x1", receipt
    return receipt


async def deploy(node: Anvil, code: bytes, types: str = "", *values: Any) -> str:
    """The address of a new contract."""
    arguments = encode(types.split(","), values) if types else b""
    return checksum_address(bytes.fromhex((await send(node, None, code + arguments))["contractAddress"][2:]))


async def deploy_odd(node: Anvil, name: str, types: str = "", *values: Any) -> AccountId:
    chain = ChainId.evm(int(await node.rpc.call("eth_chainId"), 16))
    return AccountId.of(chain, await deploy(node, bytes.fromhex(odd_contracts()[name]["bytecode"]), types, *values))


async def plain_token(node: Anvil, symbol: str, *, decimals: int = 18, supply: int = 10**30) -> Asset:
    token = await deploy_odd(node, "PlainToken", "string,uint8,uint256", symbol, decimals, supply)
    return Asset(AssetId.fungible(token.chain, token.address), symbol, decimals)


async def give(node: Anvil, token: str, to: AccountId, base_units: int) -> None:
    """From whoever made the token."""
    await send(node, token, tokens.call("transfer(address,uint256)", to.address, base_units))


@dataclass(frozen=True, slots=True)
class Exchange:
    """Uniswap v2 with WETH9. Addresses as nodes write them."""

    node: Anvil
    wrapped: str
    factory: str
    router: str

    async def pool(self, one: str, other: str, amount: int, against: int) -> None:
        """Liquidity of two tokens that the sender holds."""
        for token, most in ((one, amount), (other, against)):
            await send(self.node, token, tokens.call("approve(address,uint256)", self.router, 0))
            await send(self.node, token, tokens.call("approve(address,uint256)", self.router, most))
        signature = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
        call = tokens.call(signature, one, other, amount, against, 0, 0, SENDER, 2**40)
        await send(self.node, self.router, call)

    async def coin_pool(self, token: str, amount: int, wei: int) -> None:
        """Liquidity of a token that the sender holds and the native coin."""
        await send(self.node, token, tokens.call("approve(address,uint256)", self.router, amount))
        signature = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
        await send(self.node, self.router, tokens.call(signature, token, amount, 0, 0, SENDER, 2**40), value=wei)


async def deploy_exchange(node: Anvil) -> Exchange:
    wrapped = await deploy(node, _published("v2-periphery", "WETH9"))
    factory = await deploy(node, _published("v2-core", "UniswapV2Factory"), "address", SENDER)
    router = await deploy(node, _published("v2-periphery", "UniswapV2Router02"), "address,address", factory, wrapped)
    return Exchange(node, wrapped, factory, router)


def _published(package: str, name: str) -> bytes:
    told = json.loads((PACKAGES / package / "build" / f"{name}.json").read_text())
    code = told.get("bytecode") or told["evm"]["bytecode"]["object"]
    return bytes.fromhex(code.removeprefix("0x"))
