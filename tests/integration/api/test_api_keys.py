"""API keys: by scope, address range and time; never more than their person may."""

from __future__ import annotations

from datetime import timedelta

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from api.services import Services
from people.roles import PlatformRole
from persistence.database import Database
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import SignedIn, SignIn

KEYS = "/api/v1/auth/api-keys"
ORGANISATIONS = "/api/v1/organisations"


async def _make(client: httpx.AsyncClient, person: SignedIn, **body: object) -> httpx.Response:
    return await client.post(KEYS, json={"label": "shop", **body}, headers=person.headers)


def _as(made: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {made.json()['token']}"}


async def _shop(client: httpx.AsyncClient, person: SignedIn) -> str:
    return str((await client.post(ORGANISATIONS, json={"name": "茶馆"}, headers=person.headers)).json()["id"])


async def test_a_key_reads_its_organisation_and_nothing_else(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei = await sign_in("mei")
    place, other = await _shop(client, mei), await _shop(client, mei)
    key = _as(await _make(client, mei, scopes=["organisations:read"], organisation_id=place))
    assert (await client.get(f"{ORGANISATIONS}/{place}", headers=key)).status_code == 200
    assert (await client.get(f"{ORGANISATIONS}/{other}", headers=key)).status_code == 404
    for method, path in (
        ("GET", "/api/v1/auth/me"),
        ("GET", "/api/v1/wallets"),
        ("GET", "/api/v1/people/me/export"),
        ("POST", f"{ORGANISATIONS}/{place}/invitations"),
        ("POST", KEYS),
    ):
        refused = await client.request(method, path, json={} if method == "POST" else None, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted"), path


async def test_a_key_for_webhooks_reads_or_writes_its_organisations(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei = await sign_in("mei")
    place, other = await _shop(client, mei), await _shop(client, mei)
    for scope, status in (("webhooks:read", 403), ("webhooks:write", 422)):
        key = _as(await _make(client, mei, scopes=[scope], organisation_id=place))
        ours, others = ({**key, "Organisation-Id": one} for one in (place, other))
        made = await client.post("/api/v1/webhooks", json={}, headers=ours)
        assert made.status_code == status, made.text
        assert (await client.post("/api/v1/webhooks", json={}, headers=others)).status_code in (403, 404)


async def test_a_key_is_no_more_than_its_person_now(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei, li = await sign_in("mei"), await sign_in("li")
    place = await _shop(client, mei)
    members = f"{ORGANISATIONS}/{place}/members"
    await client.post(members, json={"email": li.email, "role": "manager"}, headers=mei.headers)
    key = _as(await _make(client, li, scopes=["organisations:read"], organisation_id=place))
    assert (await client.get(members, headers=key)).status_code == 200
    await client.post(members, json={"email": li.email, "role": "cashier"}, headers=mei.headers)
    assert (await client.get(members, headers=key)).status_code == 403
    await client.delete(f"{members}/{li.person_id}", headers=mei.headers)
    assert (await client.get(members, headers=key)).status_code == 404


NETWORKS: list[tuple[list[str], str, bool]] = [
    ([], "203.0.113.9", True),
    (["203.0.113.0/24"], "203.0.113.9", True),
    (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
    (["203.0.113.0/24"], "203.0.114.9", False),
    (["2001:db8::/32"], "2001:db8::7", True),
    (["2001:db8::/32"], "203.0.113.9", False),
    (["203.0.113.0/24"], "unix", False),
]


async def test_a_key_is_for_its_networks(app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei = await sign_in("mei")
    place = await _shop(client, mei)
    for networks, address, allowed in NETWORKS:
        made = await _make(client, mei, scopes=["organisations:read"], organisation_id=place, networks=networks)
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://quanbao.test") as elsewhere:
            answer = await elsewhere.get(f"{ORGANISATIONS}/{place}", headers=_as(made))
        assert (answer.status_code, answer.json().get("rule")) == (
            (200, None) if allowed else (403, "address_range")
        ), (networks, address)


async def test_it_ends_by_time_and_by_revoking(client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock) -> None:
    mei = await sign_in("mei")
    place = await _shop(client, mei)
    first = await _make(client, mei, scopes=["organisations:read"], organisation_id=place, days=1)
    second = await _make(client, mei, scopes=["organisations:read"], organisation_id=place, days=2)
    clock.advance(timedelta(days=1))
    assert (await client.get(f"{ORGANISATIONS}/{place}", headers=_as(first))).status_code == 401
    assert (await client.get(f"{ORGANISATIONS}/{place}", headers=_as(second))).status_code == 200
    assert (await client.delete(f"{KEYS}/{second.json()['id']}", headers=mei.headers)).status_code == 204
    assert (await client.get(f"{ORGANISATIONS}/{place}", headers=_as(second))).status_code == 401


async def test_an_auditors_key_audits_and_an_operators_key_operates_nothing(
    app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    mei = await sign_in("mei")
    for role in PlatformRole:
        await services.persons.grant(mei.person_id, role)
    key = _as(await _make(client, mei, scopes=["audit:read"]))
    assert (await client.get("/api/v1/audit/search", params={"q": "x"}, headers=key)).status_code == 503
    none = _as(await _make(client, mei, scopes=["orders:read"]))
    assert (await client.get("/api/v1/audit/search", params={"q": "x"}, headers=none)).status_code == 403
    assert (await client.get("/api/v1/identity/reviews", headers=key)).status_code == 403
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://quanbao.test") as elsewhere:
        assert (await elsewhere.get("/metrics", headers=key)).status_code == 403


BAD: list[dict[str, object]] = [
    {"scopes": []},
    {"scopes": ["auth:write"]},
    {"scopes": ["wallets:write"]},
    {"scopes": ["orders:read"], "networks": ["203.0.113.1/24"]},
    {"scopes": ["orders:read"], "networks": ["anywhere"]},
    {"scopes": ["orders:read"], "days": 0},
    {"scopes": ["orders:read"], "days": 10_000},
]


async def test_bad_keys_are_refused(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei = await sign_in("mei")
    for body in BAD:
        assert (await _make(client, mei, **body)).status_code == 422, body


async def test_forged_keys_open_nothing_and_only_a_hash_is_stored(
    client: httpx.AsyncClient, sign_in: SignIn, database: Database
) -> None:
    made = await _make(client, await sign_in("mei"), scopes=["orders:read"])
    token = made.json()["token"]
    for forged in ("qbk_", "qbk_" + "A" * 43, token[:-1] + ("A" if token[-1] != "A" else "B"), token.lower()):
        answer = await client.get("/api/v1/orders", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401
    async with database.transaction() as tx:
        row = (await tx.execute(text("SELECT to_jsonb(k)::text FROM api_key k"))).scalar_one()
    assert token not in row
    assert "shop" not in row
