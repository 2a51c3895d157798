"""The two logs of an issue, read without an ABI decoder: nearly all logs of a large campaign are of these kinds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chains.events import IssuedLine
from codec.evm.book.interface import book_abi
from primitives.account_id import checksum_address
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId, SerialClass

_ISSUED = "0x" + book_abi().topic("VoucherIssued").hex()
_MOVED = "0x" + book_abi().topic("TransferSingle").hex()
_NOBODY = "0x" + "00" * 32
_CAMPAIGN = slice(2, 50)
_CLASS = slice(52, 54)
"""Of the id, a word as text: 0x, 24 bytes of campaign, lane, class."""
_CLASSES = frozenset(f"{kind:02x}" for kind in SerialClass)
_UNLOGGED = (f"{SerialClass.PACKED:02x}", f"{SerialClass.DROP:02x}")


class IssuedLogs:
    """Reader of one page, which remembers what many of its logs share.

    Args:
        campaigns: Those of interest.
        times: Unix seconds by block hash as the node tells it.
    """

    def __init__(self, chain: ChainId, campaigns: Collection[CampaignId], times: Mapping[str, int]) -> None:
        self._campaigns = frozenset(map(str, campaigns))
        self._times = times
        self._prefix = f"{chain}:"
        self._holders: dict[str, str] = {}
        self._blocks: dict[str, tuple[int, bytes, int]] = {}

    def split(self, logs: Sequence[Mapping[str, Any]]) -> tuple[list[IssuedLine], list[Mapping[str, Any]]]:
        """The issues of the campaigns as lines, and the logs that have to be decoded.

        Left out are the VoucherIssued of other campaigns, and each TransferSingle from or to nobody whose issue,
        redemption or void has a log of its own: all but those of packed vouchers and drop leaves.

        Raises:
            NodeUnavailable: A log contradicts itself.
        """
        issued: list[IssuedLine] = []
        rest: list[Mapping[str, Any]] = []
        campaigns, holders, place = self._campaigns, self._holders, self._place
        for log in logs:
            topics = log["topics"]
            if len(topics) != 4:
                rest.append(log)
                continue
            kind, second = topics[0], topics[1]
            if kind == _MOVED:
                if topics[3] == _NOBODY or (topics[2] == _NOBODY and log["data"][_CLASS] not in _UNLOGGED):
                    continue
                rest.append(log)
                continue
            if kind != _ISSUED:
                rest.append(log)
                continue
            if second[_CAMPAIGN] not in campaigns:
                continue
            if second[_CLASS] not in _CLASSES:
                raise NodeUnavailable("the node tells of a voucher of an unknown class", reason="wrong voucher")
            word = topics[3]
            holder = holders.get(word)
            if holder is None:
                holder = holders[word] = self._prefix + checksum_address(bytes.fromhex(word[26:]))
            block = self._blocks.get(log["blockHash"]) or place(log)
            issued.append(
                IssuedLine(
                    block[0],
                    int(log["transactionIndex"], 16),
                    int(log["logIndex"], 16),
                    block[1],
                    log["transactionHash"],
                    block[2],
                    second[2:],
                    holder,
                )
            )
        return issued, rest

    def position(self, log: Mapping[str, Any]) -> ChainPosition:
        """Where a log stands."""
        height, block_hash, _ = self._blocks.get(log["blockHash"]) or self._place(log)
        return ChainPosition(height, int(log["transactionIndex"], 16), int(log["logIndex"], 16), block_hash)

    def _place(self, log: Mapping[str, Any]) -> tuple[int, bytes, int]:
        """Height, hash and time of the log's block."""
        told = log["blockHash"]
        block = int(log["blockNumber"], 16), bytes.fromhex(told[2:]), self._times[told]
        self._blocks[told] = block
        return block
