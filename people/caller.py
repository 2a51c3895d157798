"""The authenticated caller, as every service above sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from people.roles import MemberRole, PlatformRole


@dataclass(frozen=True, slots=True)
class Caller:
    """A person with a valid session or API key.

    Attributes:
        session_id: The session; the key's id where an API key calls.
        email: None for somebody who signs in with a wallet only.
        scopes: What an API key may do (`orders:write`); None for a session, which may do everything.
        only_for: The one organisation that an API key is for; the key has nothing of the person's own.
        memberships: Role by organisation id.
        session_expires_at: When the session ends by itself, UTC.
    """

    person_id: UUID
    session_id: UUID
    email: str | None = field(repr=False)
    display_name: str = field(repr=False)
    platform_roles: frozenset[PlatformRole]
    memberships: Mapping[UUID, MemberRole]
    session_expires_at: datetime
    email_verified: bool = False
    scopes: frozenset[str] | None = None
    only_for: UUID | None = None

    @property
    def tenant_id(self) -> UUID:
        """The person as owner of rows (wallets, vouchers, transfers)."""
        return self.person_id

    @property
    def tenants(self) -> frozenset[UUID]:
        """Every tenant whose events concern the caller: the person and the organisations."""
        if self.only_for is not None:
            return frozenset(self.memberships)
        return frozenset((self.person_id, *self.memberships))
