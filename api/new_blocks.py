"""Hints of new blocks, passed on to the durable work that waits for blocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from chains.registry import ConfiguredChains
from chains.rpc.block_hints import BlockHints
from chains.rpc.subscription import NEW_BLOCKS, NEW_ROOTS
from persistence.database import Database, Transaction
from primitives.chain_id import ChainId

log = structlog.get_logger()

Wake = Callable[[Transaction, ChainId], Awaitable[None]]
_GAP_SECONDS = 0.2


class NewBlocks:
    """Listens to the nodes: of EVM chains for blocks, of Solana for slots that became final.

    Slots follow each other as fast as the indexer looks at them, so it looks at its own time; whoever waits for a
    payment to be final learns of each final slot.

    Args:
        wake: Told of each block.
        wake_at_root: Told of each final slot.
        gap_seconds: Hints of one chain that come sooner after one another are one.
    """

    def __init__(
        self,
        database: Database,
        chains: ConfiguredChains,
        wake: Sequence[Wake],
        wake_at_root: Sequence[Wake] = (),
        *,
        gap_seconds: float = _GAP_SECONDS,
    ) -> None:
        self._database = database
        self._chains = chains
        self._listens_for = {"eip155": (NEW_BLOCKS, wake), "solana": (NEW_ROOTS, wake_at_root)}
        self._gap = gap_seconds

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Pass hints on while the block runs. Whatever goes wrong with them costs latency only."""
        tasks: list[asyncio.Task[None]] = []
        for chain in self._chains.all():
            announcements, wake = self._listens_for[chain.family]
            if wake:
                hint = asyncio.Event()
                listener = BlockHints(self._chains.client(chain).endpoints, hint.set, announcements)
                tasks += [asyncio.create_task(listener.listen()), asyncio.create_task(self._pass_on(chain, wake, hint))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, chain: ChainId, wakes: Sequence[Wake], hint: asyncio.Event) -> None:
        while True:
            await hint.wait()
            hint.clear()
            try:
                for wake in wakes:
                    async with self._database.statements() as tx:
                        await wake(tx, chain)
            except Exception as error:
                # Whatever it was: whoever waits looks at its own time, and the next hint may fare better.
                log.warning("hint_lost", chain=str(chain), code=type(error).__name__)
            await asyncio.sleep(self._gap)
