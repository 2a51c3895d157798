"""What an account holds on an EVM chain: found by logs, read by views."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chains.evm.log_scan import Log, LogPage, LogScan
from chains.evm.multicall import Multicall, View
from chains.rpc.client import JsonRpcClient
from codec.evm import tokens
from primitives.account_id import AccountId, checksum_address
from primitives.asset import MOST_DECIMALS, AssetId
from primitives.chain_id import ChainId


class TokenKind(StrEnum):
    ERC20 = "erc20"
    ERC721 = "erc721"
    ERC1155 = "erc1155"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A log that moved a token to or from the account.

    Attributes:
        asset: With the token id for ERC-721 and ERC-1155.
        counterparty: Who sent it, or got it; 20 bytes.
        incoming: It came to the account.
        base_units: Zero is what address poisoners send.
    """

    asset: AssetId
    kind: TokenKind
    counterparty: bytes
    incoming: bool
    base_units: int
    height: int
    tx_hash: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A balance, as the contract tells it now.

    Attributes:
        decimals: 0 where the contract has none, as for collectibles.
        symbol, name: As the contract says, printable; empty when it says nothing readable.
    """

    asset: AssetId
    kind: TokenKind
    base_units: int
    symbol: str
    name: str
    decimals: int


class EvmHoldings:
    """Discovery and balances of one chain."""

    def __init__(self, chain: ChainId, rpc: JsonRpcClient) -> None:
        self._chain = chain
        self._rpc = rpc
        self._multicall = Multicall(rpc)

    async def sightings(self, account: AccountId, since: int, until: int) -> tuple[Sequence[Sighting], bytes]:
        """Every token movement of the account in a range, and the hash of the range's last block.

        Raises:
            NodeUnavailable
        """
        me = tokens.address_topic(account.raw)
        filters: list[list[object]] = [
            [tokens.TRANSFER, me],
            [tokens.TRANSFER, None, me],
            [[tokens.TRANSFER_SINGLE, tokens.TRANSFER_BATCH], None, me],
            [[tokens.TRANSFER_SINGLE, tokens.TRANSFER_BATCH], None, None, me],
        ]
        pages: list[LogPage] = [await LogScan(self._rpc, topics=topics).page(since, until) for topics in filters]
        found: dict[tuple[str, str, bool, AssetId], Sighting] = {}
        for page in pages:
            for log in page.logs:
                for sighting in self._read(log, account.raw):
                    found[log["transactionHash"], log["logIndex"], sighting.incoming, sighting.asset] = sighting
        return sorted(found.values(), key=lambda one: (one.height, str(one.asset))), pages[-1].until_hash

    def _read(self, log: Log, me: bytes) -> Sequence[Sighting]:
        topics = [bytes.fromhex(one[2:]) for one in log["topics"]]
        data = bytes.fromhex(log["data"][2:])
        contract = checksum_address(bytes.fromhex(log["address"][2:]))
        moved: list[tuple[AssetId, int]] = []
        if log["topics"][0] == tokens.TRANSFER:
            sender, recipient = topics[1][12:], topics[2][12:]
            if len(topics) == 4:
                kind = TokenKind.ERC721
                moved.append((AssetId(self._chain, "erc721", contract, str(int.from_bytes(topics[3], "big"))), 1))
            elif (amount := tokens.decode_word(data)) is not None:
                kind = TokenKind.ERC20
                moved.append((AssetId.fungible(self._chain, contract), amount))
            else:
                return ()
        elif len(topics) == 4:
            kind = TokenKind.ERC1155
            sender, recipient = topics[2][12:], topics[3][12:]
            moved = [
                (AssetId(self._chain, "erc1155", contract, str(token)), amount)
                for token, amount in amounts_of(log["topics"][0], data)
            ]
        else:
            return ()
        incoming = recipient == me
        return [
            Sighting(
                asset,
                kind,
                sender if incoming else recipient,
                incoming,
                amount,
                int(log["blockNumber"], 16),
                log["transactionHash"],
            )
            for asset, amount in moved
        ]

    async def holdings(self, account: AccountId, assets: Collection[tuple[AssetId, TokenKind]]) -> Sequence[Holding]:
        """Balances now; what does not answer like a token is left out, and so are zeros.

        Raises:
            NodeUnavailable
        """
        views: list[View] = []
        for asset, kind in assets:
            contract = bytes.fromhex(asset.reference[2:])
            views += [
                (contract, _balance_call(asset, kind, account.raw)),
                (contract, tokens.call("symbol()")),
                (contract, tokens.call("name()")),
                (contract, tokens.call("decimals()")),
            ]
        answers = await self._multicall.views(views)
        found = []
        for place, (asset, kind) in enumerate(assets):
            balance, symbol, name, decimals = answers[4 * place : 4 * place + 4]
            held = tokens.decode_word(balance)
            if held is not None and kind is TokenKind.ERC721:
                held = int(held.to_bytes(32, "big")[12:] == account.raw)
            if not held:
                continue
            places = tokens.decode_word(decimals) if kind is TokenKind.ERC20 else 0
            found.append(
                Holding(
                    asset,
                    kind,
                    held,
                    tokens.decode_label(symbol),
                    tokens.decode_label(name),
                    places if places is not None and places <= MOST_DECIMALS else 0,
                )
            )
        return found


def amounts_of(event: str, data: bytes) -> Sequence[tuple[int, int]]:
    """Token ids and amounts of an ERC-1155 transfer, by its first topic; nothing when malformed."""
    words = [int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data) // 32 * 32, 32)]
    if event == tokens.TRANSFER_SINGLE:
        return [(words[0], words[1])] if len(words) == 2 else ()
    if len(words) < 4:
        return ()
    ids, amounts = words[0] // 32, words[1] // 32
    if ids >= len(words) or amounts >= len(words) or words[ids] != words[amounts]:
        return ()
    count = words[ids]
    if ids + count >= len(words) or amounts + count >= len(words):
        return ()
    return list(zip(words[ids + 1 : ids + 1 + count], words[amounts + 1 : amounts + 1 + count], strict=True))


def _balance_call(asset: AssetId, kind: TokenKind, account: bytes) -> bytes:
    holder = "0x" + account.hex()
    if kind is TokenKind.ERC20:
        return tokens.call("balanceOf(address)", holder)
    token = int(asset.token_id or 0)
    if kind is TokenKind.ERC721:
        return tokens.call("ownerOf(uint256)", token)
    return tokens.call("balanceOf(address,uint256)", holder, token)
