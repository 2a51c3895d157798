"""What EVM nodes say when they refuse, and what it means to us.

Nodes agree on no codes, so the tables go by the text, in lower case; the first row that matches decides. The same code
even means opposite things: -32004 is EIP-1474's "method not supported" and Besu's "upfront cost exceeds balance", and a
nonce error may come as -32603 "internal error". Sources: the error lists of go-ethereum (`core/txpool/errors.go`,
`core/error.go`, `internal/ethapi/errors.go`), Erigon (`txnprovider/txpool/txpoolcfg/txpoolcfg.go`), Nethermind
(`AcceptTxResult.cs`), Besu (`RpcErrorType.java`, `TransactionInvalidReason.java`), Reth (`pool/src/error.rs`) and Anvil
(`eth/error.rs`); rows marked (seen) were produced against Anvil 1.7.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from chains.rpc.errors import NodeRefusal
from chains.rpc.refusal_kind import RefusalKind, kind_by_text, kind_of
from primitives.errors import (
    ChainError,
    FeeTooLow,
    InsufficientFunds,
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
    ("known transaction", Verdict.ALREADY_KNOWN),  # Besu ETH_SEND_TX_ALREADY_KNOWN, old go-ethereum
    ("existing txn with same hash", Verdict.ALREADY_KNOWN),  # Erigon DuplicateHash
    ("existing tx with same hash", Verdict.ALREADY_KNOWN),  # Erigon DuplicateHash, before version 3
    ("nonce too low", Verdict.NONCE_TOO_LOW),  # go-ethereum, Erigon, Reth; Anvil (seen)
    ("nonce_too_low", Verdict.NONCE_TOO_LOW),  # Besu
    ("oldnonce", Verdict.NONCE_TOO_LOW),  # Nethermind
    ("underpriced", Verdict.FEE_TOO_LOW),  # go-ethereum "transaction underpriced"; Anvil "replacement …" (seen)
    ("fee too low to compete", Verdict.FEE_TOO_LOW),  # Nethermind
    ("feetoolow", Verdict.FEE_TOO_LOW),  # Nethermind
    ("fee too low", Verdict.FEE_TOO_LOW),  # Erigon FeeTooLow
    ("could not replace existing", Verdict.FEE_TOO_LOW),  # Erigon NotReplaced
    ("replaced by transaction with higher tip", Verdict.FEE_TOO_LOW),  # Erigon ReplacedByHigherTip
    ("less than block base fee", Verdict.FEE_TOO_LOW),  # go-ethereum; Anvil (seen)
    ("gas price below", Verdict.FEE_TOO_LOW),  # Besu; go-ethereum "transaction gas price below minimum"
    ("replacementnotallowed", Verdict.FEE_TOO_LOW),  # Nethermind ReplacementNotAllowed
    ("insufficient funds", Verdict.INSUFFICIENT_FUNDS),  # go-ethereum, Reth; Anvil (seen)
    ("insufficientfunds", Verdict.INSUFFICIENT_FUNDS),  # Nethermind
    ("upfront cost exceeds", Verdict.INSUFFICIENT_FUNDS),  # Besu
    # What stands in the way is another transaction of the account, and goes away: the same bytes are good later.
    ("in-flight transaction limit reached", Verdict.BUSY),  # go-ethereum, delegated accounts (EIP-7702)
    ("gapped-nonce tx from delegated", Verdict.BUSY),  # go-ethereum
    ("authority already reserved", Verdict.BUSY),  # go-ethereum, Erigon ErrAuthorityReserved
    ("address already reserved", Verdict.BUSY),  # go-ethereum: blobs and other transactions exclude each other
    ("future transaction tries to replace pending", Verdict.BUSY),  # go-ethereum
    ("account limit exceeded", Verdict.BUSY),  # go-ethereum, blob pool
    ("notcurrentnoncefordelegation", Verdict.BUSY),  # Nethermind
    ("delegatorhaspendingtx", Verdict.BUSY),  # Nethermind
    ("pendingtxsofconflictingtype", Verdict.BUSY),  # Nethermind
    ("spammer", Verdict.BUSY),  # Erigon: too many of one account
    ("txpool is full", Verdict.BUSY),  # go-ethereum, Reth
    ("pool is full", Verdict.BUSY),  # Erigon, Besu
    ("nonce too high", Verdict.BUSY),  # nodes that keep no gaps: the missing nonce is on its way
    ("nonce gap", Verdict.BUSY),  # Nethermind, older texts
    ("noncegap", Verdict.BUSY),  # Nethermind "NonceGap"
    ("too far in the future", Verdict.BUSY),  # Nethermind NonceTooFarInFuture
    ("noncetoofarinfuture", Verdict.BUSY),  # Nethermind, as code
    ("too distant from current sender nonce", Verdict.BUSY),  # Besu NONCE_TOO_FAR_IN_FUTURE_FOR_SENDER
    ("lower nonce exists", Verdict.BUSY),  # Besu LOWER_NONCE_INVALID_TRANSACTION_EXISTS
    ("syncing", Verdict.BUSY),  # Nethermind Syncing
    ("sync is still in progress", Verdict.BUSY),  # Besu CHAIN_HEAD_WORLD_STATE_NOT_AVAILABLE
    ("transaction pool not enabled", Verdict.BUSY),  # Besu TX_POOL_DISABLED
    ("timeout", Verdict.BUSY),  # Besu TIMEOUT_ERROR, go-ethereum "request timed out"
    ("timed out", Verdict.BUSY),
    ("internal error", Verdict.BUSY),
)


_OF_THE_NODE: tuple[tuple[str, RefusalKind], ...] = (
    ("header not found", RefusalKind.LACKS),  # go-ethereum: behind, or not the block of this node
    ("missing trie node", RefusalKind.LACKS),  # go-ethereum: state pruned
    ("historical state", RefusalKind.LACKS),  # go-ethereum "historical state … is not available", Erigon
    ("state is not available", RefusalKind.LACKS),  # go-ethereum, path scheme
    ("world state unavailable", RefusalKind.LACKS),  # Besu WORLD_STATE_UNAVAILABLE
    ("no state available", RefusalKind.LACKS),  # Nethermind
    ("unknown block", RefusalKind.LACKS),  # Besu UNKNOWN_BLOCK, go-ethereum
    ("block not found", RefusalKind.LACKS),  # Besu BLOCK_NOT_FOUND, Erigon
    ("invalid block range", RefusalKind.LACKS),  # go-ethereum: a range beyond its head
    ("beyond current head", RefusalKind.LACKS),  # go-ethereum, Reth: a range beyond its head
    ("blockoutofrange", RefusalKind.LACKS),  # Anvil BlockOutOfRangeError
    ("pruned", RefusalKind.LACKS),  # go-ethereum "pruned history unavailable", Nethermind, Reth
    ("method not enabled", RefusalKind.LACKS),  # Besu METHOD_NOT_ENABLED
    ("transaction pool not enabled", RefusalKind.LACKS),  # Besu TX_POOL_DISABLED
    ("pool is full", RefusalKind.BUSY),  # go-ethereum, Reth, Erigon, Besu: another node may have room
    ("syncing", RefusalKind.BUSY),  # Nethermind Syncing
    ("sync is still in progress", RefusalKind.BUSY),  # Besu CHAIN_HEAD_WORLD_STATE_NOT_AVAILABLE
    ("timeout expired", RefusalKind.BUSY),  # Besu TIMEOUT_ERROR
    ("request timed out", RefusalKind.BUSY),  # go-ethereum
)


def node_refusal_kind(refusal: NodeRefusal) -> RefusalKind:
    """Whether a refusal is an answer of the chain or speaks of this endpoint: only the latter goes to another one.

    What the table of verdicts knows about a transaction is an answer, whatever its code. A refused transaction whose
    words nobody here knows is an answer too, unless its code says that the endpoint did not serve the request.
    """
    text = refusal.text.lower()
    for part, kind in _OF_THE_NODE:
        if part in text:
            return kind
    if any(part in text for part, _ in _TABLE):
        return RefusalKind.ANSWER
    if refusal.method == "eth_sendRawTransaction" and refusal.number not in _NOT_SERVED:
        return kind_by_text(refusal) or RefusalKind.ANSWER
    return kind_of(refusal)


_NOT_SERVED = frozenset({-32601, 429})
"""JSON-RPC 2.0 "method not found", and a provider's HTTP status."""


def head_told(method: str, params: Sequence[Any], answer: Any) -> int | None:
    """The newest block's number, where an answer tells of it."""
    if method == "eth_blockNumber":
        return int(answer, 16)
    if method == "eth_getBlockByNumber" and params[0] == "latest" and answer is not None:
        return int(answer["number"], 16)
    return None


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
