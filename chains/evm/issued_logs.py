"""The two logs of an issue, read without an ABI decoder: nearly all logs of a large campaign are of these kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chains.events import VoucherIssued
from codec.evm.book.interface import book_abi
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

_ISSUED = "0x" + book_abi().topic("VoucherIssued").hex()
_MOVED = "0x" + book_abi().topic("TransferSingle").hex()
_NOBODY = "0x" + "00" * 32
_CLASS = slice(52, 54)
"""Of the id, the first word of the data: 0x, 24 bytes of campaign, lane, class."""
_UNLOGGED = (f"{SerialClass.PACKED:02x}", f"{SerialClass.DROP:02x}")


class IssuedLogs:
    """Reader of one page, which remembers what many of its logs share.

    Args:
        campaigns: Keys are the campaigns of interest.
    """

    def __init__(self, chain: ChainId, campaigns: Mapping[CampaignId, Any]) -> None:
        self._chain = chain
        self._campaigns = {str(one): one for one in campaigns}
        self._holders: dict[str, AccountId] = {}
        self._blocks: dict[str, tuple[int, bytes]] = {}

    def read(self, topics: Sequence[str]) -> VoucherIssued | None:
        """The fact of a VoucherIssued(id, campaign, holder) of one of the campaigns; None for every other log."""
        if len(topics) != 4 or topics[0] != _ISSUED:
            return None
        voucher = topics[1]
        campaign = self._campaigns.get(voucher[2:50])
        if campaign is None:
            return None
        holder = self._holders.get(topics[3])
        if holder is None:
            holder = AccountId.from_raw(self._chain, bytes.fromhex(topics[3][26:]))
            self._holders[topics[3]] = holder
        return VoucherIssued(VoucherId(campaign, Serial.from_int(int(voucher[50:], 16))), holder)

    @staticmethod
    def says_nothing(topics: Sequence[str], data: str) -> bool:
        """A TransferSingle from or to nobody: the issue, redemption or void that made it has a log of its own.

        Except the issue of packed vouchers and drop leaves: for them it is the only log.
        """
        if len(topics) != 4 or topics[0] != _MOVED:
            return False
        return topics[3] == _NOBODY or (topics[2] == _NOBODY and data[_CLASS] not in _UNLOGGED)

    def position(self, log: Mapping[str, Any]) -> ChainPosition:
        """Where a log stands."""
        block = self._blocks.get(log["blockHash"])
        if block is None:
            block = int(log["blockNumber"], 16), bytes.fromhex(log["blockHash"][2:])
            self._blocks[log["blockHash"]] = block
        return ChainPosition(block[0], int(log["transactionIndex"], 16), int(log["logIndex"], 16), block[1])
