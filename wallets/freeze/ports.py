"""What freezes need from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from wallets.engine.model import Payment


class SecondFactors(Protocol):
    """Codes of a person's second factor; `people.second_factor` conforms."""

    async def require(self, person_id: UUID, code: str, *, set_up_before: datetime | None = None) -> None:
        """Use a code up.

        Raises:
            LoginFailed, TooManyAttempts
            NotFound: No second factor is in use, or it was set up after the moment.
        """
        ...


class Consents(Protocol):
    """Who has consented to what others sign; `vouchers.orders.holders` conforms."""

    async def holders(
        self, tx: Transaction, payments: Sequence[Payment]
    ) -> Mapping[UUID, Sequence[tuple[UUID, AccountId]]]:
        """By payment: tenants and accounts whose vouchers or money it moves by their consent, the payer not among
        them. Payments that move nobody else's are left out."""
        ...
