"""A transaction that a node says was carried out, as far as the ledger needs it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chains.solana.node import Block
from codec.solana.instruction import Instruction
from codec.solana.lookup_table import instructions_with
from codec.solana.message import decode_message, decode_transaction
from primitives.base58 import decode_base58
from primitives.errors import InvalidValue, NodeUnavailable


@dataclass(frozen=True, slots=True)
class TokenHolding:
    """What one token account held before or after a transaction; keys of 32 bytes. `account` is empty where the
    transaction is of a version that we cannot read."""

    account: bytes
    mint: bytes
    owner: bytes
    base_units: int


@dataclass(frozen=True, slots=True)
class LandedTransaction:
    """A transaction that was carried out, and where.

    Attributes:
        index: Of the transaction in its block.
        message: The signed message bytes; None for a version that we cannot read.
        before, after: Token accounts that it names, around it.
        loaded_writable, loaded_readonly: What its lookup tables gave, 32 bytes each.
    """

    signature: str
    slot: int
    index: int
    block_hash: bytes
    block_time: int
    message: bytes | None
    before: tuple[TokenHolding, ...]
    after: tuple[TokenHolding, ...]
    loaded_writable: tuple[bytes, ...] = field(default=())
    loaded_readonly: tuple[bytes, ...] = field(default=())

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """With their accounts in full; none where the message cannot be read."""
        if self.message is None:
            return ()
        return instructions_with(decode_message(self.message), self.loaded_writable, self.loaded_readonly)


def landed_transaction(signature: str, document: Mapping[str, Any], block: Block) -> LandedTransaction:
    """From `getTransaction` with base64, and its block.

    Raises:
        NodeUnavailable: The block does not hold the transaction yet.
    """
    if signature not in block.signatures:
        raise NodeUnavailable(f"the node's block does not hold transaction {signature}: ask again")
    meta = document["meta"]
    loaded = meta.get("loadedAddresses") or {"writable": [], "readonly": []}
    writable, readonly = (
        tuple(decode_base58(text, length=32) for text in loaded[kind]) for kind in ("writable", "readonly")
    )
    keys: tuple[bytes, ...]
    message: bytes | None
    try:
        _, message = decode_transaction(base64.b64decode(document["transaction"][0]))
        keys = (*decode_message(message).account_keys, *writable, *readonly)
    except InvalidValue:
        message, keys = None, ()
    return LandedTransaction(
        signature=signature,
        slot=int(document["slot"]),
        index=block.signatures.index(signature),
        block_hash=block.hash,
        block_time=block.time,
        message=message,
        before=_holdings(keys, meta["preTokenBalances"]),
        after=_holdings(keys, meta["postTokenBalances"]),
        loaded_writable=writable if message is not None else (),
        loaded_readonly=readonly if message is not None else (),
    )


def _holdings(keys: Sequence[bytes], rows: Sequence[Mapping[str, Any]] | None) -> tuple[TokenHolding, ...]:
    return tuple(
        TokenHolding(
            account=keys[row["accountIndex"]] if keys else b"",
            mint=decode_base58(row["mint"], length=32),
            owner=decode_base58(row["owner"], length=32),
            base_units=int(row["uiTokenAmount"]["amount"]),
        )
        for row in rows or ()
    )
