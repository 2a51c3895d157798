"""What a refusal says about the endpoint rather than about the request.

An `error` member is an answer of the chain ("nonce too low"), unless it says that this endpoint cannot serve now (BUSY)
or never had what was asked for (LACKS). Codes alone decide little: nodes and providers send nonce errors as -32603
"internal error" and ranges that are too long as -32005 "limit exceeded", so the text goes first. The first row that
matches decides; texts in lower case.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from chains.rpc.errors import NodeRefusal


class RefusalKind(Enum):
    """ANSWER: of the chain, never a failure of the node. BUSY: ask again or elsewhere. LACKS: ask elsewhere."""

    ANSWER = "answer"
    BUSY = "busy"
    LACKS = "lacks"


KindOf = Callable[[NodeRefusal], RefusalKind]

_TEXTS: tuple[tuple[str, RefusalKind], ...] = (
    # Ranges that are too long, whatever their code: the asker takes smaller ones.
    ("query returned more than", RefusalKind.ANSWER),  # Infura, Alchemy (-32005); Erigon
    ("block range", RefusalKind.ANSWER),  # go-ethereum "exceed maximum block range", QuickNode, Ankr, BNB Chain
    ("range is too large", RefusalKind.ANSWER),  # Polygon, Alchemy
    ("range too large", RefusalKind.ANSWER),  # X Layer, OKTC
    ("range exceeds maximum", RefusalKind.ANSWER),  # Besu EXCEEDS_RPC_MAX_BLOCK_RANGE (-32005)
    ("exceeds block gas limit", RefusalKind.ANSWER),  # Besu EXCEEDS_BLOCK_GAS_LIMIT (-32005)
    ("response size", RefusalKind.ANSWER),  # Alchemy "log response size exceeded"
    ("rate limit", RefusalKind.BUSY),  # most providers; go-ethereum rpc
    ("too many requests", RefusalKind.BUSY),  # HTTP 429 told as JSON-RPC
    ("compute units", RefusalKind.BUSY),  # Alchemy "exceeded its compute units per second capacity"
    ("request count exceeded", RefusalKind.BUSY),  # Infura "daily request count exceeded"
    ("capacity exceeded", RefusalKind.BUSY),
    ("try again later", RefusalKind.BUSY),
    ("method not found", RefusalKind.LACKS),  # JSON-RPC 2.0, -32601
    ("does not exist/is not available", RefusalKind.LACKS),  # go-ethereum, rpc/errors.go methodNotFoundError
)
_NUMBERS: dict[int, RefusalKind] = {
    -32005: RefusalKind.BUSY,  # EIP-1474 "limit exceeded"; Solana "node is behind"
    -32601: RefusalKind.LACKS,  # JSON-RPC 2.0 "method not found"
    429: RefusalKind.BUSY,  # providers that put the HTTP status here
}


def kind_by_text(refusal: NodeRefusal) -> RefusalKind | None:
    """What the words say; None for words that are not in the table."""
    text = refusal.text.lower()
    return next((kind for part, kind in _TEXTS if part in text), None)


def kind_of(refusal: NodeRefusal) -> RefusalKind:
    """The kind that holds for every family."""
    return kind_by_text(refusal) or _NUMBERS.get(refusal.number, RefusalKind.ANSWER)
