"""What transfers need from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from primitives.account_id import AccountId


class HeldAccount(Protocol):
    """An account of somebody's wallet."""

    @property
    def account(self) -> AccountId: ...


class HeldAccounts(Protocol):
    """Whose account is whose; `wallets.accounts` conforms."""

    async def list(self, tenant_id: UUID) -> Sequence[HeldAccount]: ...
