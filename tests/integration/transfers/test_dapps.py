"""dApps at the EIP-1193 endpoint: ethers and viem as published, and what they must not get."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from api.services import Services
from chains.registry import ChainEndpoint, ConfiguredChains
from codec.evm import tokens
from keystore.service import Keystore
from persistence.database import Database
from primitives.chain_id import ChainId
from tests.fakes.anvil import free_port, running_anvil
from tests.integration.api.conftest import SignIn
from tests.integration.policy.stage import CODE, Codes, SetPrices
from tests.integration.transfers.conftest import Holder
from tests.node_runtime import node_program
from wallets.accounts.service import AccountService
from wallets.assets.recipients import PaidRecipients
from wallets.dapps import sql
from wallets.dapps.model import Word
from wallets.dapps.rpc import DappRpc
from wallets.dapps.service import DappRequests
from wallets.engine.service import Engine
from wallets.freeze.gate import FreezeGate
from wallets.freeze.service import FreezeService
from wallets.policy.approvals import Approvals
from wallets.policy.defaults import default_rules
from wallets.policy.gate import PolicyGate
from wallets.policy.replay import Replay
from wallets.policy.service import PolicyService
from wallets.policy.signing import SignatureRules
from wallets.risk.gate import RiskGate
from wallets.risk.guard import SignatureGuard
from wallets.risk.service import RiskService

SCRIPTS = Path(__file__).parents[2] / "dapps"
SHOP = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OTHER = ChainId.evm(31338)


@dataclass(frozen=True, slots=True)
class Dapp:
    holder: Holder
    database: Database

    async def rpc(self, method: str, *params: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
        answer = await self.holder.client.post("/api/v1/dapps/rpc", json=body, headers=self.holder.person.headers)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        assert told["id"] == 7
        assert ("result" in told) != ("error" in told)
        return told

    async def code(self, method: str, *params: Any) -> int:
        return int((await self.rpc(method, *params))["error"]["code"])

    async def waiting(self, count: int = 1) -> list[dict[str, Any]]:
        """Until as many wait for the person."""
        for _ in range(400):
            listing = await self.holder.client.get("/api/v1/dapps/requests", headers=self.holder.person.headers)
            items: list[dict[str, Any]] = listing.json()["items"]
            if len(items) >= count:
                return items
            await asyncio.sleep(0.05)
        raise AssertionError("the dApp asked for nothing")

    async def decide(self, request: dict[str, Any], how: str, *warnings: str) -> httpx.Response:
        body = {"accept_warnings": list(warnings)} if how == "accept" else None
        path = f"/api/v1/dapps/requests/{request['id']}/{how}"
        return await self.holder.client.post(path, json=body, headers=self.holder.person.headers)


@pytest_asyncio.fixture
async def dapp(holder: Holder, services: Services, database: Database, keystore: Keystore) -> AsyncIterator[Dapp]:
    """Two chains; the holder's account is on the first."""
    async with running_anvil(block_time=None, arguments=("--chain-id", "31338")) as other:
        chains = await ConfiguredChains.connect(
            [ChainEndpoint("eip155", holder.node.url, local=True), ChainEndpoint("eip155", other.url, local=True)]
        )
        accounts = AccountService(database, keystore, chains)
        services.freezes = FreezeService(database)
        services.risk = RiskService(database, services.freezes)
        decimals = {chains.adapter(chain).native.id: 18 for chain in chains.all()} | {holder.money.id: 6}
        coins = [chains.adapter(chain).native for chain in chains.all()]
        rules = PolicyGate(default_rules(coins, set(chains.all())), SetPrices(), decimals, risk=services.risk)
        gates = (RiskGate(services.risk), FreezeGate(services.freezes), rules)
        engine = Engine(database, chains, accounts, gates=gates)
        codes = Codes(holder.person.person_id)
        services.approvals = Approvals(database, engine, codes)
        services.policies = PolicyService(
            database, rules.defaults, Replay(SetPrices(), decimals), codes, chains.all(), has_risk=True
        )
        requests = DappRequests(
            database,
            engine,
            chains,
            accounts,
            PaidRecipients(),
            acceptances=services.risk,
            guard=SignatureGuard(database, services.risk, services.freezes, SignatureRules(rules, decimals)),
            look_every=timedelta(seconds=0.05),
        )
        services.dapps = DappRpc(database, chains, accounts, keystore, requests)
        yield Dapp(holder, database)
        await chains.close()


@contextlib.asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    for _ in range(400):
        if server.started:
            break
        await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}/api/v1/dapps/rpc"
    finally:
        server.should_exit = True
        await running


@pytest.mark.parametrize("script", ["ethers.mjs", "viem.mjs"])
async def test_published_clients_connect_read_pay_sign_and_switch(dapp: Dapp, app: FastAPI, script: str) -> None:
    holder = dapp.holder
    async with served(app) as url:
        process = await asyncio.create_subprocess_exec(
            str(node_program()),
            *(str(SCRIPTS / script), url, holder.person.token, SHOP, str(OTHER.evm_number)),
            stdout=asyncio.subprocess.PIPE,
        )
        finished = asyncio.create_task(process.communicate())

        async def mine() -> None:
            while not finished.done():
                await holder.node.mine()
                await asyncio.sleep(0.1)

        mining = asyncio.create_task(mine())
        seen = []
        for how in ("accept", "accept", "accept", "refuse"):
            (request,) = await dapp.waiting()
            seen.append((request["kind"], request["summary"], request["text"]))
            assert (await dapp.decide(request, how)).status_code == 200
        out, _ = await asyncio.wait_for(finished, 60)
        await mining
    assert process.returncode == 0
    me = holder.account.address
    assert json.loads(out) == {
        "account": me,
        "paid": "5",
        "status": 1,
        "message": me,
        "document": me,
        "refusal": "ACTION_REJECTED",
        "unknown": 4902,
        "switched": "31338" if script == "ethers.mjs" else 31338,
    }
    assert [kind for kind, _, _ in seen] == ["payment", "message", "typed_data", "message"]
    assert seen[0][1] == f"send 5 wei to {SHOP}"
    assert seen[1][2] == "tea for two"
    assert "tea" in seen[2][1]


async def test_what_cannot_be_asked_is_refused_at_once(dapp: Dapp) -> None:
    me = dapp.holder.account.address
    pay = {"from": me, "to": SHOP, "value": "0x5"}
    assert await dapp.code("eth_sign", me, "0x00") == 4200
    assert await dapp.code("anvil_setBalance", me, "0x0") == 4200
    assert await dapp.code("eth_sendTransaction", {**pay, "from": SHOP}) == 4100
    assert await dapp.code("personal_sign", "0x74", SHOP) == 4100
    for wrong in (
        {**pay, "nonce": "0x0"},
        {**pay, "value": "5"},
        {**pay, "value": hex(2**256)},
        {**pay, "chainId": "0x1"},
        {**pay, "data": "0xzz"},
        {**pay, "to": "0x12"},
        {**pay, "authorizationList": [{}]},
        {"from": me, "data": "0x00"},
    ):
        assert await dapp.code("eth_sendTransaction", wrong) == -32602, wrong
    assert await dapp.code("personal_sign", "0x74") == -32602
    assert await dapp.code("wallet_switchEthereumChain", {"chainId": "one"}) == -32602
    foreign = {"types": {"A": [{"name": "a", "type": "uint8"}]}, "primaryType": "A", "message": {"a": 1}}
    foreign["domain"] = {"chainId": 1, "verifyingContract": SHOP}
    assert await dapp.code("eth_signTypedData_v4", me, foreign) == -32602, "for another chain"
    assert await dapp.code("eth_call", {"to": SHOP}, "no block") < 0, "the node's own refusal"
    listing = await dapp.holder.client.get("/api/v1/dapps/requests", headers=dapp.holder.person.headers)
    assert listing.json()["items"] == []
    batch = [{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}, {"jsonrpc": "2.0", "id": 2, "method": "no"}]
    answer = await dapp.holder.client.post("/api/v1/dapps/rpc", json=batch, headers=dapp.holder.person.headers)
    assert [one.get("result", one.get("error", {}).get("code")) for one in answer.json()] == ["0x7a69", 4200]


async def test_an_unlimited_approval_needs_the_warning_accepted(dapp: Dapp) -> None:
    """And a request that is repeated while it waits is one payment."""
    holder = dapp.holder
    data = "0x" + tokens.call("approve(address,uint256)", SHOP, 2**256 - 1).hex()
    pay = {"from": holder.account.address, "to": holder.money.id.reference, "data": data}
    asked = [asyncio.create_task(dapp.rpc("eth_sendTransaction", pay)) for _ in range(2)]
    (request,) = await dapp.waiting()
    assert "without limit" in request["summary"]
    refused = await dapp.decide(request, "accept")
    assert (refused.status_code, refused.json()["warnings"]) == (409, ["unlimited_approval"])
    accepted = await dapp.decide(request, "accept", "unlimited_approval")
    assert accepted.json()["word"] == "accepted"
    assert (await dapp.decide(request, "refuse")).json()["word"] == "accepted", "a word is a word"
    assert (await dapp.decide(request, "accept")).json()["tx_hash"] == accepted.json()["tx_hash"]
    assert [await one for one in asked] == [{"jsonrpc": "2.0", "id": 7, "result": accepted.json()["tx_hash"]}] * 2


async def test_a_signed_permit_needs_the_warning_accepted(dapp: Dapp) -> None:
    """ERC-2612: whoever has the signature takes the tokens, with no transaction of the holder's."""
    holder = dapp.holder
    asked = asyncio.create_task(dapp.rpc("eth_signTypedData_v4", holder.account.address, permitting(holder, 5)))
    (request,) = await dapp.waiting()
    refused = await dapp.decide(request, "accept")
    assert (refused.status_code, refused.json()["warnings"]) == (409, ["token_permit"])
    accepted = (await dapp.decide(request, "accept", "token_permit")).json()
    assert len(bytes.fromhex(accepted["signature"][2:])) == 65
    assert (await asked)["result"] == accepted["signature"]


def permitting(holder: Holder, units: int, nonce: int = 0) -> dict[str, Any]:
    names = {"owner": "address", "spender": "address", "value": "uint256", "nonce": "uint256", "deadline": "uint256"}
    return {
        "domain": {"name": "t", "chainId": 31337, "verifyingContract": holder.money.id.reference},
        "types": {"Permit": [{"name": name, "type": kind} for name, kind in names.items()]},
        "primaryType": "Permit",
        "message": {
            "owner": holder.account.address,
            "spender": SHOP,
            "value": str(units),
            "nonce": str(nonce),
            "deadline": "9",
        },
    }


@pytest.mark.long
async def test_what_a_dapp_is_given_counts_against_the_persons_rules(dapp: Dapp) -> None:
    """One limit over transactions and permits; what nobody can read needs a code; what is denied is told at once."""
    holder = dapp.holder
    daily = {"id": "day", "kind": "limit", "window": "day", "asset": str(holder.money.id), "at_most": "100"}
    blind = {"id": "blind", "kind": "blind", "effect": "second_factor"}
    saved = await holder.client.put(
        "/api/v1/policies",
        json={"policy": {"zone": "UTC", "rules": [daily, blind]}},
        headers=holder.person.headers,
    )
    assert saved.status_code == 200, saved.text

    async def ask(method: str, *params: Any) -> tuple[asyncio.Task[dict[str, Any]], dict[str, Any]]:
        asked = asyncio.create_task(dapp.rpc(method, *params))
        (request,) = await dapp.waiting()
        return asked, request

    asked, request = await ask("eth_signTypedData_v4", holder.account.address, permitting(holder, 60))
    accepted = (await dapp.decide(request, "accept", "token_permit")).json()
    assert (await asked)["result"] == accepted["signature"]
    asked, request = await ask("eth_signTypedData_v4", holder.account.address, permitting(holder, 41, 1))
    denied = await dapp.decide(request, "accept", "token_permit")
    assert (denied.status_code, denied.json()["code"], denied.json()["rule"]) == (403, "policy_refused", "day")
    assert (await asked)["error"]["code"] == 4001
    data = "0x" + tokens.call("transfer(address,uint256)", SHOP, 41).hex()
    pay = {"from": holder.account.address, "to": holder.money.id.reference, "data": data}
    asked, request = await ask("eth_sendTransaction", pay)
    failed = (await dapp.decide(request, "accept")).json()
    assert (failed["payment_status"], failed["failure"]["code"]) == ("failed", "policy_refused")
    assert (await asked)["error"]["data"] == {"code": "policy_refused"}
    mail = {
        "domain": {"name": "m", "chainId": 31337, "verifyingContract": SHOP},
        "types": {"Mail": [{"name": "text", "type": "string"}]},
        "primaryType": "Mail",
        "message": {"text": "hello"},
    }
    asked, request = await ask("eth_signTypedData_v4", holder.account.address, mail)
    waits = await dapp.decide(request, "accept")
    assert (waits.status_code, waits.json()["code"]) == (409, "approval_needed")
    listed = await holder.client.get("/api/v1/approvals", headers=holder.person.headers)
    (waiting,) = listed.json()["items"]
    assert waiting["subject"] == {"request": request["id"]}
    assert (waiting["payment_id"], waiting["payload_hash"]) == (waits.json()["approval"], waits.json()["payload_hash"])
    said = await holder.client.post(
        f"/api/v1/transfers/{waiting['payment_id']}/approve",
        json={"payload_hash": waiting["payload_hash"], "code": CODE},
        headers=holder.person.headers,
    )
    assert (said.status_code, said.json()["status"]) == (200, "awaiting_signature")
    accepted = (await dapp.decide(request, "accept")).json()
    assert (await asked)["result"] == accepted["signature"]
    told = await holder.client.get("/api/v1/policies/decisions", headers=holder.person.headers)
    outcomes = [one["outcome"] for one in told.json()["items"]]
    assert outcomes == ["allow", "second_factor", "deny", "deny", "allow"]
    used = await holder.client.get("/api/v1/policies/limits", headers=holder.person.headers)
    assert used.json()["items"][0]["used"] == "60"


async def test_an_accepted_warning_is_kept_with_the_alert_that_it_becomes(dapp: Dapp, services: Services) -> None:
    holder = dapp.holder
    data = "0x" + tokens.call("approve(address,uint256)", SHOP, 2**256 - 1).hex()
    pay = {"from": holder.account.address, "to": holder.money.id.reference, "data": data}
    asked = asyncio.create_task(dapp.rpc("eth_sendTransaction", pay))
    (request,) = await dapp.waiting()
    await dapp.decide(request, "accept", "unlimited_approval")
    assert (await asked)["result"]
    (alert,) = await services.risk.list([holder.person.person_id])
    assert [one.rule for one in alert.findings] == ["warning.unlimited_approval", "approval.unlimited"]
    assert (alert.score, alert.verdict) == (45, "alert")
    (override,) = alert.overrides
    assert (override.how, override.by) == ("accepted", holder.person.person_id)


async def test_a_frozen_person_signs_no_document_and_pays_nothing(dapp: Dapp, services: Services) -> None:
    holder = dapp.holder
    await services.freezes.freeze(holder.person.person_id, holder.account, "a test", holder.person.person_id)
    asked = asyncio.create_task(dapp.rpc("personal_sign", "0x68656c6c6f", holder.account.address))
    (request,) = await dapp.waiting()
    refused = await dapp.decide(request, "accept")
    assert (refused.status_code, refused.json()["code"]) == (403, "account_frozen")
    asked.cancel()
    pay = {"from": holder.account.address, "to": SHOP, "value": "0x1"}
    paying = asyncio.create_task(dapp.rpc("eth_sendTransaction", pay))
    (payment,) = [one for one in await dapp.waiting() if one["kind"] == "payment"]
    accepted = (await dapp.decide(payment, "accept")).json()
    assert (accepted["payment_status"], accepted["failure"]["code"]) == ("failed", "account_frozen")
    assert (await paying)["error"]["data"] == {"code": "account_frozen"}


async def test_a_yes_that_was_stored_before_a_crash_is_carried_out_by_the_next(dapp: Dapp) -> None:
    asked = asyncio.create_task(dapp.rpc("personal_sign", "0x746561", dapp.holder.account.address))
    (request,) = await dapp.waiting()
    async with dapp.database.transaction() as tx:
        await sql.put_word(tx, request["id"], Word.ACCEPTED)
    assert (await dapp.decide(request, "accept")).json()["signature"] == (await asked)["result"]


async def test_only_the_person_decides(dapp: Dapp, sign_in: SignIn) -> None:
    """Not another one, and not one whose keys are locked; a refusal reaches the dApp as 4001."""
    asked = asyncio.create_task(dapp.code("personal_sign", "0x746561", dapp.holder.account.address))
    (request,) = await dapp.waiting()
    stranger = await sign_in("li")
    path = f"/api/v1/dapps/requests/{request['id']}"
    assert (await dapp.holder.client.get(path, headers=stranger.headers)).status_code == 404
    assert (await dapp.holder.client.post(f"{path}/refuse", headers=stranger.headers)).status_code == 404
    await dapp.holder.client.post("/api/v1/auth/lock", headers=dapp.holder.person.headers)
    assert (await dapp.decide(request, "accept")).status_code == 423
    assert (await dapp.decide(request, "refuse")).json()["word"] == "refused"
    assert await asked == 4001


async def test_an_accepted_payment_is_sped_up_and_cancelled_by_its_request(dapp: Dapp) -> None:
    """The dApp knows a hash, the person the request: that is what can be replaced, and only while it waits."""
    asking = asyncio.create_task(
        dapp.rpc("eth_sendTransaction", {"from": dapp.holder.account.address, "to": SHOP, "value": "0x9"})
    )
    (request,) = await dapp.waiting()
    path = f"/api/v1/dapps/requests/{request['id']}"

    async def act(how: str) -> httpx.Response:
        body = {"speed": "fast"} if how == "speed-up" else {}
        return await dapp.holder.client.post(f"{path}/{how}", json=body, headers=dapp.holder.person.headers)

    early = await act("speed-up")
    assert (early.status_code, early.json()["code"]) == (409, "payment_not_replaceable")
    accepted = (await dapp.decide(request, "accept")).json()
    faster = await act("speed-up")
    assert faster.status_code == 202, faster.text
    assert faster.json()["tx_hash"] not in (None, accepted["tx_hash"])
    assert (await act("cancel")).status_code == 202
    assert (await asking)["result"] in (accepted["tx_hash"], faster.json()["tx_hash"])
    for _ in range(400):
        ended = (await dapp.holder.client.get(path, headers=dapp.holder.person.headers)).json()
        if ended["payment_status"] in ("done", "cancelled"):
            break
        await dapp.holder.node.mine()
        await asyncio.sleep(0.05)
    # The chain decides which of the three it takes.
    assert ended["payment_status"] in ("done", "cancelled")
    assert (await act("cancel")).status_code == 409
