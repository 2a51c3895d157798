"""One request to an ASGI application in this process, without a client's own work in the measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

_HOST = ("127.0.0.1", 8080)


async def ask(app: ASGIApp, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Status and JSON of a POST."""
    content = orjson.dumps(body)
    said = {
        **headers,
        "host": "127.0.0.1:8080",
        "content-type": "application/json",
        "content-length": str(len(content)),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in said.items()],
        "client": ("127.0.0.1", 50000),
        "server": _HOST,
    }
    status = 0
    pieces: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            pieces.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, orjson.loads(b"".join(pieces))
