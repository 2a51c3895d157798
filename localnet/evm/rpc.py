"""A small JSON-RPC client for our own Anvil."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson

from primitives.errors import LocalnetError


class EvmRpc:
    """JSON-RPC over one kept-alive HTTP session."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._ids = itertools.count(1)

    async def call(self, method: str, *params: Any) -> Any:
        """Call one method.

        Raises:
            LocalnetError: The node does not answer, or answers with an error (`node_code`, `node_message`).
        """
        answer = await self._post({"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params})
        return _result(answer, method)

    async def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Call several independent methods in one request; the node may run them in any order.

        Raises:
            LocalnetError: As `call`, for the first call that failed.
        """
        if not calls:
            return []
        body = [{"jsonrpc": "2.0", "id": i, "method": m, "params": list(p)} for i, (m, p) in enumerate(calls)]
        answers = {answer["id"]: answer for answer in await self._post(body)}
        return [_result(answers[i], method) for i, (method, _) in enumerate(calls)]

    async def _post(self, body: Any) -> Any:
        try:
            async with self._session.post(
                self._url, data=orjson.dumps(body), headers={"content-type": "application/json"}
            ) as response:
                return orjson.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError, OSError) as error:
            raise LocalnetError(f"the local EVM node at {self._url} does not answer: {error}", url=self._url) from error


def _result(answer: Any, method: str) -> Any:
    if "error" in answer:
        error = answer["error"]
        raise LocalnetError(
            f"{method}: {error.get('message')}",
            method=method,
            node_code=error.get("code"),
            node_message=error.get("message"),
        )
    return answer["result"]
