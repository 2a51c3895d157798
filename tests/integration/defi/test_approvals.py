"""Approvals given, listed and ended, each as the chain has it: ERC-20, operators, Permit2, delegations."""

from __future__ import annotations

from typing import Any

from codec.evm import tokens
from primitives.account_id import AccountId
from tests.dapps.deploy import SENDER, deploy_odd, odd_contracts, send
from tests.integration.defi.conftest import CHAIN, TEA, Trader

PERMIT2 = AccountId.from_raw(CHAIN, tokens.PERMIT2)


async def _listed(trader: Trader) -> list[tuple[str, str | None, bool]]:
    items = (await trader.get(f"/token-approvals?account={trader.account}"))["items"]
    return [(one["kind"], one["base_units"], one["unlimited"]) for one in items]


async def _give(trader: Trader, key: str, **body: Any) -> dict[str, Any]:
    answer = await trader.post("/token-approvals", {"account": str(trader.account), **body}, key)
    assert answer.status_code == 202, answer.text
    return await trader.ended(f"/token-approvals/given/{answer.json()['id']}")


async def test_exact_unless_the_person_accepts_more(trader: Trader) -> None:
    """By base units, by `unlimited`, and by an amount that nobody reaches: the last two need the warning accepted."""
    router = str(AccountId.of(CHAIN, trader.exchange.router))
    body = {"account": str(trader.account), "token": f"{CHAIN}:{trader.tea.id.reference}", "spender": router}
    for much in ({"unlimited": True}, {"base_units": str(2**255)}):
        refused = await trader.post("/token-approvals", {**body, **much}, "much")
        assert (refused.status_code, refused.json()["warnings"]) == (409, ["unlimited_approval"])
    person = await trader.post("/token-approvals", {**body, "spender": f"{CHAIN}:{SENDER}", "base_units": "5"}, "thief")
    assert (person.status_code, person.json()["warnings"]) == (409, ["spender_without_code"])
    both = await trader.post("/token-approvals", {**body, "base_units": "5", "unlimited": True}, "both")
    assert both.status_code == 422
    assert (await trader.nonce(), await _listed(trader)) == (0, [])
    assert (await _give(trader, "exact", **{**body, "base_units": "5"}))["status"] == "done"
    assert await trader.allowed(trader.tea.id.reference) == 5
    everything = {**body, "unlimited": True, "accept_warnings": ["unlimited_approval"]}
    assert (await _give(trader, "all", **everything))["status"] == "done"
    assert await _listed(trader) == [("allowance", str(2**256 - 1), True)]


async def test_every_kind_is_listed_and_ended(trader: Trader) -> None:
    """Also the code that an account has borrowed (EIP-7702)."""
    await trader.node.rpc.call("anvil_setCode", PERMIT2.address, "0x" + odd_contracts()["AllowanceRegister"]["runtime"])
    cats = await deploy_odd(trader.node, "Collectible", "uint256", 42)
    keeper = await deploy_odd(trader.node, "Keeper")
    refused = await trader.post(
        "/token-approvals",
        {"account": str(trader.account), "kind": "operator", "token": str(cats), "spender": str(keeper)},
    )
    assert refused.json()["warnings"] == ["unlimited_approval"], "an operator may move everything"
    operator = {"kind": "operator", "token": str(cats), "spender": str(keeper)}
    await _give(trader, "operator", **operator, accept_warnings=["unlimited_approval"])
    me = trader.account.address
    await trader.node.rpc.call("anvil_impersonateAccount", me)
    signature = "approve(address,address,uint160,uint48)"
    lasting = tokens.call(signature, trader.tea.id.reference, keeper.address, 3 * TEA, 2**40)
    await send(trader.node, PERMIT2.address, lasting, sender=me)
    await trader.node.rpc.call("anvil_setCode", me, "0xef0100" + keeper.raw.hex())
    assert sorted(await _listed(trader)) == [
        ("delegation", None, True),
        ("operator", None, True),
        ("permit2", str(3 * TEA), False),
    ]
    for kind, token in (
        ("operator", str(cats)),
        ("permit2", f"{CHAIN}:{trader.tea.id.reference}"),
        ("delegation", None),
    ):
        body = {"account": str(trader.account), "kind": kind, "token": token, "spender": str(keeper)}
        answer = await trader.post("/token-approvals/revoke", body, kind)
        assert answer.status_code == 202, answer.text
        assert (await trader.ended(f"/token-approvals/revocations/{answer.json()['id']}"))["status"] == "done"
    assert await _listed(trader) == []
    assert await trader.node.rpc.call("eth_getCode", me, "latest") == "0x"
    # The account goes on as before.
    sent = await trader.send("after", recipient=SENDER, asset=f"{CHAIN}/slip44:60", value="1")
    assert (await trader.ended(f"/transfers/{sent.json()['id']}"))["status"] == "done"
