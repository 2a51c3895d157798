"""A node on which vouchers are issued as fast as logs can be written.

At the book's address stands a stand-in that writes the two logs of each issue, exactly as the book does, and nothing
else: for tests and benchmarks of whatever reads logs.
"""

from __future__ import annotations

from collections.abc import Sequence

from chains.evm.voucher_book import EvmVoucherBook
from chains.rpc.client import Call
from codec.evm.book.interface import book_abi
from codec.evm.create2 import book_address
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.fakes.anvil import Anvil
from tests.fakes.vouchers import EVM

SENDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
"""Anvil's first development account."""
_PER_TRANSACTION = 2_500
"""About 5,300 gas each; EIP-7825 caps a transaction at 2^24."""


def _emitter() -> bytes:
    """Calldata: the campaign's word, the first voucher's id, then one word per holder."""
    moved, issued = book_abi().topic("TransferSingle"), book_abi().topic("VoucherIssued")
    start = bytes.fromhex("6001602052" + "602035" + "6040")  # mem[32] = 1; id; pointer
    body = bytes.fromhex("81600052")  # mem[0] = id
    body += bytes.fromhex("8035" + "6000" + "33" + "7f") + moved + bytes.fromhex("6040" + "6000" + "a4")
    body += bytes.fromhex("8035" + "600035" + "83" + "7f") + issued + bytes.fromhex("6000" + "6000" + "a4")
    body += bytes.fromhex("602001" + "90" + "600101" + "90")  # pointer += 32; id += 1
    loop = len(start)
    test_length, back_length = 9, 4
    end = loop + test_length + len(body) + back_length
    test = b"\x5b" + bytes.fromhex("36" + "81" + "10" + "15" + "61") + end.to_bytes(2, "big") + b"\x57"
    back = b"\x61" + loop.to_bytes(2, "big") + b"\x56"
    return start + test + body + back + b"\x5b\x00"


class VoucherLogs:
    """Issues on a node that mines by hand."""

    def __init__(self, node: Anvil) -> None:
        self.node = node
        self.chain: ChainId = EVM
        self.book = AccountId.from_raw(EVM, book_address())

    def reader(self) -> EvmVoucherBook:
        """The book as the indexer reads it, straight from the node."""
        return EvmVoucherBook(EVM, self.node.rpc, book_address())

    async def install(self) -> None:
        await self.node.rpc.call("anvil_setCode", self.book.address, "0x" + _emitter().hex())

    async def issue(
        self, campaign: CampaignId, first: int, holders: Sequence[bytes], *, per_block: int = 7_500
    ) -> None:
        """One log pair per holder (20 bytes), numbered from `first`, in blocks of at most so many."""
        size = min(_PER_TRANSACTION, per_block)
        calls: list[Call] = []
        for start in range(0, len(holders), size):
            part = holders[start : start + size]
            voucher = VoucherId(campaign, Serial(0, SerialClass.SINGLE, first + start))
            words = [campaign.raw + bytes(8), voucher.raw, *(bytes(12) + holder for holder in part)]
            call = {"from": SENDER, "to": self.book.address, "data": "0x" + b"".join(words).hex(), "gas": hex(2**24)}
            calls.append(("eth_sendTransaction", [call]))
        for start in range(0, len(calls), per_block // size):
            await self.node.rpc.batch(calls[start : start + per_block // size])
            await self.node.mine()
