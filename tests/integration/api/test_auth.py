"""Registration, login, sessions and their bounds."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event, text

from api.services import Services
from people.kdf import PasswordKdf
from people.roles import PlatformRole
from persistence.database import Database
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import PASSWORD, SignIn

REGISTER = "/api/v1/auth/register"
LOGIN = "/api/v1/auth/login"
ME = "/api/v1/auth/me"


def _registration(email: str = "mei@example.com", password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password, "display_name": "梅"}


class TestRegister:
    async def test_the_address_is_kept_in_one_form(self, client: httpx.AsyncClient) -> None:
        await client.post(REGISTER, json=_registration("Mei@Example.com"))
        opened = await client.post(LOGIN, json={"email": "mei@example.com", "password": PASSWORD})
        me = await client.get(ME, headers={"Authorization": f"Bearer {opened.json()['token']}"})
        assert me.json()["person"]["email"] == "mei@example.com"

    @pytest.mark.parametrize(
        "change",
        [{"email": "mei"}, {"password": "short"}, {"display_name": " "}, {"role": "operator"}, {"email": None}],
    )
    async def test_bad_input_is_refused(self, client: httpx.AsyncClient, change: dict[str, object]) -> None:
        answer = await client.post(REGISTER, json={**_registration(), **change})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_refused_password_is_not_quoted(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(REGISTER, json=_registration(password="hunter2"))
        assert answer.status_code == 422
        assert "hunter2" not in answer.text

    async def test_neither_password_nor_token_is_stored(
        self, client: httpx.AsyncClient, sign_in: SignIn, database: Database
    ) -> None:
        mei = await sign_in("mei")
        async with database.transaction() as tx:
            rows = [
                str(row)
                for table in ("person", "session", "attempt", "event", "job")
                for row in await tx.execute(text(f"SELECT to_jsonb({table})::text FROM {table}"))
            ]
        assert len(rows) >= 2
        assert not any(PASSWORD in row or mei.token in row for row in rows)


class TestLogin:
    async def test_unknown_account_and_wrong_password_get_the_same_answer_after_the_same_work(
        self, client: httpx.AsyncClient, sign_in: SignIn, kdf: PasswordKdf, database: Database
    ) -> None:
        await sign_in("mei")
        statements: list[str] = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _k, statement, *_rest: statements.append(statement),
        )
        shapes = []
        for email in ("mei@example.com", "nobody@example.com", "not an address"):
            statements.clear()
            runs = kdf.runs
            answer = await client.post(LOGIN, json={"email": email, "password": "wrong password"})
            body = {name: value for name, value in answer.json().items() if name != "request_id"}
            shapes.append((answer.status_code, body, kdf.runs - runs, list(statements)))
        assert shapes[0][0] == 401
        assert shapes[0][2] == 1
        assert shapes[0] == shapes[1] == shapes[2]

    async def test_the_token_opens_the_session(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        answer = await client.get(ME, headers=mei.headers)
        assert answer.json()["person"]["id"] == str(mei.person_id)
        assert answer.json()["platform_roles"] == []

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer "},
            {"Authorization": "Bearer nonsense"},
            {"Authorization": "Basic bWVpOm1laQ=="},
            {"Authorization": "Bearer " + "x" * 10_000},
            {"Cookie": "quanbao_session=nonsense"},
        ],
    )
    async def test_without_a_valid_token_there_is_no_session(
        self, client: httpx.AsyncClient, headers: dict[str, str]
    ) -> None:
        answer = await client.get(ME, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")

    async def test_a_hash_made_with_old_parameters_is_renewed(
        self, client: httpx.AsyncClient, sign_in: SignIn, database: Database
    ) -> None:
        from argon2 import PasswordHasher

        await sign_in("mei")
        old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
        async with database.transaction() as tx:
            await tx.execute(text("UPDATE person SET password_hash = :old"), {"old": old})
        assert (await client.post(LOGIN, json={"email": "mei@example.com", "password": PASSWORD})).status_code == 200
        async with database.transaction() as tx:
            stored = (await tx.execute(text("SELECT password_hash FROM person"))).scalar_one()
        assert "m=8,t=1,p=1" in stored


class TestGuessing:
    async def test_guesses_are_bounded_and_the_wait_is_told(
        self, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock, kdf: PasswordKdf
    ) -> None:
        await sign_in("mei")
        wrong = {"email": "mei@example.com", "password": "wrong password"}
        for _ in range(10):
            assert (await client.post(LOGIN, json=wrong)).status_code == 401
        runs = kdf.runs
        refused = await client.post(LOGIN, json={**wrong, "password": PASSWORD})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
        assert refused.json()["retry_after_seconds"] == 900 == int(refused.headers["retry-after"])
        assert refused.json()["retryable"] is True
        assert kdf.runs == runs

        clock.advance(timedelta(seconds=901))
        assert (await client.post(LOGIN, json={**wrong, "password": PASSWORD})).status_code == 200

    async def test_the_bound_is_the_same_for_an_unknown_account(self, client: httpx.AsyncClient) -> None:
        wrong = {"email": "nobody@example.com", "password": "wrong password"}
        answers = [(await client.post(LOGIN, json=wrong)).status_code for _ in range(11)]
        assert answers == [401] * 10 + [429]

    async def test_other_accounts_are_not_held_back(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        await sign_in("mei")
        for _ in range(11):
            await client.post(LOGIN, json={"email": "nobody@example.com", "password": "wrong password"})
        assert (await client.post(LOGIN, json={"email": "mei@example.com", "password": PASSWORD})).status_code == 200

    async def test_success_clears_the_count(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        await sign_in("mei")
        for _ in range(3):
            for _ in range(9):
                answer = await client.post(LOGIN, json={"email": "mei@example.com", "password": "wrong password"})
                assert answer.status_code == 401
            assert (await client.post(LOGIN, json={"email": "mei@example.com", "password": PASSWORD})).is_success

    async def test_many_addresses_share_the_accounts_bound(self, app: FastAPI, sign_in: SignIn) -> None:
        await sign_in("mei")
        wrong = {"email": "mei@example.com", "password": "wrong password"}
        statuses = []
        for number in range(11):
            transport = httpx.ASGITransport(app, client=(f"192.0.2.{number}", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://quanbao.test") as client:
                statuses += [(await client.post(LOGIN, json=wrong)).status_code for _ in range(10)]
        assert statuses == [401] * 100 + [429] * 10

    async def test_guesses_at_once_cannot_outrun_the_count(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        import asyncio

        await sign_in("mei")
        wrong = {"email": "mei@example.com", "password": "wrong password"}
        answers = await asyncio.gather(*(client.post(LOGIN, json=wrong) for _ in range(30)))
        assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 20


class TestCookie:
    async def _open(self, client: httpx.AsyncClient, scheme: str = "http") -> httpx.Response:
        body = {"email": "mei@example.com", "password": PASSWORD, "transport": "cookie"}
        return await client.post(f"{scheme}://127.0.0.1:8080{LOGIN}", json=body)

    async def test_the_token_stays_out_of_the_answer_and_out_of_scripts(
        self, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        await sign_in("mei")
        answer = await self._open(client)
        assert answer.json()["token"] is None
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie
        assert client.cookies["quanbao_session"] not in answer.text

    async def test_over_tls_the_cookie_is_secure(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        await sign_in("mei")
        answer = await self._open(client, "https")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert "strict-transport-security" in answer.headers

    async def test_a_write_needs_the_csrf_token_and_a_read_does_not(
        self, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        await sign_in("mei")
        csrf = (await self._open(client)).json()["csrf_token"]
        assert (await client.get(ME)).json()["csrf_token"] == csrf
        for wrong in (None, b"0" * 64, b"\xc3\xa9"):
            sent = [] if wrong is None else [(b"X-CSRF-Token", wrong)]
            answer = await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=sent)
            assert (answer.status_code, answer.json()["rule"]) == (403, "csrf")
        answer = await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers={"X-CSRF-Token": csrf})
        assert answer.status_code == 201

    async def test_logout_ends_the_session_and_removes_the_cookie(
        self, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        await sign_in("mei")
        csrf = (await self._open(client)).json()["csrf_token"]
        kept = client.cookies["quanbao_session"]
        answer = await client.post("/api/v1/auth/logout", headers={"X-CSRF-Token": csrf})
        assert answer.status_code == 204
        assert "quanbao_session" not in client.cookies
        assert (await client.get(ME, headers={"Authorization": f"Bearer {kept}"})).status_code == 401


class TestSessions:
    async def test_a_session_expires(self, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock) -> None:
        mei = await sign_in("mei")
        clock.advance(timedelta(days=14) - timedelta(seconds=1))
        assert (await client.get(ME, headers=mei.headers)).status_code == 200
        clock.advance(timedelta(seconds=1))
        assert (await client.get(ME, headers=mei.headers)).status_code == 401

    async def test_refresh_replaces_the_token(
        self, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
    ) -> None:
        mei = await sign_in("mei")
        clock.advance(timedelta(days=13))
        fresh = await client.post("/api/v1/auth/refresh", headers=mei.headers)
        assert (await client.get(ME, headers=mei.headers)).status_code == 401
        clock.advance(timedelta(days=13))
        renewed = {"Authorization": f"Bearer {fresh.json()['token']}"}
        assert (await client.get(ME, headers=renewed)).json()["session_id"] == fresh.json()["session_id"]

    async def test_another_device_can_be_revoked(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        body = {"email": mei.email, "password": PASSWORD, "device": "lost phone"}
        lost = (await client.post(LOGIN, json=body)).json()
        listed = (await client.get("/api/v1/auth/sessions", headers=mei.headers)).json()
        assert {item["device"]: item["current"] for item in listed["items"]} == {
            "lost phone": False,
            "unnamed device": True,
        }
        gone = await client.delete(f"/api/v1/auth/sessions/{lost['session_id']}", headers=mei.headers)
        assert gone.status_code == 204
        assert (await client.get(ME, headers={"Authorization": f"Bearer {lost['token']}"})).status_code == 401
        assert (await client.get(ME, headers=mei.headers)).status_code == 200

    async def test_another_persons_session_is_not_found(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        theirs = (await client.get(ME, headers=li.headers)).json()["session_id"]
        answer = await client.delete(f"/api/v1/auth/sessions/{theirs}", headers=mei.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await client.get(ME, headers=li.headers)).status_code == 200


async def test_a_platform_role_shows_at_the_next_request_and_goes_when_withdrawn(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    mei = await sign_in("mei")
    await services.persons.grant(mei.person_id, PlatformRole.AUDITOR)
    await services.persons.grant(mei.person_id, PlatformRole.AUDITOR)
    assert (await client.get(ME, headers=mei.headers)).json()["platform_roles"] == ["auditor"]
    await services.persons.withdraw(mei.person_id, PlatformRole.AUDITOR)
    assert (await client.get(ME, headers=mei.headers)).json()["platform_roles"] == []


class TestLoginLink:
    async def test_it_opens_one_session_once(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services
    ) -> None:
        mei = await sign_in("mei")
        secret = await services.login_links.create(mei.person_id, "/till")
        opened = await client.get("/api/v1/auth/link", params={"secret": secret})
        assert (opened.status_code, opened.headers["location"]) == (303, "/till")
        assert (await client.get(ME)).json()["person"]["id"] == str(mei.person_id)
        client.cookies.clear()
        again = await client.get("/api/v1/auth/link", params={"secret": secret})
        assert (again.status_code, again.json()["code"]) == (401, "login_failed")
        assert "set-cookie" not in again.headers

    async def test_it_expires(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services, clock: StoppedClock
    ) -> None:
        mei = await sign_in("mei")
        secret = await services.login_links.create(mei.person_id)
        clock.advance(timedelta(hours=12))
        assert (await client.get("/api/v1/auth/link", params={"secret": secret})).status_code == 401

    async def test_the_secret_is_stored_hashed(self, sign_in: SignIn, services: Services, database: Database) -> None:
        mei = await sign_in("mei")
        secret = await services.login_links.create(mei.person_id)
        async with database.transaction() as tx:
            row = str((await tx.execute(text("SELECT to_jsonb(login_link)::text FROM login_link"))).one())
        assert secret not in row
        assert secret.encode().hex() not in row

    @pytest.mark.parametrize(
        ("base_url", "address"),
        [
            ("http://127.0.0.1:8080", "192.0.2.7"),
            ("http://attacker.example:8080", "127.0.0.1"),
            ("http://127.0.0.1.attacker.example", "127.0.0.1"),
        ],
    )
    async def test_it_works_on_this_machine_only(
        self, app: FastAPI, sign_in: SignIn, services: Services, base_url: str, address: str
    ) -> None:
        mei = await sign_in("mei")
        secret = await services.login_links.create(mei.person_id)
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as elsewhere:
            answer = await elsewhere.get("/api/v1/auth/link", params={"secret": secret})
        assert answer.status_code == 404

    async def test_it_works_in_the_demo_only(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services
    ) -> None:
        mei = await sign_in("mei")
        secret = await services.login_links.create(mei.person_id)
        services.demo = False
        assert (await client.get("/api/v1/auth/link", params={"secret": secret})).status_code == 404
        services.demo = True
        assert (await client.get("/api/v1/auth/link", params={"secret": secret})).status_code == 303

    @pytest.mark.parametrize(
        "destination", ["//evil.example", "https://evil.example", "/\\evil.example", "till", "/a b"]
    )
    async def test_it_leads_nowhere_else(self, sign_in: SignIn, services: Services, destination: str) -> None:
        from primitives.errors import InvalidValue

        mei = await sign_in("mei")
        with pytest.raises(InvalidValue):
            await services.login_links.create(mei.person_id, destination)

    async def test_dead_links_are_bounded(self, client: httpx.AsyncClient) -> None:
        statuses = [(await client.get("/api/v1/auth/link", params={"secret": "x" * 43})).status_code for _ in range(21)]
        assert statuses == [401] * 20 + [429]
