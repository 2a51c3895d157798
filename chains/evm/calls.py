"""Intents as EVM calls, and the reads that go with them."""

from __future__ import annotations

from typing import Any

from chains.intent import ContractCall, EndDelegation, Intent, Transfer
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import tokens
from codec.evm.erc20 import balance_of_call, decode_text, transfer_call
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    UnknownAsset,
)
from primitives.position import Finality

TAGS = {Finality.INCLUDED: "latest", Finality.SAFE: "safe", Finality.FINALIZED: "finalized"}
PLAIN_TRANSFER_GAS = 21_000
"""Yellow Paper, G_transaction: a transfer to an account without code costs exactly this."""
GAS_CAP = 2**24
"""EIP-7825: no transaction may ask for more gas."""


def require_own(chain: ChainId, account: AccountId) -> None:
    """Raises InvalidAddress for another chain's account."""
    if account.chain != chain:
        raise InvalidAddress(f"{account} is not an account of {chain}", address=str(account))


def call_of(chain: ChainId, intent: Intent) -> tuple[bytes, int, bytes]:
    """Recipient (20 bytes), value in wei and call data of an intent.

    Raises:
        AmountNotPositive, InvalidAddress, UnknownAsset, InvalidValue: The intent is impossible.
    """
    require_own(chain, intent.sender)
    if intent.cosigners:
        raise InvalidValue("an EVM transaction has one signer")
    match intent.action:
        case Transfer(amount, recipient):
            require_own(chain, recipient)
            if amount.asset.id.chain != chain:
                raise UnknownAsset(f"{amount.asset.id} is not of {chain}", asset=str(amount.asset.id))
            if amount.base_units == 0:
                raise AmountNotPositive("an amount to transfer must be above zero")
            if amount.asset.id.is_native:
                return recipient.raw, amount.base_units, b""
            return AccountId.of(chain, amount.asset.id.reference).raw, 0, _transfer(intent.sender, recipient, amount)
        case ContractCall(to, data, value):
            require_own(chain, to)
            return to.raw, value, data
        case EndDelegation():
            return intent.sender.raw, 0, b""
        case _:
            raise InvalidValue("Solana instructions cannot run on an EVM chain")


def _transfer(sender: AccountId, recipient: AccountId, amount: Amount) -> bytes:
    """Calldata for a token of any standard; collectibles go the safe way, which asks a contract if it takes them."""
    asset = amount.asset.id
    if asset.namespace == "erc20":
        return transfer_call(recipient.raw, amount.base_units)
    number = token_number(asset)
    if asset.namespace == "erc1155":
        signature = "safeTransferFrom(address,address,uint256,uint256,bytes)"
        return tokens.call(signature, sender.address, recipient.address, number, amount.base_units, b"")
    if amount.base_units != 1:
        raise InvalidValue(f"there is one of {asset} only")
    return tokens.call("safeTransferFrom(address,address,uint256)", sender.address, recipient.address, number)


def token_number(asset: AssetId) -> int:
    """Which one of a collection. Raises UnknownAsset: not of a collection, or none named."""
    if asset.namespace not in ("erc721", "erc1155") or asset.token_id is None or not asset.token_id.isdecimal():
        raise UnknownAsset(f"{asset} names no token of a collection", asset=str(asset))
    return int(asset.token_id)


def balance_call(chain: ChainId, account: AccountId, asset: AssetId, tag: str) -> Call:
    """Raises UnknownAsset for another chain's."""
    if asset.chain != chain:
        raise UnknownAsset(f"{asset} is not of {chain}", asset=str(asset))
    if asset.is_native:
        return ("eth_getBalance", [account.address, tag])
    if asset.namespace == "erc20":
        data = balance_of_call(account.raw)
    elif asset.namespace == "erc721":
        data = tokens.call("ownerOf(uint256)", token_number(asset))
    else:
        data = tokens.call("balanceOf(address,uint256)", account.address, token_number(asset))
    return ("eth_call", [{"to": asset.reference, "data": as_hex(data)}, tag])


def gas_limit(units: int, data: bytes) -> int:
    """A fifth above the simulation, because state moves until inclusion; an exact transfer needs no room."""
    if not data and units == PLAIN_TRANSFER_GAS:
        return units
    return min(units * 6 // 5, max(units, GAS_CAP))


def require_covered(needed: Amount, available: int) -> None:
    """Raises InsufficientFunds with both figures."""
    if available < needed.base_units:
        asset = needed.asset
        raise InsufficientFunds(
            f"{needed} needed, {Amount(available, asset)} available: top the account up or send less",
            needed=needed.base_units,
            available=available,
            asset=str(asset.id),
        )


async def read_all(rpc: JsonRpcClient, calls: list[Call]) -> list[Any]:
    """A node that refuses a plain read (still syncing, state pruned) counts as not available."""
    try:
        return await rpc.batch(calls)
    except NodeRefusal as refusal:
        raise unreadable(refusal) from refusal


def unreadable(refusal: NodeRefusal) -> NodeUnavailable:
    return NodeUnavailable(f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200])


def value_of(answer: Any) -> Any:
    """Raises NodeUnavailable in place of a refusal."""
    if isinstance(answer, NodeRefusal):
        raise unreadable(answer) from answer
    return answer


def present(block: Any) -> Any:
    """Raises NodeUnavailable for a block that the node does not have."""
    if block is None:
        raise NodeUnavailable("the node has no such block yet", reason="no block")
    return block


def as_hex(data: bytes) -> str:
    return "0x" + data.hex()


def as_bytes(answer: Any) -> bytes:
    if not isinstance(answer, str):
        raise TypeError("no bytes")
    return bytes.fromhex(answer[2:])


def as_word(answer: Any) -> bytes:
    data = as_bytes(answer)
    if len(data) < 32:
        raise ValueError("no 32-byte word")
    return data[:32]


def quantity(answer: Any, asset: Asset, account: AccountId) -> int:
    """A balance: a hex quantity of the node, or the 32-byte word that a token answers (of an ERC-721 token: its owner).

    Raises:
        UnknownAsset
    """
    if asset.id.is_native:
        return int(answer, 16)
    try:
        word = as_word(answer)
        return int(word[12:] == account.raw) if asset.id.namespace == "erc721" else int.from_bytes(word, "big")
    except (TypeError, ValueError) as error:
        raise UnknownAsset(f"there is no token at {asset.id.reference}", asset=str(asset.id)) from error


def symbol_text(data: bytes) -> str:
    """A symbol is a string, or bytes32 in tokens older than the standard's final text."""
    text = data.rstrip(b"\0").decode() if len(data) == 32 else decode_text(data)
    cleaned = "".join(c for c in text if c.isprintable())[:32]
    if not cleaned:
        raise ValueError("empty symbol")
    return cleaned
