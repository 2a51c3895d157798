"""What a swap must do where tokens, pools or time are not as one hopes."""

from __future__ import annotations

from typing import Any

from codec.evm import tokens
from primitives.account_id import AccountId
from primitives.asset import AssetId
from tests.dapps.deploy import SENDER, deploy_odd, give, plain_token, send
from tests.integration.defi.conftest import CHAIN, COIN, TEA, Trader

SUPPLY = 10**30


async def test_the_best_of_several_paths_is_taken(trader: Trader) -> None:
    """A direct pool that is poor loses to two good ones; where no pool leads, the swap is refused."""
    milk = await plain_token(trader.node, "MILK")
    await trader.exchange.coin_pool(milk.id.reference, 1_000 * TEA, 10 * 10**18)
    await trader.exchange.pool(trader.tea.id.reference, milk.id.reference, 100 * TEA, 10 * TEA)
    wanted = {"sell": str(trader.tea.id), "buy": str(milk.id), "value": "1"}
    terms = (await trader.swap(path="/swaps/preview", **wanted)).json()["terms"]
    through = [trader.tea.id.reference, trader.exchange.wrapped, milk.id.reference]
    assert [one.rpartition(":")[2].lower() for one in terms["path"]] == [one.lower() for one in through]
    assert int(terms["expected"]["base_units"]) > 99 * TEA // 100
    alone = await plain_token(trader.node, "ALONE")
    nowhere = await trader.swap(path="/swaps/preview", sell=str(trader.tea.id), buy=str(alone.id), value="1")
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "swap_unavailable")


async def test_prices_that_are_bad_need_their_warning_accepted(trader: Trader) -> None:
    wanted: dict[str, Any] = {"sell": str(trader.tea.id), "buy": COIN, "value": "500", "slippage_bps": 1_000}
    refused = await trader.swap(**wanted)
    assert (refused.status_code, refused.json()["warnings"]) == (409, ["price_impact", "high_slippage"])
    assert await trader.nonce() == 0
    more = await trader.swap(**{**wanted, "value": "1001"})
    assert (more.json()["code"], more.json()["available"]) == ("insufficient_funds", str(1_000 * TEA))
    same = await trader.swap(**{**wanted, "buy": str(trader.tea.id)})
    assert (same.status_code, same.json()["code"]) == (422, "invalid_value")
    done = await trader.swap(**wanted, accept_warnings=["price_impact", "high_slippage"])
    assert (await trader.ended(f"/swaps/{done.json()['id']}"))["status"] == "done"


async def test_tokens_that_keep_a_fee_are_swapped_by_what_arrives(trader: Trader) -> None:
    """Both ways; the plain functions of the router would refuse."""
    token = await deploy_odd(trader.node, "FeeToken", "uint256", SUPPLY)
    asset = str(AssetId.fungible(CHAIN, token.address))
    await trader.exchange.coin_pool(token.address, 1_000 * TEA, 10 * 10**18)
    await give(trader.node, token.address, trader.account, 100 * TEA)
    before = await trader.units(token.address)
    for key, sell, buy in (("sell", asset, COIN), ("buy", COIN, asset)):
        wanted = {"sell": sell, "buy": buy, "value": "1" if key == "sell" else "0.01"}
        refused = await trader.swap(key, **wanted)
        assert (refused.status_code, refused.json()["warnings"]) == (409, ["transfer_fee"]), refused.text
        made = await trader.swap(key, **wanted, accept_warnings=["transfer_fee"])
        assert made.status_code == 202, made.text
        assert made.json()["terms"]["transfer_fees"]
        done = await trader.ended(f"/swaps/{made.json()['id']}")
        assert done["status"] == "done", (done["failure"], done["steps"])
        assert done["received"] == done["terms"]["expected"]
    assert await trader.units(token.address) == before - TEA + int(done["received"]["base_units"])


async def test_an_old_allowance_is_taken_back_where_the_token_insists(trader: Trader) -> None:
    token = await deploy_odd(trader.node, "SilentToken", "uint256", SUPPLY)
    asset = str(AssetId.fungible(CHAIN, token.address))
    await trader.exchange.coin_pool(token.address, 1_000 * TEA, 10 * 10**18)
    await give(trader.node, token.address, trader.account, 100 * TEA)
    given = await trader.post(
        "/token-approvals",
        {
            "account": str(trader.account),
            "token": f"{CHAIN}:{token.address}",
            "spender": str(AccountId.of(CHAIN, trader.exchange.router)),
            "base_units": "5",
        },
    )
    assert given.status_code == 202, given.text
    assert (await trader.ended(f"/token-approvals/given/{given.json()['id']}"))["status"] == "done"
    made = await trader.swap("s", sell=asset, buy=COIN, base_units=str(TEA))
    assert [step["kind"] for step in made.json()["steps"]] == ["reset", "approve", "swap"], made.text
    done = await trader.ended(f"/swaps/{made.json()['id']}")
    assert (done["status"], await trader.allowed(token.address)) == ("done", 0)
    assert await trader.nonce() == 4


async def test_a_price_that_moved_on_the_way_costs_a_fee_and_nothing_else(trader: Trader) -> None:
    """Somebody's larger swap is in the same block before: the router refuses; the allowance that is left is shown."""
    tea = trader.tea.id.reference
    await send(trader.node, tea, tokens.call("approve(address,uint256)", trader.exchange.router, 2**200))
    ahead = "swapExactTokensForETH(uint256,uint256,address[],address,uint256)"
    data = tokens.call(ahead, 200 * TEA, 0, [tea, trader.exchange.wrapped], SENDER, 2**40)
    await trader.node.rpc.call(
        "eth_sendTransaction",
        {"from": SENDER, "to": trader.exchange.router, "data": "0x" + data.hex(), "gas": hex(500_000)},
    )
    made = await trader.swap(sell=str(trader.tea.id), buy=COIN, value="10")
    assert made.status_code == 202, made.text
    # The first is not through yet: a second one's approval would take this one's place.
    second = await trader.swap("second", sell=str(trader.tea.id), buy=COIN, value="1")
    assert (second.status_code, second.json()["code"], second.json()["retryable"]) == (503, "lane_busy", True)
    done = await trader.ended(f"/swaps/{made.json()['id']}")
    assert (done["status"], done["received"]) == ("failed", None)
    assert [step["status"] for step in done["steps"]] == ["done", "failed"]
    assert "INSUFFICIENT_OUTPUT_AMOUNT" in done["failure"]["facts"]["reason"]
    assert await trader.units(tea) == 1_000 * TEA
    listed = (await trader.get(f"/token-approvals?account={trader.account}"))["items"]
    assert [(one["kind"], one["base_units"]) for one in listed] == [("allowance", str(10 * TEA))]
    again = await trader.swap("again", sell=str(trader.tea.id), buy=COIN, value="10")
    assert [step["kind"] for step in again.json()["steps"]] == ["swap"], "what is allowed already is used"
    assert (await trader.ended(f"/swaps/{again.json()['id']}"))["status"] == "done"
    assert await trader.allowed(tea) == 0
