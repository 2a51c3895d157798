"""What the engine needs from others."""

from __future__ import annotations

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
