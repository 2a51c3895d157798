"""The outermost layer of each request: its id, its limits of size and pace, its headers, its log line and its count."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import crash_response, problem_response
from api.metrics import HttpMetrics
from api.pace import Pace
from primitives.errors import TooManyAttempts

log = structlog.get_logger()

MAX_BODY_BYTES = 1024 * 1024
BODY_SECONDS = 60.0
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}


class Edge:
    """ASGI middleware.

    A request id is taken from `X-Request-Id` when it is 8 to 64 letters, digits and hyphens, otherwise made; it goes
    into `request.state.request_id`, every log line of the request, and the answer.

    Args:
        templates: Path template (`/api/v1/orders/{order_id}`) by the function that answers it.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: HttpMetrics,
        templates: Mapping[Any, str],
        pace: Pace,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._app = app
        self._pace = pace
        self._metrics = metrics
        self._templates = templates
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(scope, MutableHeaders(scope=message), request_id, status)
            await send(message)

        self._metrics.in_progress.inc()
        try:
            await self._serve(scope, receive, answer, headers)
        except Exception as error:
            if status:
                log.error("answer_broke_off", error=type(error).__name__, exc_info=error)
                raise
            await crash_response(Request(scope), error)(scope, receive, answer)
        finally:
            self._metrics.in_progress.dec()
            self._record(scope, status, time.perf_counter() - started)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """What is refused before anything is read of it."""
        raw = scope["headers"]
        if len(raw) > MAX_HEADERS or sum(len(name) + len(value) for name, value in raw) > MAX_HEADER_BYTES:
            facts = {"limit_bytes": MAX_HEADER_BYTES, "limit_count": MAX_HEADERS}
            return problem_response(
                Request(scope), 431, "headers_too_large", "the request's headers are too large", facts
            )
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            # No text that is stored, searched or noted has it, and PostgreSQL takes none with it.
            return problem_response(Request(scope), 422, "request_invalid", "an address has no NUL characters")
        client = scope.get("client")
        credential = headers.get("authorization") or headers.get("cookie") or ""
        wait = self._pace.wait(client[0] if client else "", credential)
        if wait:
            return problem_response(
                Request(scope),
                429,
                TooManyAttempts.code,
                f"too many requests: wait {wait} s",
                {"retry_after_seconds": wait},
                retryable=True,
                headers={"Retry-After": str(wait)},
            )
        return None

    async def _serve(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        early = self._refusal(scope, headers)
        if early is not None:
            await early(scope, receive, send)
            return
        limit = self._max_body_bytes
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit:
            refusal = problem_response(
                Request(scope), 413, "body_too_large", f"a request holds at most {limit} bytes", {"limit_bytes": limit}
            )
            await refusal(scope, receive, send)
            return
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, f"a request holds at most {limit} bytes")
            return message

        if "json" not in headers.get("content-type", "").lower():
            await self._app(scope, bounded, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _whole(bounded)
        except TimeoutError:
            late = problem_response(
                Request(scope), 408, "bad_request", "the body did not arrive in time", headers={"Connection": "close"}
            )
            await late(scope, receive, send)
            return
        except HTTPException as error:
            refusal = problem_response(Request(scope), 413, "body_too_large", error.detail, {"limit_bytes": limit})
            await refusal(scope, receive, send)
            return
        if body is not None and not _is_json(body):
            refusal = problem_response(
                Request(scope), 400, "bad_request", "the body is not JSON in UTF-8, or is nested too deeply"
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    @staticmethod
    def _dress(scope: Scope, headers: MutableHeaders, request_id: str, status: int) -> None:
        headers["X-Request-Id"] = request_id
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        is_page = headers.get("content-type", "").startswith("text/html")
        # The headers of a 304 replace those of the stored page, and it has no content type to tell a page by.
        if status != 304:
            headers.setdefault("Content-Security-Policy", _PAGE_POLICY if is_page else _DATA_POLICY)
        if scope["path"].startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if scope.get("scheme") == "https":
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        template = self._templates.get(scope.get("endpoint"), "unmatched")
        method = scope["method"] if scope["method"] in _KNOWN_METHODS else "other"
        self._metrics.record(method, template, status, seconds)
        # The path's template, never the path: ids and one-time secrets stay out of the log.
        log.info("request", method=method, route=template, status=status, milliseconds=round(seconds * 1000, 1))


async def _whole(receive: Receive) -> bytes | None:
    """The body; None when the client went away."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _is_json(body: bytes) -> bool:
    """Checked before the framework parses it: json.loads follows nesting on the C stack up to Python's recursion limit,
    which py_ecc raises to 100,000 when it is imported, so that 100 kB of brackets would end the process. orjson stops
    at 1,024 levels."""
    if not body:
        return True
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _replay(body: bytes | None, receive: Receive) -> Receive:
    """Hand the body out again, then whatever comes after it."""
    handed = False

    async def again() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.disconnect"} if body is None else {"type": "http.request", "body": body}

    return again
