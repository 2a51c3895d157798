"""A grant: who may read what."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from primitives.voucher_id import CampaignId

TOKEN_PREFIX = "qa_"  # noqa: S105 - what tokens begin with, so that leaks are found by scanners
_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Grant:
    """Read-only access to campaigns and to facts of a time.

    Attributes:
        campaigns: At least one.
        facts_since, facts_until: Block times that may be seen, Unix seconds, half-open.
    """

    id: UUID
    label: str
    campaigns: frozenset[CampaignId]
    facts_since: int
    facts_until: int
    created_by: UUID
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


def new_token() -> str:
    """192 random bits; only its hash is kept."""
    return TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """SHA-256, 32 bytes: the token is random, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()
