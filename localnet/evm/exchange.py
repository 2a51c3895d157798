"""Uniswap v2 on the local EVM chain, as its npm packages carry it, with pools of the test monies."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from codec.evm import tokens
from codec.evm.abi import encode
from codec.evm.create2 import DEPLOYER, create2_address, deployment_calldata
from localnet.evm.chain import EvmChain
from localnet.evm.faucet import FAUCET_ADDRESS, EvmFaucet
from localnet.test_money import DECIMALS, TEST_MONIES
from primitives.account_id import checksum_address
from primitives.errors import MissingPart
from primitives.hashing import keccak256

WRAPPED_COIN = bytes.fromhex("fcb608c32b92612214b4560e66a0bc69d0fe0146")
ROUTER = bytes.fromhex("618bc79a9ec54eea9bf7a75727712f7e8ab574a2")
"""WETH9 and UniswapV2Router02 of the pinned packages, the same on every local chain; 20 bytes each (EIP-1014)."""

_PACKAGES = Path(__file__).resolve().parents[2] / "node_modules" / "@uniswap"
_SALT = keccak256(b"quanbao.local-exchange.v1")
_GAS = 6_000_000
_COINS = 10 * 10**18
_MONEY = 200_000 * 10**DECIMALS
"""Of each pool: a test money has no value, so any price is as good as another."""
_LIFETIME_SECONDS = 600
_LIQUIDITY = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"


@dataclass(frozen=True, slots=True)
class _Contract:
    address: bytes
    init_code: bytes


async def open_exchange(chain: EvmChain, faucet: EvmFaucet) -> None:
    """Deploy what is not there yet, and give each pool that is empty its first liquidity; to be repeated at will.

    Raises:
        MissingPart: The packages are not installed, or are not the pinned ones.
        InsufficientFunds, TransactionReverted, LocalnetError
    """
    contracts = _contracts()
    for contract in contracts:
        if await chain.rpc.call("eth_getCode", checksum_address(contract.address), "latest") == "0x":
            await faucet.send_call(DEPLOYER, 0, deployment_calldata(contract.init_code, _SALT), _GAS)
    wrapped, factory, router = (contract.address for contract in contracts)
    for money in TEST_MONIES:
        token = faucet.money_address(money)
        pair = await _read(chain, factory, tokens.call("getPair(address,address)", token, checksum_address(wrapped)))
        if int(pair, 16) and int(await _read(chain, bytes.fromhex(pair[-40:]), tokens.call("totalSupply()")), 16):
            continue
        await faucet.include(await faucet.give_money(money, FAUCET_ADDRESS, _MONEY))
        approval = tokens.call("approve(address,uint256)", checksum_address(router), _MONEY)
        await faucet.send_call(bytes.fromhex(token[2:]), 0, approval, _GAS)
        # Block time, which somebody may have moved ahead of the clock.
        until = max(int(time.time()), chain.head.timestamp) + _LIFETIME_SECONDS
        owner = checksum_address(FAUCET_ADDRESS)
        await faucet.send_call(router, _COINS, tokens.call(_LIQUIDITY, token, _MONEY, 0, 0, owner, until), _GAS)


async def opened_exchange(chain: EvmChain) -> dict[str, str]:
    """`swap_router` and `wrapped_coin` as the status tells them; empty where nobody has opened an exchange.

    Raises:
        LocalnetError
    """
    if await chain.rpc.call("eth_getCode", checksum_address(ROUTER), "latest") == "0x":
        return {}
    return {"swap_router": checksum_address(ROUTER), "wrapped_coin": checksum_address(WRAPPED_COIN)}


def _contracts() -> tuple[_Contract, _Contract, _Contract]:
    """Wrapped coin, factory and router."""
    wrapped = _placed(_published("v2-periphery", "WETH9"))
    factory = _placed(_published("v2-core", "UniswapV2Factory") + encode(["address"], [FAUCET_ADDRESS]))
    parts = encode(["address", "address"], [factory.address, wrapped.address])
    router = _placed(_published("v2-periphery", "UniswapV2Router02") + parts)
    if (wrapped.address, router.address) != (WRAPPED_COIN, ROUTER):
        raise _missing("the packages of Uniswap v2 are not the pinned ones")
    return wrapped, factory, router


def _placed(init_code: bytes) -> _Contract:
    return _Contract(create2_address(init_code, _SALT), init_code)


def _published(package: str, name: str) -> bytes:
    try:
        told = orjson.loads((_PACKAGES / package / "build" / f"{name}.json").read_bytes())
    except FileNotFoundError:
        raise _missing("the packages of Uniswap v2 are not installed") from None
    code: str = told.get("bytecode") or told["evm"]["bytecode"]["object"]
    return bytes.fromhex(code.removeprefix("0x"))


def _missing(why: str) -> MissingPart:
    mend = "make setup-tests"
    return MissingPart(f"{why}: run `{mend}` in the project's folder, then try again", mend=mend)


async def _read(chain: EvmChain, to: bytes, data: bytes) -> str:
    answer: str = await chain.rpc.call("eth_call", {"to": checksum_address(to), "data": "0x" + data.hex()}, "latest")
    return answer
