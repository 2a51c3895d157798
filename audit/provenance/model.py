"""A voucher's provenance as a tree of acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from primitives.chain_id import ChainId
from primitives.position import ChainPosition, Finality
from primitives.voucher_id import VoucherId


class Act(StrEnum):
    """What a node of the tree tells."""

    CAMPAIGN = "campaign"
    RULES = "rules"
    LAUNCH = "launch"
    FUNDING = "funding"
    ISSUE = "issue"
    MOVE = "move"
    REDEMPTION = "redemption"
    PAYOUT = "payout"
    REMAINDER = "remainder"
    VOID = "void"
    REVERSAL = "reversal"
    PAUSE = "pause"
    RESUMPTION = "resumption"
    RECLAIM = "reclaim"
    DIVERGENCE = "divergence"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act was read.

    Attributes:
        block_time: Unix seconds.
        finality: Of the block, by the heads that the indexer saw last; None for a block that is no longer on the chain.
    """

    chain: ChainId
    position: ChainPosition
    tx_hash: str
    block_time: int
    finality: Finality | None


@dataclass(frozen=True, slots=True)
class Node:
    """One act.

    Attributes:
        place: None for what stands outside of any block (the campaign's record, its rule document).
        standing: False: a reorganisation took the act back; it is shown all the same.
        details: Ids, parties and amounts as text, in the words of docs/glossary.md.
    """

    act: Act
    place: Place | None
    details: Mapping[str, str]
    standing: bool = True
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """The tree of one voucher; `redemption_id` (32 bytes) while a redemption stands."""

    voucher: VoucherId
    chain: ChainId
    root: Node
    redemption_id: bytes | None
