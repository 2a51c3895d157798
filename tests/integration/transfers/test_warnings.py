"""What is dangerous is said first, and happens only when the payer accepts it by name."""

from __future__ import annotations

from primitives.asset import AssetId
from tests.conformance.adapter.evm_stage import CHAIN
from tests.integration.transfers.conftest import Holder

FRIEND = "0xab12" + "3" * 32 + "cd34"
POISON = "0xab12" + "4" * 32 + "cd34"
COIN = str(AssetId.native(CHAIN))


async def test_a_recipient_that_looks_like_a_friend_is_paid_only_when_accepted(holder: Holder) -> None:
    """Nothing is stored, no nonce is used, until the code is accepted; the friend himself never warns."""
    sent = await holder.send({"recipient": FRIEND, "asset": COIN, "value": "1"}, "first")
    assert sent.status_code == 202, sent.text
    poison = {"recipient": POISON, "asset": COIN, "value": "1"}
    previewed = await holder.send(poison, path="/transfers/preview")
    assert [one["code"] for one in previewed.json()["warnings"]] == ["lookalike_recipient"]
    refused = await holder.send(poison, "second")
    assert (refused.status_code, refused.json()["code"]) == (409, "warning_not_accepted")
    assert refused.json()["warnings"] == ["lookalike_recipient"]
    await holder.ended(sent.json()["id"])
    assert await holder.node.rpc.call("eth_getBalance", POISON, "latest") == "0x0"
    assert await holder.node.rpc.call("eth_getTransactionCount", holder.account.address, "latest") == "0x1"
    again = await holder.send({"recipient": FRIEND, "asset": COIN, "value": "1"}, "third")
    assert again.status_code == 202, again.text
    accepted = await holder.send({**poison, "accept_warnings": ["lookalike_recipient"]}, "fourth")
    assert accepted.status_code == 202, accepted.text
    await holder.ended(accepted.json()["id"])
    assert await holder.node.rpc.call("eth_getBalance", POISON, "latest") == hex(10**18)
