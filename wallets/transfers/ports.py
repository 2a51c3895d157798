"""What transfers need from others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from chains.evm.simulation import BalanceChange
from chains.intent import Intent
from chains.ports import Notice
from persistence.database import Transaction
from primitives.account_id import AccountId


class HeldAccount(Protocol):
    """An account of somebody's wallet."""

    @property
    def account(self) -> AccountId: ...


class HeldAccounts(Protocol):
    """Whose account is whose; `wallets.accounts` conforms."""

    async def list(self, tenant_id: UUID) -> Sequence[HeldAccount]: ...


class Recipients(Protocol):
    """Whom an account has paid before; `wallets.assets.recipients` conforms. Pairs are sender and recipient."""

    async def notices(
        self, tx: Transaction, payings: Sequence[tuple[AccountId, AccountId]]
    ) -> Sequence[tuple[Notice, ...]]:
        """What each payer must accept before paying, in the order of the pairs."""
        ...

    async def remember(self, tx: Transaction, payings: Sequence[tuple[AccountId, AccountId]]) -> None: ...


class Acceptances(Protocol):
    """Keeps which warnings a payer has accepted; `wallets.risk.service` conforms."""

    async def accepted(
        self,
        tx: Transaction,
        tenant_id: UUID,
        subject: UUID,
        digest: bytes,
        notices: Sequence[Notice],
        codes: Collection[str],
    ) -> None:
        """Of the notices those whose codes were accepted, for the payment `subject`; `digest`: 32 bytes of its act."""
        ...


class Foreseen(Protocol):
    """What an act would change; `changes` is None where no node simulates."""

    @property
    def changes(self) -> tuple[BalanceChange, ...] | None: ...

    @property
    def notices(self) -> tuple[Notice, ...]: ...


class Foresees(Protocol):
    """Simulates acts; `wallets.assets.foresight` conforms."""

    async def look(self, intent: Intent) -> Foreseen:
        """Raises TransactionReverted, NodeUnavailable."""
        ...
