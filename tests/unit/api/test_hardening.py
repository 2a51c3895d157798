"""What is refused before anything is served: unsafe starts, floods, other sites."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from cryptography import x509
from pydantic import SecretStr

from api.app import create_app
from api.bounded_http import MAX_HEAD_BYTES, BoundedHttp
from api.cli.local_tls import with_local_tls
from api.pace import Buckets, Pace, Rate
from api.services import Services
from api.settings import Settings
from api.tls import ensure_local_tls
from primitives.errors import OperationError
from tests.fakes.clock import SteppedClock


def _settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings(data_dir=tmp_path / "data", **more)


class TestStart:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "quanbao.example"])
    def test_off_loopback_without_tls_is_refused_with_the_mend(self, tmp_path: Path, host: str) -> None:
        with pytest.raises(OperationError, match=r"without TLS.*up --tls.*QUANBAO_BEHIND_TLS_PROXY"):
            _settings(tmp_path, host=host).require_safe_address()

    def test_with_a_certificate_or_a_declared_proxy_it_may(self, tmp_path: Path) -> None:
        made = ensure_local_tls(tmp_path / "tls", "quanbao.local", ["192.168.1.7"])
        _settings(tmp_path, host="0.0.0.0", tls_certificate=made.certificate, tls_key=made.key).require_safe_address()
        _settings(tmp_path, host="0.0.0.0", behind_tls_proxy=True).require_safe_address()

    def test_half_a_certificate_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(OperationError, match="both"):
            _settings(tmp_path, tls_certificate=tmp_path / "x.pem").require_safe_address()

    @pytest.mark.parametrize("password", ["", "postgres", "password", "quanbao", "changeme", "ADMIN", "%63hangeme"])
    def test_default_secrets_are_refused_off_loopback(self, tmp_path: Path, password: str) -> None:
        url = SecretStr(f"postgresql://quanbao:{password}@database/quanbao")
        unsafe = _settings(tmp_path, host="0.0.0.0", behind_tls_proxy=True, database_url=url)
        with pytest.raises(OperationError, match="everybody knows") as caught:
            unsafe.require_safe_address()
        assert "set another one" in str(caught.value)
        _settings(tmp_path, database_url=url).require_safe_address()

    def test_an_own_secret_is_accepted(self, tmp_path: Path) -> None:
        url = SecretStr("postgresql://quanbao:kq8Jm2VxT0@database/quanbao")
        _settings(tmp_path, host="0.0.0.0", behind_tls_proxy=True, database_url=url).require_safe_address()

    def test_a_key_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        made = ensure_local_tls(tmp_path / "tls", "quanbao.local", [])
        made.key.chmod(0o644)
        with pytest.raises(OperationError, match="chmod 600"):
            _settings(
                tmp_path, host="0.0.0.0", tls_certificate=made.certificate, tls_key=made.key
            ).require_safe_address()

    def test_mail_leaves_the_machine_only_with_tls(self, tmp_path: Path) -> None:
        secret = tmp_path / "smtp"
        secret.write_text("hunter2\n")
        settings = _settings(tmp_path, smtp_host="mail.example", smtp_user="me", smtp_password_file=secret)
        assert settings.smtp is not None
        assert settings.smtp.password == "hunter2"
        assert "hunter2" not in repr(settings)
        assert "hunter2" not in repr(settings.smtp)
        with pytest.raises(OperationError, match="without TLS"):
            _ = _settings(tmp_path, smtp_host="mail.example", smtp_security="none").smtp

    def test_a_secret_file_that_is_empty_or_absent_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "empty").write_text("\n")
        for name in ("empty", "absent"):
            with pytest.raises(OperationError, match=name):
                _ = _settings(tmp_path, smtp_host="mail.example", smtp_password_file=tmp_path / name).smtp

    def test_accounts_begin_by_mail_where_others_are_served_and_there_is_mail(self, tmp_path: Path) -> None:
        mail = {"smtp_host": "mail.example"}
        assert not _settings(tmp_path, **mail).registers_by_mail
        assert not _settings(tmp_path, host="0.0.0.0").registers_by_mail
        assert _settings(tmp_path, host="0.0.0.0", **mail).registers_by_mail
        assert _settings(tmp_path, public_url="https://quanbao.example", **mail).registers_by_mail
        assert not _settings(tmp_path, host="0.0.0.0", registration="at_once", **mail).registers_by_mail
        assert _settings(tmp_path, registration="by_mail", **mail).registers_by_mail
        with pytest.raises(OperationError, match="QUANBAO_SMTP_HOST"):
            _ = _settings(tmp_path, registration="by_mail").registers_by_mail

    def test_erasure_keys_are_beside_data_and_keys(self, tmp_path: Path) -> None:
        settings = _settings(tmp_path)
        assert settings.erasure_dir == tmp_path / "data-keys-erasure"


class TestLocalAuthority:
    def test_a_client_that_trusts_it_accepts_the_host_and_no_other(self, tmp_path: Path) -> None:
        made = ensure_local_tls(tmp_path / "tls", "quanbao.local", ["192.168.1.7", "127.0.0.1", "93.184.216.34"])
        assert made.key.stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "tls" / "authority.key").stat().st_mode & 0o777 == 0o600
        leaf = x509.load_pem_x509_certificate(made.certificate.read_bytes())
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["quanbao.local", "localhost"]
        # It speaks for no address of the outside world.
        assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.7", "127.0.0.1"]

    def test_it_stays_the_same_until_something_changes(self, tmp_path: Path) -> None:
        folder = tmp_path / "tls"
        first = ensure_local_tls(folder, "quanbao.local", ["192.168.1.7"])
        authority, leaf = first.authority.read_bytes(), first.certificate.read_bytes()
        again = ensure_local_tls(folder, "quanbao.local", ["192.168.1.7"])
        assert again.certificate.read_bytes() == leaf
        moved = ensure_local_tls(folder, "quanbao.local", ["192.168.1.8"])
        assert moved.certificate.read_bytes() != leaf
        assert moved.authority.read_bytes() == authority
        moved.certificate.write_text("damaged")
        assert x509.load_pem_x509_certificate(
            ensure_local_tls(folder, "quanbao.local", ["192.168.1.8"]).certificate.read_bytes()
        )

    def test_up_with_tls_listens_for_the_network_and_prints_no_demo_links(self, tmp_path: Path) -> None:
        settings = with_local_tls(_settings(tmp_path, demo=True), "quanbao.local", demo_once=False)
        settings.require_safe_address()
        assert (settings.host, settings.demo, settings.served_at) == (
            "0.0.0.0",
            False,
            f"https://quanbao.local:{settings.port}",
        )
        with pytest.raises(OperationError, match="demo"):
            with_local_tls(_settings(tmp_path), None, demo_once=True)


class TestPace:
    def test_a_bucket_empties_and_fills_with_time(self) -> None:
        clock = SteppedClock()
        buckets = Buckets(Rate(2, 3), clock=clock)
        assert [buckets.take(b"a") for _ in range(4)] == [0, 0, 0, 1]
        assert buckets.take(b"b") == 0
        clock.advance(0.5)
        assert [buckets.take(b"a") for _ in range(2)] == [0, 1]

    def test_a_flood_of_subjects_takes_no_memory(self) -> None:
        buckets = Buckets(Rate(1, 1), most=100, clock=SteppedClock())
        for number in range(10_000):
            buckets.take(number.to_bytes(4, "big"))
        assert len(buckets._levels) == 100

    def test_addresses_are_counted_but_this_machine(self) -> None:
        pace = Pace(address=Rate(1, 1), account=Rate(1, 2), clock=SteppedClock())
        assert [pace.wait("203.0.113.9", "") for _ in range(2)] == [0, 1]
        assert [pace.wait("::ffff:203.0.113.9", "")] == [1]
        # One household has a whole /64.
        assert [pace.wait("2001:db8::1", ""), pace.wait("2001:db8::2", ""), pace.wait("2001:db8:0:1::1", "")] == [
            0,
            1,
            0,
        ]
        assert [pace.wait("127.0.0.1", "") for _ in range(9)] == [0] * 9
        assert [pace.wait("127.0.0.1", "Bearer x") for _ in range(3)] == [0, 0, 1]

    async def test_too_fast_is_told_with_the_wait(self) -> None:
        app = create_app(Services(), web_dist=None, pace=Pace(account=Rate(1, 3), clock=SteppedClock()))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            headers = {"Authorization": "Bearer x"}
            answers = [await client.get("/healthz", headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert (answers[3].json()["code"], answers[3].headers["retry-after"]) == ("too_many_attempts", "1")
        assert len(answers[3].headers["x-request-id"]) == 32


class TestOtherSites:
    async def _preflight(self, origins: list[str], origin: str) -> httpx.Response:
        app = create_app(Services(), web_dist=None, cors_origins=origins)
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return await client.options("/api/v1/auth/login", headers=asked)

    async def test_none_may_call_by_default(self) -> None:
        answer = await self._preflight([], "https://shop.example")
        assert answer.status_code == 405
        assert not [name for name in answer.headers if name.startswith("access-control")]

    async def test_named_ones_may_without_cookies(self) -> None:
        allowed = await self._preflight(["https://shop.example"], "https://shop.example")
        assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
        assert "access-control-allow-credentials" not in allowed.headers
        other = await self._preflight(["https://shop.example"], "https://evil.example")
        assert "access-control-allow-origin" not in other.headers


class TestHeaders:
    @pytest.mark.parametrize(
        "headers",
        [[("X-Many", "1")] * 101, [("X-Long", "x" * 33_000)], [("Cookie", "quanbao_session=" + "x" * 40_000)]],
    )
    async def test_too_many_or_too_long_ones_are_refused(self, headers: list[tuple[str, str]]) -> None:
        app = create_app(Services(), web_dist=None)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            answer = await client.get("/healthz", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (431, "headers_too_large")


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def _served(protocol: type[BoundedHttp], **tls: Any) -> AsyncIterator[int]:
    """A server of the real kind on a free port."""
    config = uvicorn.Config(
        _hello, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off", http=protocol, **tls
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        assert not task.done(), task.result()
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def _said(port: int, *pieces: bytes) -> bytes:
    """What the server answers until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(20):
            try:
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                return await reader.read()
            except ConnectionError:
                return b"closed"
    finally:
        writer.close()


NO_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    b"BREW / HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"GET / HTTP/1.1\r\nX-A: a\x00b\r\n\r\n",
)


class TestOnTheWire:
    async def test_a_flood_of_headers_is_cut_off_before_it_is_gathered(self) -> None:
        async with _served(BoundedHttp) as port:
            flood = b"GET / HTTP/1.1\r\n" + b"X-A: " + b"x" * (MAX_HEAD_BYTES + 70_000)
            answer = await _said(port, flood)
            assert answer == b"closed" or answer.startswith(b"HTTP/1.1 431")
            many = b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 20_000
            answer = await _said(port, many)
            assert answer == b"closed" or answer.startswith(b"HTTP/1.1 431")

    async def test_a_head_that_never_ends_is_not_waited_for(self) -> None:
        class Impatient(BoundedHttp):
            head_seconds = 0.2

        async with _served(Impatient) as port:
            assert await _said(port, b"GET / HTTP/1.1\r\nX-A: ") == b""
            assert await _said(port) == b""

    async def test_what_is_whole_is_answered_again_and_again(self) -> None:
        async with _served(BoundedHttp) as port, httpx.AsyncClient(trust_env=False) as client:
            for _ in range(3):
                big = await client.post(f"http://127.0.0.1:{port}/", content=bytes(300_000))
                assert big.text == "ok"

    async def test_a_body_that_comes_with_its_head_is_not_counted_as_headers(self) -> None:
        request = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 150000\r\n\r\n" + bytes(150_000)

        class AtOnce(BoundedHttp):
            """One read that holds all of a request, as the loop gives up to 256 KiB."""

            gathered = b""

            def data_received(self, data: bytes) -> None:
                self.gathered += data
                if len(self.gathered) >= len(request):
                    whole, self.gathered = self.gathered, b""
                    super().data_received(whole)

        async with _served(AtOnce) as port:
            assert (await _said(port, request)).startswith(b"HTTP/1.1 200")

    async def test_what_is_no_http_is_a_typed_problem(self) -> None:
        async with _served(BoundedHttp) as port:
            for nonsense in NO_HTTP:
                head, _, body = (await _said(port, nonsense)).partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 400"), nonsense
                assert b"application/problem+json" in head
                assert orjson.loads(body)["code"] == "bad_request"

    async def test_the_local_authority_is_enough_for_a_client(self, tmp_path: Path) -> None:
        made = ensure_local_tls(tmp_path / "tls", "quanbao.local", ["127.0.0.1"])
        context = ssl.create_default_context(cafile=str(made.authority))
        async with (
            _served(BoundedHttp, ssl_certfile=made.certificate, ssl_keyfile=made.key) as port,
            httpx.AsyncClient(trust_env=False, verify=context) as client,
        ):
            assert (await client.get(f"https://127.0.0.1:{port}/")).text == "ok"
            assert (await client.get(f"https://localhost:{port}/")).text == "ok"
        async with (
            _served(BoundedHttp, ssl_certfile=made.certificate, ssl_keyfile=made.key) as port,
            httpx.AsyncClient(trust_env=False) as stranger,
        ):
            with pytest.raises(httpx.ConnectError):
                await stranger.get(f"https://127.0.0.1:{port}/")
