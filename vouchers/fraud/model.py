"""What the patterns look at, and what they name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wallets.risk.model import Assessment, Finding

Account = str
"""CAIP-10 text: the patterns compare accounts and never call them."""


@dataclass(frozen=True, slots=True)
class PaidOrder:
    """An order that is paid for good, or whose payment is on its way.

    Attributes:
        merchant: The organisation.
        cashier: The person who made the order.
        holder: The person who paid; None: somebody with an account elsewhere.
        account: From which it was paid.
        campaigns: Of the vouchers that it redeemed, with the least that must be spent for each, in minor units.
        total_minor, discount_minor: Before the discount, and the discount.
    """

    id: UUID
    merchant: UUID
    cashier: UUID
    holder: UUID | None
    account: Account
    campaigns: Mapping[str, int]
    total_minor: int
    discount_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MadeClaim:
    """A voucher that somebody claimed. `device`: a hash of what the browser is known by; None: not told."""

    campaign: str
    person: UUID
    account: Account
    device: bytes | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Handed:
    """A voucher that went from one account to another."""

    campaign: str
    voucher: str
    sender: Account
    recipient: Account
    at: datetime


@dataclass(frozen=True, slots=True)
class Payback:
    """Money that a merchant, or somebody of its staff, sent to an account that had paid there; refunds of orders are
    none."""

    merchant: UUID
    recipient: Account
    amount_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Flows:
    """A window of time of what belongs together: the orders of one merchant or the acts of one campaign.

    Attributes:
        staff: Persons of each merchant.
    """

    orders: Sequence[PaidOrder] = ()
    claims: Sequence[MadeClaim] = ()
    handed: Sequence[Handed] = ()
    paybacks: Sequence[Payback] = ()
    staff: Mapping[UUID, frozenset[UUID]] | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that holds.

    Attributes:
        name: `cash_out`, `claim_farm`, `self_redemption`, `reciprocal` or `round_trip`.
        about: What it is about, by which it is found again: a merchant, a pair of accounts, a campaign's collector.
        campaign: Whose owner is told; None: the merchant is.
        merchant: Where it happened; None: it is about accounts alone.
    """

    name: str
    about: tuple[str, ...]
    findings: tuple[Finding, ...]
    campaign: str | None
    merchant: UUID | None

    @property
    def assessment(self) -> Assessment:
        return Assessment.of(self.findings)

    @property
    def key(self) -> str:
        return ":".join((self.name, *self.about))

    @property
    def digest(self) -> bytes:
        """32 bytes SHA-256 of the key."""
        return hashlib.sha256(self.key.encode()).digest()
