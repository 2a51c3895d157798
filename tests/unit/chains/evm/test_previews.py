"""What a node's refusal to estimate says of a payment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from chains.evm.fees import FeeRules, FeeSource
from chains.evm.previews import Previews
from chains.intent import Intent, Transfer
from chains.ports import Preview, Speed
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable, TransactionReverted

CHAIN = ChainId.evm(31337)
ETHER = Asset(AssetId.native(CHAIN), "ETH", 18)
SENDER, RECIPIENT = (AccountId.from_raw(CHAIN, bytes([number]) * 20) for number in (1, 2))


class Node:
    """A chain of one block, and what it says to an estimate."""

    def __init__(self, estimate: Any) -> None:
        self._answers = {
            "eth_estimateGas": estimate,
            "eth_getBalance": hex(10**20),
            "eth_getCode": "0x",
            "eth_getBlockByNumber": {"number": "0x1", "timestamp": "0x1", "baseFeePerGas": hex(10**9)},
            "eth_feeHistory": {"baseFeePerGas": [hex(10**9)] * 2, "reward": [], "gasUsedRatio": []},
            "eth_maxPriorityFeePerGas": hex(10**9),
            "eth_gasPrice": hex(10**9),
        }

    async def settle(self, calls: Sequence[Call]) -> list[Any]:
        return [self._answers[method] for method, _ in calls]


async def previewed(estimate: Any) -> Preview:
    rpc = cast(JsonRpcClient, Node(estimate))
    previews = Previews(CHAIN, rpc, ETHER, FeeSource(rpc, FeeRules()))
    (answer,) = await previews.many([(Intent(SENDER, Transfer(Amount(1, ETHER), RECIPIENT)), Speed.NORMAL)])
    if not isinstance(answer, Preview):
        raise answer
    return answer


def refused(text: str, number: int = -32000) -> NodeRefusal:
    return NodeRefusal("eth_estimateGas", number, text, None)


async def test_an_estimate_is_the_payments_gas() -> None:
    assert (await previewed("0x5208")).units == 21_000


@pytest.mark.parametrize(
    "text",
    [
        "BlockOutOfRangeError: block height is 73 but requested was 81",
        "header not found",
        "missing trie node 5c",
        "World state unavailable",
        "request timed out",
    ],
)
async def test_a_node_that_lacks_the_block_ends_no_payment(text: str) -> None:
    with pytest.raises(NodeUnavailable):
        await previewed(refused(text))


@pytest.mark.parametrize("text", ["gas required exceeds allowance (30000000)", "words that nobody knows"])
async def test_what_the_chain_refuses_is_a_refusal(text: str) -> None:
    with pytest.raises(TransactionReverted):
        await previewed(refused(text))
