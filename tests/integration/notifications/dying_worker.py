"""Delivers webhooks until it is killed at a fault point.

python -m tests.integration.notifications.dying_worker DATABASE_URL KEY_FOLDER ORIGIN
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from people.events.fan_out import FanOut
from people.outbound.guard import OutboundClient
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from people.webhooks.sending import WebhookSending
from people.webhooks.service import Webhooks
from persistence.database import Database
from persistence.jobs import Worker


async def _work(url: str, folder: str, origin: str) -> None:
    database, data = Database(url, pool_size=4), PersonalData(ErasureKeys(Path(folder)))
    outbound = OutboundClient(trusted=[origin])
    webhooks = Webhooks(database, data, outbound)
    handlers = {**FanOut({"webhooks": webhooks.consume}).handlers(), **WebhookSending(data, outbound).handlers()}
    await Worker(database, handlers, lease=timedelta(seconds=1)).run()


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:]))
