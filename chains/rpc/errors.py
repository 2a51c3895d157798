"""What a node answers when it has understood a request and refuses it."""

from __future__ import annotations

from typing import Any

from primitives.errors import ChainError


class NodeRefusal(ChainError):
    """The `error` member of a JSON-RPC 2.0 response; each family maps it to the tree before it leaves the adapter.

    Attributes:
        number: The JSON-RPC error code.
        text: The node's message.
        data: The `data` member as the node sent it, or None.
        method: Which method refused.
    """

    def __init__(self, method: str, number: int, text: str, data: Any) -> None:
        super().__init__(f"the node refused {method}: {text} ({number})", method=method, number=number, text=text)
        self.data = data
