"""JSON-RPC over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from localnet.solana.errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    RpcError,
)
from localnet.solana.methods import accounts, cluster, history, network, tokens, transactions
from localnet.solana.node import RpcMethod, SolanaNode
from localnet.solana.params import Params
from localnet.solana.records import SlotBatch, TransactionRecord
from localnet.solana.subscriptions import Subscriptions

_log = logging.getLogger("localnet.solana")

METHODS: dict[str, RpcMethod] = {
    **cluster.METHODS,
    **network.METHODS,
    **accounts.METHODS,
    **tokens.METHODS,
    **history.METHODS,
    **transactions.METHODS,
}
_MAX_BODY_BYTES = 4 * 1024 * 1024
_MAX_BATCH = 200
_MAX_QUEUED = 10_000
# A notice in the same packet as the subscription's id is lost on clients that learn the id a tick later (web3.js).
_PAST_NOTICE_SECONDS = 0.05
# Browser clients run on the page's origin; the chain holds nothing but test money.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
}


class RpcServer:
    """Answers on two ports: HTTP with WebSocket, and WebSocket alone one port above, where clients look for it."""

    def __init__(self, node: SolanaNode) -> None:
        self._node = node
        self._connections: set[Subscriptions] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._runners: list[web.AppRunner] = []
        node.bank.listen(self)

    async def start(self, host: str, http_port: int, websocket_port: int) -> None:
        for port in (http_port, websocket_port):
            app = web.Application(client_max_size=_MAX_BODY_BYTES)
            app.add_routes(
                [
                    web.post("/", self._post),
                    web.get("/", self._websocket),
                    web.get("/health", self._health),
                    web.options("/", self._options),
                ]
            )
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            self._runners.append(runner)
            await web.TCPSite(runner, host, port).start()

    async def stop(self) -> None:
        for socket in list(self._sockets):
            await socket.close()
        for runner in self._runners:
            await runner.cleanup()

    async def call(self, method: str, params: Any) -> Any:
        """Answer one call.

        Raises:
            RpcError: With the code that Agave gives.
        """
        handler = METHODS.get(method)
        if handler is None:
            raise RpcError(METHOD_NOT_FOUND, "Method not found")
        return await handler(self._node, Params(params))

    # --- events of the bank, passed on to every connection ---

    def executed(self, record: TransactionRecord, accounts: dict[Any, Any]) -> None:
        for connection in list(self._connections):
            connection.executed(record, accounts)

    def slot_opened(self, slot: int, root: int) -> None:
        for connection in list(self._connections):
            connection.slot_opened(slot, root)

    def confirmed(self, batch: SlotBatch) -> None:
        for connection in list(self._connections):
            connection.confirmed(batch)

    def finalized(self, batch: SlotBatch) -> None:
        for connection in list(self._connections):
            connection.finalized(batch)

    # --- transport ---

    async def _post(self, request: web.Request) -> web.Response:
        answer = await self._answer(await request.read(), None)
        return web.Response(body=orjson.dumps(answer), content_type="application/json", headers=_CORS)

    async def _options(self, request: web.Request) -> web.Response:
        return web.Response(headers=_CORS)

    async def _health(self, request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=_MAX_BODY_BYTES, heartbeat=30)
        if not socket.can_prepare(request).ok:
            return web.Response(status=405, text="POST JSON-RPC here, or open a WebSocket\n")
        await socket.prepare(request)
        outbound: asyncio.Queue[dict[str, Any] | list[Any]] = asyncio.Queue(_MAX_QUEUED)
        loop = asyncio.get_running_loop()
        closing: list[asyncio.Task[bool]] = []

        def send(message: dict[str, Any] | list[Any]) -> None:
            try:
                outbound.put_nowait(message)
            except asyncio.QueueFull:
                # A reader this slow would miss events without knowing; a closed connection it does know.
                closing.append(loop.create_task(socket.close(code=1013, message=b"too slow")))

        subscriptions = Subscriptions(self._node.bank, send)
        self._connections.add(subscriptions)
        self._sockets.add(socket)
        sender = asyncio.create_task(_pump(outbound, socket))
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    send(await self._answer(message.data, subscriptions))
                    loop.call_later(_PAST_NOTICE_SECONDS, subscriptions.answered)
        finally:
            self._connections.discard(subscriptions)
            self._sockets.discard(socket)
            sender.cancel()
        return socket

    async def _answer(self, body: bytes | str, subscriptions: Subscriptions | None) -> Any:
        try:
            request = orjson.loads(body)
        except orjson.JSONDecodeError:
            return _error(None, RpcError(PARSE_ERROR, "Parse error"))
        if isinstance(request, list):
            if not 0 < len(request) <= _MAX_BATCH:
                return _error(None, RpcError(INVALID_REQUEST, "Invalid request"))
            return [await self._answer_one(item, subscriptions) for item in request]
        return await self._answer_one(request, subscriptions)

    async def _answer_one(self, request: Any, subscriptions: Subscriptions | None) -> dict[str, Any]:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _error(None, RpcError(INVALID_REQUEST, "Invalid request"))
        identity, method = request.get("id"), request["method"]
        try:
            if subscriptions is not None and subscriptions.handles(method):
                result = subscriptions.call(method, Params(request.get("params")))
            else:
                result = await self.call(method, request.get("params"))
        except RpcError as error:
            return _error(identity, error)
        except Exception:
            _log.exception("%s failed", method)
            return _error(identity, RpcError(INTERNAL_ERROR, "Internal error"))
        return {"jsonrpc": "2.0", "result": result, "id": identity}


def _error(identity: Any, error: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": error.to_json(), "id": identity}


async def _pump(outbound: asyncio.Queue[dict[str, Any] | list[Any]], socket: web.WebSocketResponse) -> None:
    while True:
        message = await outbound.get()
        try:
            await socket.send_str(orjson.dumps(message).decode())
        except (ConnectionError, RuntimeError):
            return
