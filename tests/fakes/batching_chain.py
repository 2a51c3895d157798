"""The chain in memory with a book that redeems several orders at once (`chains.many_orders.RedeemsMany`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from chains import events as facts
from chains.campaign import ManyRedemption, Redemption
from chains.intent import ContractCall, Intent
from chains.ports import Preview, Speed
from primitives.errors import QuanbaoError, TransactionReverted
from primitives.signing import Signature
from tests.fakes.voucher_chain import FakeChain


class BatchingChain(FakeChain):
    """Carries each order of a batch out after the one before it, and remembers what came of it."""

    told: dict[str, dict[bytes, TransactionReverted | None]]

    def joins_many(self, redemption: Redemption, consents: Mapping[str, Signature]) -> bool:
        return not redemption.from_drop

    async def preview_many(self, intents: Sequence[tuple[Intent, Speed]]) -> Sequence[Preview | QuanbaoError]:
        found: list[Preview | QuanbaoError] = []
        for intent, _ in intents:
            try:
                found.append(await self.preview(intent))
            except TransactionReverted as error:
                found.append(error)
        return found

    async def redeem_many(self, orders: Sequence[ManyRedemption], *, gas: int) -> Intent:
        intents = [await self.redeem(order.terms, order.redemption, order.consents) for order in orders]
        parts = [json.loads(one.action.data) for one in intents if isinstance(one.action, ContractCall)]
        first = intents[0]
        assert isinstance(first.action, ContractCall)
        data = json.dumps({"act": "many", "orders": parts}).encode()
        return Intent(first.sender, ContractCall(first.action.to, data, least_gas=gas))

    async def outcomes(self, tx_hash: str) -> Mapping[bytes, TransactionReverted | None]:
        self._answer()
        return self.told[tx_hash]

    def execute(self, intent: Intent, tx_hash: str) -> int:
        assert isinstance(intent.action, ContractCall)
        call = json.loads(intent.action.data)
        if call["act"] != "many":
            return super().execute(intent, tx_hash)
        done: list[tuple[str, facts.Fact]] = []
        outcomes: dict[bytes, TransactionReverted | None] = {}
        for order in call["orders"]:
            try:
                found = self._redeem(order)
            except TransactionReverted as error:
                outcomes[bytes.fromhex(order["order"])] = error
                continue
            outcomes[bytes.fromhex(order["order"])] = None
            done += [(tx_hash, fact) for fact in found]
            for fact in found:
                self._take(fact, self.blocks[-1].time)
        self._add(done)
        if not hasattr(self, "told"):
            self.told = {}
        self.told[tx_hash] = outcomes
        return len(self.blocks) - 1
