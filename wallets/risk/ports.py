"""What the rules need from others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.errors import QuanbaoError
from primitives.signing import SigningScheme


class Devices(Protocol):
    """What is known of a person's devices; `people.sessions.devices` conforms."""

    async def new_since(self, tx: Transaction, persons: Collection[UUID]) -> Mapping[UUID, datetime]:
        """When a device that was never seen before opened a session within the last day, of those where one did."""
        ...


class SecondFactors(Protocol):
    """Codes of a person's second factor; `people.second_factor` conforms."""

    async def asked_for(self, person_id: UUID) -> bool: ...

    async def require(self, person_id: UUID, code: str) -> None:
        """Use a code up. Raises LoginFailed, TooManyAttempts, NotFound."""
        ...


class Act(Protocol):
    """A payment as the owner's rules see it; `wallets.policy.facts` conforms."""

    @property
    def payment_id(self) -> UUID: ...

    @property
    def tenant_id(self) -> UUID: ...


class OwnersRules(Protocol):
    """What an account's owner allows to be signed; `wallets.policy.signing` conforms."""

    async def admit(
        self,
        tx: Transaction,
        tenant_id: UUID,
        account: AccountId,
        request_id: UUID,
        digest: bytes,
        scheme: SigningScheme,
        payload: bytes,
    ) -> QuanbaoError | None:
        """None: it may be signed while the transaction lasts. An error is raised once the transaction has ended, which
        keeps what was decided."""
        ...


class Freezer(Protocol):
    """Keeps an account from signing; `wallets.freeze.service` conforms."""

    async def freeze_in(
        self,
        tx: Transaction,
        tenant_id: UUID,
        account: AccountId | None,
        *,
        reason: str,
        alert_id: UUID | None = None,
        by: UUID | None = None,
    ) -> object:
        """In the caller's transaction, which waits until nobody signs for the tenant any more."""
        ...
