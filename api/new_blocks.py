"""Hints of new blocks, passed on to the durable work that waits for blocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from chains.registry import ConfiguredChains
from chains.rpc.block_hints import BlockHints
from persistence.database import Database, Transaction
from primitives.chain_id import ChainId

log = structlog.get_logger()

Wake = Callable[[Transaction, ChainId], Awaitable[None]]
_GAP_SECONDS = 0.2


class NewBlocks:
    """Listens to the nodes of the EVM chains. Solana's slots come as often as its work looks at them: it is polled.

    Args:
        wake: Told of each hint.
        gap_seconds: Hints of one chain that come sooner after one another are one.
    """

    def __init__(
        self, database: Database, chains: ConfiguredChains, wake: Sequence[Wake], *, gap_seconds: float = _GAP_SECONDS
    ) -> None:
        self._database = database
        self._chains = chains
        self._wake = wake
        self._gap = gap_seconds

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Pass hints on while the block runs. Whatever goes wrong with them costs latency only."""
        tasks: list[asyncio.Task[None]] = []
        for chain in self._chains.all():
            if chain.family == "eip155":
                hint = asyncio.Event()
                listener = BlockHints(self._chains.client(chain).endpoints, hint.set)
                tasks += [asyncio.create_task(listener.listen()), asyncio.create_task(self._pass_on(chain, hint))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, chain: ChainId, hint: asyncio.Event) -> None:
        while True:
            await hint.wait()
            hint.clear()
            try:
                for wake in self._wake:
                    async with self._database.statements() as tx:
                        await wake(tx, chain)
            except Exception as error:
                # Whatever it was: whoever waits looks at its own time, and the next hint may fare better.
                log.warning("hint_lost", chain=str(chain), code=type(error).__name__)
            await asyncio.sleep(self._gap)
