"""What EVM nodes say when they refuse, and what it means to us.

Nodes agree on no codes, so the table goes by the text, in lower case; the first row that matches decides. Sources: the
error lists of go-ethereum (`core/txpool/errors.go`, `core/error.go`), Erigon, Nethermind (`AcceptTxResult.cs`), Besu
(`TransactionInvalidReason.java`), Reth (`pool/src/error.rs`) and Anvil (`eth/error.rs`); rows marked (seen) were
produced against Anvil 1.7.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from chains.rpc.errors import NodeRefusal
from codec.evm.book.interface import book_abi
from codec.evm.erc20 import erc20_abi
from primitives.errors import (
    ChainError,
    FeeTooLow,
    InsufficientFunds,
    InvalidValue,
    NodeUnavailable,
    NonceTooLow,
    TransactionRejected,
)


class Verdict(Enum):
    """What a refusal of `eth_sendRawTransaction` means."""

    ALREADY_KNOWN = "already known"
    NONCE_TOO_LOW = "nonce too low"
    FEE_TOO_LOW = "fee too low"
    INSUFFICIENT_FUNDS = "insufficient funds"
    BUSY = "busy"
    REJECTED = "rejected"


_TABLE: tuple[tuple[str, Verdict], ...] = (
    ("already known", Verdict.ALREADY_KNOWN),  # go-ethereum, Erigon, Reth
    ("already imported", Verdict.ALREADY_KNOWN),  # Anvil (seen)
    ("alreadyknown", Verdict.ALREADY_KNOWN),  # Nethermind
    ("known transaction", Verdict.ALREADY_KNOWN),  # Besu, old go-ethereum
    ("nonce too low", Verdict.NONCE_TOO_LOW),  # go-ethereum, Erigon, Reth; Anvil (seen)
    ("nonce_too_low", Verdict.NONCE_TOO_LOW),  # Besu
    ("oldnonce", Verdict.NONCE_TOO_LOW),  # Nethermind
    ("underpriced", Verdict.FEE_TOO_LOW),  # go-ethereum "transaction underpriced"; Anvil "replacement …" (seen)
    ("fee too low to compete", Verdict.FEE_TOO_LOW),  # Nethermind
    ("feetoolow", Verdict.FEE_TOO_LOW),  # Nethermind
    ("less than block base fee", Verdict.FEE_TOO_LOW),  # go-ethereum; Anvil (seen)
    ("gas price below", Verdict.FEE_TOO_LOW),  # Besu
    ("insufficient funds", Verdict.INSUFFICIENT_FUNDS),  # go-ethereum, Reth; Anvil (seen)
    ("insufficientfunds", Verdict.INSUFFICIENT_FUNDS),  # Nethermind
    ("upfront cost exceeds", Verdict.INSUFFICIENT_FUNDS),  # Besu
    ("txpool is full", Verdict.BUSY),  # go-ethereum, Reth
    ("pool is full", Verdict.BUSY),  # Erigon, Besu
    ("nonce too high", Verdict.BUSY),  # nodes that keep no gaps: the missing nonce is on its way
    ("nonce gap", Verdict.BUSY),  # Nethermind "NonceGap"
    ("timeout", Verdict.BUSY),
    ("internal error", Verdict.BUSY),
)


def verdict_of(refusal: NodeRefusal) -> Verdict:
    """Read a refusal of `eth_sendRawTransaction`; unknown texts mean that the bytes are refused for good."""
    text = refusal.text.lower()
    for part, verdict in _TABLE:
        if part in text:
            return verdict
    return Verdict.REJECTED


def error_of(refusal: NodeRefusal, verdict: Verdict, *, tx_hash: str) -> ChainError:
    """The typed error of a refused broadcast; ALREADY_KNOWN has none and must not be asked for."""
    facts = {"tx_hash": tx_hash, "node_message": refusal.text[:300]}
    match verdict:
        case Verdict.NONCE_TOO_LOW:
            return NonceTooLow("the account has already used this nonce for another transaction", **facts)
        case Verdict.FEE_TOO_LOW:
            return FeeTooLow("the node wants a higher fee for this transaction", **facts)
        case Verdict.INSUFFICIENT_FUNDS:
            return InsufficientFunds("the account cannot pay amount and fee: top it up; it is tried again", **facts)
        case Verdict.BUSY:
            return NodeUnavailable(f"the node does not take transactions now: {refusal.text[:200]}", **facts)
        case _:
            return TransactionRejected(f"the node refused the transaction: {refusal.text[:200]}", **facts)


def revert_reason(data: bytes) -> str | None:
    """Decode revert data: our contracts' and OpenZeppelin's errors, `Error(string)`, `Panic(uint256)`.

    None when there is no data; the bare selector of an error that nobody here knows.
    """
    if len(data) < 4:
        return None
    try:
        decoded = book_abi().decode_error(data) or erc20_abi().decode_error(data)
    except InvalidValue:
        decoded = None
    if decoded is None:
        return f"0x{data[:4].hex()}"
    if decoded.name == "Error":
        return str(decoded.arguments["message"])[:300]
    return str(decoded)[:500]


def revert_data(refusal: NodeRefusal) -> bytes | None:
    """The revert data of a refused call or estimate; None when the refusal is not a revert.

    go-ethereum, Erigon, Reth and Anvil answer code 3 with hex in `data`; others nest it.
    """
    data = refusal.data
    if isinstance(data, Mapping):
        data = data.get("data") or data.get("result")
    if isinstance(data, str):
        text = data.removeprefix("Reverted ").removeprefix("0x")
        try:
            return bytes.fromhex(text)
        except ValueError:
            return b""
    text = refusal.text.lower()
    return b"" if refusal.number == 3 or "revert" in text or "vm execution error" in text else None
