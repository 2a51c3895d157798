"""A session, and the token that opens it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

TOKEN_BYTES = 32


class LoginMethod(StrEnum):
    """How a session was opened."""

    PASSWORD = "password"  # noqa: S105
    SECOND_FACTOR = "second_factor"
    """Password and a code."""
    PASSKEY = "passkey"
    WALLET = "wallet"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class SessionToken:
    """256 random bits as URL-safe text; only its SHA-256 is stored. Shows nothing of itself."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        return cls(secrets.token_urlsafe(TOKEN_BYTES))

    @property
    def digest(self) -> bytes:
        """SHA-256, 32 bytes. A plain hash is enough for 256 random bits."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def csrf(self) -> str:
        """What a page sends back in a header to show that it can read our answers; tells nothing of the token."""
        return hashlib.sha256(b"quanbao csrf\x00" + self.text.encode()).hexdigest()

    def __str__(self) -> str:
        return "SessionToken(…)"


@dataclass(frozen=True, slots=True)
class Session:
    """One device of one person. `device`: a label from the client, shown in the list of sessions."""

    id: UUID
    person_id: UUID
    device: str = field(repr=False)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    method: LoginMethod = LoginMethod.PASSWORD
