"""How soon nobody signs any more: signers at work, and a freeze in the middle of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID, uuid4

from keystore.secret import Secret
from keystore.signature import sign_digest
from persistence.database import Database
from primitives.errors import AccountFrozen
from wallets.freeze.service import FreezeService

_SIGNERS = 8
_KEYSTORE_SECONDS = 0.005
"""Between the reading of the freezes and the signature: what the keystore reads and its audit log commits."""


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds. `asked_to_commit`: how long the freeze took; `last_signature`: before its commit (below zero: after);
    `after`: signatures after it; `before`: signatures until then."""

    asked_to_commit: float
    last_signature: float
    after: int
    before: int


async def freeze_once(databases: list[Database], *, signers: int = _SIGNERS) -> Round:
    """Signers take turns at the databases' pools as processes would; one freezes their tenant."""
    tenant, moments = uuid4(), list[float]()
    started = asyncio.Event()
    tasks = [
        asyncio.create_task(_sign_on(FreezeService(databases[at % len(databases)]), tenant, moments, started, signers))
        for at in range(signers)
    ]
    await started.wait()
    asked = time.perf_counter()
    await FreezeService(databases[0]).freeze(tenant, None, "the bench asks for it", uuid4())
    committed = time.perf_counter()
    await asyncio.gather(*tasks)
    after = sum(one > committed for one in moments)
    return Round(committed - asked, committed - max(moments), after, len(moments) - after)


async def _sign_on(
    freezes: FreezeService, tenant: UUID, moments: list[float], started: asyncio.Event, enough: int
) -> None:
    """Sign until the freeze is read."""
    digest = bytes(32)
    with Secret(bytes(31) + b"\x01") as key:
        while True:
            try:
                async with freezes.signing(tenant):
                    await asyncio.sleep(_KEYSTORE_SECONDS)
                    sign_digest(key, digest)
                    moments.append(time.perf_counter())
            except AccountFrozen:
                return
            if len(moments) >= enough * 5:
                started.set()
