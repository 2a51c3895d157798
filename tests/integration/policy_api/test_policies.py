"""A person sets limits, spends up to them, asks a friend and proves a code: all through HTTP, on Anvil."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pyotp

from primitives.asset import AssetId
from tests.conformance.adapter.evm_stage import CHAIN
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import SignedIn, SignIn
from tests.integration.transfers.conftest import Holder

COIN = str(AssetId.native(CHAIN))
SHOP = "0x" + "5a" * 20
ETHER = 10**18


async def call(holder: Holder, method: str, path: str, body: Any = None, person: SignedIn | None = None) -> Any:
    answer = await holder.client.request(method, f"/api/v1{path}", json=body, headers=(person or holder.person).headers)
    assert answer.status_code < 300, answer.text
    return answer.json()


def rules(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"policy": {"zone": "Asia/Shanghai", "rules": list(listed)}}


def limit(units: int, window: str = "rolling", rule: str = "most") -> dict[str, Any]:
    # Not the calendar's day: a test that runs over midnight would begin a new one.
    seconds = {"seconds": 86_400} if window == "rolling" else {}
    return {"id": rule, "kind": "limit", "window": window, "asset": COIN, "at_most": str(units), **seconds}


async def test_two_hundred_transfers_at_once_reach_a_limit_and_no_further(ruled: Holder) -> None:
    """Two batches of a hundred at the same moment; the shop has exactly the limit on the chain afterwards."""
    before = await call(ruled, "GET", "/policies")
    assert (before["default"], before["waiting"]) == (True, None)
    await call(ruled, "PUT", "/policies", rules(limit(ETHER)))
    one = {"sender": str(ruled.account), "recipient": SHOP, "asset": COIN, "base_units": str(ETHER // 50)}
    answers = await asyncio.gather(
        *(
            ruled.client.post(
                "/api/v1/transfers/batch",
                json={"transfers": [one] * 100},
                headers={**ruled.person.headers, "Idempotency-Key": f"batch{n}"},
                timeout=60,
            )
            for n in range(2)
        )
    )
    outcomes = [outcome["transfer"] for answer in answers for outcome in answer.json()["outcomes"]]
    assert len(outcomes) == 200
    flying = [each for each in outcomes if each["status"] != "failed"]
    assert len(flying) == 50
    assert {each["failure"]["code"] for each in outcomes if each["status"] == "failed"} == {"policy_refused"}
    for each in flying[-1:]:
        assert (await ruled.ended(each["id"]))["status"] == "done"
    assert int(await ruled.node.rpc.call("eth_getBalance", SHOP, "latest"), 16) == ETHER
    (used,) = (await call(ruled, "GET", "/policies/limits"))["items"]
    assert (used["used"], used["left"], used["unit"]) == (str(ETHER), "0", COIN)
    denied = (await call(ruled, "GET", "/policies/decisions?outcome=deny&limit=200"))["items"]
    assert len(denied) == 150
    assert denied[0]["reasons"][0]["rule"] == "most"
    (leaving,) = denied[0]["leaving"]
    assert (leaving["asset"], leaving["base_units"]) == (COIN, str(ETHER // 50))
    assert leaving["recipient"].lower() == f"{CHAIN}:{SHOP}"
    tried = await call(ruled, "POST", "/policies/dry-run", {**rules(limit(ETHER // 2)), "days": 7})
    assert (tried["payments"], tried["outcomes"]["deny"], len(tried["changed"])) == (50, 25, 25)


WRONG = [
    (rules(limit(5), limit(9, "payment", "single")), "rules.1.at_most"),
    (rules({**limit(5), "window": "week"}), "rules.0.window"),
    (
        rules({"id": "x", "kind": "hours", "spans": [{"days": [9], "start": "09:00", "until": "10:00"}]}),
        "rules.0.spans.0.days",
    ),
    (rules({"id": "risky", "kind": "risk", "at_least": 50, "effect": "deny"}), "rules.0.kind"),
    ({"policy": {"zone": "Nowhere/None", "rules": []}}, "zone"),
    (
        rules(
            {"id": "calls", "kind": "calls", "effect": "deny"},
            {"id": "again", "kind": "calls", "effect": "second_factor"},
        ),
        "rules.1",
    ),
]


async def test_wrong_rules_are_refused_with_their_place(ruled: Holder) -> None:
    for body, field in WRONG:
        for method, path in (("PUT", "/policies"), ("POST", "/policies/dry-run")):
            refused = await ruled.client.request(method, f"/api/v1{path}", json=body, headers=ruled.person.headers)
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid_policy")
            assert refused.json()["field"] == field
    for wrong in ({**rules(), "more": 1}, {"policy": {"zone": "UTC", "rules": [{"id": "a", "kind": "magic"}]}}):
        malformed = await ruled.client.put("/api/v1/policies", json=wrong, headers=ruled.person.headers)
        assert (malformed.status_code, malformed.json()["code"]) == (422, "request_invalid")
    assert (await call(ruled, "GET", "/policies"))["current"] is None


async def enrol(holder: Holder, clock: StoppedClock) -> pyotp.TOTP:
    made = await call(holder, "POST", "/auth/totp")
    totp = pyotp.TOTP(made["secret"])
    await call(holder, "POST", "/auth/totp/confirm", {"code": totp.at(clock.now())})
    clock.advance(timedelta(seconds=60))
    return totp


async def approve(holder: Holder, waiting: Any, person: SignedIn | None = None, **more: Any) -> httpx.Response:
    return await holder.client.post(
        f"/api/v1/transfers/{waiting['payment_id']}/approve",
        json={"payload_hash": waiting["payload_hash"], **more},
        headers=(person or holder.person).headers,
    )


async def test_a_friend_approves_and_a_code_is_proved(ruled: Holder, sign_in: SignIn, clock: StoppedClock) -> None:
    friend, stranger = await sign_in("friend"), await sign_in("stranger")
    await call(
        ruled,
        "PUT",
        "/policies",
        rules(
            {
                "id": "friend",
                "kind": "approval",
                "asset": COIN,
                "above": str(2 * ETHER),
                "approvers": [str(friend.person_id)],
                "needed": 1,
                "seconds": 600,
            },
            {"id": "code", "kind": "second_factor", "asset": COIN, "above": str(ETHER)},
        ),
    )
    totp = await enrol(ruled, clock)
    big = {"recipient": SHOP, "asset": COIN, "base_units": str(3 * ETHER)}
    sent = await ruled.send(big, "big")
    assert (sent.status_code, sent.json()["status"]) == (202, "awaiting_approval")
    (waiting,) = (await call(ruled, "GET", "/approvals", person=friend))["items"]
    assert waiting["intent"]["action"]["amount"]["base_units"] == str(3 * ETHER)
    assert {need["rule"] for need in waiting["needs"]} == {"friend", "code"}
    assert (await call(ruled, "GET", "/approvals", person=stranger))["items"] == []
    assert (await approve(ruled, waiting, stranger)).json()["code"] == "payment_not_found"
    other = {**waiting, "payload_hash": "0x" + "11" * 32}
    changed = await approve(ruled, other, friend)
    assert (changed.status_code, changed.json()["reason"]) == (409, "payload_changed")
    assert (await approve(ruled, waiting, friend)).json()["status"] == "awaiting_approval"
    lacking = await approve(ruled, waiting)
    assert (lacking.status_code, lacking.json()["rule"]) == (403, "second_factor")
    proved = await approve(ruled, waiting, code=totp.at(clock.now()))
    assert proved.json()["status"] == "awaiting_signature", proved.text
    signed = await ruled.send(big, "big")
    assert (signed.json()["id"], signed.json()["status"]) == (waiting["payment_id"], "in_flight")
    assert (await ruled.ended(waiting["payment_id"]))["status"] == "done"
    clock.advance(timedelta(seconds=60))
    looser = rules({"id": "code", "kind": "second_factor", "asset": COIN, "above": str(ETHER)})
    refused = await ruled.client.put("/api/v1/policies", json=looser, headers=ruled.person.headers)
    assert (refused.status_code, refused.json()["rule"]) == (403, "second_factor")
    state = await call(ruled, "PUT", "/policies", {**looser, "code": totp.at(clock.now())})
    assert state["waiting"]["loosens"] == ["friend"]
    assert [rule["id"] for rule in state["policy"]["rules"]] == ["friend", "code"]
    assert (await call(ruled, "DELETE", "/policies/pending"))["waiting"] is None
