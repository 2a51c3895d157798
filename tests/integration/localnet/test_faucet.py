"""Test money: on both chains, idempotent, with typed refusals."""

from __future__ import annotations

import asyncio

import pytest
from solders.keypair import Keypair

from codec.evm.erc20 import balance_of_call
from localnet.testing import Localnet
from primitives.errors import LocalnetError
from tests.integration.localnet.json_rpc import call
from tests.integration.localnet.solana_sender import balance


async def _evm_money(network: Localnet, symbol: str, holder: str) -> int:
    token = network.asset("eip155", symbol).rpartition(":")[2]
    data = "0x" + balance_of_call(bytes.fromhex(holder[2:])).hex()
    return int(await call(network.evm_url, "eth_call", {"to": token, "data": data}, "latest"), 16)


def _new_evm_holder() -> str:
    return "0x" + bytes(Keypair().pubkey())[:20].hex()


@pytest.mark.parametrize("symbol", ["tCNY", "tUSD"])
async def test_evm_test_money_arrives(network: Localnet, symbol: str) -> None:
    """After the answer the money is there, in a block."""
    holder = _new_evm_holder()
    tx_hash = await network.give(holder, symbol, 12_345_678)
    assert await _evm_money(network, symbol, holder) == 12_345_678
    receipt = await call(network.evm_url, "eth_getTransactionReceipt", tx_hash)
    assert receipt["status"] == "0x1"


async def test_native_coins_arrive_on_both_chains(network: Localnet) -> None:
    """Ether and SOL."""
    holder, key = _new_evm_holder(), Keypair().pubkey()
    await network.give(holder, "native", 10**18)
    assert int(await call(network.evm_url, "eth_getBalance", holder, "latest"), 16) == 10**18
    await network.give(str(key), "native", 10**9, family="solana")
    assert await balance(network.solana_url, key) == 10**9


async def test_the_same_key_gives_once(network: Localnet) -> None:
    """Repeated and at the same time: one transaction, one gift, on each chain."""
    holder, key = _new_evm_holder(), str(Keypair().pubkey())
    evm = await asyncio.gather(*(network.give(holder, "tCNY", 5, key="evm-once") for _ in range(3)))
    assert len(set(evm)) == 1
    assert await _evm_money(network, "tCNY", holder) == 5
    solana = await asyncio.gather(
        *(network.give(key, "native", 10**9, family="solana", key="solana-once") for _ in range(3))
    )
    assert len(set(solana)) == 1
    with pytest.raises(LocalnetError) as refused:
        await network.give(holder, "tCNY", 6, key="evm-once")
    assert refused.value.answer["code"] == "idempotency_conflict"


async def test_equal_gifts_without_a_key_are_two_gifts(network: Localnet) -> None:
    """Identical requests in one slot or block do not collide."""
    holder, key = _new_evm_holder(), Keypair().pubkey()
    await asyncio.gather(*(network.give(holder, "tUSD", 7) for _ in range(4)))
    assert await _evm_money(network, "tUSD", holder) == 28
    await asyncio.gather(*(network.give(str(key), "native", 10**9, family="solana") for _ in range(4)))
    assert await balance(network.solana_url, key) == 4 * 10**9


async def test_a_key_outlives_a_crash(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The answer was lost with the process; asking again with the key gives nothing twice."""
    from localnet.testing import start_localnet

    network = await start_localnet(tmp_path_factory.mktemp("keys"), block_seconds=0, slot_seconds=0)
    try:
        holder, key = _new_evm_holder(), Keypair().pubkey()
        first = await network.give(holder, "tCNY", 5, key="a")
        second = await network.give(str(key), "native", 10**9, family="solana", key="b")
        await network.kill(anvil_too=True)
        network = await network.restart()
        assert await network.give(holder, "tCNY", 5, key="a") == first
        assert await network.give(str(key), "native", 10**9, family="solana", key="b") == second
        assert await _evm_money(network, "tCNY", holder) == 5
        assert await balance(network.solana_url, key) == 10**9
    finally:
        await network.stop()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": "0x12"}, "invalid_address"),
        ({"account": "0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266"}, "invalid_address"),
        ({"base_units": "0"}, "amount_not_positive"),
        ({"base_units": "-1"}, "invalid_value"),
        ({"base_units": "1.5"}, "invalid_value"),
        ({"base_units": 5}, "invalid_value"),
        ({"asset": "CNY"}, "unknown_asset"),
        ({"chain": "eip155:1"}, "unknown_chain"),
        ({"chain": "bitcoin"}, "invalid_value"),
        ({"asset": "native", "base_units": str(10**24)}, "insufficient_funds"),
        ({"idempotency_key": ""}, "invalid_value"),
    ],
)
async def test_bad_requests_are_typed(network: Localnet, change: dict[str, object], code: str) -> None:
    """Each wrong field has its own code; nothing is given."""
    holder = "0x" + "77" * 20
    body = {"chain": network.evm_chain, "account": holder, "asset": "tCNY", "base_units": "5"} | change
    with pytest.raises(LocalnetError) as refused:
        await network.request("/faucet", body)
    assert refused.value.answer["code"] == code
    assert await _evm_money(network, "tCNY", holder) == 0


async def test_money_has_the_same_address_on_every_local_chain(
    network: Localnet, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two data folders, one set of addresses; the Solana chains differ by their genesis."""
    from localnet.testing import localnet

    async with localnet(tmp_path_factory.mktemp("other"), block_seconds=0, slot_seconds=0) as other:
        for symbol in ("tCNY", "tUSD"):
            assert other.asset("eip155", symbol) == network.asset("eip155", symbol)
            own, foreign = network.asset("solana", symbol), other.asset("solana", symbol)
            assert own.rpartition(":")[2] == foreign.rpartition(":")[2]
        assert other.solana_chain != network.solana_chain
