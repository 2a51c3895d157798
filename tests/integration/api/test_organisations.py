"""Organisations and their members."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from api.organisation_accounts import OrganisationAccount
from api.services import Services
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.signing import KeyPurpose
from tests.integration.api.conftest import SignedIn, SignIn

ROOT = "/api/v1/organisations"


async def _make(client: httpx.AsyncClient, owner: SignedIn, name: str = "梅记茶馆") -> str:
    answer = await client.post(ROOT, json={"name": name}, headers=owner.headers)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def _add(client: httpx.AsyncClient, owner: SignedIn, place: str, email: str, role: str) -> httpx.Response:
    return await client.post(f"{ROOT}/{place}/members", json={"email": email, "role": role}, headers=owner.headers)


class TestCreate:
    async def test_the_creator_owns_it(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        place = await _make(client, mei)
        listed = (await client.get(ROOT, headers=mei.headers)).json()
        assert [(item["id"], item["role"]) for item in listed["items"]] == [(place, "owner")]
        me = (await client.get("/api/v1/auth/me", headers=mei.headers)).json()
        assert me["memberships"] == [{"organisation_id": place, "role": "owner"}]

    async def test_its_accounts_are_asked_for_in_the_same_commit(
        self, client: httpx.AsyncClient, sign_in: SignIn, database: Database
    ) -> None:
        place = await _make(client, await sign_in("mei"))
        async with database.transaction() as tx:
            rows = (await tx.execute(text("SELECT kind, key, payload FROM job WHERE kind LIKE 'organisation.%'"))).all()
        assert [tuple(row) for row in rows] == [("organisation.created", place, {"organisation_id": place})]

    async def test_its_accounts_are_shown(self, client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
        mei = await sign_in("mei")
        place = await _make(client, mei)
        account = AccountId.parse("eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")

        async def accounts(organisation_id: UUID) -> list[OrganisationAccount]:
            assert str(organisation_id) == place
            return [OrganisationAccount(KeyPurpose.TREASURY, account)]

        services.organisation_accounts = accounts
        shown = (await client.get(f"{ROOT}/{place}", headers=mei.headers)).json()
        assert shown["accounts"] == [{"purpose": "treasury", "chain": "eip155:31337", "account": str(account)}]


class TestMembers:
    async def test_a_cashier_sees_it_but_changes_nothing(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        place = await _make(client, mei)
        assert (await _add(client, mei, place, "LI@example.com", "cashier")).status_code == 201
        assert (await client.get(f"{ROOT}/{place}", headers=li.headers)).json()["role"] == "cashier"
        for answer in (
            await client.get(f"{ROOT}/{place}/members", headers=li.headers),
            await _add(client, li, place, "li@example.com", "owner"),
            await client.delete(f"{ROOT}/{place}/members/{mei.person_id}", headers=li.headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
        members = (await client.get(f"{ROOT}/{place}/members", headers=mei.headers)).json()["items"]
        assert {item["email"]: item["role"] for item in members} == {
            "mei@example.com": "owner",
            "li@example.com": "cashier",
        }

    async def test_a_stranger_sees_what_does_not_exist(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei, stranger = await sign_in("mei"), await sign_in("stranger")
        place = await _make(client, mei)
        answers = [
            await client.get(f"{ROOT}/{identity}{rest}", headers=stranger.headers)
            for identity in (place, uuid4())
            for rest in ("", "/members")
        ]
        bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
        assert {answer.status_code for answer in answers} == {404}
        assert all(body == bodies[0] for body in bodies)

    async def test_a_removed_member_loses_the_role_at_once(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        place = await _make(client, mei)
        await _add(client, mei, place, li.email, "manager")
        assert (await client.get(f"{ROOT}/{place}/members", headers=li.headers)).status_code == 200
        gone = await client.delete(f"{ROOT}/{place}/members/{li.person_id}", headers=mei.headers)
        assert gone.status_code == 204
        assert (await client.get(f"{ROOT}/{place}/members", headers=li.headers)).status_code == 404
        again = await client.delete(f"{ROOT}/{place}/members/{li.person_id}", headers=mei.headers)
        assert again.status_code == 404

    async def test_somebody_unregistered_cannot_be_added(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        answer = await _add(client, mei, await _make(client, mei), "nobody@example.com", "cashier")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    @pytest.mark.parametrize("role", ["operator", "OWNER", ""])
    async def test_only_member_roles_can_be_given(self, client: httpx.AsyncClient, sign_in: SignIn, role: str) -> None:
        mei = await sign_in("mei")
        assert (await _add(client, mei, await _make(client, mei), mei.email, role)).status_code == 422

    async def test_the_last_owner_stays(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        place = await _make(client, mei)
        for answer in (
            await client.delete(f"{ROOT}/{place}/members/{mei.person_id}", headers=mei.headers),
            await _add(client, mei, place, mei.email, "cashier"),
        ):
            assert (answer.status_code, answer.json()["rule"]) == (403, "last_owner")
        assert (await client.get(f"{ROOT}/{place}", headers=mei.headers)).json()["role"] == "owner"

    async def test_two_owners_cannot_remove_each_other_at_once(
        self, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        place = await _make(client, mei)
        await _add(client, mei, place, li.email, "owner")
        answers = await asyncio.gather(
            client.delete(f"{ROOT}/{place}/members/{li.person_id}", headers=mei.headers),
            client.delete(f"{ROOT}/{place}/members/{mei.person_id}", headers=li.headers),
        )
        assert [answer.status_code for answer in answers].count(204) == 1
