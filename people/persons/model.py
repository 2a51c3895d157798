"""A registered person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Person:
    """`id` is also the tenant of everything the person owns; `email` is normalised."""

    id: UUID
    email: str
    display_name: str
    created_at: datetime
