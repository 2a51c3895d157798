"""One more worker on the same database: python -m bench.engine.worker DATABASE_URL NODE_URL FOLDER"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from api.composition import compose
from api.settings import Settings


async def main(database_url: str, node_url: str, folder: Path) -> None:
    settings = Settings(
        data_dir=folder / "data",
        key_dir=folder / "keys",
        database_url=SecretStr(database_url),
        evm_rpc_url=node_url,
        log_level="error",
    )
    async with compose(settings) as application, application.working():
        # Whoever measures waits for this: starting takes seconds of both cores.
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
