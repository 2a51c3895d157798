"""One address of a node: exchanges with it, its health, its limits."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from chains.rpc.errors import NodeRefusal
from chains.rpc.guard import GuardedTransport
from chains.rpc.health import Health
from chains.rpc.rate import RateLimit
from chains.rpc.transport import FastTransport
from chains.rpc.unusable import Unusable

_BUSY_STATUSES = frozenset({408, 425, 500, 502, 503, 504})
_TOO_MANY = 429


@dataclass(frozen=True, slots=True, repr=False)
class EndpointSettings:
    """One address and how it may be used.

    Attributes:
        url: May hold credentials and is never shown.
        private: The node is in our own network: its address need not be public.
        calls_per_second: None: no limit.
        batch: Most calls in one exchange.
        timeout_seconds: For one exchange.
    """

    url: str
    private: bool = True
    calls_per_second: float | None = None
    batch: int = 100
    timeout_seconds: float = 10.0


class Endpoint:
    """Speaks to one address. A batch that it refuses as such is halved, and never made so large again."""

    def __init__(self, settings: EndpointSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        parts = urlsplit(settings.url)
        self.settings = settings
        self._url = settings.url
        self.place = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self.health = Health(clock)
        self.rate = RateLimit(settings.calls_per_second, clock)
        self.batch = settings.batch
        self.verified_at: float | None = None
        """When it last proved to serve the right chain."""
        self.serves: str | None = None
        """The chain that it serves, when that is the wrong one."""
        transport: httpx.AsyncBaseTransport = FastTransport(client_tls())
        if not settings.private:
            transport = GuardedTransport(transport)
        self.http = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.timeout_seconds, connect=min(settings.timeout_seconds, 3.0)),
            transport=transport,
            headers={"content-type": "application/json"},
            trust_env=False,
        )

    async def ask(self, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Results in the order of the requests; a refused one is its NodeRefusal.

        Raises:
            Unusable
        """
        answers: list[Any] = []
        while len(answers) < len(requests):
            part = requests[len(answers) : len(answers) + self.batch]
            await self.rate.take(len(part))
            try:
                answers += await self._exchange(part)
            except _BatchRefused as refused:
                if len(part) == 1:
                    raise Unusable(str(refused)) from None
                self.batch = max(1, len(part) // 2)
        return answers

    async def _exchange(self, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        body = orjson.dumps(requests if len(requests) > 1 else requests[0])
        try:
            response = await self.http.post(self._url, content=body)
        except httpx.TimeoutException as error:
            raise Unusable(type(error).__name__, whole=isinstance(error, httpx.ConnectTimeout)) from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            # The text of an httpx error may quote the URL, so only its class is told.
            raise Unusable(type(error).__name__, whole=True) from None
        if response.status_code == _TOO_MANY:
            raise Unusable("HTTP 429", whole=True, wait_seconds=_seconds(response.headers.get("retry-after")))
        if response.status_code in _BUSY_STATUSES:
            raise Unusable(f"HTTP {response.status_code}")
        try:
            document = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            raise Unusable(f"HTTP {response.status_code} without JSON") from None
        rows = document if isinstance(document, list) else [document]
        if not all(isinstance(row, dict) for row in rows):
            raise Unusable("an answer is not a JSON-RPC object")
        if len(requests) > 1 and isinstance(document, dict) and document.get("error") is not None:
            raise _BatchRefused(f"the batch was refused: {_error(document)[1]}")
        by_id = {row["id"]: row for row in rows if isinstance(row.get("id"), int)}
        if len(requests) == 1 and rows and rows[0].get("id") is None:
            by_id = {requests[0]["id"]: rows[0]}
        return [_answer(request, by_id.get(request["id"])) for request in requests]

    async def close(self) -> None:
        await self.http.aclose()

    def __repr__(self) -> str:
        return f"Endpoint({self.place})"


@cache
def client_tls() -> ssl.SSLContext:
    """Reading the certificates takes tens of milliseconds: once for all endpoints."""
    return httpx.create_ssl_context(trust_env=False)


class _BatchRefused(Exception):
    """One error for a whole batch: the endpoint wants fewer calls at a time."""


def _answer(request: Mapping[str, Any], row: Mapping[str, Any] | None) -> Any:
    if row is None:
        raise Unusable("an answer is missing")
    if row.get("error") is not None:
        number, text, data = _error(row)
        return NodeRefusal(request["method"], number, text, data)
    if "result" not in row:
        raise Unusable("an answer has neither result nor error")
    return row["result"]


def _error(row: Mapping[str, Any]) -> tuple[int, str, Any]:
    error = row["error"]
    if not isinstance(error, dict):
        return 0, str(error), None
    number = 0
    with suppress(TypeError, ValueError):
        number = int(error.get("code", 0))
    return number, str(error.get("message", "")), error.get("data")


def _seconds(header: str | None) -> float | None:
    """`Retry-After` in seconds (RFC 9110, 10.2.3); a date counts as not told."""
    return float(header) if header is not None and header.strip().isdecimal() else None
