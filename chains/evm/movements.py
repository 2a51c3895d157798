"""What moved to and from accounts on an EVM chain: coins by transactions, tokens by logs, read block by block."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chains.evm.holdings import amounts_of
from chains.evm.log_scan import Log
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import tokens
from primitives.account_id import checksum_address
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable

OF_TRANSACTION = -1
"""The place of a coin's movement, which has no log."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One asset to or from one account in one transaction.

    Attributes:
        account: 20 bytes.
        counterparty: 20 bytes; None for a transaction that makes a contract.
        base_units: Zero for a transaction that only calls a contract; it is listed for its sender.
        place: The log's index in its block, or OF_TRANSACTION.
        block_hash: 32 bytes.
        block_time: Unix seconds.
        ok: False: the transaction failed, and nothing moved but its fee.
        fee: Wei that the account paid; 0 in movements of tokens and of others' transactions.
    """

    account: bytes
    asset: AssetId
    counterparty: bytes | None
    incoming: bool
    base_units: int
    height: int
    block_hash: bytes
    block_time: int
    tx_hash: str
    place: int
    ok: bool = True
    fee: int = 0


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Movements of the heights `since … until`; while `until_hash` is canonical, they are.

    Attributes:
        before_hash: Of the block before `since`, 32 bytes.
    """

    since: int
    until: int
    before_hash: bytes
    until_hash: bytes
    movements: tuple[Movement, ...]


class EvmMovements:
    """Coins that contracts send on (internal calls) leave neither a transaction nor a log of their own and are not
    seen: balances show them."""

    def __init__(self, chain: ChainId, rpc: JsonRpcClient) -> None:
        self._chain = chain
        self._rpc = rpc
        self._native = AssetId.native(chain)

    async def page(self, accounts: Collection[bytes], since: int, until: int) -> MovementPage:
        """Every movement of the accounts (20 bytes each) in a range, from one state of the chain.

        Raises:
            NodeUnavailable: The node lacks a block, or the chain changed meanwhile: ask again.
        """
        wanted = frozenset(accounts)
        blocks = await self._blocks(since, until)
        by_hash = {block["hash"]: block for block in blocks}
        movements: list[Movement] = []
        for log in await self._logs(since, until):
            home = by_hash.get(log["blockHash"])
            if home is None:
                raise _changed()
            movements += self._tokens(log, wanted, int(home["timestamp"], 16))
        movements += await self._coins(blocks, wanted)
        movements.sort(key=lambda one: (one.height, one.place, one.tx_hash))
        first, last = blocks[0], blocks[-1]
        return MovementPage(since, until, _bytes(first["parentHash"]), _bytes(last["hash"]), tuple(movements))

    async def _blocks(self, since: int, until: int) -> list[dict[str, Any]]:
        try:
            found = await self._rpc.batch(
                [("eth_getBlockByNumber", (hex(height), True)) for height in range(since, until + 1)]
            )
        except NodeRefusal as refusal:
            raise NodeUnavailable(f"the node does not give its blocks: {refusal}", reason="blocks") from refusal
        blocks: list[dict[str, Any]] = []
        for block in found:
            if block is None or (blocks and block["parentHash"] != blocks[-1]["hash"]):
                raise _changed()
            blocks.append(block)
        return blocks

    async def _logs(self, since: int, until: int) -> Sequence[Log]:
        topics = [[tokens.TRANSFER, tokens.TRANSFER_SINGLE, tokens.TRANSFER_BATCH]]
        try:
            found: Sequence[Log] = await self._rpc.call(
                "eth_getLogs", {"fromBlock": hex(since), "toBlock": hex(until), "topics": topics}
            )
        except NodeRefusal as refusal:
            raise NodeUnavailable(f"the node does not give its logs: {refusal}", reason="logs") from refusal
        return found

    def _tokens(self, log: Log, wanted: frozenset[bytes], block_time: int) -> Sequence[Movement]:
        topics = [bytes.fromhex(one[2:]) for one in log["topics"]]
        data = _bytes(log["data"])
        contract = checksum_address(_bytes(log["address"]))
        moved: list[tuple[AssetId, int]] = []
        if log["topics"][0] != tokens.TRANSFER:
            if len(topics) != 4:
                return ()
            sender, recipient = topics[2][12:], topics[3][12:]
            if wanted.isdisjoint((sender, recipient)):
                return ()
            moved = [
                (AssetId(self._chain, "erc1155", contract, str(token)), amount)
                for token, amount in amounts_of(log["topics"][0], data)
            ]
        elif len(topics) in (3, 4):
            sender, recipient = topics[1][12:], topics[2][12:]
            if wanted.isdisjoint((sender, recipient)):
                return ()
            if len(topics) == 4:
                token = str(int.from_bytes(topics[3], "big"))
                moved.append((AssetId(self._chain, "erc721", contract, token), 1))
            elif (amount := tokens.decode_word(data)) is not None:
                moved.append((AssetId.fungible(self._chain, contract), amount))
        else:
            return ()
        return [
            Movement(
                account=mine,
                asset=asset,
                counterparty=other,
                incoming=incoming,
                base_units=units,
                height=int(log["blockNumber"], 16),
                block_hash=_bytes(log["blockHash"]),
                block_time=block_time,
                tx_hash=log["transactionHash"],
                # A batch is one log of several tokens: each gets a place of its own.
                place=int(log["logIndex"], 16) * 1_000 + number % 1_000,
            )
            for number, (asset, units) in enumerate(moved)
            for mine, other, incoming in ((sender, recipient, False), (recipient, sender, True))
            if mine in wanted
        ]

    async def _coins(self, blocks: Sequence[Mapping[str, Any]], wanted: frozenset[bytes]) -> list[Movement]:
        concerned: list[tuple[Mapping[str, Any], Mapping[str, Any], bytes, bytes | None]] = []
        for block in blocks:
            for transaction in block["transactions"]:
                sender = _bytes(transaction["from"])
                recipient = None if transaction.get("to") is None else _bytes(transaction["to"])
                if sender in wanted or (recipient in wanted and int(transaction["value"], 16)):
                    concerned.append((block, transaction, sender, recipient))
        if not concerned:
            return []
        try:
            receipts = await self._rpc.batch(
                [("eth_getTransactionReceipt", (one["hash"],)) for _, one, _, _ in concerned]
            )
        except NodeRefusal as refusal:
            raise NodeUnavailable(f"the node does not give its receipts: {refusal}", reason="receipts") from refusal
        found: list[Movement] = []
        for (block, transaction, sender, recipient), receipt in zip(concerned, receipts, strict=True):
            if receipt is None or receipt["blockHash"] != block["hash"]:
                raise _changed()
            ok = receipt.get("status") != "0x0"
            value = int(transaction["value"], 16)
            fee = int(receipt["gasUsed"], 16) * int(receipt.get("effectiveGasPrice", "0x0"), 16)
            fee += int(receipt.get("l1Fee") or "0x0", 16)
            for mine, other, incoming in ((sender, recipient, False), (recipient, sender, True)):
                if mine is None or mine not in wanted or (incoming and not (value and ok)):
                    continue
                found.append(
                    Movement(
                        account=mine,
                        asset=self._native,
                        counterparty=other,
                        incoming=incoming,
                        base_units=value,
                        height=int(block["number"], 16),
                        block_hash=_bytes(block["hash"]),
                        block_time=int(block["timestamp"], 16),
                        tx_hash=transaction["hash"],
                        place=OF_TRANSACTION,
                        ok=ok,
                        fee=0 if incoming else fee,
                    )
                )
        return found


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _changed() -> NodeUnavailable:
    return NodeUnavailable("the chain changed while it was read: ask again", reason="reorg")
