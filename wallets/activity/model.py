"""One line of the list, and what the list is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from primitives.account_id import AccountId
from primitives.chain_id import ChainId

MAX_NOTE = 500
MAX_NOTES = 5_000
"""Of a person: a search opens all of them."""
MAX_SEARCH = 100


class ActivityState(StrEnum):
    WAITING = "waiting"
    """Nothing is signed yet."""
    PENDING = "pending"
    """Sent, or in a block that can still be replaced."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REVERSED = "reversed"
    """It stood in a block that was replaced, and did not happen."""


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity to show: base units of an asset (CAIP-19), or minor units of a currency (ISO 4217) with `asset` None.

    `symbol` and `decimals` are None where the chain does not tell them.
    """

    units: int
    asset: str | None
    symbol: str | None
    decimals: int | None


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """Something that happened, or is about to.

    Attributes:
        id: Stays the same for ever; notes hang on it.
        at: Block time once it is in a block, else when it was asked for.
        kind: Names its sentence in `words`.
        account: The caller's.
        facts: What the sentence names (`title`, `known_as`, `shop`, `reason`), where money came from that is none
            (`faucet`), and what the entry points to (`order`, `voucher`, `payment`).
    """

    id: str
    at: datetime
    kind: str
    state: ActivityState
    direction: Direction
    account: AccountId
    chain: ChainId
    tx_hash: str | None
    height: int | None
    amount: Figure | None = None
    fee: Figure | None = None
    counterparty: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None

    @property
    def place(self) -> tuple[datetime, str]:
        """What the list is ordered by, newest first."""
        return self.at, self.id


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries.

    Attributes:
        accounts: The caller's, already filtered; no entry of another account is ever shown.
        kinds: Of `words`; None: all.
        search: Found in ids, hashes, addresses, symbols, titles and notes, whatever the case.
        searched_kinds: Kinds whose sentence holds the search text in either language.
        searched_assets: Assets (CAIP-19) whose symbol holds it.
        searched_names: What stands in the records for somebody whose name holds it: accounts, hashes of orders, ids.
        noted: Ids of entries whose note holds it.
        since, until: Half-open.
        before: Behind this place of the list.
    """

    accounts: tuple[AccountId, ...]
    kinds: frozenset[str] | None = None
    search: str | None = None
    searched_kinds: frozenset[str] = frozenset()
    searched_assets: frozenset[str] = frozenset()
    searched_names: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None
    limit: int = 50
