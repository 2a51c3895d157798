"""Schemas of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import orjson
from pydantic import Field

from api.schemas.base import Moment, RequestBody, ResponseBody
from people.outbound.guard import MAX_URL_LENGTH
from people.webhooks.model import MAX_KINDS, Attempt, Delivery, DeliveryStatus, Endpoint, EndpointStatus

_URL = Field(max_length=MAX_URL_LENGTH, examples=["https://shop.example/hooks/quanbao"])
_EVENTS = Field(
    min_length=1,
    max_length=MAX_KINDS,
    description="Names (`order.paid`), groups (`order.*`), or everything (`*`)",
    examples=[["order.paid", "order.refunded"]],
)


class WebhookCreate(RequestBody):
    """A new endpoint."""

    url: str = _URL
    events: list[str] = _EVENTS


class WebhookChange(WebhookCreate):
    """What replaces an endpoint's settings."""

    active: bool = Field(default=True, description="True also switches one on again that we have switched off")


class WebhookRead(ResponseBody):
    """An endpoint, without its secret."""

    id: UUID
    url: str = _URL
    events: list[str] = _EVENTS
    status: EndpointStatus = Field(description="`disabled`: it failed for three days, or answered 410")
    failing_since: Moment | None = Field(description="When it last began to fail")
    reason: str | None = Field(description="Why it is disabled: `failing` or `gone`")
    created_at: Moment

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            events=list(endpoint.kinds),
            status=endpoint.status,
            failing_since=endpoint.failing_since,
            reason=endpoint.reason,
            created_at=endpoint.created_at,
        )


class WebhookMade(ResponseBody):
    """An endpoint with its secret, which is shown this once."""

    webhook: WebhookRead
    secret: str = Field(description="Keep it at the receiver", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    previous_until: Moment | None = Field(description="Until when the secret before signs as well")

    @classmethod
    def made(cls, secret: str, endpoint: Endpoint, previous_until: datetime | None = None) -> Self:
        return cls(webhook=WebhookRead.of(endpoint), secret=secret, previous_until=previous_until)


class DeliveryRead(ResponseBody):
    """One event on its way to one endpoint."""

    id: UUID
    event_id: str = Field(description="The header `webhook-id`; the same at every attempt", examples=["evt_5f0c"])
    type: str = Field(examples=["order.paid"])
    status: DeliveryStatus
    attempts: int
    created_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return cls(**_shared(delivery))


class AttemptRead(ResponseBody):
    """One request."""

    number: int
    at: Moment
    answer: int | None = Field(description="HTTP status; null: there was no answer")
    problem: str | None = Field(description="`timeout`, `no_answer`, `address_refused` or `secret_missing`")
    milliseconds: int

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        return cls(
            number=attempt.number,
            at=attempt.at,
            answer=attempt.answer,
            problem=attempt.problem,
            milliseconds=attempt.milliseconds,
        )


class DeliveryDetail(DeliveryRead):
    """With what is sent, and every attempt."""

    body: dict[str, Any] = Field(examples=[{"version": 1, "type": "order.paid"}])
    log: list[AttemptRead]

    @classmethod
    def whole(cls, delivery: Delivery, attempts: Sequence[Attempt]) -> Self:
        log = [AttemptRead.of(one) for one in attempts]
        return cls(**_shared(delivery), body=orjson.loads(delivery.body), log=log)


def _shared(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event_id": delivery.message_id,
        "type": delivery.kind,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "ended_at": delivery.ended_at,
    }
