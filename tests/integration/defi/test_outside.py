"""Swaps whose key is elsewhere: prepared here, signed there, and nothing else is taken in."""

from __future__ import annotations

from typing import Any

import pytest
from coincurve import PrivateKey

from codec.evm.transaction import FeeMarketTransaction, encode_signed, encode_unsigned, signing_hash
from primitives.account_id import AccountId
from tests.dapps.deploy import SENDER
from tests.fakes.anvil import FIRST_KEY
from tests.integration.api.conftest import SignIn
from tests.integration.defi.conftest import CHAIN, COIN, TEA, Trader

OUTSIDE = AccountId.of(CHAIN, SENDER)
"""Holds the rest of the tea, and its key is this test's."""


async def _signed(trader: Trader, step: dict[str, Any], nonce: int, **change: Any) -> str:
    fields = {
        "chain_id": CHAIN.evm_number,
        "to": bytes.fromhex(step["to"][2:]),
        "value": int(step["value"], 16),
        "data": bytes.fromhex(step["data"][2:]),
        **change,
    }
    gas = int(step["gas"], 16)
    unsigned = FeeMarketTransaction(
        nonce=nonce, max_priority_fee_per_gas=10**9, max_fee_per_gas=10**10, gas_limit=gas, **fields
    )
    signature = PrivateKey(FIRST_KEY).sign_recoverable(signing_hash(encode_unsigned(unsigned)), hasher=None)
    return "0x" + encode_signed(unsigned, signature).hex()


async def test_a_wallet_elsewhere_signs_the_prepared_steps(trader: Trader, sign_in: SignIn) -> None:
    """One step by its bytes, one by the hash under which the wallet sent it itself; anything else is refused."""
    wanted = {"account": str(OUTSIDE), "sell": str(trader.tea.id), "buy": COIN, "value": "5"}
    prepared = await trader.post("/swaps/prepare", wanted)
    assert prepared.status_code == 202, prepared.text
    swap = prepared.json()
    assert (swap["signs"], swap["status"]) == ("outside", "awaiting_signature")
    assert (await trader.post("/swaps/prepare", wanted)).json()["id"] == swap["id"]
    approve, act = swap["steps"]
    nonce = int(await trader.node.rpc.call("eth_getTransactionCount", SENDER, "latest"), 16)
    path = f"/swaps/{swap['id']}/submit"
    for change in ({"to": b"\x11" * 20}, {"value": 1}, {"data": b"\x01" * 68}, {"chain_id": 1}):
        wrong = {"step": 0, "signed_transaction": await _signed(trader, approve, nonce, **change)}
        refused = await trader.post(path, wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value"), change
    garbled = await trader.post(path, {"step": 0, "signed_transaction": "0x02c0"})
    assert garbled.status_code == 422
    raw = await _signed(trader, approve, nonce)
    for _ in range(2):
        taken = await trader.post(path, {"step": 0, "signed_transaction": raw})
        assert taken.status_code == 202, taken.text
    again = await trader.post(path, {"step": 0, "signed_transaction": await _signed(trader, approve, nonce + 1)})
    assert (again.status_code, again.json()["code"]) == (422, "invalid_value"), "it was handed in before"
    # A node that forgets it is told again.
    await trader.node.rpc.call("anvil_dropAllTransactions")
    for _ in range(2_000):
        told = await trader.get(f"/swaps/{swap['id']}")
        if told["steps"][0]["status"] == "done":
            break
        await trader.node.mine()
    assert told["steps"][0]["status"] == "done"
    call = {"from": SENDER, "to": act["to"], "data": act["data"], "value": act["value"], "gas": act["gas"]}
    sent = await trader.node.rpc.call("eth_sendTransaction", call)
    unknown = await trader.post(path, {"step": 1, "tx_hash": "0x" + "11" * 32})
    assert (unknown.status_code, unknown.json()["code"]) == (503, "node_unavailable")
    stranger = await sign_in("li")
    theirs = await trader.client.post(f"/api/v1{path}", json={"step": 1, "tx_hash": sent}, headers=stranger.headers)
    assert theirs.status_code == 404
    assert (await trader.post(path, {"step": 1, "tx_hash": sent})).status_code == 202
    before = int(swap["terms"]["expected"]["base_units"])
    done = await trader.ended(f"/swaps/{swap['id']}")
    assert (done["status"], done["received"]["base_units"]) == ("done", str(before))
    assert await trader.units(trader.tea.id.reference, OUTSIDE) % TEA == 0


@pytest.mark.soak
async def test_a_step_that_another_transaction_replaced_has_failed(trader: Trader) -> None:
    """Its nonce was used up by something else: what comes after is not asked for any more."""
    wanted = {"account": str(OUTSIDE), "sell": str(trader.tea.id), "buy": COIN, "value": "5"}
    swap = (await trader.post("/swaps/prepare", wanted)).json()
    nonce = int(await trader.node.rpc.call("eth_getTransactionCount", SENDER, "latest"), 16)
    raw = await _signed(trader, swap["steps"][0], nonce)
    assert (await trader.post(f"/swaps/{swap['id']}/submit", {"step": 0, "signed_transaction": raw})).status_code == 202
    other = {"from": SENDER, "to": SENDER, "value": "0x1", "nonce": hex(nonce), "gasPrice": hex(10**11)}
    await trader.node.rpc.call("eth_sendTransaction", other)
    done = await trader.ended(f"/swaps/{swap['id']}")
    assert [step["status"] for step in done["steps"]] == ["failed", "cancelled"]
    assert (done["status"], done["failure"]["code"]) == ("failed", "transaction_rejected")
