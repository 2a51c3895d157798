"""An organisation and a membership in one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from people.roles import MemberRole


@dataclass(frozen=True, slots=True)
class Organisation:
    """`id` is also the tenant of everything the organisation owns."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One person's place in one organisation."""

    organisation_id: UUID
    person_id: UUID
    email: str | None = field(repr=False)
    display_name: str = field(repr=False)
    role: MemberRole
    since: datetime
