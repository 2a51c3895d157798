"""A person's name and address as they are stored: sealed, and found by a blind index."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from people.privacy.personal_data import PersonalData

PURPOSE = "person.profile"
EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Profile:
    """What the sealed record holds."""

    email: str | None = field(repr=False)
    display_name: str = field(repr=False)


def seal_profile(data: PersonalData, person_id: UUID, profile: Profile) -> bytes:
    """Raises PersonErased."""
    return data.seal(person_id, PURPOSE, {"email": profile.email, "display_name": profile.display_name})


def open_profile(data: PersonalData, person_id: UUID, sealed: bytes | None) -> Profile:
    """Raises PersonErased, SealBroken."""
    opened = data.open(person_id, PURPOSE, sealed)
    email = opened["email"]
    return Profile(None if email is None else str(email), str(opened["display_name"]))


def email_index(data: PersonalData, email: str) -> bytes:
    """Finds the account of a normalised address."""
    return data.index(EMAIL, email)
