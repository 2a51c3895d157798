"""Presentments and recorded tender, as stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

LOCKED = 0
"""The attempt's number under which gifts are reserved for a lock, before there is any attempt."""


class RemainderBy(StrEnum):
    """How the part that vouchers do not cover is paid."""

    ONCHAIN = "onchain"
    """In the same transaction as the vouchers."""
    RECORDED = "recorded"
    """To the merchant, who enters it: attested, never proved."""


class TenderMethod(StrEnum):
    CASH = "cash"
    CARD_TERMINAL = "card_terminal"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RecordedTender:
    """Money that a merchant says it took. `amount_minor` in the order's currency."""

    order_id: UUID
    tenant_id: UUID
    method: TenderMethod
    amount_minor: int
    reference: str | None
    entered_by: UUID
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Presentment:
    """What a holder showed at a till. `tenant_id` is the holder; merchant and order are known once it is used."""

    id: UUID
    tenant_id: UUID
    expires_at: datetime
    merchant_id: UUID | None
    order_id: UUID | None
    used_at: datetime | None
