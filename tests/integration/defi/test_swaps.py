"""Swaps and wrapping on Uniswap v2 as published, through the API and down to the chain."""

from __future__ import annotations

import asyncio

from tests.integration.defi.conftest import COIN, TEA, Trader


async def test_a_token_is_approved_exactly_and_swapped_in_one_call(trader: Trader) -> None:
    """Preview, two transactions with consecutive nonces, what came out as the receipt says; nothing is left allowed."""
    tea = str(trader.tea.id)
    wanted = {"sell": tea, "buy": COIN, "value": "10"}
    previewed = await trader.swap(path="/swaps/preview", **wanted)
    assert previewed.status_code == 200, previewed.text
    plan = previewed.json()
    assert [step["kind"] for step in plan["steps"]] == ["approve", "swap"]
    expected = int(plan["terms"]["expected"]["base_units"])
    # Constant product with 0.3 % fee: 10 TEA into 1,000 TEA : 10 ETH.
    assert expected == 10 * TEA * 997 * 10 * 10**18 // (1_000 * TEA * 1_000 + 10 * TEA * 997)
    assert int(plan["terms"]["least"]["base_units"]) == expected * 9_950 // 10_000
    assert plan["terms"]["price_impact_bps"] == 128
    gives = {one["asset"]: int(one["base_units"]) for one in plan["balance_changes"]}
    assert gives == {tea: -10 * TEA, COIN: expected}
    assert plan["warnings"] == []
    before = await trader.wei()
    answers = await asyncio.gather(*(trader.swap("one", **wanted) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}, answers[0].text
    assert len({answer.json()["id"] for answer in answers}) == 1, "the same key is the same swap"
    done = await trader.ended(f"/swaps/{answers[0].json()['id']}")
    assert (done["status"], done["received"]["base_units"]) == ("done", str(expected))
    assert [step["status"] for step in done["steps"]] == ["done", "done"]
    assert await trader.nonce() == 2
    assert await trader.units(trader.tea.id.reference) == 990 * TEA
    paid = 0
    for step in done["steps"]:
        receipt = await trader.node.rpc.call("eth_getTransactionReceipt", step["tx_hash"])
        paid += int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert await trader.wei() == before + expected - paid
    assert await trader.allowed(trader.tea.id.reference) == 0
    other = await trader.swap("one", **{**wanted, "value": "11"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


async def test_coins_are_wrapped_swapped_and_unwrapped(trader: Trader) -> None:
    """Native in needs no approval; wrapping is one for one both ways."""
    wrapped = await trader.post("/swaps/wrap", {"account": str(trader.account), "value": "2"}, "w")
    assert wrapped.status_code == 202, wrapped.text
    assert [step["kind"] for step in wrapped.json()["steps"]] == ["wrap"]
    done = await trader.ended(f"/swaps/{wrapped.json()['id']}")
    assert (done["status"], done["received"]["base_units"]) == ("done", str(2 * 10**18))
    assert await trader.units(trader.exchange.wrapped) == 2 * 10**18
    back = await trader.post("/swaps/unwrap", {"account": str(trader.account), "value": "2"}, "u")
    assert back.status_code == 202, back.text
    assert (await trader.ended(f"/swaps/{back.json()['id']}"))["status"] == "done"
    assert await trader.units(trader.exchange.wrapped) == 0
    bought = await trader.swap("s", sell=COIN, buy=str(trader.tea.id), value="0.1")
    assert [step["kind"] for step in bought.json()["steps"]] == ["swap"]
    done = await trader.ended(f"/swaps/{bought.json()['id']}")
    assert done["status"] == "done"
    assert await trader.units(trader.tea.id.reference) == 1_000 * TEA + int(done["received"]["base_units"])
    none = await trader.post("/swaps/unwrap", {"account": str(trader.account), "value": "1"}, "n")
    assert (none.status_code, none.json()["code"]) == (409, "insufficient_funds")
    assert (int(none.json()["needed"]), int(none.json()["available"])) == (10**18, 0)
