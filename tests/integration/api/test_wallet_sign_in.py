"""Sign-In with Ethereum and Solana: the right account, this site, once."""

from __future__ import annotations

from datetime import timedelta

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct
from nacl.signing import SigningKey
from sqlalchemy import text

from persistence.database import Database
from primitives.base58 import encode_base58
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import SignIn

WALLET = "/api/v1/auth/wallet"
# Anvil's first development key: known to everybody.
EVM = Account.from_key("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
OTHER = Account.from_key("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
SOLANA = SigningKey(bytes(range(32)))
SOLANA_ADDRESS = encode_base58(bytes(SOLANA.verify_key))


async def _message(client: httpx.AsyncClient, family: str = "Ethereum", **more: str) -> str:
    address = EVM.address if family == "Ethereum" else SOLANA_ADDRESS
    answer = await client.post(f"{WALLET}/message", json={"family": family, "address": address, **more})
    assert answer.status_code == 200, answer.text
    message: str = answer.json()["message"]
    return message


def _sign(message: str) -> dict[str, str]:
    """By an independent implementation."""
    signature = EVM.sign_message(encode_defunct(text=message)).signature.hex()
    return {"message": message, "signature": "0x" + signature.removeprefix("0x")}


async def _login(client: httpx.AsyncClient, body: dict[str, str]) -> httpx.Response:
    return await client.post(f"{WALLET}/login", json=body)


async def test_an_ethereum_account_signs_in_and_is_the_same_person_again(client: httpx.AsyncClient) -> None:
    people = set()
    for _ in range(2):
        opened = await _login(client, _sign(await _message(client)))
        assert opened.status_code == 200, opened.text
        headers = {"Authorization": f"Bearer {opened.json()['token']}"}
        me = (await client.get("/api/v1/auth/me", headers=headers)).json()["person"]
        assert (me["email"], me["email_verified"]) == (None, False)
        people.add(me["id"])
    assert len(people) == 1
    assert (await client.get("/api/v1/identity", headers=headers)).json()["level"] == "wallet"


async def test_a_solana_account_signs_in(client: httpx.AsyncClient) -> None:
    message = await _message(client, "Solana", chain_id="mainnet")
    assert "Solana account:\n" + SOLANA_ADDRESS in message
    signature = encode_base58(SOLANA.sign(message.encode()).signature)
    assert (await _login(client, {"message": message, "signature": signature})).status_code == 200


async def test_a_signature_is_good_once(client: httpx.AsyncClient) -> None:
    body = _sign(await _message(client))
    assert (await _login(client, body)).status_code == 200
    again = await _login(client, body)
    assert (again.status_code, again.json()["code"]) == (410, "one_time_used")


async def test_it_expires(client: httpx.AsyncClient, clock: StoppedClock) -> None:
    body = _sign(await _message(client))
    clock.advance(timedelta(minutes=5))
    assert (await _login(client, body)).json()["code"] in {"login_failed", "one_time_used"}


CHANGES = [
    ("localhost:8080 wants", "evil.example wants"),
    ("URI: http://localhost:8080", "URI: https://evil.example"),
    ("URI: http://localhost:8080", "URI: http://localhost:80801"),
    ("localhost:8080 wants", "https://localhost:8080 wants"),
    ("Version: 1", "Version: 2"),
    ("Chain ID: 1", "Chain ID: 0x1"),
    (EVM.address, EVM.address.lower()),
    (EVM.address, OTHER.address),
    ("\n\nURI", "\nURI"),
    ("Issued At: 2026", "Issued At: 2999"),
    ("Sign in to Quanbao", "Sign in\nto Quanbao"),
    ("Nonce: ", "Nonce: 00"),
    ("Nonce: ", "Nonce: zz"),
]


async def test_a_changed_text_opens_nothing_though_it_is_signed(client: httpx.AsyncClient) -> None:
    for old, new in CHANGES:
        message = await _message(client)
        assert old in message
        refused = await _login(client, _sign(message.replace(old, new, 1)))
        assert refused.status_code in {401, 410, 422}, (new, refused.text)


async def test_another_signature_opens_nothing(client: httpx.AsyncClient) -> None:
    for signature in ("0x" + "00" * 65, "0x" + "11" * 64 + "1b", "z" * 80, "0x" + "ff" * 65):
        refused = await _login(client, {"message": await _message(client), "signature": signature})
        assert (refused.status_code, refused.json()["code"]) == (401, "login_failed"), signature


async def test_a_linked_account_signs_its_person_in(
    client: httpx.AsyncClient, sign_in: SignIn, database: Database
) -> None:
    mei, li = await sign_in("mei"), await sign_in("li")
    linked = await client.post(f"{WALLET}/link", json=_sign(await _message(client)), headers=mei.headers)
    assert linked.json()["account"] == f"ethereum:{EVM.address}"
    opened = await _login(client, _sign(await _message(client)))
    headers = {"Authorization": f"Bearer {opened.json()['token']}"}
    me = (await client.get("/api/v1/auth/me", headers=headers)).json()
    assert me["person"]["id"] == str(mei.person_id)
    taken = await client.post(f"{WALLET}/link", json=_sign(await _message(client)), headers=li.headers)
    assert (taken.status_code, taken.json()["rule"]) == (403, "wallet_in_use")
    async with database.transaction() as tx:
        row = (await tx.execute(text("SELECT to_jsonb(w)::text FROM wallet_login w"))).scalar_one()
    assert EVM.address[2:].lower() not in row.lower()
    gone = await client.delete(f"{WALLET}/{linked.json()['id']}", headers=mei.headers)
    assert gone.status_code == 204


async def test_the_only_way_in_stays(client: httpx.AsyncClient) -> None:
    opened = await _login(client, _sign(await _message(client)))
    headers = {"Authorization": f"Bearer {opened.json()['token']}"}
    (item,) = (await client.get(WALLET, headers=headers)).json()["items"]
    refused = await client.delete(f"{WALLET}/{item['id']}", headers=headers)
    assert (refused.status_code, refused.json()["rule"]) == (403, "last_login")
    assert (await client.get(WALLET, headers=headers)).json()["items"] == [item]
