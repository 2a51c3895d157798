"""Ending an approval through the API, on an account whose nonces somebody else uses too."""

from __future__ import annotations

from codec.evm import tokens
from primitives.account_id import AccountId
from tests.integration.transfers.conftest import Holder

SPENDER = "0x" + "33" * 20


async def test_an_approval_is_ended_after_a_foreign_transaction(holder: Holder) -> None:
    """The approval came from another wallet with the same key, so its nonce is none of ours."""
    sender, token = holder.account.address, AccountId.of(holder.account.chain, holder.money.id.reference)
    data = tokens.call("approve(address,uint256)", SPENDER, 2**256 - 1)
    await holder.node.rpc.call("anvil_impersonateAccount", sender)
    foreign = {"from": sender, "to": token.address, "data": "0x" + data.hex()}
    await holder.node.rpc.call("eth_sendTransaction", foreign)
    await holder.node.rpc.call("anvil_stopImpersonatingAccount", sender)
    await holder.node.mine()
    listing = f"/api/v1/token-approvals?account={holder.account}"
    (standing,) = (await holder.client.get(listing, headers=holder.person.headers)).json()["items"]
    assert (standing["kind"], standing["token"], standing["unlimited"]) == ("allowance", str(token), True)
    wanted = {"account": str(holder.account), **{name: standing[name] for name in ("kind", "token", "spender")}}
    headers = {**holder.person.headers, "Idempotency-Key": "end"}
    answers = [
        await holder.client.post("/api/v1/token-approvals/revoke", json=wanted, headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"], "the same key is the same payment"
    assert (await holder.ended(answers[0].json()["id"], "/token-approvals/revocations"))["status"] == "done"
    assert (await holder.client.get(listing, headers=holder.person.headers)).json()["items"] == []
    again = await holder.client.post(
        "/api/v1/token-approvals/revoke", json=wanted, headers={**headers, "Idempotency-Key": "again"}
    )
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    as_transfer = await holder.client.get(f"/api/v1/transfers/{answers[0].json()['id']}", headers=holder.person.headers)
    assert as_transfer.status_code == 404, "it is no transfer"
