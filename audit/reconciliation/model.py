"""What a reconciliation compares, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId


class Fault(StrEnum):
    """The kinds of divergence; each alarm carries one of these names."""

    ROW_MISSING = "row_missing"
    """The ledger says that a voucher exists, and the table of vouchers does not have it."""
    ROW_UNEXPLAINED = "row_unexplained"
    """A voucher's row follows from no fact."""
    ROW_EDITED = "row_edited"
    """A voucher's row says something else than its facts."""
    SERIAL_DUPLICATED = "serial_duplicated"
    """A serial was issued twice."""
    BEYOND_CAP = "beyond_cap"
    EVENT_MISSING = "event_missing"
    """The chain has a fact that the ledger lacks."""
    EVENT_UNEXPLAINED = "event_unexplained"
    """The ledger has a fact that the chain lacks."""
    EVENT_EDITED = "event_edited"
    """The ledger has another fact at a place than the chain."""
    ISSUED_DIFFERS = "issued_differs"
    REDEEMED_DIFFERS = "redeemed_differs"
    VOIDED_DIFFERS = "voided_differs"
    OUTSTANDING_DIFFERS = "outstanding_differs"
    FUNDED_DIFFERS = "funded_differs"
    PAID_DIFFERS = "paid_differs"
    ESCROW_DIFFERS = "escrow_differs"
    """Funded − paid + returned − reclaimed is not what the chain's escrow says."""
    ESCROW_DRAINED = "escrow_drained"
    """The account that keeps the escrow has less than is owed: somebody took from it otherwise."""
    BOOKS_DIFFER = "books_differ"
    BOOKS_UNBALANCED = "books_unbalanced"
    RULE_DOCUMENT_EDITED = "rule_document_edited"
    """The kept rule document does not have the hash that the campaign, or the chain, commits to."""
    CAMPAIGN_MISSING = "campaign_missing"
    """The chain does not know the campaign."""
    AGAINST_THE_RULES = "against_the_rules"
    """The ledger recorded an act on chain that breaks docs/onchain.md."""
    READING_HALTED = "reading_halted"


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """Sums of the standing facts of one campaign on one chain; money in base units of its settlement asset.

    Attributes:
        issued: Without reissues; `leaves` of them were claimed from drops.
        redeemed: Redemptions that used a voucher up.
    """

    issued: int = 0
    leaves: int = 0
    reissued: int = 0
    redeemed: int = 0
    voided: int = 0
    funded: int = 0
    paid: int = 0
    returned: int = 0
    reclaimed: int = 0

    @property
    def outstanding(self) -> int:
        return self.issued + self.reissued - self.redeemed - self.voided

    @property
    def escrow(self) -> int:
        return self.funded - self.paid + self.returned - self.reclaimed


@dataclass(frozen=True, slots=True)
class ChainFigures:
    """The same as the chain's own storage says at one height; None for what it does not count.

    Attributes:
        outstanding: Live units: on Solana the mint's supply.
        held: Balance of the account that keeps the escrow: on EVM the whole book's, in this asset.
    """

    height: int
    rules_hash: bytes | None = None
    issued: int | None = None
    redeemed: int | None = None
    voided: int | None = None
    outstanding: int | None = None
    funded: int | None = None
    paid: int | None = None
    escrow: int | None = None
    held: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One divergence. `subject` names what diverges: a voucher, a place on the chain, or the campaign."""

    fault: Fault
    subject: str
    expected: str
    found: str

    def to_json(self) -> dict[str, str]:
        return {
            "fault": self.fault.value,
            "subject": self.subject,
            "expected": self.expected,
            "found": self.found,
        }


@dataclass(frozen=True, slots=True)
class LaneReconciliation:
    """One campaign on one chain at one height.

    Attributes:
        chain_figures: None where the chain cannot tell of this height; `note` says why.
        books_escrow: What the double-entry books say that escrow holds; None above what is posted.
        complete: Every event was compared, too.
    """

    campaign: CampaignId
    chain: ChainId
    height: int
    ledger: LedgerFigures
    chain_figures: ChainFigures | None
    books_escrow: int | None
    findings: tuple[Finding, ...]
    complete: bool = False
    note: str | None = None

    @property
    def agrees(self) -> bool:
        return not self.findings

    def figures_json(self) -> dict[str, Any]:
        """For storing and showing: amounts as text."""
        ledger: dict[str, Any] = {
            name: str(getattr(self.ledger, name))
            for name in (
                *("issued", "reissued", "redeemed", "voided", "outstanding"),
                *("funded", "paid", "returned", "reclaimed", "escrow"),
            )
        }
        chain: Mapping[str, Any] | None = None
        if self.chain_figures is not None:
            told = self.chain_figures
            names = ("issued", "redeemed", "voided", "outstanding", "funded", "paid", "escrow", "held")
            chain = {name: None if getattr(told, name) is None else str(getattr(told, name)) for name in names}
        books = None if self.books_escrow is None else {"escrow": str(self.books_escrow)}
        return {"ledger": ledger, "chain": chain, "books": books}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A divergence as it is kept until a later reconciliation no longer finds it. Times are Unix seconds."""

    campaign: CampaignId
    chain: ChainId
    finding: Finding
    height: int
    found_at: float
    cleared_at: float | None = None


@dataclass(frozen=True, slots=True)
class RowFault:
    """A voucher whose row and facts do not agree."""

    fault: Fault
    voucher: str
    expected: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict)
