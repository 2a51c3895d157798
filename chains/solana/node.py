"""What we ask a Solana node, in our own types.

Source: Solana JSON-RPC HTTP methods (solana.com/docs/rpc/http); error numbers: Agave,
`rpc-client-api/src/custom_error.rs`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import NodeUnavailable
from primitives.position import Finality

COMMITMENTS = {Finality.INCLUDED: "processed", Finality.SAFE: "confirmed", Finality.FINALIZED: "finalized"}

ANY_VERSION = 255
"""Transactions of versions that we cannot read must not hide the others of their block, so none is left out."""

_ACCOUNTS_PER_CALL = 100
_SIGNATURES_PER_CALL = 1_000
_FIRST_SIGNATURES = 25
_CALLS_PER_BATCH = 50
_BLOCK_NOT_AVAILABLE = -32004
_SLOT_SKIPPED = frozenset({-32007, -32009})


@dataclass(frozen=True, slots=True)
class Account:
    """`owner`: the program, 32 bytes."""

    lamports: int
    owner: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Blockhash:
    """32 bytes, and the block height after which a transaction with it can never land."""

    raw: bytes
    last_valid_height: int


@dataclass(frozen=True, slots=True)
class Block:
    """`signatures`: of its transactions in order, base58; `time`: Unix seconds."""

    hash: bytes
    time: int
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """One line of an address's history. `ok`: carried out."""

    signature: str
    slot: int
    ok: bool


class SolanaNode:
    """Typed reads over one JSON-RPC client. Every method raises NodeUnavailable when the node cannot answer."""

    def __init__(self, rpc: JsonRpcClient) -> None:
        self.rpc = rpc

    async def read(self, method: str, *params: Any) -> Any:
        """The result of a plain read; a node that refuses one (syncing, pruned) counts as not available."""
        return (await self.read_all([(method, params)]))[0]

    async def read_all(self, calls: Sequence[Call]) -> list[Any]:
        """The results of several reads, in their order."""
        results: list[Any] = []
        try:
            for start in range(0, len(calls), _CALLS_PER_BATCH):
                results += await self.rpc.batch(calls[start : start + _CALLS_PER_BATCH])
        except NodeRefusal as refusal:
            raise unreadable(refusal) from refusal
        return results

    async def accounts(self, keys: Sequence[bytes], commitment: str = "confirmed") -> list[Account | None]:
        """The accounts at these addresses, in their order."""
        options = {"encoding": "base64", "commitment": commitment}
        calls: list[Call] = [
            ("getMultipleAccounts", ([encode_base58(key) for key in keys[i : i + _ACCOUNTS_PER_CALL]], options))
            for i in range(0, len(keys), _ACCOUNTS_PER_CALL)
        ]
        if not calls:
            return []
        return [_account(row) for answer in await self.read_all(calls) for row in answer["value"]]

    async def account(self, key: bytes, commitment: str = "confirmed") -> Account | None:
        return (await self.accounts([key], commitment))[0]

    async def rents(self, lengths: Sequence[int]) -> list[int]:
        """Lamports that make accounts of these data lengths rent-exempt."""
        if not lengths:
            return []
        options = {"commitment": "confirmed"}
        return await self.read_all([("getMinimumBalanceForRentExemption", (length, options)) for length in lengths])

    async def blockhash(self) -> Blockhash:
        value = (await self.read("getLatestBlockhash", {"commitment": "confirmed"}))["value"]
        return Blockhash(decode_base58(value["blockhash"], length=32), int(value["lastValidBlockHeight"]))

    async def block(self, slot: int) -> Block | None:
        """The confirmed block of a slot; None for a skipped slot and beyond the head."""
        options = {
            "commitment": "confirmed",
            "transactionDetails": "signatures",
            "rewards": False,
            "maxSupportedTransactionVersion": ANY_VERSION,
        }
        (answer,) = await self.rpc.settle([("getBlock", (slot, options))])
        if isinstance(answer, NodeRefusal):
            if answer.number in _SLOT_SKIPPED or answer.number == _BLOCK_NOT_AVAILABLE:
                return None
            raise unreadable(answer)
        if answer is None:
            return None
        if answer["blockTime"] is None:
            raise NodeUnavailable(f"the node does not know the time of slot {slot} yet", slot=slot)
        signatures = tuple(answer.get("signatures") or ())
        return Block(decode_base58(answer["blockhash"], length=32), int(answer["blockTime"]), signatures)

    async def first_block_height(self) -> int:
        """Height of the oldest block that the node still has."""
        slot = int(await self.read("getFirstAvailableBlock"))
        options = {
            "commitment": "finalized",
            "transactionDetails": "none",
            "rewards": False,
            "maxSupportedTransactionVersion": ANY_VERSION,
        }
        block = await self.read("getBlock", slot, options)
        if block is None or block["blockHeight"] is None:
            raise NodeUnavailable(f"the node does not know the height of slot {slot}", slot=slot)
        return int(block["blockHeight"])

    async def histories(self, addresses: Sequence[bytes], since: int, until: int) -> list[SignatureEntry]:
        """Confirmed transactions that name any of these addresses, in the slots `since … until`; each once, in no
        order."""
        found: dict[str, SignatureEntry] = {}
        # Mostly a scan asks for the newest few slots, so the first page is short.
        limit = _FIRST_SIGNATURES
        open_ends: dict[bytes, str | None] = dict.fromkeys(addresses)
        while open_ends:
            asked = list(open_ends.items())
            answers = await self.read_all([_history_call(address, before, limit) for address, before in asked])
            for (address, _), rows in zip(asked, answers, strict=True):
                for row in rows:
                    if since <= row["slot"] <= until:
                        found[row["signature"]] = SignatureEntry(row["signature"], row["slot"], row["err"] is None)
                if len(rows) < limit or rows[-1]["slot"] < since:
                    del open_ends[address]
                else:
                    open_ends[address] = rows[-1]["signature"]
            limit = _SIGNATURES_PER_CALL
        return list(found.values())

    async def newest(self, addresses: Sequence[bytes], *, before: str | None, limit: int) -> list[SignatureEntry]:
        """The newest confirmed transactions of each address, at most `limit` of each; `before`: only older ones."""
        answers = await self.read_all([_history_call(address, before, limit) for address in addresses])
        return [SignatureEntry(row["signature"], row["slot"], row["err"] is None) for rows in answers for row in rows]

    async def transactions(self, signatures: Sequence[str]) -> list[dict[str, Any] | None]:
        """`getTransaction` of each at `confirmed`, with the transaction in base64."""
        options = {"encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": ANY_VERSION}
        if not signatures:
            return []
        return await self.read_all([("getTransaction", (signature, options)) for signature in signatures])


def _history_call(address: bytes, before: str | None, limit: int) -> Call:
    options: dict[str, Any] = {"limit": limit, "commitment": "confirmed"}
    if before is not None:
        options["before"] = before
    return "getSignaturesForAddress", (encode_base58(address), options)


def _account(row: dict[str, Any] | None) -> Account | None:
    if row is None:
        return None
    return Account(int(row["lamports"]), decode_base58(row["owner"], length=32), base64.b64decode(row["data"][0]))


def unreadable(refusal: NodeRefusal) -> NodeUnavailable:
    return NodeUnavailable(
        f"the node does not answer {refusal.method} now: {refusal.text[:200]}",
        method=refusal.method,
        number=refusal.number,
    )
