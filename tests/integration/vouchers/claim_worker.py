"""A worker in a process of its own, to be killed.

python -m tests.integration.vouchers.claim_worker DATABASE_URL LOCALNET_URL FOLDER
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


async def main(database_url: str, localnet_url: str, folder: Path) -> None:
    settings = Settings(
        data_dir=folder / "data",
        key_dir=folder / "keys",
        database_url=SecretStr(database_url),
        localnet_url=localnet_url,
        log_level="error",
    )
    async with compose(settings) as app:
        # A short lease, so that the next one need not wait for the dead one's to run out.
        worker = Worker(
            app.services.database, app.handlers, lease=timedelta(seconds=2), poll=timedelta(milliseconds=50)
        )
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
