"""uvicorn's HTTP protocol with bounds on what comes before a request is one: head size, and time to say it."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0

_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
)
_BODY = (
    b'{"type":"urn:quanbao:error:headers_too_large","title":"Headers too large","status":431,'
    b'"detail":"the request\'s headers are too large","code":"headers_too_large","retryable":false,"request_id":null}'
)


class BoundedHttp(HttpToolsProtocol):
    """Ends connections whose request line and headers pass 64 KiB, or take longer than 20 seconds.

    The parser gathers a head in memory before anything of ours sees it, so this cannot be done by a middleware.
    """

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_bytes = 0
        self._in_head = True
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
        super().data_received(data)
        # Still no end of the head after these bytes: they all belong to it.
        if self._in_head and self.parser is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
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

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            length = f"content-length: {len(_BODY)}\r\n\r\n".encode()
            self.transport.write(_REFUSAL + length + _BODY)
            self.transport.close()
