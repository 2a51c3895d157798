"""An API in a process of its own that answers some requests, one after the other, to be killed at a fault point.

python -m tests.integration.vouchers.dying_caller DATA_DIR KEY_DIR DATABASE_URL LOCALNET_URL REQUESTS

REQUESTS is a JSON list of [method, path, headers, body]; a value `the last` in a body is the id that the request before
answered: a quote is asked for here, because it is too old by the time that a process has started on a busy machine.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx
from pydantic import SecretStr

from api.composition import compose
from api.settings import Settings

THE_LAST = "the last"


async def _call(data_dir: str, key_dir: str, database_url: str, localnet_url: str, requests: str) -> None:
    settings = Settings(
        data_dir=Path(data_dir),
        key_dir=Path(key_dir),
        database_url=SecretStr(database_url),
        localnet_url=localnet_url,
        log_level="error",
    )
    async with (
        compose(settings) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url="http://127.0.0.1", timeout=60) as http,
    ):
        made = ""
        for method, path, headers, body in json.loads(requests):
            said = body and {name: made if value == THE_LAST else value for name, value in body.items()}
            answer = await http.request(method, f"/api/v1{path}", headers=headers, json=said)
            assert answer.is_success, answer.text
            made = answer.json().get("id", "") if answer.content else ""


if __name__ == "__main__":
    asyncio.run(_call(*sys.argv[1:]))
