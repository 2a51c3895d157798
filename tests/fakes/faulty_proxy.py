"""A proxy before a node that does what bad nodes and bad networks do, as a test tells it to."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

import aiohttp
import orjson
from aiohttp import web


class Fault(StrEnum):
    """What becomes of one exchange."""

    NONE = "none"
    DROP = "drop"  # the connection ends without an answer
    LATE_DROP = "late drop"  # the node has carried it out, the answer is lost
    DELAY = "delay"  # the answer comes, late
    HANG = "hang"  # nothing comes, the connection stays
    DUPLICATE = "duplicate"  # the node gets it twice, the answers come twice
    STALE = "stale"  # the answer that the same request got the first time
    WRONG = "wrong"  # the answer is changed by `lie`
    TOO_MANY = "429"
    HTML = "html"
    BROKEN = "broken"  # half of the JSON
    MISSING = "missing"  # one answer of the batch is left out


Lie = Callable[[str, Any], Any]
"""Method and result to what is told instead."""


def _no_lie(method: str, result: Any) -> Any:
    return result


class FaultyProxy:
    """Forwards JSON-RPC to `upstream`.

    Attributes:
        faults: Weight of each fault; drawn anew for each exchange from `random`.
        methods: Only exchanges with one of these methods are hit; None: all.
        unknown_words: Parameters, such as block tags, that this node does not know.
        counts: How often each fault was done.
    """

    def __init__(self, upstream: str, *, seed: int = 0) -> None:
        self._upstream = upstream
        self._random = random.Random(seed)
        self.url = ""
        self.faults: Mapping[Fault, float] = {Fault.NONE: 1.0}
        self.methods: frozenset[str] | None = None
        self.lie: Lie = _no_lie
        self.delay_seconds = 0.05
        self.unknown_words: frozenset[str] = frozenset()
        self.counts: dict[Fault, int] = dict.fromkeys(Fault, 0)
        self.asked: list[str] = []
        self._first_answers: dict[bytes, list[Any]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._open = asyncio.Event()

    def always(self, fault: Fault, *methods: str) -> None:
        """Do this to every exchange, or to those with one of the methods."""
        self.faults = {fault: 1.0}
        self.methods = frozenset(methods) or None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        document = orjson.loads(body)
        calls = document if isinstance(document, list) else [document]
        names = {call["method"] for call in calls}
        self.asked += [call["method"] for call in calls]
        fault = Fault.NONE
        if self.methods is None or names & self.methods:
            fault = self._random.choices(list(self.faults), list(self.faults.values()))[0]
        self.counts[fault] += 1
        if fault is Fault.TOO_MANY:
            return web.Response(status=429, headers={"Retry-After": "0"}, text="slow down")
        if fault is Fault.HTML:
            return web.Response(status=200, content_type="text/html", text="<html><body>Bad gateway</body></html>")
        if fault is Fault.HANG:
            await self._open.wait()
        if fault is Fault.DROP:
            return self._cut(request)
        answers = await self._forward(calls)
        if fault is Fault.LATE_DROP:
            return self._cut(request)
        if fault is Fault.DELAY:
            await asyncio.sleep(self.delay_seconds)
        if fault is Fault.DUPLICATE:
            answers = answers + await self._forward(calls)
        key = orjson.dumps([[call["method"], call["params"]] for call in calls])
        first = self._first_answers.setdefault(key, [dict(answer) for answer in answers])
        if fault is Fault.STALE:
            answers = [{**old, "id": call["id"]} for old, call in zip(first, calls, strict=False)]
        if fault is Fault.WRONG:
            methods = {call["id"]: call["method"] for call in calls}
            answers = [
                {**answer, "result": self.lie(methods[answer["id"]], answer["result"])}
                if "result" in answer
                else answer
                for answer in answers
            ]
        if fault is Fault.MISSING:
            answers = answers[1:] or [{"jsonrpc": "2.0", "id": -1, "result": None}]
        payload = orjson.dumps(answers if isinstance(document, list) else answers[0])
        if fault is Fault.BROKEN:
            payload = payload[: len(payload) // 2]
        return web.Response(body=payload, content_type="application/json")

    async def _forward(self, calls: list[dict[str, Any]]) -> list[Any]:
        assert self._session is not None
        if any(word in call["params"] for call in calls for word in self.unknown_words):
            return [{"id": call["id"], "error": {"code": -32602, "message": "invalid argument"}} for call in calls]
        async with self._session.post(self._upstream, json=calls) as response:
            answers: list[Any] = orjson.loads(await response.read())
            return answers

    def _cut(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@asynccontextmanager
async def faulty_proxy(upstream: str, *, seed: int = 0) -> AsyncIterator[FaultyProxy]:
    """A running proxy, without faults at first."""
    proxy = FaultyProxy(upstream, seed=seed)
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/", proxy.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    proxy.url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as session:
        proxy._session = session
        try:
            yield proxy
        finally:
            proxy._open.set()
            await runner.cleanup()
