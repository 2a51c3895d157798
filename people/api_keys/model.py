"""An API key, its scopes and its networks."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Self
from uuid import UUID

from primitives.errors import InvalidValue

PREFIX = "qbk_"
MAX_NETWORKS = 20
RESOURCES = (
    "activity",
    "alerts",
    "assets",
    "audit",
    "campaigns",
    "chains",
    "claims",
    "events",
    "freezes",
    "gifts",
    "orders",
    "organisations",
    "payment-requests",
    "points",
    "policies",
    "refunds",
    "settlements",
    "solana-pay",
    "swaps",
    "transfers",
    "vouchers",
    "wallets",
    "webhooks",
)
"""What keys may be for: tags of the API's routes."""

FOR_PERSONS = frozenset(
    {
        "address-book",
        "auth",
        "cases",
        "consents",
        "dapps",
        "identity",
        "invitations",
        "notifications",
        "people",
        "spending",
    }
)
"""Tags that no key opens: login, second factors, personal data, consent, what is asked of a person, key material and
keys themselves. Whatever is in neither list is for persons too."""

READ_ONLY = frozenset({"alerts", "audit", "chains", "events", "freezes", "organisations", "policies", "wallets"})
"""Of these a key changes nothing: what stops a payment, and what lets it go on again, is a person's word."""
SCOPES = frozenset(f"{name}:read" for name in RESOURCES) | frozenset(
    f"{name}:write" for name in RESOURCES if name not in READ_ONLY
)


@dataclass(frozen=True, slots=True)
class ApiKeyToken:
    """`qbk_` and 256 random bits; only its SHA-256 is stored. Shows nothing of itself."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        return cls(PREFIX + secrets.token_urlsafe(32))

    @property
    def digest(self) -> bytes:
        """SHA-256, 32 bytes."""
        return hashlib.sha256(self.text.encode()).digest()

    def __str__(self) -> str:
        return "ApiKeyToken(…)"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key.

    Attributes:
        organisation_id: What it acts for; None: for the person, and for nothing of an organisation.
        scopes: `resource:read` and `resource:write`.
        networks: Where it may be used from; empty: anywhere.
    """

    id: UUID
    person_id: UUID
    organisation_id: UUID | None
    label: str = field(repr=False)
    scopes: frozenset[str]
    networks: Sequence[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


def checked_scopes(scopes: Collection[str]) -> frozenset[str]:
    """Raises InvalidValue: none, or one that does not exist."""
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise InvalidValue(f"scopes are of: {', '.join(sorted(SCOPES))}", unknown=unknown[:5])
    return frozenset(scopes)


def checked_networks(networks: Sequence[str]) -> list[str]:
    """In canonical form (`192.0.2.0/24`, `2001:db8::/32`). Raises InvalidValue."""
    if len(networks) > MAX_NETWORKS:
        raise InvalidValue(f"a key has at most {MAX_NETWORKS} networks")
    try:
        return [str(ip_network(text, strict=True)) for text in networks]
    except ValueError as error:
        raise InvalidValue(f"this is not a network: {error}") from error


def is_inside(address: str, networks: Sequence[str]) -> bool:
    """Whether an address belongs to one of the networks; an IPv4 address in IPv6 form counts as itself."""
    if not networks:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    known: list[IPv4Network | IPv6Network] = [ip_network(text) for text in networks]
    return any(parsed.version == network.version and parsed in network for network in known)
