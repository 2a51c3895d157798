"""A registered person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Person:
    """`id` is also the tenant of everything the person owns.

    Attributes:
        email: Normalised; None for somebody who signs in with a wallet only.
        email_verified: Whether the person has shown to read the mailbox.
    """

    id: UUID
    email: str | None = field(repr=False)
    display_name: str = field(repr=False)
    created_at: datetime
    email_verified: bool = False
