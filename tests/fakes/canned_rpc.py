"""A node whose every answer the test has written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal

Answer = Any | Callable[..., Any]


class CannedRpc(JsonRpcClient):
    """Answers by method name: a value, a function of the parameters, or a NodeRefusal. `asked` keeps the calls."""

    def __init__(self, **answers: Answer) -> None:
        super().__init__("http://127.0.0.1:1")
        self.answers: dict[str, Answer] = answers
        self.asked: list[Call] = []

    async def settle(self, calls: Sequence[Call]) -> list[Any]:
        self.asked += calls
        return [self._answer(method, params) for method, params in calls]

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        answer = self.answers[method]
        return answer(*params) if callable(answer) else answer


def refusal(number: int, text: str = "no", data: Any = None) -> NodeRefusal:
    return NodeRefusal("method", number, text, data)
