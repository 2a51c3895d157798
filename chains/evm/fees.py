"""What a transaction should offer now: EIP-1559 from the node's fee history, a gas price elsewhere, capped.

Sources: EIP-1559 (base fee moves by at most 1/8 a block); execution-apis `eth_feeHistory`; OP Stack specification,
"L1 cost fees" (`GasPriceOracle.getL1Fee`). Arbitrum's data costs are part of its gas estimate.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any, Literal

from chains.ports import Bid, FeeQuote, Speed
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.abi import encode
from primitives.errors import NodeUnavailable
from primitives.hashing import keccak256

_BLOCKS = 20
_PERCENTILES = {Speed.SLOW: 10, Speed.NORMAL: 50, Speed.FAST: 90}
_BASE_PERCENT = {Speed.SLOW: 125, Speed.NORMAL: 200, Speed.FAST: 300}
"""Room for the base fee to rise until inclusion: one, six and nine full blocks (EIP-1559: 12.5 % a block)."""
_LEGACY_PERCENT = {Speed.SLOW: 100, Speed.NORMAL: 110, Speed.FAST: 130}
_EXPECTED_BLOCKS = {Speed.SLOW: 10, Speed.NORMAL: 3, Speed.FAST: 1}
_DEFAULT_PRIORITY_FEE = 1_000_000_000
"""Wei per gas, where no block of the history held a transaction and the node suggests nothing."""
_FRESH_SECONDS = 1.0
_BLOCK_TIME_SECONDS = 60.0
_L1_MARGIN_PERCENT = 125
"""The price of data moves with another chain's base fee until inclusion."""
_GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F"
"""OP Stack predeploy `GasPriceOracle`."""
_L1_FEE_SELECTOR = keccak256(b"getL1Fee(bytes)")[:4]


@dataclass(frozen=True, slots=True)
class FeeRules:
    """What is known of a chain's fees without its node.

    Attributes:
        price_cap: The most that we ever offer per gas, in wei.
        least_priority: The chain's own least priority fee or gas price, in wei per gas.
        data_fee: `op_stack`: the rollup charges for bytes beside gas, and its oracle tells.
        window: How many transactions of one account its nodes keep waiting (go-ethereum, `AccountQueue`: 64).
    """

    price_cap: int = 500 * 10**9
    least_priority: int = 0
    data_fee: Literal["none", "op_stack"] = "none"
    window: int = 64


class FeeSource:
    """Quotes of one chain, at most a second old."""

    def __init__(self, rpc: JsonRpcClient, rules: FeeRules) -> None:
        self._rpc = rpc
        self.rules = rules
        self._asking = asyncio.Lock()
        self._quotes: Mapping[Speed, FeeQuote] = {}
        self._quoted_at = float("-inf")
        self._block_seconds = 12.0
        self._timed_at = float("-inf")

    def forget(self) -> None:
        """Ask the node at the next quote, however fresh the last one is."""
        self._quoted_at = float("-inf")

    async def quotes(self) -> Mapping[Speed, FeeQuote]:
        """Raises NodeUnavailable."""
        if time.monotonic() - self._quoted_at > _FRESH_SECONDS:
            async with self._asking:
                if time.monotonic() - self._quoted_at > _FRESH_SECONDS:
                    self._quotes = await self._ask()
                    self._quoted_at = time.monotonic()
        return self._quotes

    async def data_fee(self, unsigned: Sequence[bytes]) -> list[int]:
        """What the rollup charges for the bytes of each transaction, with a margin, in wei; zeros elsewhere.

        Raises:
            NodeUnavailable
        """
        if self.rules.data_fee == "none" or not unsigned:
            return [0] * len(unsigned)
        answers = await self._rpc.settle(
            [
                ("eth_call", [{"to": _GAS_PRICE_ORACLE, "data": "0x" + _l1_fee_call(payload).hex()}, "latest"])
                for payload in unsigned
            ]
        )
        return [_l1_fee(answer) for answer in answers]

    async def _ask(self) -> Mapping[Speed, FeeQuote]:
        history, suggested, price, block = await self._rpc.settle(
            [
                ("eth_feeHistory", [hex(_BLOCKS), "latest", [_PERCENTILES[speed] for speed in Speed]]),
                ("eth_maxPriorityFeePerGas", []),
                ("eth_gasPrice", []),
                ("eth_getBlockByNumber", ["latest", False]),
            ]
        )
        if isinstance(block, NodeRefusal) or block is None:
            raise NodeUnavailable("the node does not show its newest block", reason="no block")
        await self._time(block)
        base_fee = int(block["baseFeePerGas"], 16) if block.get("baseFeePerGas") else None
        if base_fee is None:
            if isinstance(price, NodeRefusal):
                raise NodeUnavailable(f"the node names no gas price: {price.text[:200]}", reason=price.text[:200])
            return self._legacy(int(price, 16))
        tip = None if isinstance(suggested, NodeRefusal) else int(suggested, 16)
        if isinstance(history, NodeRefusal) or not history.get("baseFeePerGas"):
            tips: Mapping[Speed, int | None] = dict.fromkeys(Speed, tip)
        else:
            # One entry more than blocks were asked for: the last is the next block's.
            base_fee = int(history["baseFeePerGas"][-1], 16) or base_fee
            tips = _tips(history, tip)
        return self._market(base_fee, tips)

    def _market(self, base_fee: int, tips: Mapping[Speed, int | None]) -> Mapping[Speed, FeeQuote]:
        quotes: dict[Speed, FeeQuote] = {}
        least = self.rules.least_priority
        for speed in Speed:
            told = tips[speed]
            least = max(least, _DEFAULT_PRIORITY_FEE if told is None else told)
            price = min(base_fee * _BASE_PERCENT[speed] // 100 + least, self.rules.price_cap)
            quotes[speed] = FeeQuote(
                speed,
                Bid(price, min(least, price)),
                base_fee,
                blocked=price < base_fee,
                expected_seconds=self._expected(speed),
            )
        return quotes

    def _legacy(self, price: int) -> Mapping[Speed, FeeQuote]:
        market = max(price, self.rules.least_priority)
        return {
            speed: FeeQuote(
                speed,
                Bid(min(-(-market * _LEGACY_PERCENT[speed] // 100), self.rules.price_cap)),
                None,
                blocked=self.rules.price_cap < market,
                expected_seconds=self._expected(speed),
            )
            for speed in Speed
        }

    def _expected(self, speed: Speed) -> int:
        return max(1, round(_EXPECTED_BLOCKS[speed] * self._block_seconds))

    async def _time(self, newest: Mapping[str, Any]) -> None:
        """How long a block takes, from the last hundred; asked once a minute."""
        if time.monotonic() - self._timed_at < _BLOCK_TIME_SECONDS:
            return
        height = int(newest["number"], 16)
        back = min(100, height - 1)
        if back < 1:
            return
        (older,) = await self._rpc.settle([("eth_getBlockByNumber", [hex(height - back), False])])
        if older is not None and not isinstance(older, NodeRefusal):
            self._block_seconds = (int(newest["timestamp"], 16) - int(older["timestamp"], 16)) / back
            self._timed_at = time.monotonic()


def _tips(history: Mapping[str, Any], suggested: int | None) -> Mapping[Speed, int | None]:
    """The median over the blocks that held anything, of what the cheapest, the middle and the dearest tenth paid."""
    full = [
        rewards
        for rewards, ratio in zip(history.get("reward") or [], history.get("gasUsedRatio") or [], strict=False)
        if ratio > 0
    ]
    if not full:
        return dict.fromkeys(Speed, suggested)
    return {speed: median_low([int(rewards[place], 16) for rewards in full]) for place, speed in enumerate(Speed)}


def raised(fee: int) -> int:
    """The least fee that replaces one of `fee` wei: 12.5 % more, rounded up.

    Nodes ask for 10 % (go-ethereum `PriceBump`, Nethermind, Besu, Erigon); the rest covers their rounding.
    """
    return -(-fee * 9 // 8)


def raised_blob(fee: int) -> int:
    """The same for a blob's fee per gas: twice. Source: go-ethereum `blobpool`, `PriceBump` 100."""
    return 2 * fee


def _l1_fee_call(payload: bytes) -> bytes:
    return _L1_FEE_SELECTOR + encode(["bytes"], [payload])


def _l1_fee(answer: Any) -> int:
    """A chain that runs without the oracle answers nothing, and charges nothing."""
    if isinstance(answer, NodeRefusal):
        raise NodeUnavailable(f"the node does not tell its data fee: {answer.text[:200]}", reason=answer.text[:200])
    text = str(answer)
    return -(-int(text, 16) * _L1_MARGIN_PERCENT // 100) if len(text) > 2 else 0
