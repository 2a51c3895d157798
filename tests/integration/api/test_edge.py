"""What every answer has, whatever happens."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.security import PUBLIC
from api.services import Services
from people.roles import PlatformRole
from primitives.errors import DatabaseUnavailable
from tests.integration.api.conftest import SignIn

LOGIN = "/api/v1/auth/login"
MIB = 1024 * 1024


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/nothing", "/api/v1/auth/me", "/nothing"])
async def test_every_answer_has_its_id_and_its_guards(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert len(answer.headers["x-request-id"]) == 32
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_a_given_request_id_is_kept_and_nonsense_is_not(client: httpx.AsyncClient) -> None:
    kept = await client.get("/api/v1/nothing", headers={"X-Request-Id": "trace-0123456789"})
    assert kept.headers["x-request-id"] == "trace-0123456789" == kept.json()["request_id"]
    for given in ("short", "x" * 65, 'a"b\\c{}<script>'):
        replaced = await client.get("/api/v1/nothing", headers={"X-Request-Id": given})
        assert replaced.headers["x-request-id"] != given


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/auth/login", 405, "method_not_allowed"),
        ("PATCH", "/healthz", 405, "method_not_allowed"),
        ("GET", "/api/v1/organisations/not-a-uuid", 401, "not_authenticated"),
    ],
)
async def test_what_the_framework_refuses_is_a_problem_too(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_detail_is_chinese_for_those_who_read_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/auth/me", headers={"Accept-Language": "zh-CN"})
    assert answer.json()["detail"] == "请先登录。"
    assert answer.json()["code"] == "not_authenticated"


class TestAddress:
    @pytest.mark.parametrize(
        "path", ["/audit/search?q=a%00b", "/orders/%00", "/audit/provenance/voucher/%00?shape=csv"]
    )
    async def test_one_with_a_nul_is_refused_before_anything_notes_it(
        self, client: httpx.AsyncClient, path: str
    ) -> None:
        answer = await client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")

    async def test_a_percent_sign_before_zeros_is_none(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/v1/auth/me?q=%2500")).status_code == 401


class TestBody:
    async def _post(self, client: httpx.AsyncClient, content: bytes | AsyncIterator[bytes]) -> httpx.Response:
        return await client.post(LOGIN, content=content, headers={"Content-Type": "application/json"})

    async def test_an_announced_giant_is_refused_unread(self, client: httpx.AsyncClient) -> None:
        answer = await self._post(client, b" " * (MIB + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.json()["limit_bytes"] == MIB

    async def test_a_giant_in_pieces_is_refused(self, client: httpx.AsyncClient) -> None:
        sent = 0

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(100):
                sent += 1
                yield b" " * (MIB // 4)

        answer = await self._post(client, pieces())
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    async def test_the_limit_itself_is_accepted(self, client: httpx.AsyncClient) -> None:
        body = orjson.dumps({"email": "mei@example.com", "password": "x"})
        answer = await self._post(client, body + b" " * (MIB - len(body)))
        assert (answer.status_code, answer.json()["code"]) == (401, "login_failed")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"\xff\xfe\x00",
            b"[" * 100_000,
            b'{"a":' * 20_000,
            b'{"email":' + b"[" * 1000 + b"]" * 1000 + b',"password":"x"}',
            b'"text"',
            b"null",
            b'{"email":"a\\u0000@example.com","password":"x"}',
            b'{"email":"\\ud800","password":"x"}',
            b'{"email":NaN,"password":Infinity}',
            b'{"email":"a@example.com","password":' + b"9" * 5000 + b"}",
        ],
    )
    async def test_unreadable_bodies_are_typed_problems(self, client: httpx.AsyncClient, content: bytes) -> None:
        answer = await self._post(client, content)
        assert answer.status_code in {400, 422}
        assert answer.json()["code"] in {"bad_request", "request_invalid"}

    @pytest.mark.parametrize("media_type", ["application/json", "Application/JSON", "application/problem+json; x=1"])
    async def test_deep_nesting_cannot_end_the_process(self, client: httpx.AsyncClient, media_type: str) -> None:
        """py_ecc raises Python's recursion limit on import, after which json.loads overflows the C stack."""
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        try:
            content = b"[" * 500_000 + b"]" * 500_000
            answer = await client.post(LOGIN, content=content, headers={"Content-Type": media_type})
        finally:
            sys.setrecursionlimit(before)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")

    async def test_a_form_is_not_read_as_json(self, client: httpx.AsyncClient) -> None:
        body = '{"email":"mei@example.com","password":"x","transport":"cookie"}'
        answer = await client.post(LOGIN, content=body, headers={"Content-Type": "text/plain"})
        assert answer.status_code == 422


class TestCrash:
    async def test_a_fault_of_ours_shows_no_trace(self, services: Services) -> None:
        app = create_app(services, web_dist=None)

        @app.get("/api/v1/crash", dependencies=[PUBLIC])
        async def crash() -> None:
            raise RuntimeError("the secret is hunter2")

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            answer = await client.get("/api/v1/crash")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
        assert "hunter2" not in answer.text
        assert "Traceback" not in answer.text

    async def test_a_part_that_is_missing_is_named(self, client: httpx.AsyncClient, services: Services) -> None:
        services.registration = Services().registration
        body = {"email": "mei@example.com", "password": "correct horse battery", "display_name": "梅"}
        answer = await client.post("/api/v1/auth/register", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "missing_part")
        assert answer.json()["part"] == "registration"


class TestHealth:
    async def test_ready_with_a_database(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready", "parts": {"database": "ok"}})

    async def test_not_ready_names_the_part(self, client: httpx.AsyncClient, services: Services) -> None:
        async def broken() -> None:
            raise DatabaseUnavailable("gone")

        async def crashed() -> None:
            raise RuntimeError("what")

        services.readiness = {"chain": broken, "other": crashed}
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"] == {
            "database": "ok",
            "chain": "database_unavailable",
            "other": "internal_error",
        }

    async def test_metrics_count_by_template(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        await client.get("/api/v1/organisations/3f2b1c9a-d0e3-4c0b-8f5e-7a6d1c2b3a49", headers=mei.headers)
        await client.get("/some/secret/path")
        text = (await client.get("/metrics")).text
        assert (
            'quanbao_http_requests_total{method="GET",route="/api/v1/organisations/{organisation_id}",status="404"} 1.0'
            in text
        )
        assert 'route="unmatched"' in text
        assert "3f2b1c9a" not in text
        assert "secret" not in text

    async def test_metrics_are_for_this_machine_or_an_operator(
        self, app: FastAPI, sign_in: SignIn, services: Services
    ) -> None:
        mei = await sign_in("mei")
        transport = httpx.ASGITransport(app, client=("192.0.2.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://quanbao.test") as elsewhere:
            assert (await elsewhere.get("/metrics")).status_code == 401
            assert (await elsewhere.get("/metrics", headers=mei.headers)).status_code == 403
            await services.persons.grant(mei.person_id, PlatformRole.OPERATOR)
            assert (await elsewhere.get("/metrics", headers=mei.headers)).status_code == 200


class TestPage:
    @pytest.fixture
    async def site(self, services: Services, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
        (tmp_path / "index.html").write_text("<!doctype html><title>Quanbao</title>")
        (tmp_path / "assets").mkdir()
        (tmp_path / "assets" / "app-1a2b.js").write_text("export {}")
        app = create_app(services, web_dist=tmp_path)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            yield client

    @pytest.mark.parametrize("path", ["/", "/till", "/orders/7"])
    async def test_every_address_of_the_page_is_its_index(self, site: httpx.AsyncClient, path: str) -> None:
        answer = await site.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert "<title>Quanbao</title>" in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-cache"

    async def test_hashed_files_are_kept_by_browsers(self, site: httpx.AsyncClient) -> None:
        answer = await site.get("/assets/app-1a2b.js")
        assert "immutable" in answer.headers["cache-control"]

    @pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/assets/missing.js", "/../pyproject.toml"])
    async def test_nothing_else_is_the_index(self, site: httpx.AsyncClient, path: str) -> None:
        answer = await site.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    async def test_the_api_keeps_its_own_refusals(self, site: httpx.AsyncClient) -> None:
        assert (await site.get(LOGIN, headers={"Accept": "text/html"})).status_code == 405

    async def test_a_page_is_only_read(self, site: httpx.AsyncClient) -> None:
        assert (await site.post("/till")).status_code == 405
