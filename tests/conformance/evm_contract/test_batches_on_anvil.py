"""Several orders in one transaction of a real node: each by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chains.campaign import ManyRedemption
from chains.intent import ContractCall, Intent
from primitives.asset import Amount
from primitives.contract_errors import VoucherAlreadyRedeemed
from primitives.errors import InvalidValue, NodeUnavailable
from primitives.hashing import keccak256
from tests.conformance.evm_contract.anvil_stage import HOLDER, MERCHANT, RELAYER, sign, stage

pytestmark = pytest.mark.timeout(120)


async def _many(made, terms, *orders):
    nothing = Amount(0, made.money)
    found = []
    for name, number in orders:
        redemption = made.redemption(terms, number, order_hash=keccak256(name.encode()), remainder=nothing)
        consents = sign(await made.book.consents([terms], redemption))
        assert made.book.joins_many(redemption, consents)
        found.append(ManyRedemption((terms,), redemption, consents))
    return found


async def _campaign(made, vouchers):
    terms = await made.terms()
    await made.send_all(await made.book.launch(terms))
    await made.send_all(await made.book.issue(terms, [HOLDER] * vouchers, 1))
    await made.send_all(await made.book.appoint_relayer(MERCHANT, RELAYER))
    return terms


async def _gas_alone(made, orders):
    total = 0
    for order in orders:
        intent = await made.book.redeem(order.terms, order.redemption, order.consents)
        call = {"from": RELAYER.address, "to": intent.action.to.address, "data": "0x" + intent.action.data.hex()}
        total += int(await made.node.rpc.call("eth_estimateGas", call), 16)
    return total


async def _send(made, intent, gas):
    call = {"from": intent.sender.address, "to": intent.action.to.address, "data": "0x" + intent.action.data.hex()}
    tx_hash = await made.node.rpc.call("eth_sendTransaction", {**call, "gas": hex(gas)})
    await made.node.mine()
    return tx_hash


async def test_one_voucher_in_two_orders_of_a_batch_is_redeemed_once():
    async with stage() as made:
        terms = await _campaign(made, 2)
        orders = await _many(made, terms, ("first", 1), ("second", 1), ("third", 2))
        intent = await made.book.redeem_many(orders, gas=await _gas_alone(made, orders))
        tx_hash = await _send(made, intent, intent.action.least_gas)
        outcomes = await made.book.outcomes(tx_hash)
        assert outcomes.keys() == {keccak256(name) for name in (b"first", b"second", b"third")}
        assert outcomes[keccak256(b"first")] is None
        assert isinstance(outcomes[keccak256(b"second")], VoucherAlreadyRedeemed)
        assert outcomes[keccak256(b"third")] is None
        credit = await made.book.credit(terms, MERCHANT)
        assert credit.due + credit.waiting == 2 * 20_000_000
        state = await made.book.campaign(terms)
        assert (state.redeemed, state.escrow) == (2, 3 * 20_000_000)
        again = await _send(made, intent, intent.action.least_gas)
        assert {type(outcome) for outcome in (await made.book.outcomes(again)).values()} == {VoucherAlreadyRedeemed}


async def test_the_room_asked_for_is_enough_and_with_less_nothing_is_half_done():
    async with stage() as made:
        terms = await _campaign(made, 4)
        orders = await _many(made, terms, *((f"order {number}", number) for number in range(1, 5)))
        intent = await made.book.redeem_many(orders, gas=await _gas_alone(made, orders))
        before = await made.node.rpc.call("evm_snapshot")
        tx_hash = await _send(made, intent, intent.action.least_gas)
        assert list((await made.book.outcomes(tx_hash)).values()) == [None] * 4
        receipt = await made.node.rpc.call("eth_getTransactionReceipt", tx_hash)
        used = int(receipt["gasUsed"], 16)
        assert used < intent.action.least_gas
        await made.node.rpc.call("evm_revert", before)
        with pytest.raises(NodeUnavailable):
            await made.book.outcomes(await _send(made, intent, used * 9 // 10))
        assert (await made.book.campaign(terms)).redeemed == 0


async def test_what_does_not_go_together_is_refused():
    async with stage() as made:
        terms = await _campaign(made, 1)
        (order,) = await _many(made, terms, ("first", 1))
        with pytest.raises(InvalidValue):
            await made.book.redeem_many([], gas=0)
        other = replace(order, redemption=replace(order.redemption, submitter=MERCHANT))
        with pytest.raises(InvalidValue):
            await made.book.redeem_many([order, other], gas=0)
        permitted = {**order.consents, "permit": order.consents["redeem_order"]}
        assert not made.book.joins_many(order.redemption, permitted)
        with pytest.raises(InvalidValue):
            await made.book.redeem_many([replace(order, consents=permitted)], gas=0)
        with pytest.raises(NodeUnavailable):
            await made.book.outcomes("0x" + "ab" * 32)


def test_the_room_for_gas_is_kept_with_the_intent():
    call = ContractCall(MERCHANT, b"\1", least_gas=5)
    intent = Intent(RELAYER, call)
    assert Intent.from_json(intent.to_json()) == intent
    assert "least_gas" not in Intent(RELAYER, replace(call, least_gas=0)).to_json()["action"]
