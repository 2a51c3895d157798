"""Freezes: whose, why, and how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from primitives.account_id import AccountId


def address_of(account: AccountId) -> str:
    """What a freeze of one account names: the address without its chain, because the key that is kept from signing is
    the same on every chain of its family."""
    return f"{account.chain.family}:{account.address}"


@dataclass(frozen=True, slots=True)
class Freeze:
    """One freeze.

    Attributes:
        address: `eip155:0x…` or `solana:…`; None: every account of the tenant.
        reason: In plain words; empty where they cannot be read any more.
        alert_id: The alert that it follows from; None: somebody asked for it.
        frozen_by: The person; None: the rules.
        release_asked_by: Who has asked for the release and waits for a second person.
        released_by: Who ended it; None: it lasts.
        released_how: `second_factor` or `second_person`.
    """

    id: UUID
    tenant_id: UUID
    address: str | None
    reason: str
    alert_id: UUID | None
    frozen_by: UUID | None
    frozen_at: datetime
    release_asked_by: UUID | None = None
    release_asked_at: datetime | None = None
    release_reason: str | None = None
    released_by: UUID | None = None
    released_at: datetime | None = None
    released_how: str | None = None

    @property
    def lasts(self) -> bool:
        return self.released_at is None
