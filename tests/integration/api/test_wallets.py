"""/wallets over HTTP: the journey from a new wallet to its holdings, and who is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.services import Services
from keystore.service import Keystore
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from tests.fakes.chains import BalanceAdapter, BalanceChains
from tests.integration.api.conftest import SignedIn, SignIn
from wallets.accounts.service import AccountService

PASSPHRASE = "my keystore's passphrase"
JUNK = "test test test test test test test test test test test junk"
EVM = BalanceAdapter(ChainId.evm(31337))


@pytest_asyncio.fixture(autouse=True)
async def accounts(services: Services, database: Database, keystore: Keystore) -> AccountService:
    services.accounts = AccountService(database, keystore, BalanceChains(EVM))
    return services.accounts


@pytest_asyncio.fixture
async def mei(client: httpx.AsyncClient, sign_in: SignIn) -> SignedIn:
    """Signed in and unlocked."""
    mei = await sign_in("mei")
    for act in ("passphrase", "unlock"):
        answer = await client.post(f"/api/v1/auth/{act}", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        assert answer.is_success, answer.text
    return mei


async def post(
    client: httpx.AsyncClient, who: SignedIn, path: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    return await client.post(f"/api/v1/wallets{path}", json=body or {}, headers=who.headers)


async def test_new_wallet_is_backed_up_and_holds_accounts(client: httpx.AsyncClient, mei: SignedIn) -> None:
    created = await post(client, mei, "", {"label": "Home"})
    assert created.status_code == 201, created.text
    wallet = created.json()
    assert not wallet["backup_confirmed"]
    path = f"/{wallet['id']}"

    revealed = await post(client, mei, f"{path}/backup/reveal", {"passphrase": PASSPHRASE})
    assert revealed.headers["cache-control"] == "no-store"
    words = revealed.json()["mnemonic"].split()
    assert len(words) == 12
    asked = (await post(client, mei, f"{path}/backup/challenge")).json()["positions"]
    wrong = await post(client, mei, f"{path}/backup/confirm", {"words": {str(p): "zzz" for p in asked}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_mnemonic")
    assert wrong.json()["positions"] == asked
    answers = {str(position): words[position - 1] for position in asked}
    confirmed = await post(client, mei, f"{path}/backup/confirm", {"words": answers})
    assert confirmed.json() == wallet | {"backup_confirmed": True}
    again = await post(client, mei, f"{path}/backup/reveal", {"passphrase": PASSPHRASE})
    assert (again.status_code, again.json()["code"]) == (409, "wallet_backed_up")

    account = (await post(client, mei, f"{path}/accounts", {"chain": "eip155:31337"})).json()
    assert account["path"] == "m/44'/60'/0'/0/0"
    EVM.balances = {(AccountId.parse(account["account"]), EVM.native.id): 10**18}
    for place in ("", path):
        listed = await client.get(f"/api/v1/wallets{place}/accounts", headers=mei.headers)
        assert listed.json() == {"items": [account], "next_cursor": None}
        portfolio = (await client.get(f"/api/v1/wallets{place}/portfolio", headers=mei.headers)).json()
        assert portfolio["unavailable"] == []
        (holding,) = portfolio["items"]
        assert (holding["account"], holding["amount"]["base_units"]) == (account["account"], str(10**18))
    listed = await client.get("/api/v1/wallets", headers=mei.headers)
    assert listed.json()["items"] == [confirmed.json()]


async def test_imported_words_give_the_known_address(client: httpx.AsyncClient, mei: SignedIn) -> None:
    wallet = (await post(client, mei, "/import", {"label": "Old", "mnemonic": JUNK})).json()
    assert wallet["backup_confirmed"]
    account = await post(client, mei, f"/{wallet['id']}/accounts", {"chain": "eip155:31337", "label": "first"})
    assert account.json()["address"] == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert account.json()["label"] == "first"


@pytest.mark.parametrize(
    ("mnemonic", "fact"),
    [
        (JUNK.replace("junk", "zebra"), "check"),
        (JUNK.replace("junk", "qqqq"), "positions"),
        ("test test", "words"),
    ],
)
async def test_wrong_words_are_explained_and_not_echoed(
    client: httpx.AsyncClient, mei: SignedIn, mnemonic: str, fact: str
) -> None:
    answer = await post(client, mei, "/import", {"label": "Old", "mnemonic": mnemonic})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_mnemonic")
    assert fact in answer.json()
    assert not {"zebra", "qqqq", "test", "junk"} & set(answer.text.replace('"', " ").split())


async def test_locked_keys_and_wrong_passphrase(client: httpx.AsyncClient, mei: SignedIn) -> None:
    wallet = (await post(client, mei, "", {"label": "Home"})).json()
    wrong = await post(client, mei, f"/{wallet['id']}/backup/reveal", {"passphrase": "not this one"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_passphrase")
    await client.post("/api/v1/auth/lock", headers=mei.headers)
    for path, body in (("", {"label": "x"}), (f"/{wallet['id']}/accounts", {"chain": "eip155:31337"})):
        answer = await post(client, mei, path, body)
        assert (answer.status_code, answer.json()["code"]) == (423, "keystore_locked")


async def test_another_person_sees_nothing(client: httpx.AsyncClient, mei: SignedIn, sign_in: SignIn) -> None:
    wallet = (await post(client, mei, "", {"label": "Home"})).json()
    stranger = await sign_in("stranger")
    for path in ("", "/accounts", "/portfolio"):
        answer = await client.get(f"/api/v1/wallets/{wallet['id']}{path}", headers=stranger.headers)
        assert answer.status_code == 404
    for path in ("/backup/challenge", "/backup/reveal"):
        body = {"passphrase": PASSPHRASE} if path.endswith("reveal") else {}
        assert (await post(client, stranger, f"/{wallet['id']}{path}", body)).status_code == 404
    assert (await client.get("/api/v1/wallets", headers=stranger.headers)).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"chain": "eip155:1"}, 404),
        ({"chain": "bitcoin"}, 422),
        ({"chain": "eip155:31337", "path": "m/44'/2147483648"}, 422),
        ({"chain": "eip155:31337", "path": "44'/0"}, 422),
        ({"chain": "eip155:31337", "label": ""}, 422),
    ],
)
async def test_impossible_accounts(client: httpx.AsyncClient, mei: SignedIn, body: dict[str, Any], status: int) -> None:
    wallet = (await post(client, mei, "", {"label": "Home"})).json()
    answer = await post(client, mei, f"/{wallet['id']}/accounts", body)
    assert answer.status_code == status, answer.text
