"""An asynchronous JSON-RPC client with timeouts and retries."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from chains.rpc.errors import NodeRefusal
from primitives.errors import NodeUnavailable

Call = tuple[str, Sequence[Any]]
"""A method's name and its positional parameters."""

_BUSY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_BUSY_CODES = frozenset({-32005})
"""EIP-1474 "Limit exceeded": the node says nothing about the request, only that it does not want to answer now."""


class JsonRpcClient:
    """Speaks to one endpoint.

    A transport failure, a busy status or unreadable JSON is retried and then raised as NodeUnavailable; an `error`
    member is an answer, is raised as NodeRefusal and never retried or counted as a failure of the node.

    Args:
        url: May hold credentials; only scheme, host and port are ever shown.
        timeout_seconds: For one HTTP exchange.
        attempts: Exchanges before the node counts as unavailable.
        pause_seconds: Before the second attempt; doubles each time.
    """

    def __init__(
        self, url: str, *, timeout_seconds: float = 10.0, attempts: int = 3, pause_seconds: float = 0.1
    ) -> None:
        parts = urlsplit(url)
        self._url = url
        self._place = (
            f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.port else f"{parts.scheme}://{parts.hostname}"
        )
        self._attempts = attempts
        self._pause = pause_seconds
        self._ids = itertools.count(1)
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, 3.0)),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
            headers={"content-type": "application/json"},
            trust_env=False,
        )

    @property
    def place(self) -> str:
        """Scheme, host and port: what may be shown of the URL."""
        return self._place

    async def call(self, method: str, *params: Any) -> Any:
        """The `result` of one call.

        Raises:
            NodeRefusal: The node answered with an error.
            NodeUnavailable: It did not answer.
        """
        return (await self.batch([(method, params)]))[0]

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The results of several calls in one exchange, in the order of the calls.

        Raises:
            NodeRefusal: Of the first call that was refused.
            NodeUnavailable
        """
        answers = await self.settle(calls)
        for answer in answers:
            if isinstance(answer, NodeRefusal):
                raise answer
        return answers

    async def settle(self, calls: Sequence[Call]) -> list[Any]:
        """Like `batch`, but a refused call answers with its NodeRefusal instead of raising it."""
        requests = [
            {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
            for method, params in calls
        ]
        last = "no answer"
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
            try:
                answers = await self._exchange(requests)
            except _Unusable as error:
                last = str(error)
                continue
            busy = [a for a in answers if isinstance(a, NodeRefusal) and a.number in _BUSY_CODES]
            if not busy:
                return answers
            last = busy[0].text
        raise NodeUnavailable(
            f"the node at {self._place} does not answer ({last}): check that it runs; the request can be repeated",
            endpoint=self._place,
            reason=last,
        )

    async def _exchange(self, requests: list[dict[str, Any]]) -> list[Any]:
        body = orjson.dumps(requests if len(requests) > 1 else requests[0])
        try:
            response = await self._http.post(self._url, content=body)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            # The text of an httpx error may quote the URL, so only its class is told.
            raise _Unusable(type(error).__name__) from None
        if response.status_code in _BUSY_STATUSES:
            raise _Unusable(f"HTTP {response.status_code}")
        try:
            document = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            raise _Unusable(f"HTTP {response.status_code} without JSON") from None
        rows = document if isinstance(document, list) else [document]
        by_id = {row["id"]: row for row in rows if isinstance(row, dict) and row.get("id") is not None}
        if len(requests) > 1 and isinstance(document, dict) and "error" in document:
            raise _Unusable(f"the batch was refused: {document['error'].get('message')}")
        if len(requests) == 1 and rows and isinstance(rows[0], dict) and rows[0].get("id") is None:
            by_id = {requests[0]["id"]: rows[0]}
        return [_answer(request, by_id.get(request["id"])) for request in requests]

    async def close(self) -> None:
        await self._http.aclose()

    def __repr__(self) -> str:
        return f"JsonRpcClient({self._place})"


class _Unusable(Exception):
    """The exchange gave no usable answer; another attempt may."""


def _answer(request: dict[str, Any], row: dict[str, Any] | None) -> Any:
    if row is None:
        raise _Unusable("an answer is missing")
    error = row.get("error")
    if error is not None:
        return NodeRefusal(
            request["method"], int(error.get("code", 0)), str(error.get("message", "")), error.get("data")
        )
    if "result" not in row:
        raise _Unusable("an answer has neither result nor error")
    return row["result"]
