"""What the list needs from others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from wallets.accounts.model import Account
from wallets.activity.model import ActivityEntry, Wanted


class Told(StrEnum):
    """How much of a movement another source tells."""

    ALL = "all"
    FEE = "fee"
    """That the transaction was, and what it cost; the movement itself is something more (rent, the legs of a swap)."""


class ActivitySource(Protocol):
    """One kind of records: payments, movements on chains, voucher facts."""

    async def entries(self, tx: Transaction, tenant_id: UUID, wanted: Wanted) -> Sequence[ActivityEntry]:
        """At most `limit` of them, by (`at`, `id`), newest first; ids compare by code point."""
        ...


class TellingSource(ActivitySource, Protocol):
    """One that knows more of a movement than the chain's bare figures."""

    async def tells(
        self, tx: Transaction, tenant_id: UUID, accounts: Collection[AccountId], movements: Sequence[ActivityEntry]
    ) -> Mapping[str, Told]:
        """By id, those of the movements that this source tells of itself."""
        ...


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant that the person has paid; `order` where the entry is about one."""

    name: str
    order: str | None = None


class Shops(Protocol):
    """Whom a person has paid: no merchant else is ever named."""

    async def of(self, tx: Transaction, tenant_id: UUID, entries: Sequence[ActivityEntry]) -> Mapping[str, Shop]:
        """By the entry's id."""
        ...

    async def named(self, tx: Transaction, tenant_id: UUID, search: str) -> Collection[str]:
        """What stands in the records for shops whose name holds the text: a bounded number of hashes of orders, ids of
        payments and accounts."""
        ...


class Names(Protocol):
    """What a person calls accounts; `wallets.address_book` conforms."""

    async def names(self, tenant_id: UUID) -> Mapping[str, str]:
        """By CAIP-10 account."""
        ...


class OwnAccounts(Protocol):
    """`wallets.accounts` conforms."""

    async def list(self, tenant_id: UUID) -> Sequence[Account]: ...
