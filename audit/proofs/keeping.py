"""Bundles are made when a redemption is final, while nodes still have the state that they prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from audit.access import AUDITOR
from audit.proofs.service import ProofService
from audit.proofs.sql import final_without_bundle
from persistence.database import Database
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable, QuanbaoError

log = structlog.get_logger()

PAUSE = timedelta(seconds=5)
AT_ONCE = 10


class ProofKeeping:
    """Handler of `audit.keep_proofs`, one job per chain that comes back for ever.

    A bundle that cannot be made (a contract's signature, a foreign campaign) is tried once by each process.
    """

    def __init__(
        self, database: Database, proofs: ProofService, chains: Sequence[ChainId], *, pause: timedelta = PAUSE
    ) -> None:
        self._database = database
        self._proofs = proofs
        self._chains = chains
        self._pause = pause
        self._above: dict[str, int] = {}

    def handlers(self) -> Mapping[str, Handler]:
        return {"audit.keep_proofs": self._work}

    async def start(self, database: Database) -> None:
        async with database.transaction() as tx:
            for chain in self._chains:
                await enqueue(tx, "audit.keep_proofs", str(chain), {"chain": str(chain)})

    async def _work(self, ctx: JobContext) -> Again:
        chain = ctx.job.payload["chain"]
        above = self._above.get(chain, -1)
        async with ctx.transaction() as tx:
            wanted = await final_without_bundle(tx, chain, above, AT_ONCE)
        for height, redemption in wanted:
            try:
                await self._proofs.of_redemption(redemption, AUDITOR)
            except NodeUnavailable:
                return Again(self._pause)
            except QuanbaoError as error:
                log.info("no_proof_kept", chain=chain, redemption=redemption.hex(), reason=error.message)
            # Several redemptions may share a height: only what lies below it is done with.
            above = max(above, height - 1)
        full = len(wanted) == AT_ONCE and wanted[0][0] <= above
        if wanted and not full:
            above = wanted[-1][0]
        self._above[chain] = above
        return Again(timedelta(0) if full else self._pause)
