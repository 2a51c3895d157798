"""The authenticated caller, as every service above sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from people.roles import MemberRole, PlatformRole


@dataclass(frozen=True, slots=True)
class Caller:
    """A person with a valid session.

    Attributes:
        memberships: Role by organisation id.
        session_expires_at: When the session ends by itself, UTC.
    """

    person_id: UUID
    session_id: UUID
    email: str
    display_name: str
    platform_roles: frozenset[PlatformRole]
    memberships: Mapping[UUID, MemberRole]
    session_expires_at: datetime

    @property
    def tenant_id(self) -> UUID:
        """The person as owner of rows (wallets, vouchers, transfers)."""
        return self.person_id

    @property
    def tenants(self) -> frozenset[UUID]:
        """Every tenant whose events concern the caller: the person and the organisations."""
        return frozenset((self.person_id, *self.memberships))
