"""What one call of the book does beside one order: several orders, each by itself; claims along with an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from chains.campaign import ManyRedemption, Redemption
from chains.evm.redemption_order import order_of
from chains.evm.reverts import reverted
from chains.intent import ContractCall, Intent
from chains.ports import ConsentRequest
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.book import calls, structs
from codec.evm.book import events as logged
from primitives.account_id import AccountId
from primitives.errors import InvalidValue, NodeUnavailable, TransactionReverted
from primitives.signing import Signature

REDEEM_ORDER = "redeem_order"
"""The name of the holder's consent to the order."""

_MORE_GAS_PER_ORDER = 40_000
"""What an order takes in a batch and not alone, more than the 21,000 that it saves: the book calls itself, and the
first payout of a campaign becomes a credit in a slot of its own."""


class _Book(Protocol):
    _rpc: JsonRpcClient

    @property
    def address(self) -> AccountId: ...


class JoinedOrders:
    """Mixed into the EVM voucher book; `chains.many_orders.RedeemsMany` and `ClaimsAlong` by shape."""

    def joins_many(self, redemption: Redemption, consents: Mapping[str, Signature]) -> bool:
        """Only an order that takes just the holder's one signature: a batch carries neither permits nor proofs."""
        return consents.keys() == {REDEEM_ORDER} and not redemption.from_drop

    def claims_along(self, requests: Sequence[ConsentRequest]) -> bool:
        """`redeemFromDrop` takes no permit: the holder has allowed the remainder before, or there is none."""
        return [request.name for request in requests] == [REDEEM_ORDER]

    async def redeem_many(self: _Book, orders: Sequence[ManyRedemption], *, gas: int) -> Intent:
        """Pure.

        A node's estimate is no bound: with too little gas the call can succeed as well, with heavy orders left out.

        Args:
            gas: What the orders take alone, together.

        Raises:
            InvalidValue: No order, several submitters, or one that `joins_many` refuses.
        """
        submitters = {order.redemption.submitter for order in orders}
        if len(submitters) != 1:
            raise InvalidValue("orders of one transaction have one submitter")
        if any(order.consents.keys() != {REDEEM_ORDER} or order.redemption.from_drop for order in orders):
            raise InvalidValue("an order that needs a permit or a proof goes alone")
        batch = [structs.SignedOrder(order_of(order.redemption), order.consents[REDEEM_ORDER].raw) for order in orders]
        least = gas + _MORE_GAS_PER_ORDER * len(orders)
        data = calls.redeem_best_effort_call(batch)
        return Intent(submitters.pop(), ContractCall(self.address, data, least_gas=least))

    async def outcomes(self: _Book, tx_hash: str) -> Mapping[bytes, TransactionReverted | None]:
        """What the receipt of a transaction says of each order, by order hash: None where it was redeemed, else why it
        was left out. An order that the receipt does not name is not in the answer.

        Raises:
            NodeUnavailable: Also while the node does not have the receipt.
        """
        try:
            receipt = await self._rpc.call("eth_getTransactionReceipt", tx_hash)
        except NodeRefusal as refusal:
            raise NodeUnavailable(
                f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200]
            ) from refusal
        if receipt is None or receipt["status"] != "0x1":
            raise NodeUnavailable(f"the node does not have transaction {tx_hash} yet: ask again", reason="missing")
        found: dict[bytes, TransactionReverted | None] = {}
        for log in receipt["logs"]:
            if log["address"].lower() != self.address.address.lower():
                continue
            topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
            match logged.decode_event(topics, bytes.fromhex(log["data"][2:])):
                case logged.OrderSkipped(order_hash=order_hash, reason=reason):
                    found[order_hash] = reverted(reason, tx_hash=tx_hash)
                case logged.VoucherRedeemed(order_hash=order_hash) | logged.RemainderPaid(order_hash=order_hash):
                    found[order_hash] = None
                case _:
                    pass
        return found


__all__ = ["REDEEM_ORDER", "JoinedOrders"]
