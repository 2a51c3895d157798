"""Passkeys: registered, used once per challenge, and for unlocking the keystore by the device's PRF."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from persistence.database import Database
from tests.fakes.authenticator import SoftwareAuthenticator
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import SignedIn, SignIn

KEYS = "/api/v1/auth/passkeys"
PASSPHRASE = "a passphrase of tests"


async def _options(client: httpx.AsyncClient, path: str, person: SignedIn | None = None) -> dict[str, Any]:
    answer = await client.post(f"{KEYS}{path}", headers=person.headers if person else {})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["public_key"]
    return made


async def _add(client: httpx.AsyncClient, person: SignedIn, device: SoftwareAuthenticator) -> httpx.Response:
    body = {"label": "phone", "credential": device.create(await _options(client, "/options", person))}
    return await client.post(KEYS, json=body, headers=person.headers)


async def _login(client: httpx.AsyncClient, device: SoftwareAuthenticator) -> httpx.Response:
    credential = device.get(await _options(client, "/login/options"))
    return await client.post(f"{KEYS}/login", json={"credential": credential})


async def test_a_passkey_opens_a_session(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei, device = await sign_in("mei"), SoftwareAuthenticator()
    assert (await _add(client, mei, device)).status_code == 201
    opened = await _login(client, device)
    headers = {"Authorization": f"Bearer {opened.json()['token']}"}
    me = (await client.get("/api/v1/auth/me", headers=headers)).json()
    assert me["person"]["id"] == str(mei.person_id)


async def test_a_replayed_answer_is_refused(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei, device = await sign_in("mei"), SoftwareAuthenticator()
    options = await _options(client, "/options", mei)
    body = {"label": "phone", "credential": device.create(options)}
    assert (await client.post(KEYS, json=body, headers=mei.headers)).status_code == 201
    again = await client.post(KEYS, json=body, headers=mei.headers)
    assert (again.status_code, again.json()["code"]) == (410, "one_time_used")
    credential = device.get(await _options(client, "/login/options"))
    answers = await asyncio.gather(*(client.post(f"{KEYS}/login", json={"credential": credential}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410]


async def test_a_challenge_expires_and_is_for_its_use_and_person(
    client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
) -> None:
    mei, li, device = await sign_in("mei"), await sign_in("li"), SoftwareAuthenticator()
    await _add(client, mei, device)
    other = {"label": "x", "credential": SoftwareAuthenticator().create(await _options(client, "/options", mei))}
    assert (await client.post(KEYS, json=other, headers=li.headers)).json()["code"] == "one_time_used"
    unlocking = device.get(await _options(client, "/unlock/options", mei))
    assert (await client.post(f"{KEYS}/login", json={"credential": unlocking})).json()["code"] == "one_time_used"
    late = device.get(await _options(client, "/login/options"))
    clock.advance(timedelta(minutes=5))
    assert (await client.post(f"{KEYS}/login", json={"credential": late})).json()["code"] == "one_time_used"


async def test_what_does_not_verify_opens_nothing(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei = await sign_in("mei")
    for wrong in ("origin", "owner", "unknown", "signature", "counter"):
        device = SoftwareAuthenticator()
        await _add(client, mei, device)
        assert (await _login(client, device)).status_code == 200
        asked = await _options(client, "/login/options")
        if wrong == "origin":
            device.origin = "http://localhost.attacker.example"
        if wrong == "owner":
            device.verifies_owner = False
        if wrong == "counter":
            device.counter = -1
        credential = SoftwareAuthenticator().get(asked) if wrong == "unknown" else device.get(asked)
        if wrong == "signature":
            credential["response"]["signature"] = SoftwareAuthenticator().get(asked)["response"]["signature"]
        refused = await client.post(f"{KEYS}/login", json={"credential": credential})
        assert (refused.status_code, refused.json()["code"]) == (401, "login_failed"), wrong


NONSENSE: list[dict[str, Any]] = [
    {},
    {"id": 7, "response": []},
    {"id": "AQID", "response": {"clientDataJSON": "AQID"}},
    {"id": "AQID", "response": {"clientDataJSON": "bnVsbA"}},
    {"id": "AQID", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAiQSJ9", "authenticatorData": 1}},
    {"id": "é", "rawId": None, "type": "public-key", "response": {"clientDataJSON": "W10"}},
]


async def test_nonsense_is_a_typed_problem(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei = await sign_in("mei")
    for credential in NONSENSE:
        login = await client.post(f"{KEYS}/login", json={"credential": credential})
        adding = await client.post(KEYS, json={"label": "x", "credential": credential}, headers=mei.headers)
        assert {login.status_code, adding.status_code} <= {401, 410, 422}, credential


async def test_wrong_answers_are_bounded(client: httpx.AsyncClient) -> None:
    statuses = [(await client.post(f"{KEYS}/login", json={"credential": {}})).status_code for _ in range(31)]
    assert statuses == [410] * 30 + [429]


class TestUnlock:
    async def _prepared(
        self, client: httpx.AsyncClient, sign_in: SignIn
    ) -> tuple[SignedIn, SoftwareAuthenticator, str]:
        mei, device = await sign_in("mei"), SoftwareAuthenticator()
        passkey = (await _add(client, mei, device)).json()["id"]
        await client.post("/api/v1/auth/passphrase", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        options = await _options(client, "/unlock/options", mei)
        body = {"passphrase": PASSPHRASE, "credential": device.get(options), "device_answer": device.prf(options)}
        added = await client.post(f"{KEYS}/unlock-keys", json=body, headers=mei.headers)
        assert added.status_code == 204, added.text
        return mei, device, passkey

    async def _unlock(
        self, client: httpx.AsyncClient, person: SignedIn, device: SoftwareAuthenticator, answer: str | None = None
    ) -> httpx.Response:
        options = await _options(client, "/unlock/options", person)
        body = {"credential": device.get(options), "device_answer": answer or device.prf(options)}
        return await client.post(f"{KEYS}/unlock", json=body, headers=person.headers)

    async def test_the_devices_answer_opens_the_keystore(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei, device, passkey = await self._prepared(client, sign_in)
        assert (await self._unlock(client, mei, device)).status_code == 200
        made = await client.post("/api/v1/wallets", json={"label": "mine"}, headers=mei.headers)
        assert made.status_code in {201, 503}, made.text
        listed = (await client.get(KEYS, headers=mei.headers)).json()["items"]
        assert [(item["id"], item["unlocks_keys"]) for item in listed] == [(passkey, True)]

    async def test_another_answer_opens_nothing(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei, device, _ = await self._prepared(client, sign_in)
        refused = await self._unlock(client, mei, device, "A" * 43)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_passphrase")

    async def test_a_new_passphrase_leaves_the_device_in_and_removal_puts_it_out(
        self, client: httpx.AsyncClient, sign_in: SignIn, database: Database
    ) -> None:
        mei, device, passkey = await self._prepared(client, sign_in)
        async with database.transaction() as tx:
            row = (await tx.execute(text("SELECT to_jsonb(k)::text FROM keystore_unlock_key k"))).scalar_one()
        changed = await client.put(
            "/api/v1/auth/passphrase", json={"old": PASSPHRASE, "new": "another of tests"}, headers=mei.headers
        )
        assert changed.status_code == 204
        assert (await self._unlock(client, mei, device)).status_code == 200
        assert (await client.delete(f"{KEYS}/{passkey}", headers=mei.headers)).status_code == 204
        async with database.transaction() as tx:
            assert (await tx.execute(text("SELECT count(*) FROM keystore_unlock_key"))).scalar_one() == 0
        assert device.prf({"extensions": {"prf": {"eval": {"first": "AAAA"}}}}) not in row

    async def test_the_wrong_passphrase_adds_no_device(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei, device, _ = await self._prepared(client, sign_in)
        options = await _options(client, "/unlock/options", mei)
        body = {"passphrase": "wrong", "credential": device.get(options), "device_answer": device.prf(options)}
        refused = await client.post(f"{KEYS}/unlock-keys", json=body, headers=mei.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_passphrase")
