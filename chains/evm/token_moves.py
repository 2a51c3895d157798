"""Logs of token transfers of every standard as movements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chains.evm.holdings import amounts_of
from codec.evm import tokens
from primitives.account_id import checksum_address
from primitives.asset import AssetId
from primitives.chain_id import ChainId


@dataclass(frozen=True, slots=True)
class Move:
    """An amount of an asset from one address to another, 20 bytes each; zeros for made or destroyed."""

    asset: AssetId
    sender: bytes
    recipient: bytes
    base_units: int


def moves_of(chain: ChainId, logs: Iterable[Mapping[str, Any]]) -> list[Move]:
    """What is malformed, or no transfer, is left out."""
    found: list[Move] = []
    for log in logs:
        topics = [bytes.fromhex(one[2:]) for one in log["topics"]]
        data = bytes.fromhex(log["data"][2:])
        contract = checksum_address(bytes.fromhex(log["address"][2:]))
        name = log["topics"][0] if topics else None
        if name == tokens.TRANSFER and len(topics) == 4:
            token = str(int.from_bytes(topics[3], "big"))
            found.append(Move(AssetId(chain, "erc721", contract, token), topics[1][12:], topics[2][12:], 1))
        elif name == tokens.TRANSFER and len(topics) == 3 and (amount := tokens.decode_word(data)) is not None:
            found.append(Move(AssetId.fungible(chain, contract), topics[1][12:], topics[2][12:], amount))
        elif name in (tokens.TRANSFER_SINGLE, tokens.TRANSFER_BATCH) and len(topics) == 4:
            for number, amount in amounts_of(name, data):
                asset = AssetId(chain, "erc1155", contract, str(number))
                found.append(Move(asset, topics[2][12:], topics[3][12:], amount))
    return found
