"""/wallets over HTTP: keys in, keys out, shares, schemes and watching; and what of it is never echoed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from eth_account import Account

from api.services import Services
from keystore.exports.forms import ScryptCost
from keystore.service import Keystore
from persistence.database import Database
from primitives.chain_id import ChainId
from tests.fakes.chains import BalanceAdapter, BalanceChains
from tests.integration.api.conftest import SignedIn, SignIn
from wallets.accounts.service import AccountService

PASSPHRASE = "my keystore's passphrase"
JUNK = "test test test test test test test test test test test junk"
ANVIL_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ANVIL = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
VECTORS = Path(__file__).parents[2] / "vectors"
FILE: dict[str, Any] = json.loads((VECTORS / "keystore_v3.json").read_text())["files"]["mycrypto"]
SHARES: list[dict[str, Any]] = json.loads((VECTORS / "slip39.json").read_text())["vectors"]
XPUB = json.loads((VECTORS / "bitcoin_accounts.json").read_text())["accounts"]["bip84"]["account"]["public"]


@pytest_asyncio.fixture(autouse=True)
async def accounts(services: Services, database: Database, keystore: Keystore) -> AccountService:
    services.accounts = AccountService(database, keystore, BalanceChains(BalanceAdapter(ChainId.evm(31337))))
    keystore.exports._file_cost = ScryptCost(n=4)
    return services.accounts


@pytest_asyncio.fixture
async def mei(client: httpx.AsyncClient, sign_in: SignIn) -> SignedIn:
    """Signed in and unlocked."""
    mei = await sign_in("mei")
    for act in ("passphrase", "unlock"):
        answer = await client.post(f"/api/v1/auth/{act}", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        assert answer.is_success, answer.text
    return mei


async def post(client: httpx.AsyncClient, who: SignedIn, path: str, body: dict[str, Any]) -> httpx.Response:
    return await client.post(f"/api/v1/wallets{path}", json=body, headers=who.headers)


async def test_key_comes_in_signs_up_an_account_and_leaves_as_a_file(client: httpx.AsyncClient, mei: SignedIn) -> None:
    wallet = (await post(client, mei, "/import/key", {"label": "Old", "key": ANVIL_KEY, "form": "hex"})).json()
    assert (wallet["kind"], wallet["words"], wallet["curve"]) == ("single_key", None, "secp256k1")
    account = (await post(client, mei, f"/{wallet['id']}/accounts", {"chain": "eip155:31337"})).json()
    assert (account["address"], account["path"]) == (ANVIL, "m")
    body = {"passphrase": PASSPHRASE, "form": "keystore", "file_password": "for the file"}
    answer = await post(client, mei, f"/{wallet['id']}/export", body)
    assert answer.headers["cache-control"] == "no-store"
    exported = answer.json()
    assert bytes(Account.decrypt(json.loads(exported["text"]), "for the file")).hex() == ANVIL_KEY
    body = {"label": "Again", "file": exported["text"], "password": "for the file"}
    assert (await post(client, mei, "/import/keystore", body)).json()["id"] == wallet["id"]


async def test_shares_come_in_go_out_and_prove_a_backup(client: httpx.AsyncClient, mei: SignedIn) -> None:
    case = SHARES[3]
    body = {"label": "Shares", "shares": case["shares"], "passphrase": "TREZOR"}
    wallet = (await post(client, mei, "/import/shares", body)).json()
    assert (wallet["kind"], wallet["backup_confirmed"]) == ("shares", True)
    fresh = (await post(client, mei, "/shares", {"label": "Fresh", "strength": 128})).json()
    assert not fresh["backup_confirmed"]
    plan = {"groups_needed": 1, "groups": [{"needed": 2, "shares": 3}]}
    body = {"passphrase": PASSPHRASE, "form": "shares", "shares": plan}
    exported = (await post(client, mei, f"/{fresh['id']}/export", body)).json()
    assert exported["text"] is None
    [shares] = exported["groups"]
    path = f"/{fresh['id']}/backup/confirm-shares"
    wrong = await post(client, mei, path, {"shares": case["shares"], "passphrase": "TREZOR"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "backup_not_confirmed")
    assert (await post(client, mei, path, {"shares": shares[:2]})).json()["backup_confirmed"]


async def test_schemes_candidates_and_addresses(client: httpx.AsyncClient, mei: SignedIn) -> None:
    known = (await client.get("/api/v1/wallets/schemes", headers=mei.headers)).json()["items"]
    assert {"Bitcoin", "TRON", "Aptos", "Polkadot", "Kusama", "EOS"} <= {network["name"] for network in known}
    one = await client.get("/api/v1/wallets/schemes", params={"network": "solana:" + "1" * 32}, headers=mei.headers)
    assert "phantom" in [scheme["name"] for scheme in one.json()["items"][0]["schemes"]]
    wallet = (await post(client, mei, "/import", {"label": "Words", "mnemonic": JUNK})).json()
    found = await post(client, mei, f"/{wallet['id']}/candidates", {"network": "eip155:1", "count": 1})
    assert {"bip44", "ledger-live", "ledger-legacy"} <= {item["scheme"] for item in found.json()["items"]}
    made = await post(client, mei, f"/{wallet['id']}/addresses", {"network": BITCOIN, "scheme": "bip86"})
    assert made.status_code == 201
    assert made.json()["address"].startswith("bc1p")
    for place in ("", f"/{wallet['id']}"):
        listed = await client.get(f"/api/v1/wallets{place}/addresses", headers=mei.headers)
        assert listed.json()["items"] == [made.json()]
    live = await post(
        client, mei, f"/{wallet['id']}/accounts", {"chain": "eip155:31337", "scheme": "ledger-live", "label": "L"}
    )
    assert (live.json()["scheme"], live.json()["path"]) == ("ledger-live", "m/44'/60'/0'/0/0")


async def test_watching_an_extended_key_and_an_address(client: httpx.AsyncClient, mei: SignedIn) -> None:
    await client.post("/api/v1/auth/lock", headers=mei.headers)
    cold = (await post(client, mei, "/watch", {"label": "Cold", "extended_public_key": XPUB})).json()
    assert cold["kind"] == "watch"
    first = await post(client, mei, f"/{cold['id']}/watched", {"network": BITCOIN})
    assert first.json()["address"] == "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
    other = (await post(client, mei, "/watch", {"label": "Others"})).json()
    added = await post(client, mei, f"/{other['id']}/watched", {"network": "eip155:31337", "address": ANVIL})
    assert added.json()["watch_only"]
    both = {"network": "eip155:31337", "address": ANVIL, "path": "m/0"}
    assert (await post(client, mei, f"/{other['id']}/watched", both)).status_code == 422
    holdings = (await client.get("/api/v1/wallets/watched", headers=mei.headers)).json()
    assert [item["address"] for item in holdings["items"]] == [ANVIL]
    assert holdings["unavailable"] == [BITCOIN]
    assert (await client.get("/api/v1/wallets/accounts", headers=mei.headers)).json()["items"] == []


async def test_extended_public_key_goes_round(client: httpx.AsyncClient, mei: SignedIn) -> None:
    wallet = (await post(client, mei, "/import", {"label": "W", "mnemonic": "abandon " * 11 + "about"})).json()
    body = {"path": "m/84'/0'/0'", "prefix": "zpub"}
    assert (await post(client, mei, f"/{wallet['id']}/extended-public-key", body)).json() == {
        "extended_public_key": XPUB,
        "path": "m/84'/0'/0'",
    }


SECRET = "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf"


@pytest.mark.parametrize(
    ("path", "body", "code", "part"),
    [
        ("/import/key", {"key": SECRET, "form": "hex"}, "invalid_key_file", "text"),
        ("/import/key", {"key": SECRET[:-1] + "g", "form": "wif"}, "invalid_key_file", "checksum"),
        ("/import/key", {"key": SECRET, "form": "extended_key"}, "invalid_key_file", "text"),
        ("/import/key", {"key": "[" * 4000, "form": "solana_json"}, "invalid_key_file", "text"),
        ("/import/keystore", {"file": "[" * 60000, "password": SECRET}, "invalid_key_file", "json"),
        ("/import/keystore", {"file": json.dumps(FILE["file"]), "password": SECRET}, "invalid_key_file", "password"),
        ("/import/shares", {"shares": [SECRET] * 2}, "invalid_shares", "words"),
        ("/import/shares", {"shares": SHARES[4]["shares"]}, "invalid_shares", "missing"),
        ("/import/shares", {"shares": SHARES[1]["shares"]}, "invalid_shares", "checksum"),
        ("/watch", {"extended_public_key": SECRET + SECRET}, "invalid_key_file", "text"),
    ],
)
async def test_wrong_parts_are_named_and_not_echoed(
    client: httpx.AsyncClient, mei: SignedIn, path: str, body: dict[str, Any], code: str, part: str
) -> None:
    answer = await post(client, mei, path, {"label": "x", **body})
    assert (answer.status_code, answer.json()["code"], answer.json()["part"]) == (422, code, part)
    assert SECRET[:12] not in answer.text
    assert not {"academic", "acid"} & set(answer.text.split())
    assert (await client.get("/api/v1/wallets", headers=mei.headers)).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"form": "hex"},
        {"form": "shares"},
        {"form": "shares", "shares": {"groups": [{"needed": 3, "shares": 2}]}},
        {"form": "keystore", "path": "m/44'/60'/0'/0/0", "file_password": "short"},
        {"form": "hex", "curve": "ed25519", "path": "m/44'/501'/0'/0"},
        {"form": "hex", "curve": "secp256k1", "path": "m/2147483648"},
        {"form": "paper"},
    ],
)
async def test_impossible_exports(client: httpx.AsyncClient, mei: SignedIn, body: dict[str, Any]) -> None:
    wallet = (await post(client, mei, "/import", {"label": "Words", "mnemonic": JUNK})).json()
    answer = await post(client, mei, f"/{wallet['id']}/export", {"passphrase": PASSPHRASE, **body})
    assert answer.status_code == 422, answer.text
    assert "test" not in answer.text.split()


async def test_export_is_guarded(client: httpx.AsyncClient, mei: SignedIn, sign_in: SignIn) -> None:
    wallet = (await post(client, mei, "/import", {"label": "Words", "mnemonic": JUNK})).json()
    path, body = f"/{wallet['id']}/export", {"passphrase": PASSPHRASE, "form": "mnemonic"}
    stranger = await sign_in("stranger")
    assert (await post(client, stranger, path, body)).status_code == 404
    wrong = {**body, "passphrase": "not this one"}
    statuses = [(await post(client, mei, path, wrong)).status_code for _ in range(10)]
    assert statuses == [403] * 10
    blocked = await post(client, mei, path, body)
    assert (blocked.status_code, blocked.json()["code"]) == (429, "too_many_attempts")


async def test_words_leave_once_more_only_as_an_export(client: httpx.AsyncClient, mei: SignedIn) -> None:
    wallet = (await post(client, mei, "/import", {"label": "Words", "mnemonic": JUNK, "bip39_passphrase": "x"})).json()
    body = {"passphrase": PASSPHRASE, "form": "mnemonic"}
    exported = (await post(client, mei, f"/{wallet['id']}/export", body)).json()
    assert (exported["text"], exported["bip39_passphrase"]) == (JUNK, "x")
