"""JSON-RPC as plain as it gets, so that tests see what the node really says."""

from __future__ import annotations

from typing import Any

import aiohttp


class NodeError(Exception):
    """The node's `error` object."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.data: Any = error.get("data")


async def call(url: str, method: str, *params: Any) -> Any:
    """One call on its own connection: nothing is left over when a node is killed."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session,
        session.post(url, json=body) as response,
    ):
        answer = await response.json()
    if "error" in answer:
        raise NodeError(answer["error"])
    return answer["result"]
