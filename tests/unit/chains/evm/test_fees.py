"""What is offered: EIP-1559 and legacy chains, three speeds with their times, caps, the data fee of rollups."""

from __future__ import annotations

from typing import Any

import pytest

from chains.evm.adapter import EvmAdapter
from chains.evm.fees import FeeRules, FeeSource, raised, raised_blob
from chains.intent import ContractCall, Intent
from chains.ports import Speed
from codec.evm.transaction import FeeMarketTransaction, LegacyTransaction, decode_unsigned
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import FeeTooLow, InsufficientFunds, NodeUnavailable
from tests.fakes.canned_rpc import CannedRpc, refusal

GWEI = 10**9
CHAIN = ChainId.evm(10)
COIN = Asset(AssetId.native(CHAIN), "ETH", 18)
SENDER = AccountId.from_raw(CHAIN, b"\x11" * 20)
SHOP = AccountId.from_raw(CHAIN, b"\x22" * 20)
ORACLE = "0x420000000000000000000000000000000000000F"


def _block(number: str, **more: Any) -> dict[str, Any]:
    """Two seconds a block."""
    height = 1000 if number == "latest" else int(number, 16)
    return {"number": hex(height), "timestamp": hex(2 * height), **more}


def _history(base_fee: int, *rewards: tuple[int, int, int]) -> dict[str, Any]:
    return {
        "baseFeePerGas": ["0x1"] * len(rewards) + [hex(base_fee)],
        "gasUsedRatio": [0.5] * len(rewards),
        "reward": [[hex(one) for one in block] for block in rewards],
    }


def _node(**answers: Any) -> CannedRpc:
    return CannedRpc(
        **{
            "eth_feeHistory": _history(10 * GWEI, (1 * GWEI, 2 * GWEI, 3 * GWEI), (1 * GWEI, 4 * GWEI, 9 * GWEI)),
            "eth_maxPriorityFeePerGas": hex(7 * GWEI),
            "eth_gasPrice": hex(20 * GWEI),
            "eth_getBlockByNumber": lambda number, _: _block(number, baseFeePerGas="0x1"),
            "eth_getBalance": hex(10**18),
            "eth_estimateGas": hex(50_000),
            **answers,
        }
    )


def _legacy_node(price: int) -> CannedRpc:
    return _node(
        eth_feeHistory=refusal(-32601),
        eth_maxPriorityFeePerGas=refusal(-32601),
        eth_gasPrice=hex(price),
        eth_getBlockByNumber=lambda number, _: _block(number),
    )


class TestTheMarket:
    async def test_each_speed_offers_more_and_is_expected_sooner(self) -> None:
        """Tips are the lower median of the tenth, fiftieth and ninetieth percentile; room for 1.25, 2 and 3 × base."""
        quotes = await FeeSource(_node(), FeeRules()).quotes()
        tips = {Speed.SLOW: 1 * GWEI, Speed.NORMAL: 2 * GWEI, Speed.FAST: 3 * GWEI}
        room = {Speed.SLOW: 12_500_000_000, Speed.NORMAL: 20 * GWEI, Speed.FAST: 30 * GWEI}
        for speed in Speed:
            assert quotes[speed].bid.priority_fee == tips[speed]
            assert quotes[speed].bid.price == room[speed] + tips[speed]
            assert quotes[speed].base_fee == 10 * GWEI
            assert not quotes[speed].blocked
        assert [quotes[speed].expected_seconds for speed in Speed] == [20, 6, 2]

    async def test_empty_blocks_leave_it_to_the_node_and_the_chains_least(self) -> None:
        idle = _history(GWEI, (0, 0, 0)) | {"gasUsedRatio": [0]}
        quotes = await FeeSource(_node(eth_feeHistory=idle), FeeRules()).quotes()
        assert {quotes[speed].bid.priority_fee for speed in Speed} == {7 * GWEI}
        polygon = FeeRules(least_priority=25 * GWEI)
        quotes = await FeeSource(_node(eth_feeHistory=idle), polygon).quotes()
        assert {quotes[speed].bid.priority_fee for speed in Speed} == {25 * GWEI}

    async def test_a_market_above_the_cap_is_said_to_be_blocked(self) -> None:
        quotes = await FeeSource(_node(), FeeRules(price_cap=9 * GWEI)).quotes()
        assert all(quotes[speed].blocked for speed in Speed)
        assert {quotes[speed].bid.price for speed in Speed} == {9 * GWEI}

    async def test_no_block_is_no_price(self) -> None:
        with pytest.raises(NodeUnavailable):
            await FeeSource(_node(eth_getBlockByNumber=None), FeeRules()).quotes()


class TestLegacyChains:
    async def test_gas_price_in_three_speeds_and_legacy_transactions(self) -> None:
        source = FeeSource(_legacy_node(10 * GWEI), FeeRules())
        quotes = await source.quotes()
        assert [quotes[speed].bid.price for speed in Speed] == [10 * GWEI, 11 * GWEI, 13 * GWEI]
        assert {(quotes[speed].bid.priority_fee, quotes[speed].base_fee) for speed in Speed} == {(None, None)}
        assert [quotes[speed].expected_seconds for speed in Speed] == [20, 6, 2]

    async def test_the_chains_least_and_the_cap_bound_it(self) -> None:
        low = await FeeSource(_legacy_node(1), FeeRules(least_priority=GWEI)).quotes()
        assert low[Speed.SLOW].bid.price == GWEI
        high = await FeeSource(_legacy_node(20 * GWEI), FeeRules(price_cap=19 * GWEI)).quotes()
        assert high[Speed.FAST].blocked
        assert high[Speed.FAST].bid.price == 19 * GWEI

    async def test_a_node_without_a_price_is_not_guessed_at(self) -> None:
        node = _legacy_node(1)
        node.answers["eth_gasPrice"] = refusal(-32000)
        with pytest.raises(NodeUnavailable):
            await FeeSource(node, FeeRules()).quotes()

    async def test_what_is_signed_and_what_replaces_it_is_legacy(self) -> None:
        adapter = EvmAdapter(CHAIN, _legacy_node(10 * GWEI), native=COIN)
        intent = Intent(SENDER, ContractCall(SHOP, b"\x01", 5))
        prepared = await adapter.prepare(intent, nonce=3, preview=await adapter.preview(intent))
        transaction = decode_unsigned(prepared.payload)
        assert isinstance(transaction, LegacyTransaction)
        assert (transaction.gas_price, transaction.nonce) == (11 * GWEI, 3)
        assert prepared.bid is not None
        dearer = adapter.raised(prepared.bid)
        assert (dearer.price, dearer.priority_fee) == (-(-11 * GWEI * 9 // 8), None)


class TestTheDataFee:
    @staticmethod
    def _rollup(fee: int, **answers: Any) -> tuple[EvmAdapter, CannedRpc]:
        node = _node(eth_call=lambda call, _: "0x" + fee.to_bytes(32, "big").hex(), **answers)
        return EvmAdapter(CHAIN, node, native=COIN, fees=FeeRules(data_fee="op_stack")), node

    async def test_it_is_asked_for_these_bytes_and_is_part_of_the_limit(self) -> None:
        adapter, node = self._rollup(1_000_001)
        intent = Intent(SENDER, ContractCall(SHOP, b"\x01" * 300, 5))
        preview = await adapter.preview(intent)
        assert preview.data_fee == 1_250_002
        assert preview.price is not None
        assert preview.fee_limit.base_units == 60_000 * preview.price + 1_250_002
        ((to, data),) = [(call[0]["to"], call[0]["data"]) for method, call in node.asked if method == "eth_call"]
        assert to == ORACLE
        words = bytes.fromhex(data[10:])
        assert int.from_bytes(words[:32], "big") == 32
        asked = decode_unsigned(words[64 : 64 + int.from_bytes(words[32:64], "big")])
        assert isinstance(asked, FeeMarketTransaction)
        assert (asked.data, asked.value) == (b"\x01" * 300, 5)

    async def test_an_account_that_cannot_pay_it_is_told(self) -> None:
        adapter, _ = self._rollup(10**18)
        with pytest.raises(InsufficientFunds) as told:
            await adapter.preview(Intent(SENDER, ContractCall(SHOP, b"", 5)))
        assert told.value.needed > told.value.available == 10**18

    async def test_a_refusing_oracle_is_no_free_ride(self) -> None:
        adapter, node = self._rollup(1)
        node.answers["eth_call"] = refusal(-32000)
        with pytest.raises(NodeUnavailable):
            await adapter.preview(Intent(SENDER, ContractCall(SHOP, b"", 5)))

    async def test_elsewhere_nobody_asks(self) -> None:
        node = _node()
        preview = await EvmAdapter(CHAIN, node, native=COIN).preview(Intent(SENDER, ContractCall(SHOP, b"", 5)))
        assert preview.data_fee == 0
        assert preview.expected_seconds == 6
        assert "eth_call" not in {method for method, _ in node.asked}


class TestTheCap:
    async def test_nothing_is_signed_while_the_market_is_above_it(self) -> None:
        adapter = EvmAdapter(CHAIN, _node(), native=COIN, fees=FeeRules(price_cap=9 * GWEI))
        with pytest.raises(FeeTooLow) as told:
            await adapter.preview(Intent(SENDER, ContractCall(SHOP, b"", 5)))
        assert (told.value.cap, told.value.market) == (9 * GWEI, 10 * GWEI)

    @pytest.mark.parametrize(("before", "after"), [(8, 9), (9, 11), (1, 2), (GWEI, 1_125_000_000)])
    def test_replacements_cost_an_eighth_more_rounded_up(self, before: int, after: int) -> None:
        assert raised(before) == after
        assert raised_blob(before) == 2 * before
