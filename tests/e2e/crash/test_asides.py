"""Acts beside the story, killed right after they were written down: a revocation and a payment by Solana Pay."""

from __future__ import annotations

import base64
import contextlib
import signal
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from solders.keypair import Keypair
from solders.transaction import VersionedTransaction

from tests.e2e.crash.conftest import MakeInstallation
from tests.e2e.crash.installation import Installation
from tests.e2e.local_node import node
from tests.e2e.running import Payer, Person, good, until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900), pytest.mark.xdist_group("crash")]

SOL = 10**9


def _killed_at(installation: Installation, point: str) -> None:
    assert installation.wait(seconds=120) == -signal.SIGKILL, f"{point} was never passed"


def _again(installation: Installation, point: str | None = None) -> None:
    """As its user would start it again."""
    installation.spawn_with(point)
    until("every part answers", installation.ready, seconds=120)


def test_a_revocation_is_sent_once(fresh: Installation, copy_of: MakeInstallation) -> None:
    installation = copy_of(fresh)
    installation.start()
    payer = Payer(installation, "eip155")
    token = f"{payer.chain['chain']}:{payer.token['asset'].rpartition(':')[2]}"
    spender = f"{payer.chain['chain']}:{payer.recipient}"
    allowed: dict[str, Any] = {"account": payer.account, "token": token, "spender": spender, "base_units": "5"}
    allowed["accept_warnings"] = ["spender_without_code"]
    given = good(payer.person.post("/token-approvals", allowed))
    path = "/token-approvals/given/" + given["id"]
    until("the approval stands", lambda: good(payer.person.get(path))["status"], lambda status: status == "done")
    assert installation.stop() == 0

    _again(installation, "revocation.requested")
    payer.person.unlock()
    wanted = {"account": payer.account, "kind": "allowance", "token": token, "spender": spender}
    before = _transactions(installation, payer)
    with contextlib.suppress(httpx.HTTPError):
        assert payer.person.post("/token-approvals/revoke", wanted, key="end").is_success
    _killed_at(installation, "revocation.requested")
    _again(installation)
    payer.person.unlock()
    assert _transactions(installation, payer) == before, "nothing was signed before the death"
    shown = [good(payer.person.post("/token-approvals/revoke", wanted, key="end")) for _ in range(2)]
    assert shown[0]["id"] == shown[1]["id"]
    path = "/token-approvals/revocations/" + shown[0]["id"]
    until("the revocation's end", lambda: good(payer.person.get(path))["status"], lambda status: status == "done")
    assert _transactions(installation, payer) == before + 1
    assert good(payer.person.get("/token-approvals", account=payer.account))["items"] == []
    assert installation.stop() == 0, installation.told()
    assert installation.left_behind() == []


def _transactions(installation: Installation, payer: Payer) -> int:
    """How many the account has sent, by the node."""
    return int(node(installation, "eth_getTransactionCount", payer.account.rpartition(":")[2], "pending"), 16)


def test_a_payment_by_solana_pay_is_counted_once(fresh: Installation, copy_of: MakeInstallation) -> None:
    """Taken by the worker, who dies; started again, the request is paid by that payment and asks for no other."""
    installation = copy_of(fresh)
    installation.spawn_with("solana_pay.accepted")
    until("every part answers", installation.ready, seconds=180)
    owner = installation.newcomer("owner")
    shop = owner.acting_for(good(owner.post("/organisations", {"name": "茶馆"}))["id"])
    chain: Mapping[str, Any] = owner.chains()["solana"]
    key = Keypair()
    gift = {"account": f"{chain['chain']}:{key.pubkey()}", "asset": chain["assets"][0]["asset"]}
    good(owner.post(f"/chains/{chain['chain']}/faucet", {**gift, "base_units": str(2 * SOL)}))
    wanted = {"asset": chain["assets"][0]["asset"], "base_units": str(SOL // 4), "label": "茶馆"}
    request = good(shop.post("/solana-pay/requests", wanted))
    chains = installation.localnet_status()["chains"]
    url = next(one["rpc_url"] for one in chains if one["chain"] == chain["chain"])

    def composed() -> httpx.Response:
        return owner.post(f"/solana-pay/{request['id']}", {"account": str(key.pubkey())})

    found = until("the payer has SOL", composed, lambda answer: answer.is_success)
    unsigned = VersionedTransaction.from_bytes(base64.b64decode(good(found)["transaction"]))
    signed = base64.b64encode(bytes(VersionedTransaction(unsigned.message, [key]))).decode()
    signature = _rpc(url, "sendTransaction", signed, {"encoding": "base64"})
    _killed_at(installation, "solana_pay.accepted")

    _again(installation)
    paid = until("it is paid", lambda: _request(shop, request["id"]), lambda one: one["status"] == "paid")
    assert paid["signature"] == signature
    assert composed().status_code == 404, "nobody is led to pay again"
    listed = good(shop.get("/solana-pay/requests"))["items"]
    assert [(one["id"], one["signature"]) for one in listed] == [(request["id"], signature)]
    received = _rpc(url, "getBalance", request["recipient"].rpartition(":")[2], {"commitment": "finalized"})
    sent = _rpc(url, "getSignaturesForAddress", request["reference"], {"commitment": "finalized"})
    assert (len(sent), received["value"] >= SOL // 4) == (1, True)
    assert installation.stop() == 0, installation.told()
    assert installation.left_behind() == []


def _request(shop: Person, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = good(shop.get(f"/solana-pay/requests/{request_id}"))
    return found


def _rpc(url: str, method: str, *params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    answer = httpx.post(url, json=body, timeout=30, trust_env=False).json()
    assert "result" in answer, answer
    return answer["result"]
