"""What was just signed, given to a node by the process that signed it, without waiting for a job."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from chains.ports import ChainAdapter, SignedTransaction
from persistence.database import Database
from persistence.faults import fault_point
from primitives.chain_id import ChainId
from primitives.errors import QuanbaoError
from wallets.engine.attempts import sql as attempt_rows

log = structlog.get_logger()

_AT_ONCE = 200
"""Transactions per exchange with a node."""


@dataclass
class _Way:
    """To the node of one chain: in the order of the commits, one exchange after the other."""

    waiting: deque[tuple[UUID, SignedTransaction]] = field(default_factory=deque)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class HandingOver:
    """Only a short cut: the bytes are stored, and `lane.send` finds whatever is left here by a failure or a crash."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ways: dict[ChainId, _Way] = {}

    def add(self, chain: ChainId, attempts: Sequence[tuple[UUID, SignedTransaction]]) -> None:
        """To be called in the order of the commits, before another commit of the same lanes can begin."""
        self._ways.setdefault(chain, _Way()).waiting.extend(attempts)

    async def flush(self, adapter: ChainAdapter) -> None:
        """Give the chain's node everything that waits here. Raises nothing: what fails is the job's to repeat."""
        way = self._ways.setdefault(adapter.chain_id, _Way())
        while way.waiting:
            async with way.lock:
                now = [way.waiting.popleft() for _ in range(min(_AT_ONCE, len(way.waiting)))]
                if now:
                    await self._hand_over(adapter, now)

    async def _hand_over(self, adapter: ChainAdapter, attempts: Sequence[tuple[UUID, SignedTransaction]]) -> None:
        try:
            outcomes = await adapter.broadcast_many([signed for _, signed in attempts])
            fault_point("payment.handed_over")
            async with self._database.transaction() as tx:
                taken = [attempt for (attempt, _), error in zip(attempts, outcomes, strict=True) if error is None]
                if taken:
                    await attempt_rows.mark_sent(tx, taken)
                for (attempt, signed), error in zip(attempts, outcomes, strict=True):
                    if error is not None:
                        log.warning("broadcast_refused", tx_hash=signed.tx_hash, code=error.code)
                        await attempt_rows.note_refusal(tx, attempt, f"{error.code}: {error.message}")
            fault_point("payment.broadcast")
        except QuanbaoError as error:
            log.info("left_to_the_job", chain=str(adapter.chain_id), code=error.code, count=len(attempts))
