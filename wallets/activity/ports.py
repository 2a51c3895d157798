"""What the list needs from others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from wallets.accounts.model import Account
from wallets.activity.model import ActivityEntry, Wanted

Transactions = frozenset[tuple[ChainId, str]]
"""Chain and hash of each."""


class ActivitySource(Protocol):
    """One kind of records: payments, movements on chains, voucher facts."""

    async def entries(self, tx: Transaction, tenant_id: UUID, wanted: Wanted) -> Sequence[ActivityEntry]:
        """At most `limit` of them, by (`at`, `id`), newest first; ids compare by code point."""
        ...

    async def explains(
        self, tx: Transaction, tenant_id: UUID, accounts: Collection[AccountId], transactions: Transactions
    ) -> Transactions:
        """Those of the transactions that this source tells of, as far as these accounts are concerned."""
        ...


class OwnAccounts(Protocol):
    """`wallets.accounts` conforms."""

    async def list(self, tenant_id: UUID) -> Sequence[Account]: ...
