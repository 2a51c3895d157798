"""What the engine needs from others."""

from __future__ import annotations

from typing import Protocol

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.signing import KeyId


class KeyFinder(Protocol):
    """Knows which key signs for which account; `wallets.accounts` conforms."""

    async def key_for(self, tx: Transaction, account: AccountId) -> KeyId:
        """Raises KeyNotFound."""
        ...
