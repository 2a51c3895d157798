"""Which key signs for which account, from a dictionary."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.errors import KeyNotFound
from primitives.signing import KeyId


class KnownKeys:
    """Conforms to `wallets.engine.ports.KeyFinder`."""

    def __init__(self, keys: dict[AccountId, KeyId]) -> None:
        self._keys = keys

    async def key_for(self, tx: Transaction, account: AccountId, *, tenant_id: UUID | None = None) -> KeyId:
        if account not in self._keys:
            raise KeyNotFound(f"no key for {account}")
        return self._keys[account]

    async def keys_for(
        self, tx: Transaction, wanted: Collection[tuple[AccountId, UUID]]
    ) -> dict[tuple[AccountId, UUID], KeyId]:
        return {(account, tenant): await self.key_for(tx, account, tenant_id=tenant) for account, tenant in wanted}
