"""What intents would do and cost now: one exchange for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chains.evm.calls import (
    PLAIN_TRANSFER_GAS,
    as_hex,
    balance_call,
    call_of,
    gas_limit,
    quantity,
    require_covered,
    unreadable,
    value_of,
)
from chains.evm.collectibles import require_taken, taking_call
from chains.evm.delegation import END_DELEGATION_GAS
from chains.evm.errors import Verdict, node_refusal_kind, revert_data, verdict_of
from chains.evm.fees import FeeSource
from chains.evm.reverts import reverted
from chains.evm.unsigned import encode_bid
from chains.intent import ContractCall, EndDelegation, Intent, Transfer
from chains.ports import FeeQuote, Notice, Preview, Speed
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from chains.rpc.refusal_kind import RefusalKind
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.errors import FeeTooLow, NodeUnavailable, QuanbaoError, TransactionReverted, UnknownAsset

_DELEGATION = "0xef0100"
"""EIP-7702: an account with a key whose code is borrowed; it is no contract."""


@dataclass(slots=True)
class _Question:
    """One intent and the places of its answers among all answers."""

    intent: Intent
    speed: Speed
    to: bytes
    value: int
    data: bytes
    native: int = 0
    token: int | None = None
    code: int | None = None
    taking: int | None = None
    estimate: int | None = None


@dataclass(slots=True)
class _Asked:
    """Calls, each of them once."""

    calls: list[Call] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def place(self, call: Call) -> int:
        key = repr(call)
        if key not in self.places:
            self.places[key] = len(self.calls)
            self.calls.append(call)
        return self.places[key]


class Previews:
    """Simulates on the newest block and prices from the fee history."""

    def __init__(self, chain: ChainId, rpc: JsonRpcClient, native: Asset, fees: FeeSource) -> None:
        self._chain = chain
        self._rpc = rpc
        self._native = native
        self._fees = fees

    async def many(self, intents: Sequence[tuple[Intent, Speed]]) -> list[Preview | QuanbaoError]:
        """As `ChainAdapter.preview_many`."""
        asked = _Asked()
        questions = [self._question(asked, intent, speed) for intent, speed in intents]
        quotes = await self._fees.quotes()
        answers = await self._rpc.settle(asked.calls) if asked.calls else []
        answers = await self._with_codes(questions, answers)
        previews = [
            question if isinstance(question, QuanbaoError) else self._judge(question, answers, quotes)
            for question in questions
        ]
        return await self._with_data_fees(questions, previews, answers)

    async def _with_codes(self, questions: Sequence[_Question | QuanbaoError], answers: list[Any]) -> list[Any]:
        """Whether coins go to a contract is asked only where their transfer costs more than one to nobody's code."""
        wanted: list[Call] = []
        for question in questions:
            if isinstance(question, QuanbaoError) or question.estimate is None or question.code is not None:
                continue
            told = answers[question.estimate]
            if isinstance(question.intent.action, Transfer) and told != hex(PLAIN_TRANSFER_GAS):
                question.code = len(answers) + len(wanted)
                wanted.append(("eth_getCode", [question.intent.action.recipient.address, "latest"]))
        return [*answers, *await self._rpc.settle(wanted)] if wanted else answers

    async def priced(self, calls: Sequence[tuple[Intent, Speed, int]]) -> list[Preview]:
        """Price intents whose gas is known, such as calls that only work after one another; balances are not looked at.

        Raises:
            FeeTooLow, NodeUnavailable
        """
        quotes = await self._fees.quotes()
        questions = [_Question(intent, speed, *call_of(self._chain, intent)) for intent, speed, _ in calls]
        previews = [
            self._price(question, units, quotes[question.speed])
            for question, (_, _, units) in zip(questions, calls, strict=True)
        ]
        fees = await self._fees.data_fee(
            [self._bytes_of(question, preview) for question, preview in zip(questions, previews, strict=True)]
        )
        return [self._with_fee(preview, fee) for preview, fee in zip(previews, fees, strict=True)]

    def _question(self, asked: _Asked, intent: Intent, speed: Speed) -> _Question | QuanbaoError:
        try:
            to, value, data = call_of(self._chain, intent)
            question = _Question(intent, speed, to, value, data)
            question.native = asked.place(balance_call(self._chain, intent.sender, self._native.id, "latest"))
            if isinstance(intent.action, Transfer) and not intent.action.amount.asset.id.is_native:
                asset = intent.action.amount.asset.id
                question.code = asked.place(("eth_getCode", [intent.action.recipient.address, "latest"]))
                question.token = asked.place(balance_call(self._chain, intent.sender, asset, "latest"))
                if asset.namespace in ("erc721", "erc1155"):
                    question.taking = asked.place(taking_call(intent.sender, intent.action))
        except QuanbaoError as error:
            return error
        if isinstance(intent.action, EndDelegation):
            return question
        call = {"from": intent.sender.address, "to": as_hex(to), "value": hex(value), "data": as_hex(data)}
        plain = isinstance(intent.action, Transfer) and not data
        # Nodes differ in what they run an estimate on; Anvil makes a block of its whole pool first. What coins alone
        # need does not depend on what waits there.
        question.estimate = asked.place(("eth_estimateGas", [call, "latest"] if plain else [call]))
        return question

    def _judge(
        self, question: _Question, answers: Sequence[Any], quotes: Mapping[Speed, FeeQuote]
    ) -> Preview | QuanbaoError:
        try:
            return self._preview(question, answers, quotes[question.speed])
        except NodeUnavailable:
            raise
        except QuanbaoError as error:
            return error

    def _preview(self, question: _Question, answers: Sequence[Any], quote: FeeQuote) -> Preview:
        available = int(value_of(answers[question.native]), 16)
        if question.token is not None:
            assert isinstance(question.intent.action, Transfer)
            amount = question.intent.action.amount
            held = answers[question.token]
            if isinstance(held, NodeRefusal) and revert_data(held) is not None:
                raise UnknownAsset(f"{amount.asset.id} does not answer as a token", asset=str(amount.asset.id))
            require_covered(amount, quantity(value_of(held), amount.asset, question.intent.sender))
            if question.taking is not None and question.code is not None:
                code = str(value_of(answers[question.code]))
                require_taken(question.intent.action, code, answers[question.taking])
        require_covered(Amount(question.value, self._native), available)
        preview = self._price(question, max(_units(question, answers), _least(question)), quote)
        require_covered(Amount(question.value + preview.fee_limit.base_units, self._native), available)
        return replace(preview, notices=_notices(question, answers))

    def _price(self, question: _Question, gas: int, quote: FeeQuote) -> Preview:
        if quote.blocked:
            raise FeeTooLow(
                f"the network asks for more than the cap of {self._fees.rules.price_cap} wei per gas: wait until it "
                "is quieter, or raise the cap",
                cap=self._fees.rules.price_cap,
                market=quote.base_fee or 0,
            )
        return Preview(
            fee_limit=Amount(gas_limit(gas, question.data) * quote.bid.price, self._native),
            units=gas,
            priority_fee=quote.bid.priority_fee,
            price=quote.bid.price,
            expected_seconds=quote.expected_seconds,
        )

    def _with_fee(self, preview: Preview, data_fee: int) -> Preview:
        total = Amount(preview.fee_limit.base_units + data_fee, self._native)
        return replace(preview, fee_limit=total, data_fee=data_fee)

    async def _with_data_fees(
        self,
        questions: Sequence[_Question | QuanbaoError],
        previews: list[Preview | QuanbaoError],
        answers: Sequence[Any],
    ) -> list[Preview | QuanbaoError]:
        if self._fees.rules.data_fee == "none":
            return previews
        pairs = [
            (place, question, preview)
            for place, (question, preview) in enumerate(zip(questions, previews, strict=True))
            if isinstance(question, _Question) and isinstance(preview, Preview)
        ]
        fees = await self._fees.data_fee([self._bytes_of(question, preview) for _, question, preview in pairs])
        for (place, question, preview), fee in zip(pairs, fees, strict=True):
            dearer = self._with_fee(preview, fee)
            total = Amount(question.value + dearer.fee_limit.base_units, self._native)
            try:
                require_covered(total, int(answers[question.native], 16))
            except QuanbaoError as error:
                previews[place] = error
                continue
            previews[place] = dearer
        return previews

    def _bytes_of(self, question: _Question, preview: Preview) -> bytes:
        assert preview.price is not None
        return encode_bid(
            self._chain,
            # The oracle adds a signature's 68 bytes itself; a nonce of three bytes is as long as any account gets.
            nonce=2**20,
            price=preview.price,
            priority=preview.priority_fee,
            gas=gas_limit(preview.units, question.data),
            call=(question.to, question.value, question.data),
        )


def _units(question: _Question, answers: Sequence[Any]) -> int:
    # An estimate without the authorisation would run the code that is to be given back.
    return END_DELEGATION_GAS if question.estimate is None else _estimated(answers[question.estimate])


def _least(question: _Question) -> int:
    action = question.intent.action
    return action.least_gas if isinstance(action, ContractCall) else 0


def _estimated(answer: Any) -> int:
    """Raises TransactionReverted with the decoded reason, or NodeUnavailable."""
    if not isinstance(answer, NodeRefusal):
        return int(answer, 16)
    output = revert_data(answer)
    if output is not None:
        raise reverted(output)
    if verdict_of(answer) is Verdict.BUSY or node_refusal_kind(answer) is not RefusalKind.ANSWER:
        # Of the node and not of the transaction: a block that a reorganisation has just taken away, for one.
        raise unreadable(answer)
    reason = answer.text[:200]
    raise TransactionReverted(f"the node cannot simulate this: {reason}", reason=reason)


def _notices(question: _Question, answers: Sequence[Any]) -> tuple[Notice, ...]:
    if question.code is None:
        return ()
    assert isinstance(question.intent.action, Transfer)
    recipient, asset = question.intent.action.recipient, question.intent.action.amount.asset.id
    if recipient.raw == question.to and not asset.is_native:
        return (
            Notice(
                "recipient_is_token",
                f"{recipient.address} is the token itself: what is sent there is lost. Check the recipient",
            ),
        )
    code = str(value_of(answers[question.code]))
    if len(code) <= 2 or code.startswith(_DELEGATION) or question.taking is not None:
        return ()
    if asset.is_native:
        return (
            Notice(
                "contract_recipient",
                f"{recipient.address} is a contract: it takes the coins, and only its program says whether "
                "anybody gets them out again. Check that it is meant to be paid",
            ),
        )
    return (
        Notice(
            "contract_recipient",
            f"{recipient.address} is a contract, which is not told of this transfer and may be unable to move the "
            "tokens on: check that it handles them",
        ),
    )
