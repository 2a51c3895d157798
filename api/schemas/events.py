"""Schema of the event stream."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.schemas.base import Moment, ResponseBody
from people.events.model import Event


class EventRead(ResponseBody):
    """What happened. Fetch what the ids name for the record itself."""

    kind: str = Field(examples=["payment.final"])
    tenant_id: UUID = Field(description="The person or the organisation that it concerns")
    data: dict[str, Any] = Field(examples=[{"payment_id": "7c0e4a52-3a0e-4f5e-9b39-0a5b0f6a7f11"}])
    created_at: Moment

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(kind=event.kind, tenant_id=event.tenant_id, data=dict(event.data), created_at=event.created_at)
