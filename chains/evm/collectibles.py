"""Tokens of ERC-721 and ERC-1155 collections, and whether a contract takes them."""

from __future__ import annotations

from typing import Any

from chains.evm.calls import as_bytes, as_hex, as_word, token_number, unreadable
from chains.evm.errors import revert_data
from chains.intent import Transfer
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import tokens
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.errors import RecipientCannotReceive, UnknownAsset

_STANDARDS = {"erc721": tokens.ERC721, "erc1155": tokens.ERC1155}
_TAKES = {"erc721": bytes.fromhex("150b7a02"), "erc1155": bytes.fromhex("f23a6e61")}
"""A receiver answers the selector of the function (ERC-721, ERC-1155)."""


async def collectible(rpc: JsonRpcClient, asset_id: AssetId) -> Asset:
    """With its collection's symbol, where it has one, and no decimals.

    Raises:
        UnknownAsset: The contract does not say that it is such a collection (ERC-165).
        NodeUnavailable
    """
    token_number(asset_id)
    standard = tokens.call("supportsInterface(bytes4)", _STANDARDS[asset_id.namespace])
    answers = await rpc.settle(
        [
            ("eth_call", [{"to": asset_id.reference, "data": as_hex(data)}, "latest"])
            for data in (standard, tokens.call("symbol()"))
        ]
    )
    for answer in answers:
        if isinstance(answer, NodeRefusal) and revert_data(answer) is None:
            raise unreadable(answer)
    try:
        known = int.from_bytes(as_word(answers[0]), "big") == 1
    except (TypeError, ValueError):
        known = False
    if not known:
        raise UnknownAsset(f"there is no {asset_id.namespace} collection at {asset_id.reference}", asset=str(asset_id))
    label = "" if isinstance(answers[1], NodeRefusal) else tokens.decode_label(as_bytes(answers[1]))
    return Asset(asset_id, f"{label or asset_id.namespace}#{asset_id.token_id}"[:64], 0)


def taking_call(sender: AccountId, transfer: Transfer) -> Call:
    """Asks the recipient, in the collection's name, whether it takes the token; an account without code answers
    nothing."""
    asset = transfer.amount.asset.id
    who, number = sender.address, token_number(asset)
    if asset.namespace == "erc721":
        data = tokens.call("onERC721Received(address,address,uint256,bytes)", who, who, number, b"")
    else:
        signature = "onERC1155Received(address,address,uint256,uint256,bytes)"
        data = tokens.call(signature, who, who, number, transfer.amount.base_units, b"")
    wanted = {"from": asset.reference, "to": transfer.recipient.address, "data": as_hex(data)}
    return ("eth_call", [wanted, "latest"])


def require_taken(transfer: Transfer, code: str, answer: Any) -> None:
    """Raises RecipientCannotReceive for a contract that does not answer as a receiver."""
    if len(code) <= 2:
        return
    namespace = transfer.amount.asset.id.namespace
    try:
        taken = not isinstance(answer, NodeRefusal) and as_word(answer)[:4] == _TAKES[namespace]
    except (TypeError, ValueError):
        taken = False
    if not taken:
        raise RecipientCannotReceive(
            f"{transfer.recipient.address} is a contract that does not take {namespace} tokens, so the collection "
            "refuses: choose another recipient",
            recipient=transfer.recipient.address,
            standard=namespace,
        )
