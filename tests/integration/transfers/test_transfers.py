"""A holder's own transfers through the API, down to the chain and back."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest

from primitives.asset import AssetId
from tests.conformance.adapter.evm_stage import CHAIN
from tests.integration.api.conftest import SignIn
from tests.integration.transfers.conftest import Holder

TO = "0x2222222222222222222222222222222222222222"
COIN = str(AssetId.native(CHAIN))
ONE_ETHER = {"recipient": TO, "asset": COIN, "value": "1"}


async def test_coin_transfer_arrives_and_is_final(holder: Holder) -> None:
    """202 with the hash; later done, with block, finality and fee as the chain says."""
    previewed = await holder.send(ONE_ETHER, path="/transfers/preview")
    assert previewed.status_code == 200, previewed.text
    assert previewed.json()["amount"]["base_units"] == str(10**18)
    answer = await holder.send(ONE_ETHER)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "in_flight"
    done = await holder.ended(answer.json()["id"])
    assert (done["status"], done["finality"], done["attempt"]) == ("done", "finalized", "final")
    assert done["tx_hash"] == answer.json()["tx_hash"]
    assert 0 < int(done["fee_paid"]["base_units"]) <= int(done["fee_limit"]["base_units"])
    assert await holder.node.rpc.call("eth_getBalance", TO, "latest") == hex(10**18)
    receipt = await holder.node.rpc.call("eth_getTransactionReceipt", done["tx_hash"])
    assert (receipt["blockHash"][2:], int(receipt["blockNumber"], 16)) == (done["block_hash"], done["height"])


async def test_token_transfer_in_people_s_units(holder: Holder) -> None:
    """`value` 1.25 of a token with six decimals is 1,250,000 base units."""
    answer = await holder.send({"recipient": TO, "asset": str(holder.money.id), "value": "1.25"})
    assert answer.status_code == 202, answer.text
    done = await holder.ended(answer.json()["id"])
    assert done["status"] == "done"
    assert done["amount"] == {"base_units": "1250000", "decimals": 6, "asset": str(holder.money.id), "symbol": "tCNY"}


async def test_same_key_in_parallel_is_one_transfer(holder: Holder) -> None:
    """Twenty requests with one key: one transfer, one nonce, one effect; another body with it: 409."""
    answers = await asyncio.gather(*(holder.send(ONE_ETHER, "same") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    await holder.ended(answers[0].json()["id"])
    other = await holder.send({**ONE_ETHER, "value": "2"}, "same")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert await holder.node.rpc.call("eth_getBalance", TO, "latest") == hex(10**18)
    assert await holder.node.rpc.call("eth_getTransactionCount", holder.account.address, "latest") == "0x1"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"value": "11"}, 409, "insufficient_funds"),
        ({"value": "0"}, 422, "amount_not_positive"),
        ({"value": "-1"}, 422, "amount_not_positive"),
        ({"value": "0.0000000000000000001"}, 422, "precision_loss"),
        ({"recipient": "0x2222"}, 422, "invalid_address"),
        ({"recipient": "0x52908400098527886E0F7030069857D2E4169Ee7"}, 422, "invalid_address"),
        ({"recipient": "11111111111111111111111111111112"}, 422, "invalid_address"),
        ({"recipient": "eip155:1:0x52908400098527886E0F7030069857D2E4169EE7"}, 422, "invalid_address"),
        ({"sender": f"{CHAIN}:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"}, 422, "invalid_address"),
        ({"sender": "eip155:1:0x52908400098527886E0F7030069857D2E4169EE7"}, 404, "unknown_chain"),
        ({"asset": f"{CHAIN}/erc20:0x1111111111111111111111111111111111111111"}, 422, "unknown_asset"),
        ({"asset": "eip155:1/slip44:60"}, 422, "unknown_asset"),
    ],
)
async def test_bad_input_is_refused_and_nothing_stored(
    holder: Holder, change: dict[str, str], status: int, code: str
) -> None:
    """Each with its own code; no payment, no nonce."""
    answer = await holder.send({**ONE_ETHER, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if code == "insufficient_funds":
        assert int(answer.json()["needed"]) >= 11 * 10**18
        assert answer.json()["available"] == str(10 * 10**18)
    listed = await holder.client.get("/api/v1/transfers", headers=holder.person.headers)
    assert listed.json()["items"] == []


async def test_locked_keys_are_said_so(holder: Holder) -> None:
    """423 before anything is stored; unlocked again, the same key works."""
    await holder.client.post("/api/v1/auth/lock", headers=holder.person.headers)
    answer = await holder.send(ONE_ETHER)
    assert (answer.status_code, answer.json()["code"]) == (423, "keystore_locked")


async def test_node_down_is_503_and_the_same_key_works_later(holder: Holder) -> None:
    """Nothing half-done: the client repeats its request when the node is back."""
    await holder.node.kill()
    answer = await holder.send(ONE_ETHER)
    assert (answer.status_code, answer.json()["code"], answer.json()["retryable"]) == (503, "node_unavailable", True)
    await holder.node.start()
    await holder.node.fund(holder.account.address, 10 * 10**18)
    again = await holder.send(ONE_ETHER)
    assert again.status_code == 202, again.text
    assert (await holder.ended(again.json()["id"]))["status"] == "done"


async def test_transfers_of_others_do_not_exist(holder: Holder, client: httpx.AsyncClient, sign_in: SignIn) -> None:
    """404 for reading and retrying; an empty list; another's account cannot be the sender."""
    made = (await holder.send(ONE_ETHER)).json()["id"]
    li = await sign_in("li")
    assert (await client.get(f"/api/v1/transfers/{made}", headers=li.headers)).status_code == 404
    assert (await client.get(f"/api/v1/transfers/{uuid4()}", headers=holder.person.headers)).status_code == 404
    assert (await client.get("/api/v1/transfers", headers=li.headers)).json()["items"] == []
    body = {"sender": str(holder.account), **ONE_ETHER}
    stolen = await client.post("/api/v1/transfers/preview", json=body, headers=li.headers)
    assert (stolen.status_code, stolen.json()["code"]) == (422, "invalid_address")


async def test_list_is_paged_newest_first(holder: Holder) -> None:
    made = [(await holder.send({**ONE_ETHER, "value": "0.1"}, f"k{i}")).json()["id"] for i in range(3)]
    first = await holder.client.get("/api/v1/transfers?limit=2", headers=holder.person.headers)
    assert [item["id"] for item in first.json()["items"]] == [made[2], made[1]]
    rest = await holder.client.get(
        "/api/v1/transfers", params={"cursor": first.json()["next_cursor"]}, headers=holder.person.headers
    )
    assert [item["id"] for item in rest.json()["items"]] == [made[0]]
    assert rest.json()["next_cursor"] is None


async def test_chains_show_health_and_heights(holder: Holder) -> None:
    """Healthy with heights; the same chain unhealthy, not missing, while its node is down."""
    shown = (await holder.client.get("/api/v1/chains", headers=holder.person.headers)).json()["items"]
    assert [(chain["chain"], chain["healthy"], chain["local"]) for chain in shown] == [(str(CHAIN), True, True)]
    assert shown[0]["heads"]["included"] >= shown[0]["heads"]["finalized"]
    assert [asset["symbol"] for asset in shown[0]["assets"]] == ["ETH", "tCNY"]
    await holder.node.kill()
    shown = (await holder.client.get("/api/v1/chains", headers=holder.person.headers)).json()["items"]
    assert (shown[0]["healthy"], shown[0]["heads"]) == (False, None)


async def test_without_local_testnets_there_is_no_faucet(holder: Holder) -> None:
    body = {"account": TO, "asset": COIN, "base_units": "1"}
    headers = {**holder.person.headers, "Idempotency-Key": "f"}
    answer = await holder.client.post(f"/api/v1/chains/{CHAIN}/faucet", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    elsewhere = await holder.client.post("/api/v1/chains/eip155:1/faucet", json=body, headers=headers)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "unknown_chain")
