"""What a person must not be led into: each refused with its own code or named as a warning, and nothing sent."""

from __future__ import annotations

import asyncio
from typing import Any

from codec.evm import tokens
from tests.dapps.deploy import SENDER, deploy_odd, send
from tests.integration.defi.conftest import CHAIN, COIN, TEA, Trader

FRIEND = "0x2222222222222222222222222222222222222222"


async def _asked(trader: Trader, **call: Any) -> dict[str, Any]:
    """What a dApp asks for, as it waits for the person."""
    sends = {"from": trader.account.address, **call}
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_sendTransaction", "params": [sends]}
    known = {one["id"] for one in (await trader.get("/dapps/requests"))["items"]}
    asyncio.get_running_loop().create_task(trader.post("/dapps/rpc", body))
    for _ in range(2_000):
        fresh = [one for one in (await trader.get("/dapps/requests"))["items"] if one["id"] not in known]
        if fresh:
            found: dict[str, Any] = fresh[0]
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("the dApp asked for nothing")


async def _accept(trader: Trader, request: dict[str, Any], *warnings: str) -> dict[str, Any]:
    answer = await trader.post(f"/dapps/requests/{request['id']}/accept", {"accept_warnings": list(warnings)})
    told: dict[str, Any] = answer.json()
    return told


async def test_calls_that_would_fail_are_refused_with_the_contract_s_reason(trader: Trader) -> None:
    thrower = await deploy_odd(trader.node, "Thrower")
    for data, reason in (
        (tokens.call("text()"), "no tea today"),
        (tokens.call("panic(uint256)", 0), "Panic(18, division by zero)"),
        (tokens.call("standard(address)", FRIEND), "ERC721IncorrectOwner"),
        (tokens.call("custom()"), "0x" + tokens.call("OutOfTea(uint256)", 0)[:4].hex()),
    ):
        request = await _asked(trader, to=thrower.address, data="0x" + data.hex())
        assert request["balance_changes"] is None
        refused = await _accept(trader, request)
        assert refused["code"] == "transaction_reverted", refused
        assert reason in refused["reason"]
        await trader.post(f"/dapps/requests/{request['id']}/refuse", {})
    assert await trader.nonce() == 0


async def test_a_market_above_the_cap_and_another_chain_are_refused(trader: Trader) -> None:
    sends = {"recipient": FRIEND, "asset": COIN, "value": "1"}
    other = "eip155:1"
    for body, code in (
        ({**sends, "recipient": f"{other}:{FRIEND}"}, "invalid_address"),
        ({**sends, "asset": f"{other}/slip44:60"}, "unknown_asset"),
    ):
        assert (await trader.send(**body)).json()["code"] == code
    assert (await trader.swap(sell=f"{other}/slip44:60", buy=COIN, value="1")).json()["code"] == "unknown_asset"
    allowed = {"account": str(trader.account), "token": f"{CHAIN}:{trader.tea.id.reference}", "base_units": "1"}
    spender = await trader.post("/token-approvals", {**allowed, "spender": f"{other}:{FRIEND}"})
    assert (spender.status_code, spender.json()["code"]) == (422, "invalid_address")
    await trader.node.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(10**13))
    await trader.node.mine()
    await asyncio.sleep(0)
    for answer in (await trader.send(**sends), await trader.swap(sell=str(trader.tea.id), buy=COIN, value="1")):
        assert (answer.status_code, answer.json()["code"]) == (409, "fee_too_low"), answer.text
        assert int(answer.json()["market"]) > int(answer.json()["cap"])
    assert await trader.nonce() == 0


async def test_what_a_dapp_s_call_changes_is_shown_and_held_to(trader: Trader) -> None:
    """A swap that a dApp asked for, accepted after somebody moved the price: named, and made only when accepted."""
    tea, router = trader.tea.id.reference, trader.exchange.router
    await trader.node.rpc.call("anvil_impersonateAccount", trader.account.address)
    allow = tokens.call("approve(address,uint256)", router, 10 * TEA)
    await send(trader.node, tea, allow, sender=trader.account.address)
    signature = "swapExactTokensForETH(uint256,uint256,address[],address,uint256)"
    path = [tea, trader.exchange.wrapped]
    data = tokens.call(signature, 10 * TEA, 1, path, trader.account.address, 2**40)
    request = await _asked(trader, to=router, data="0x" + data.hex())
    assert request["summary"].startswith(f"swap {10 * TEA} base units of {tea} for at least 1 wei over 1 pools")
    shown = {one["asset"]: int(one["base_units"]) for one in request["balance_changes"]}
    assert shown[str(trader.tea.id)] == -10 * TEA
    assert shown[COIN] > 9 * 10**16
    await send(trader.node, tea, tokens.call("approve(address,uint256)", router, 2**200))
    moved = tokens.call(signature, 300 * TEA, 1, path, SENDER, 2**40)
    await send(trader.node, router, moved)
    refused = await _accept(trader, request)
    assert (refused["code"], refused["warnings"]) == ("warning_not_accepted", ["balance_difference"])
    nonce = await trader.nonce()
    accepted = await _accept(trader, request, "balance_difference")
    assert accepted["word"] == "accepted"
    for _ in range(3):
        await trader.node.mine()
    assert await trader.nonce() == nonce + 1


async def test_a_node_that_does_not_simulate_is_said_to_be_one(trader: Trader, monkeypatch: Any) -> None:
    """One call is traced instead; several cannot be, so the approval is signed, and the swap once it is in a block."""
    client = trader.chains.client(CHAIN)
    settle, lacking = client.settle, {"eth_simulateV1"}

    async def without(calls: Any) -> Any:
        calls = [(f"no_{method}" if method in lacking else method, params) for method, params in calls]
        return await settle(calls)

    monkeypatch.setattr(client, "settle", without)
    sends = {"recipient": FRIEND, "asset": str(trader.tea.id), "value": "1"}
    traced = (await trader.send(path="/transfers/preview", **sends)).json()
    assert {one["base_units"] for one in traced["balance_changes"]} == {str(-TEA), str(TEA)}
    lacking.add("debug_traceCall")
    assert (await trader.send(path="/transfers/preview", **sends)).json()["balance_changes"] is None
    wanted = {"sell": str(trader.tea.id), "buy": COIN, "value": "10"}
    refused = await trader.swap(**wanted)
    assert (refused.status_code, refused.json()["warnings"]) == (409, ["not_simulated"])
    begun = await trader.swap(**wanted, accept_warnings=["not_simulated"])
    assert [step["status"] for step in begun.json()["steps"]] == ["in_flight", "awaiting_signature"], begun.text
    assert begun.json()["status"] == "awaiting_signature"
    for _ in range(2_000):
        again = (await trader.swap(**wanted)).json()
        if again["steps"][1]["status"] != "awaiting_signature":
            break
        await trader.node.mine()
        await asyncio.sleep(0.02)
    done = await trader.ended(f"/swaps/{begun.json()['id']}")
    assert (done["status"], again["id"]) == ("done", done["id"])
    assert await trader.nonce() == 2
