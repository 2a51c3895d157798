"""The control port: `GET /status`, `POST /faucet`, `POST /mine`, `POST /solana/…`, `GET /health`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from localnet.control.faucet import Faucet, GiftRequest
from localnet.control.solana_faults import SolanaFaults
from primitives.errors import (
    DiskFull,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidValue,
    LocalnetError,
    QuanbaoError,
    TransactionReverted,
    UnknownChain,
)

_log = logging.getLogger("localnet.control")

_STATUSES: list[tuple[type[QuanbaoError], int]] = [
    (InvalidValue, 422),
    (UnknownChain, 404),
    (IdempotencyConflict, 409),
    (InsufficientFunds, 409),
    (TransactionReverted, 409),
    (DiskFull, 507),
    (LocalnetError, 503),
]
_MAX_BLOCKS_AT_ONCE = 10_000

Status = Callable[[], Awaitable[dict[str, Any]]]
Mine = Callable[[str, int, int | None], Awaitable[int]]


class ControlServer:
    """A small HTTP server for people, tests and the composition root; never for the public."""

    def __init__(self, faucet: Faucet, status: Status, mine: Mine, faults: SolanaFaults) -> None:
        self._faucet = faucet
        self._status = status
        self._mine = mine
        self._faults = faults
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> None:
        app = web.Application(client_max_size=64 * 1024)
        app.add_routes(
            [
                web.get("/health", self._answer_health),
                web.get("/status", self._answer_status),
                web.post("/faucet", self._answer_faucet),
                web.post("/mine", self._answer_mine),
                web.post("/solana/misbehave", _answered_by(self._faults.misbehave)),
                web.post("/solana/expire", _answered_by(self._faults.expire)),
                web.post("/solana/rewind", _answered_by(self._faults.rewind)),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer_health(self, request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _answer_status(self, request: web.Request) -> web.Response:
        return await _render(self._status())

    async def _answer_faucet(self, request: web.Request) -> web.Response:
        async def give() -> dict[str, Any]:
            body = await _read_json(request)
            gift = GiftRequest.parse(body)
            key = body.get("idempotency_key")
            if key is not None and (not isinstance(key, str) or not 1 <= len(key) <= 200):
                raise InvalidValue("idempotency_key must be text of 1 to 200 characters", field="idempotency_key")
            return {"chain": str(gift.account.chain), "transaction_id": await self._faucet.give(gift, key)}

        return await _render(give())

    async def _answer_mine(self, request: web.Request) -> web.Response:
        async def mine() -> dict[str, Any]:
            body = await _read_json(request)
            family, blocks, timestamp = body.get("family", "eip155"), body.get("blocks", 1), body.get("timestamp")
            if not isinstance(blocks, int) or not 1 <= blocks <= _MAX_BLOCKS_AT_ONCE:
                raise InvalidValue(f"blocks must lie in 1..{_MAX_BLOCKS_AT_ONCE}", field="blocks")
            if timestamp is not None and (not isinstance(timestamp, int) or timestamp < 0):
                raise InvalidValue("timestamp must be unix seconds", field="timestamp")
            if family not in ("eip155", "solana"):
                raise InvalidValue("family must be eip155 or solana", field="family")
            return {"family": family, "height": await self._mine(family, blocks, timestamp)}

        return await _render(mine())


def _answered_by(
    act: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        async def acted() -> dict[str, Any]:
            return await act(await _read_json(request))

        return await _render(acted())

    return answer


async def _read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise InvalidValue("the body is not JSON", field="body") from error
    if not isinstance(body, dict):
        raise InvalidValue("the body must be a JSON object", field="body")
    return body


async def _render(answer: Awaitable[dict[str, Any]]) -> web.Response:
    status, body = 200, {}
    try:
        body = await answer
    except QuanbaoError as error:
        status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)
        facts = {name: str(value) for name, value in error.facts.items()}
        body = {"code": error.code, "message": error.message, "facts": facts}
    except Exception:
        _log.exception("a control request failed")
        status, body = 500, {"code": "internal_error", "message": "the local network failed; see its log"}
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")
