"""uvicorn's HTTP protocol with bounds on what comes before a request is one: head size, and time to say it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0

_REFUSALS = {
    400: ("Bad Request", "bad_request", "Bad request", "this is no HTTP/1.1 request"),
    431: (
        "Request Header Fields Too Large",
        "headers_too_large",
        "Headers too large",
        "the request's headers are too large",
    ),
}


class BoundedHttp(HttpToolsProtocol):
    """Ends connections whose request line and headers pass 64 KiB, take longer than 20 seconds, or are no HTTP.

    The parser gathers a head in memory before anything of ours sees it, so this cannot be done by a middleware.
    """

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_bytes = 0
        self._in_head = True
        self._message_ended = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head and self._timer is None:
            self._expect_head()
        self._message_ended = False
        super().data_received(data)
        # Still no end of the head after these bytes: they all belong to it. Where a message ended among them, they are
        # that message's, but for what may have begun behind it, which one read bounds.
        if self._in_head and not self._message_ended and self.parser is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431)

    def send_400_response(self, msg: str) -> None:
        """What the parser does not understand; uvicorn's own words are plain text."""
        self._refuse(400)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._message_ended = True
        super().on_message_complete()

    def _expect_head(self) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(self.head_seconds, self._too_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        phrase, code, title, detail = _REFUSALS[status]
        problem = {"type": f"urn:quanbao:error:{code}", "title": title, "status": status, "detail": detail}
        body = orjson.dumps({**problem, "code": code, "retryable": False, "request_id": None})
        head = f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()
