"""A worker of a whole installation, to be killed at a fault point.

python -m tests.integration.vouchers.dying_worker DATA_DIR KEY_DIR DATABASE_URL LOCALNET_URL
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from api.composition import compose
from api.settings import Settings
from persistence.jobs import Worker


async def _work(data_dir: str, key_dir: str, database_url: str, localnet_url: str) -> None:
    settings = Settings(
        data_dir=Path(data_dir),
        key_dir=Path(key_dir),
        database_url=SecretStr(database_url),
        localnet_url=localnet_url,
        log_level="error",
    )
    async with compose(settings) as app:
        # A short lease: what the dead one held need not be waited for.
        await Worker(app.services.database, app.handlers, lease=timedelta(seconds=1)).run()


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:]))
