"""A part of an installation in a process of its own, to be killed at a fault point: its API, or its worker.

python -m tests.integration.vouchers.dying_part DATA_DIR KEY_DIR DATABASE_URL LOCALNET_URL < orders.json

The orders: `requests` for the API, one after the other ({method, path, headers, body}); without them it works. `ahead`:
seconds by which the keystore's clock is put forward.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from pydantic import SecretStr

from api.composition import compose
from api.settings import Settings
from persistence.jobs import Worker
from tests.integration.vouchers.ending import KeystoreClock


async def _run(orders: dict[str, Any], data_dir: str, key_dir: str, database_url: str, localnet_url: str) -> None:
    settings = Settings(
        data_dir=Path(data_dir),
        key_dir=Path(key_dir),
        database_url=SecretStr(database_url),
        localnet_url=localnet_url,
        log_level="error",
    )
    KeystoreClock.ahead = timedelta(seconds=orders["ahead"])
    with patch("keystore.service.SystemClock", KeystoreClock):
        async with compose(settings) as app:
            if not orders["requests"]:
                # A short lease: what the dead one held need not be waited for.
                await Worker(app.services.database, app.handlers, lease=timedelta(seconds=1)).run()
            transport = httpx.ASGITransport(app.asgi)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as http:
                for one in orders["requests"]:
                    answer = await http.request(
                        one["method"], f"/api/v1{one['path']}", headers=one["headers"], json=one["body"]
                    )
                    answer.raise_for_status()


if __name__ == "__main__":
    asyncio.run(_run(json.loads(sys.stdin.read()), *sys.argv[1:]))
