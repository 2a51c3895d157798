"""Hints that a chain may have a new block, from whichever of its nodes gives any.

Only a hint: whoever hears one looks at the chain as it would have done a moment later. Hints that never come, come
twice or lie change nothing but when that look is taken.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence

import structlog

from chains.rpc.endpoint import Endpoint
from chains.rpc.errors import NodeRefusal
from chains.rpc.subscription import NEW_BLOCKS, Announcements, subscribed
from chains.rpc.unusable import Unusable

log = structlog.get_logger()

_SILENCE_SECONDS = 120.0
"""A node that announces nothing for so long is left for the next one."""
_POLL_SECONDS = 0.5
_POLLED_SECONDS = 600.0
"""After which a node without WebSocket is asked for one again."""
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0


class BlockHints:
    """Listens to the endpoints of one chain, one at a time.

    Each is asked for a subscription, else, on an EVM chain, for a filter of new blocks (`eth_newBlockFilter`) that is
    looked into twice a second; an endpoint whose calls are counted is not looked into for a mere hint.

    Args:
        heard: Called at each hint; must not block.
        announcements: What is subscribed to.
        silence_seconds: How long a subscription may say nothing.
        poll_seconds: Between two looks into a filter.
        first_pause_seconds: After a round in which no endpoint gave hints; doubles up to a minute.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        heard: Callable[[], None],
        announcements: Announcements = NEW_BLOCKS,
        *,
        silence_seconds: float = _SILENCE_SECONDS,
        poll_seconds: float = _POLL_SECONDS,
        first_pause_seconds: float = _FIRST_PAUSE_SECONDS,
    ) -> None:
        self._endpoints = endpoints
        self._heard = heard
        self._announcements = announcements
        self._silence = silence_seconds
        self._poll = poll_seconds
        self._first_pause = first_pause_seconds
        self._ids = itertools.count(1)
        self._any = False

    async def listen(self) -> None:
        """Never returns, and raises nothing but cancellation: without any hint, whoever waits looks at its own time."""
        pause = self._first_pause
        while True:
            for endpoint in self._endpoints:
                self._any = False
                await self._listen_to(endpoint)
                if self._any:
                    pause = self._first_pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _listen_to(self, endpoint: Endpoint) -> None:
        for give_hints in (self._subscription, self._filter):
            try:
                await give_hints(endpoint)
            except Unusable as error:
                log.debug("no_block_hints", node=endpoint.place, reason=error.reason)
            if self._any:
                return

    async def _subscription(self, endpoint: Endpoint) -> None:
        await subscribed(endpoint.settings, self._announcements, self._hear, silence_seconds=self._silence)

    async def _filter(self, endpoint: Endpoint) -> None:
        if self._announcements is not NEW_BLOCKS or endpoint.settings.calls_per_second is not None:
            return
        name = await self._ask(endpoint, "eth_newBlockFilter")
        until = asyncio.get_running_loop().time() + _POLLED_SECONDS
        while asyncio.get_running_loop().time() < until:
            if await self._ask(endpoint, "eth_getFilterChanges", name):
                self._hear()
            await asyncio.sleep(self._poll)

    async def _ask(self, endpoint: Endpoint, method: str, *params: object) -> object:
        (answer,) = await endpoint.ask(
            [{"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}]
        )
        if isinstance(answer, NodeRefusal):
            raise Unusable(answer.text[:200])
        return answer

    def _hear(self) -> None:
        self._any = True
        self._heard()
