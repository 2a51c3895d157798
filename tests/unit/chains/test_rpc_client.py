"""The JSON-RPC client tells answers apart from silence."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import orjson
import pytest

from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from primitives.errors import NodeUnavailable

URL = "https://user:s3cret@node.example:8545/v3/apikey"


def _client(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[JsonRpcClient, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    client = JsonRpcClient(URL, attempts=3, pause_seconds=0)
    client.endpoints[0].http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return client, seen


def _results(request: httpx.Request) -> httpx.Response:
    body = orjson.loads(request.content)
    rows = body if isinstance(body, list) else [body]
    # Out of order, as JSON-RPC 2.0 allows.
    answers = [{"jsonrpc": "2.0", "id": row["id"], "result": row["method"]} for row in reversed(rows)]
    return httpx.Response(200, json=answers if isinstance(body, list) else answers[0])


async def test_batch_answers_in_the_order_of_the_calls() -> None:
    client, seen = _client(_results)
    assert await client.batch([("a", []), ("b", []), ("c", [])]) == ["a", "b", "c"]
    assert len(seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(503),
        lambda _: httpx.Response(429),
        lambda _: httpx.Response(200, content=b"<html>"),
        lambda _: httpx.Response(200, json={"jsonrpc": "2.0", "id": 999, "result": 1}),
        lambda r: httpx.Response(200, json={"id": orjson.loads(r.content)["id"], "error": {"code": -32005}}),
    ],
)
async def test_silence_is_retried_and_then_unavailable(answer: Callable[[httpx.Request], httpx.Response]) -> None:
    """Busy, unreadable or missing answers say nothing about the request."""
    client, seen = _client(answer)
    with pytest.raises(NodeUnavailable):
        await client.call("eth_chainId")
    assert len(seen) == 3


async def test_refusal_is_an_answer_and_not_retried() -> None:
    client, seen = _client(
        lambda r: httpx.Response(
            200, json={"id": orjson.loads(r.content)["id"], "error": {"code": 3, "message": "no", "data": "0x01"}}
        )
    )
    with pytest.raises(NodeRefusal) as caught:
        await client.call("eth_call")
    assert (caught.value.number, caught.value.text, caught.value.data) == (3, "no", "0x01")
    assert len(seen) == 1


async def test_recovers_when_the_node_comes_back() -> None:
    answers = [httpx.Response(502), None]
    client, seen = _client(lambda r: answers[len(seen) - 1] or _results(r))
    assert await client.call("eth_chainId") == "eth_chainId"


async def test_credentials_of_the_url_are_shown_nowhere() -> None:
    """Neither in the error, its facts, nor the client's repr."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot reach {request.url}")

    client, _ = _client(fail)
    with pytest.raises(NodeUnavailable) as caught:
        await client.call("eth_chainId")
    for shown in (str(caught.value), repr(caught.value.facts), repr(client), repr(caught.value.__cause__)):
        assert "s3cret" not in shown
        assert "apikey" not in shown
    assert "node.example:8545" in str(caught.value)
