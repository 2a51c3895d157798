"""Schemas of locks, presentments and recorded tender."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from vouchers.till.model import Presentment, RecordedTender, TenderMethod
from vouchers.till.service import MAX_LOCK_SECONDS, ShownCode


class LockRequest(RequestBody):
    """Hold a quote for a while."""

    quote: UUID
    lock_seconds: int = Field(ge=1, le=MAX_LOCK_SECONDS, strict=True, examples=[60])


class LockRead(ResponseBody):
    quote: UUID
    locked_until: Moment


class PresentmentRead(ResponseBody):
    """A code that a till scans once. It shows who is there; it authorises nothing."""

    id: UUID
    expires_at: Moment
    order: UUID | None = Field(description="Known once a till has scanned it: look at the order, then pay")
    used_at: Moment | None

    @classmethod
    def of(cls, found: Presentment) -> Self:
        return cls(id=found.id, expires_at=found.expires_at, order=found.order_id, used_at=found.used_at)


class PresentmentCreated(ResponseBody):
    """Shown once."""

    id: UUID
    secret: str = Field(description="128 random bits: what the QR carries")
    qr: str = Field(description="The text of the QR", examples=["quanbao:present:q83vEjRWeJCrze8SNFZ4kA"])
    expires_at: Moment

    @classmethod
    def of(cls, code: ShownCode) -> Self:
        return cls(id=code.id, secret=code.secret, qr=f"quanbao:present:{code.secret}", expires_at=code.expires_at)


class ScanRequest(RequestBody):
    """What the till read from a holder's device."""

    secret: str = Field(min_length=20, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


class ScanRead(ResponseBody):
    """The holder was asked to pay; watch the order."""

    presentment: UUID
    order: UUID


class TenderCreate(RequestBody):
    """Money that the till took: exactly what is left to pay."""

    method: TenderMethod
    amount_minor: int = Field(ge=0, lt=2**53, strict=True)
    reference: Line | None = Field(default=None, description="A slip's number, for instance")


class TenderRead(ResponseBody):
    """Entered by the merchant: attested, never proved."""

    method: TenderMethod
    amount_minor: int
    reference: str | None
    entered_at: Moment
    attested: bool = True

    @classmethod
    def of(cls, tender: RecordedTender) -> Self:
        return cls(
            method=tender.method,
            amount_minor=tender.amount_minor,
            reference=tender.reference,
            entered_at=tender.entered_at,
        )
