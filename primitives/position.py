"""Where a fact was read from a chain, and how settled it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Finality(IntEnum):
    """How settled a block is: EVM latest / safe / finalized; Solana processed / confirmed / finalized."""

    INCLUDED = 1
    SAFE = 2
    FINALIZED = 3


@dataclass(frozen=True, slots=True, order=True)
class ChainPosition:
    """Sortable place of one event on one chain.

    Attributes:
        height: Block number (EVM) or slot (Solana).
        transaction_index: Index of the transaction in its block, from 0.
        event_index: EVM: the log's index in its block. Solana: (outer instruction << 16 | inner + 1) of the act.
        block_hash: 32 bytes; not part of the order.
    """

    height: int
    transaction_index: int
    event_index: int
    block_hash: bytes = field(compare=False)
