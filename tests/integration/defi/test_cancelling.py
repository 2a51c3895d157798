"""Swaps that are listed, and swaps that are cancelled while they wait."""

from __future__ import annotations

from tests.integration.api.conftest import SignIn
from tests.integration.defi.conftest import COIN, TEA, Trader


async def test_a_waiting_swap_is_cancelled_with_its_approval(trader: Trader) -> None:
    """No block comes: both nonces are used up without effect, the tokens stay and nothing is allowed."""
    tea = str(trader.tea.id)
    asked = (await trader.swap("one", sell=tea, buy=COIN, value="10")).json()
    assert [step["status"] for step in asked["steps"]] == ["in_flight", "in_flight"]
    stopped = await trader.post(f"/swaps/{asked['id']}/cancel", {})
    assert (stopped.status_code, stopped.json()["cancelling"]) == (202, True), stopped.text
    again = await trader.post(f"/swaps/{asked['id']}/cancel", {})
    assert again.status_code == 202, "asking twice is asking once"
    assert {step["tx_hash"] for step in again.json()["steps"]} == {step["tx_hash"] for step in stopped.json()["steps"]}
    ended = await trader.ended(f"/swaps/{asked['id']}")
    assert (ended["status"], ended["cancelling"], ended["received"]) == ("cancelled", False, None)
    assert await trader.nonce() == 2
    assert await trader.units(trader.tea.id.reference) == 1_000 * TEA
    assert await trader.allowed(trader.tea.id.reference) == 0
    once_more = await trader.post(f"/swaps/{asked['id']}/cancel", {})
    assert (once_more.status_code, once_more.json()["status"]) == (202, "cancelled")


async def test_what_is_done_is_not_cancelled_and_every_swap_is_listed(trader: Trader, sign_in: SignIn) -> None:
    """Newest first, page by page, one's own only; a swap in a block can no longer be cancelled."""
    tea = str(trader.tea.id)
    bought = (await trader.swap("a", sell=COIN, buy=tea, value="0.1")).json()
    done = await trader.ended(f"/swaps/{bought['id']}")
    late = await trader.post(f"/swaps/{bought['id']}/cancel", {})
    assert (late.status_code, late.json()["code"]) == (409, "payment_not_replaceable")
    outside = (await trader.swap("b", path="/swaps/prepare", sell=tea, buy=COIN, value="1")).json()
    wrapped = (await trader.post("/swaps/wrap", {"account": str(trader.account), "value": "1"}, "c")).json()
    first = await trader.get("/swaps?limit=2")
    assert [one["id"] for one in first["items"]] == [wrapped["id"], outside["id"]]
    rest = await trader.get(f"/swaps?limit=2&cursor={first['next_cursor']}")
    assert rest == {"items": [done], "next_cursor": None}
    other = await sign_in("wu")
    theirs = await trader.client.get("/api/v1/swaps", headers=other.headers)
    assert theirs.json() == {"items": [], "next_cursor": None}


async def test_a_prepared_swap_is_cancelled_before_its_wallet_signs(trader: Trader) -> None:
    """Nothing of it is taken afterwards."""
    asked = (await trader.swap("o", path="/swaps/prepare", sell=COIN, buy=str(trader.tea.id), value="0.1")).json()
    stopped = await trader.post(f"/swaps/{asked['id']}/cancel", {})
    assert (stopped.status_code, stopped.json()["status"]) == (202, "cancelled"), stopped.text
    assert stopped.json()["ended_at"] is not None
    (step,) = asked["steps"]
    call = {name: step[name] for name in ("to", "data", "value", "gas")} | {"from": trader.account.address}
    await trader.node.rpc.call("anvil_impersonateAccount", trader.account.address)
    sent = await trader.node.rpc.call("eth_sendTransaction", call)
    refused = await trader.post(f"/swaps/{asked['id']}/submit", {"step": 0, "tx_hash": sent})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value"), refused.text
