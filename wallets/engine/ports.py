"""What the engine needs from others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.signing import KeyId


class KeyFinder(Protocol):
    """Knows which key signs for which account; `wallets.accounts` conforms."""

    async def key_for(self, tx: Transaction, account: AccountId, *, tenant_id: UUID | None = None) -> KeyId:
        """With `tenant_id`, that tenant's key, else that of whoever had the account first. Raises KeyNotFound."""
        ...

    async def keys_for(
        self, tx: Transaction, wanted: Collection[tuple[AccountId, UUID]]
    ) -> Mapping[tuple[AccountId, UUID], KeyId]:
        """For accounts of one chain, each with a tenant: that tenant's key if it has one, else that of whoever had the
        account first. Raises KeyNotFound for the first account that nobody has."""
        ...
