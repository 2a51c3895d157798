"""Speeds, warnings, batches, speeding up and cancelling, as a holder's client calls them."""

from __future__ import annotations

from typing import Any

from tests.integration.transfers.conftest import Holder

STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
COIN = "eip155:31337/slip44:60"


async def _post(holder: Holder, path: str, body: dict[str, Any], key: str = "k") -> tuple[int, dict[str, Any]]:
    headers = {**holder.person.headers, "Idempotency-Key": key}
    answer = await holder.client.post(f"/api/v1/transfers{path}", json=body, headers=headers)
    return answer.status_code, answer.json()


async def test_tokens_to_a_contract_need_the_senders_word(holder: Holder) -> None:
    """The warning is in the preview; without its acceptance nothing is stored or signed."""
    token = holder.money.id.reference
    body = {"recipient": token, "asset": str(holder.money.id), "base_units": "5"}
    preview = (await holder.send(body, path="/transfers/preview")).json()
    assert [warning["code"] for warning in preview["warnings"]] == ["recipient_is_token"]
    refused = await holder.send(body)
    assert (refused.status_code, refused.json()["code"]) == (409, "warning_not_accepted")
    assert refused.json()["warnings"] == ["recipient_is_token"]
    listed = await holder.client.get("/api/v1/transfers", headers=holder.person.headers)
    assert listed.json()["items"] == []
    accepted = await holder.send({**body, "accept_warnings": ["recipient_is_token"]})
    assert accepted.status_code == 202


async def test_batch_makes_each_transfer_by_itself(holder: Holder) -> None:
    """One is impossible; the others are signed under consecutive nonces, and the same request again changes nothing."""
    one = {"sender": str(holder.account), "recipient": STRANGER, "asset": COIN}
    body = {"transfers": [{**one, "base_units": "5"}, {**one, "base_units": str(10**30)}, {**one, "base_units": "7"}]}
    status, answer = await _post(holder, "/batch", body)
    assert status == 202
    first, poor, last = answer["outcomes"]
    assert poor["transfer"] is None
    assert poor["failure"]["code"] == "insufficient_funds"
    _, again = await _post(holder, "/batch", body)
    assert [outcome["transfer"] and outcome["transfer"]["id"] for outcome in again["outcomes"]] == [
        first["transfer"]["id"],
        None,
        last["transfer"]["id"],
    ]
    assert (await holder.ended(first["transfer"]["id"]))["status"] == "done"
    assert (await holder.ended(last["transfer"]["id"]))["status"] == "done"


async def test_speeds_speeding_up_and_cancelling(holder: Holder) -> None:
    """Three speeds with their times; a slow transfer is made faster, then cancelled by its id."""
    answer = await holder.client.get("/api/v1/transfers/fees?chain=eip155:31337", headers=holder.person.headers)
    speeds = answer.json()["speeds"]
    assert [speed["speed"] for speed in speeds] == ["slow", "normal", "fast"]
    assert [int(speed["price"]) for speed in speeds] == sorted(int(speed["price"]) for speed in speeds)
    assert speeds[0]["expected_seconds"] >= speeds[2]["expected_seconds"] >= 1
    made = (await holder.send({"recipient": STRANGER, "asset": COIN, "base_units": "9", "speed": "slow"})).json()
    status, faster = await _post(holder, f"/{made['id']}/speed-up", {"speed": "fast"})
    assert (status, faster["attempts"]) == (202, 2)
    assert int(faster["fee_limit"]["base_units"]) > int(made["fee_limit"]["base_units"])
    status, cancelling = await _post(holder, f"/{made['id']}/cancel", {})
    assert (status, cancelling["cancelling"]) == (202, True)
    ended = await holder.ended(made["id"])
    # The chain decides which of the attempts it takes; whichever it is, there is one end and no second chance.
    assert ended["status"] in ("cancelled", "done")
    status, refused = await _post(holder, f"/{made['id']}/cancel", {})
    assert (status, refused["code"]) == (409, "payment_not_replaceable")
