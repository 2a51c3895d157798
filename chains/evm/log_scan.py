"""Reading logs so that they can be relied upon: a range, and the blocks around it, in one exchange."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from primitives.errors import NodeUnavailable

Log = dict[str, Any]
"""A log as nodes tell it (execution-apis, `Log`)."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Logs of the heights `since … until`, in order, each once.

    Attributes:
        before_hash: Of the block before `since`, 32 bytes; None below height 0.
        until_hash: Of the block `until`. While that block is canonical, so is everything on the page.
        pieces: Into how many ranges the node made us cut it.
    """

    since: int
    until: int
    logs: Sequence[Log]
    before_hash: bytes | None
    until_hash: bytes
    pieces: int = 1


class LogScan:
    """Reads ranges of logs of one filter.

    The block before the range and its last one are read in the same exchange, the last one both before and after the
    logs: an answer that was put together from two states of the chain, or by a node that is behind, is not taken.
    Where several nodes are configured, they must agree.

    Args:
        address: One contract or several; None: every contract.
        topics: As in `eth_getLogs`.
    """

    def __init__(
        self,
        rpc: JsonRpcClient,
        *,
        address: str | Sequence[str] | None = None,
        topics: Sequence[Any] | None = None,
    ) -> None:
        self._rpc = rpc
        self._filter: dict[str, Any] = {}
        if address is not None:
            self._filter["address"] = address
        if topics is not None:
            self._filter["topics"] = list(topics)
        self._addresses = (
            None
            if address is None
            else frozenset(one.lower() for one in ([address] if isinstance(address, str) else address))
        )

    async def page(self, since: int, until: int) -> LogPage:
        """One range; a node that finds it too large is asked for its halves.

        Raises:
            NodeUnavailable: Also when the chain changed meanwhile, or the answer contradicts itself: read again.
        """
        wanted = {**self._filter, "fromBlock": hex(since), "toBlock": hex(until)}
        last: Call = ("eth_getBlockByNumber", [hex(until), False])
        calls: list[Call] = [last, ("eth_getLogs", [wanted]), last]
        if since > 0:
            calls.append(("eth_getBlockByNumber", [hex(since - 1), False]))
        try:
            answers = await self._rpc.agreed(calls, _digest, complete=_all_blocks)
        except NodeRefusal as refusal:
            if since == until:
                raise NodeUnavailable(
                    f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200]
                ) from refusal
            middle = (since + until) // 2
            return _joined(await self.page(since, middle), await self.page(middle + 1, until))
        if answers[0]["hash"] != answers[2]["hash"]:
            raise NodeUnavailable("the chain changed while its logs were read: read again", reason="reorg")
        return LogPage(
            since,
            until,
            self._checked(answers[1], since, until, answers[0]["hash"]),
            bytes.fromhex(answers[3]["hash"][2:]) if since > 0 else None,
            bytes.fromhex(answers[0]["hash"][2:]),
        )

    def _checked(self, logs: Sequence[Log], since: int, until: int, until_hash: str) -> Sequence[Log]:
        """In order and each once. Raises NodeUnavailable for what nobody asked for."""
        places: list[tuple[int, int]] = []
        kept: list[Log] = []
        blocks: dict[int, str] = {until: until_hash}
        known: dict[str, tuple[int, str]] = {}
        ours = self._addresses
        addresses: set[str] = set()
        for log in logs:
            if log.get("removed"):
                continue
            block_hash, told = log["blockHash"], log["blockNumber"]
            block = known.get(block_hash)
            if block is None:
                block = known[block_hash] = self._block(told, block_hash, since, until, blocks)
            elif block[1] != told:
                raise NodeUnavailable("the node tells one block at two heights", reason="contradiction")
            if log["address"] not in addresses:
                if ours is not None and log["address"].lower() not in ours:
                    raise NodeUnavailable("the node answers with logs of other contracts", reason="wrong address")
                addresses.add(log["address"])
            places.append((block[0], int(log["logIndex"], 16)))
            kept.append(log)
        if all(before < after for before, after in pairwise(places)):
            return kept
        return _each_once(places, kept)

    def _block(self, told: str, block_hash: str, since: int, until: int, blocks: dict[int, str]) -> tuple[int, str]:
        number = int(told, 16)
        if not since <= number <= until:
            raise NodeUnavailable("the node answers with logs of other blocks", reason="wrong range")
        if blocks.setdefault(number, block_hash) != block_hash:
            raise NodeUnavailable("the node answers with logs of two branches", reason="reorg")
        return number, told

    async def block_times(self, logs: Sequence[Log]) -> Mapping[str, int]:
        """Unix seconds by block hash, of every block that holds one of the logs. Raises NodeUnavailable."""
        first = {log["blockHash"]: log for log in reversed(logs)}
        times = {one: int(log["blockTimestamp"], 16) for one, log in first.items() if log.get("blockTimestamp")}
        unknown = [one for one in first if one not in times]
        if unknown:
            try:
                blocks = await self._rpc.batch([("eth_getBlockByHash", [one, False]) for one in unknown])
            except NodeRefusal as refusal:
                raise NodeUnavailable(
                    f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200]
                ) from refusal
            for block_hash, block in zip(unknown, blocks, strict=True):
                if block is None or block["hash"] != block_hash:
                    raise NodeUnavailable("a block was replaced while its logs were read: read again", reason="reorg")
                times[block_hash] = int(block["timestamp"], 16)
        return times


def _each_once(places: Sequence[tuple[int, int]], logs: Sequence[Log]) -> Sequence[Log]:
    """Sorted by place. Raises NodeUnavailable where the same place holds two logs that differ."""
    found: dict[tuple[int, int], Log] = {}
    for place, log in zip(places, logs, strict=True):
        known = found.setdefault(place, log)
        if known is not log and (known["data"], known["topics"]) != (log["data"], log["topics"]):
            raise NodeUnavailable("the node tells two things of one log", reason="contradiction")
    return [found[place] for place in sorted(found)]


def _joined(first: LogPage, second: LogPage) -> LogPage:
    if first.until_hash != second.before_hash:
        raise NodeUnavailable("the chain changed while its logs were read: read again", reason="reorg")
    return LogPage(
        first.since,
        second.until,
        [*first.logs, *second.logs],
        first.before_hash,
        second.until_hash,
        first.pieces + second.pieces,
    )


def _all_blocks(answers: Sequence[Any]) -> bool:
    """A node that lacks a block, or the logs, is behind."""
    return all(isinstance(answer, NodeRefusal) or answer is not None for answer in answers)


def _digest(answers: Sequence[Any]) -> Hashable:
    """What nodes must agree on; further members of a log differ from node to node."""
    logs = tuple(
        (log["blockHash"], log["logIndex"], log["transactionHash"], log["address"].lower(), *log["topics"], log["data"])
        for log in answers[1]
        if not log.get("removed")
    )
    return (logs, *(answer["hash"] for index, answer in enumerate(answers) if index != 1))
