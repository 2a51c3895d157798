"""Many views of contracts at once."""

from __future__ import annotations

from collections.abc import Sequence

from chains.evm.errors import revert_data
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.tokens import MULTICALL3, aggregate3_call, decode_aggregate3
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue, NodeUnavailable

_AT_ONCE = 200

View = tuple[bytes, bytes]
"""Contract (20 bytes) and calldata."""


class Multicall:
    """Asks Multicall3 where the chain has it, otherwise each view by itself in batches."""

    def __init__(self, rpc: JsonRpcClient) -> None:
        self._rpc = rpc
        self._there: bool | None = None

    async def views(self, views: Sequence[View]) -> list[bytes | None]:
        """What each view returns at the newest block; None for one that fails.

        Raises:
            NodeUnavailable
        """
        answers: list[bytes | None] = []
        for start in range(0, len(views), _AT_ONCE):
            part = views[start : start + _AT_ONCE]
            together = await self._together(part) if len(part) > 1 and await self._is_there() else None
            answers += together if together is not None else await self._apart(part)
        return answers

    async def _is_there(self) -> bool:
        if self._there is None:
            try:
                code = await self._rpc.call("eth_getCode", checksum_address(MULTICALL3), "latest")
            except NodeRefusal as refusal:
                raise NodeUnavailable(
                    f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200]
                ) from refusal
            self._there = len(code) > 2
        return self._there

    async def _together(self, views: Sequence[View]) -> list[bytes | None] | None:
        """None where one view spoilt the call (it ate all gas, or returned too much)."""
        try:
            answer = await self._rpc.call("eth_call", _request(MULTICALL3, aggregate3_call(views)), "latest")
            found = decode_aggregate3(bytes.fromhex(answer[2:]))
        except (NodeRefusal, InvalidValue):
            return None
        return found if len(found) == len(views) else None

    async def _apart(self, views: Sequence[View]) -> list[bytes | None]:
        answers = await self._rpc.settle([("eth_call", [_request(*view), "latest"]) for view in views])
        found: list[bytes | None] = []
        for answer in answers:
            if isinstance(answer, NodeRefusal):
                if revert_data(answer) is None and "gas" not in answer.text.lower():
                    raise NodeUnavailable(
                        f"the node cannot answer {answer.method}: {answer.text[:200]}", reason=answer.text[:200]
                    )
                found.append(None)
            else:
                found.append(bytes.fromhex(answer[2:]))
        return found


def _request(contract: bytes, data: bytes) -> dict[str, str]:
    return {"to": checksum_address(contract), "data": "0x" + data.hex()}
