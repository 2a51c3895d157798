"""Hints of new blocks: from a subscription, else from a filter, else from nobody; and what an endpoint may tell."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from chains.rpc.block_hints import BlockHints
from chains.rpc.endpoint import Endpoint, EndpointSettings
from chains.rpc.subscription import NEW_BLOCKS, NEW_ROOTS
from tests.fakes.solana_localnet import running_solana

Announce = Callable[[web.WebSocketResponse], Awaitable[None]]


class Node:
    """An HTTP node that may speak WebSocket, and may keep a filter."""

    def __init__(self, announce: Announce | None = None, *, changes: list[list[str]] | None = None) -> None:
        self._announce = announce
        self._changes = changes
        self.connections = 0
        self.asked: list[str] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._subscribe(request)
        call = await request.json()
        self.asked.append(call["method"])
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
        if self._changes is None:
            return web.json_response({**answer, "error": {"code": -32601, "message": "unknown method"}})
        if call["method"] == "eth_newBlockFilter":
            return web.json_response({**answer, "result": "0x7"})
        assert call["params"] == ["0x7"]
        return web.json_response({**answer, "result": self._changes.pop(0) if self._changes else []})

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        if self._announce is None:
            return web.Response(status=405)
        node = web.WebSocketResponse()
        await node.prepare(request)
        wanted = await node.receive()
        assert wanted.type is WSMsgType.TEXT
        assert json.loads(wanted.data)["params"] == ["newHeads"]
        await self._announce(node)
        return node


@asynccontextmanager
async def serving(*nodes: Node) -> AsyncIterator[list[str]]:
    """The URLs of the nodes."""
    runners, urls = [], []
    try:
        for node in nodes:
            app = web.Application()
            app.router.add_route("*", "/", node.serve)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        yield urls
    finally:
        for runner in runners:
            await runner.cleanup()


class Heard:
    """Counts hints; `until` waits for so many."""

    def __init__(self) -> None:
        self.count = 0
        self._more = asyncio.Event()

    def __call__(self) -> None:
        self.count += 1
        self._more.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while self.count < count:
                await self._more.wait()
                self._more.clear()


@asynccontextmanager
async def listening(settings: list[EndpointSettings], **how: Any) -> AsyncIterator[Heard]:
    heard = Heard()
    endpoints = [Endpoint(one) for one in settings]
    hints = BlockHints(endpoints, heard, poll_seconds=0.01, first_pause_seconds=0.01, **how)
    task = asyncio.create_task(hints.listen())
    try:
        yield heard
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for endpoint in endpoints:
            await endpoint.close()


def head(number: int) -> dict[str, Any]:
    params = {"subscription": "0x1", "result": {"number": hex(number), "hash": "0x" + "ab" * 32}}
    return {"jsonrpc": "2.0", "method": "eth_subscription", "params": params}


async def forever(_: web.WebSocketResponse) -> None:
    await asyncio.Event().wait()


async def test_each_announcement_is_a_hint_whatever_it_says() -> None:
    """Twice the same, a height beyond everything, no block at all: hints, and none of them is looked at."""

    async def announce(node: web.WebSocketResponse) -> None:
        await node.send_json({"jsonrpc": "2.0", "id": 1, "result": "0x1"})
        for told in (head(7), head(7), head(2**70), {"method": "eth_subscription", "params": None}):
            await node.send_json(told)
        await forever(node)

    async with serving(Node(announce)) as (url,), listening([EndpointSettings(url)]) as heard:
        await heard.until(4)
    assert heard.count == 4


async def test_what_is_no_announcement_is_no_hint() -> None:
    """Text that is no JSON, a list, bytes, another method: passed over, and listening goes on."""

    async def announce(node: web.WebSocketResponse) -> None:
        for text in ("no json", "[1]", '{"method":"eth_other"}', "null"):
            await node.send_str(text)
        await node.send_bytes(b"\x00\xff")
        await node.send_json(head(1))
        await forever(node)

    async with serving(Node(announce)) as (url,), listening([EndpointSettings(url)]) as heard:
        await heard.until(1)
    assert heard.count == 1


async def test_a_connection_that_breaks_is_made_again() -> None:
    """Each connection tells of one block and is dropped; the hints go on."""

    async def announce(node: web.WebSocketResponse) -> None:
        await node.send_json(head(1))
        await node.close()

    node = Node(announce)
    async with serving(node) as (url,), listening([EndpointSettings(url)]) as heard:
        await heard.until(3)
    assert node.connections >= 3


async def test_a_node_without_websocket_is_asked_for_a_filter() -> None:
    """Only looks that find blocks are hints."""
    node = Node(changes=[[], ["0x" + "ab" * 32], [], [], ["0x" + "cd" * 32, "0x" + "ef" * 32]])
    async with serving(node) as (url,), listening([EndpointSettings(url)]) as heard:
        await heard.until(2)
        async with asyncio.timeout(20):
            while len(node.asked) < 8:  # noqa: ASYNC110 - the node counts in its own time
                await asyncio.sleep(0)
    assert heard.count == 2
    assert node.asked[0] == "eth_newBlockFilter"


async def test_a_subscription_that_is_refused_leads_to_the_filter() -> None:
    """A node may speak WebSocket and know no `eth_subscribe`."""

    async def announce(node: web.WebSocketResponse) -> None:
        await node.send_json({"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "no such method"}})
        await forever(node)

    node = Node(announce, changes=[["0x" + "ab" * 32]])
    async with serving(node) as (url,), listening([EndpointSettings(url)]) as heard:
        await heard.until(1)


async def test_silence_leads_to_the_next_node() -> None:
    """The first says nothing, the second gives nothing, the third announces."""

    async def announce(node: web.WebSocketResponse) -> None:
        await node.send_json(head(1))
        await forever(node)

    async with (
        serving(Node(forever), Node(), Node(announce)) as urls,
        listening([EndpointSettings(url) for url in urls], silence_seconds=0.2) as heard,
    ):
        await heard.until(1)


async def test_counted_calls_are_not_spent_on_hints() -> None:
    """Where the calls of an endpoint are limited, nothing but the subscription is asked of it."""
    limited, other = Node(changes=[["0x" + "ab" * 32]]), Node(changes=[["0x" + "ab" * 32]])
    async with (
        serving(limited, other) as (first, second),
        listening([EndpointSettings(first, calls_per_second=5), EndpointSettings(second)]) as heard,
    ):
        await heard.until(1)
    assert limited.asked == []
    assert limited.connections >= 1


async def test_a_foreign_node_never_leads_into_our_network() -> None:
    """A node that is not ours is not connected to at a private address, named or not, in either way."""
    node, own = Node(forever, changes=[]), Node(changes=[["0x" + "ab" * 32]])
    async with serving(node, own) as (url, own_url):
        named = url.replace("127.0.0.1", "localhost")
        foreign = [EndpointSettings(one, private=False) for one in (url, named)]
        async with listening([*foreign, EndpointSettings(own_url)]) as heard:
            await heard.until(1)
    assert node.connections == 0


async def test_final_slots_of_solana_are_announced() -> None:
    """By the real local chain, at the port after the one that it serves HTTP at."""
    async with running_solana() as solana:
        endpoint, heard = Endpoint(EndpointSettings(solana.url)), Heard()
        task = asyncio.create_task(BlockHints([endpoint], heard, NEW_ROOTS, first_pause_seconds=0.01).listen())
        try:
            async with asyncio.timeout(60):
                while heard.count < 3:
                    await solana.advance()
                    await asyncio.sleep(0.01)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await endpoint.close()


@pytest.mark.parametrize(
    ("http", "socket"),
    [
        ("http://127.0.0.1:8899", "http://127.0.0.1:8900"),
        ("http://name:secret@node:8899/path?key=1", "http://name:secret@node:8900/path?key=1"),
        ("http://[::1]:8899/", "http://[::1]:8900/"),
        ("https://node.example/key", "https://node.example/key"),
    ],
)
def test_the_websocket_of_solana_is_beside_a_named_port(http: str, socket: str) -> None:
    assert NEW_ROOTS.address(http) == socket
    assert NEW_BLOCKS.address(http) == http
