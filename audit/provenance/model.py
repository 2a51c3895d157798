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
    SPENDING = "spending"
    VALUE_BACK = "value_back"
    RETURN = "return"
    CREDIT = "credit"
    SETTLEMENT = "settlement"


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


class SubjectKind(StrEnum):
    """Whose chain of custody is shown."""

    VOUCHER = "voucher"
    HOLDER = "holder"
    MERCHANT = "merchant"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class CustodyAct:
    """One act on the way. `voucher` is None for acts about a campaign or an order."""

    act: Act
    place: Place
    standing: bool
    voucher: str | None
    campaign: str | None
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Custody:
    """Everything that the ledger holds about one subject, in order of chain and position.

    Attributes:
        cut: There is more than is shown: ask for a shorter time.
    """

    kind: SubjectKind
    subject: str
    acts: tuple[CustodyAct, ...]
    cut: bool
