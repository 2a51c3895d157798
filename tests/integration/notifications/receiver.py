"""A shop's server that keeps what it was sent, and can be slow, wrong or away."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from people.webhooks.signature import is_authentic


@dataclass
class Receiver:
    """Answers with `status`, or not at all until `silent` is over; `received` has headers and body of each request."""

    status: int = 204
    silent: asyncio.Event | None = None
    port: int = 0
    received: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.received]

    @property
    def bodies(self) -> list[Any]:
        return [orjson.loads(body) for _, body in self.received]

    def all_authentic(self, secret: str, now: float) -> bool:
        """As the shop would check it."""
        raw = base64.b64decode(secret.removeprefix("whsec_"))
        return all(is_authentic(raw, headers, body, int(now)) for headers, body in self.received)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Receiver]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append((headers, body))
        if self.silent is not None:
            await self.silent.wait()
        writer.write(f"HTTP/1.1 {self.status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
