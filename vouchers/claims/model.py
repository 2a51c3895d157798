"""Links, claims, and the code that people are given."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from people.identity.model import IdentityLevel
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId, VoucherId

LOCATOR_BYTES = 8
SECRET_BYTES = 17
"""136 bits; with the locator 25 bytes, which are 40 letters and digits without padding."""
CODE_LENGTH = 40


class LinkPurpose(StrEnum):
    CLAIM = "claim"
    VISIT = "visit"
    """A check-in: shown in the shop, good once a day for each visitor."""
    REFERRAL = "referral"
    """A person's own: the newcomer claims with it, and both get a voucher."""


class ClaimSource(StrEnum):
    LINK = "link"
    WELCOME = "welcome"
    DROP = "drop"
    TICKET = "ticket"


class ClaimStatus(StrEnum):
    REQUESTED = "requested"
    ISSUED = "issued"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, repr=False)
class ClaimCode:
    """What a link, a QR code or a printed card carries: 40 characters of Base32 (A–Z, 2–7), fit for the alphanumeric
    mode of QR codes. The locator finds the row, the secret opens it; only the secret's hash is stored.

    Source: RFC 4648, section 6.
    """

    locator: bytes
    secret: bytes

    @classmethod
    def fresh(cls) -> Self:
        return cls(secrets.token_bytes(LOCATOR_BYTES), secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Typed by a person, so small letters and blanks are forgiven; None for what can be no code."""
        plain = text.replace(" ", "").replace("-", "").upper()
        if len(plain) != CODE_LENGTH:
            return None
        try:
            raw = base64.b32decode(plain)
        except (binascii.Error, ValueError):
            return None
        return cls(raw[:LOCATOR_BYTES], raw[LOCATOR_BYTES:])

    def reveal(self) -> str:
        """The code itself: for its owner, once."""
        return base64.b32encode(self.locator + self.secret).decode()

    @property
    def digest(self) -> bytes:
        """32 bytes SHA-256 of the secret: at 136 random bits nothing slower protects it better."""
        return hashlib.sha256(self.secret).digest()

    def opens(self, digest: bytes) -> bool:
        """Whether this is the secret with that digest, in constant time."""
        return hmac.compare_digest(self.digest, digest)

    def __repr__(self) -> str:
        return "ClaimCode(…)"


@dataclass(frozen=True, slots=True)
class ClaimLink:
    """A link.

    Attributes:
        uses: How often it can be used; None: as long as the campaign has vouchers.
        used: Times used, failed claims apart.
        per_identity: Vouchers that one identity gets by it; None: no limit of its own.
        trigger_id: Of visits and referrals: the trigger that says what is earned.
        person_id: Of referrals: whose it is.
        level: How well somebody must be known to claim by it.
    """

    id: UUID
    tenant_id: UUID
    campaign_id: CampaignId
    purpose: LinkPurpose
    uses: int | None
    used: int
    per_identity: int | None
    closes_at: datetime | None
    revoked_at: datetime | None
    trigger_id: UUID | None
    person_id: UUID | None
    note: str | None
    created_at: datetime
    level: IdentityLevel = IdentityLevel.WALLET


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a holder claims with by any transaction of their own (EVM). `signature`: 65 bytes r ‖ s ‖ v."""

    voucher: VoucherId
    holder: AccountId
    valid_before: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """One person's claim.

    Attributes:
        device: 32-byte hash of what names the device; None when it was not told.
        voucher: Known before its transaction for drops and tickets, afterwards for links.
        ticket: Of tickets: what was signed.
    """

    id: UUID
    tenant_id: UUID
    campaign_id: CampaignId
    chain: ChainId
    source: ClaimSource
    link_id: UUID | None
    person_id: UUID
    account: AccountId
    status: ClaimStatus
    issuance_id: UUID | None
    payment_id: UUID | None
    attempt: int
    voucher: VoucherId | None
    valid_before: int | None
    signature: bytes | None
    failure: Mapping[str, Any] | None
    created_at: datetime

    @property
    def ticket(self) -> Ticket | None:
        if self.signature is None or self.voucher is None or self.valid_before is None:
            return None
        return Ticket(self.voucher, self.account, self.valid_before, self.signature)
