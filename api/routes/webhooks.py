"""/webhooks: an organisation's events, sent to its own server and signed (docs/webhooks.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import WebhooksDep
from api.errors import problems
from api.paging import Page, Paging
from api.schemas.webhooks import (
    DeliveryDetail,
    DeliveryRead,
    WebhookChange,
    WebhookCreate,
    WebhookMade,
    WebhookRead,
)
from api.security import Manager
from people.webhooks.model import DeliveryStatus
from primitives.errors import InvalidValue, NotAuthenticated, NotFound, NotPermitted, WebhookOff

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_CLOSED = (NotAuthenticated, NotFound, NotPermitted)


@router.post("", status_code=201, responses=problems(*_CLOSED, InvalidValue))
async def create_webhook(body: WebhookCreate, member: Manager, webhooks: WebhooksDep) -> WebhookMade:
    """An endpoint and its secret, which is shown this once. Addresses inside our own network are refused."""
    secret, endpoint = await webhooks.create(member.tenant_id, body.url, body.events)
    return WebhookMade.made(secret, endpoint)


@router.get("", responses=problems(*_CLOSED))
async def list_webhooks(member: Manager, webhooks: WebhooksDep) -> Page[WebhookRead]:
    """The organisation's endpoints, oldest first."""
    return Page[WebhookRead].whole([WebhookRead.of(one) for one in await webhooks.list(member.tenant_id)])


@router.get("/{webhook_id}", responses=problems(*_CLOSED))
async def read_webhook(webhook_id: UUID, member: Manager, webhooks: WebhooksDep) -> WebhookRead:
    """One endpoint."""
    return WebhookRead.of(await webhooks.get(member.tenant_id, webhook_id))


@router.put("/{webhook_id}", responses=problems(*_CLOSED, InvalidValue))
async def change_webhook(webhook_id: UUID, body: WebhookChange, member: Manager, webhooks: WebhooksDep) -> WebhookRead:
    """Where, what, and whether at all; switched on again, what waited is sent."""
    changed = await webhooks.change(member.tenant_id, webhook_id, body.url, body.events, active=body.active)
    return WebhookRead.of(changed)


@router.delete("/{webhook_id}", status_code=204, responses=problems(*_CLOSED))
async def remove_webhook(webhook_id: UUID, member: Manager, webhooks: WebhooksDep) -> None:
    """The endpoint, with its log; what was on its way is not sent."""
    await webhooks.remove(member.tenant_id, webhook_id)


@router.post("/{webhook_id}/secret", responses=problems(*_CLOSED))
async def rotate_webhook_secret(webhook_id: UUID, member: Manager, webhooks: WebhooksDep) -> WebhookMade:
    """Another secret, shown this once; for 24 hours both sign, so that the receiver can change over."""
    return WebhookMade.made(*await webhooks.rotate(member.tenant_id, webhook_id))


@router.post("/{webhook_id}/test", status_code=202, responses=problems(*_CLOSED, WebhookOff))
async def test_webhook(webhook_id: UUID, member: Manager, webhooks: WebhooksDep) -> DeliveryRead:
    """Send an event `webhook.test` that means nothing."""
    return DeliveryRead.of(await webhooks.test(member.tenant_id, webhook_id))


@router.get("/{webhook_id}/deliveries", responses=problems(*_CLOSED, InvalidValue))
async def list_webhook_deliveries(
    webhook_id: UUID,
    member: Manager,
    webhooks: WebhooksDep,
    paging: Paging,
    status: Annotated[DeliveryStatus | None, Query(description="Only these")] = None,
) -> Page[DeliveryRead]:
    """What was sent and what waits, newest first; kept for 30 days."""
    after = paging.after(str, str)
    place = None if after is None else _place(*after)
    found = await webhooks.deliveries(member.tenant_id, webhook_id, status, place, paging.limit + 1)
    return paging.page(found, DeliveryRead.of, lambda one: (one.created_at.isoformat(), str(one.id)))


@router.get("/{webhook_id}/deliveries/{message_id}", responses=problems(*_CLOSED))
async def read_webhook_delivery(
    webhook_id: UUID, message_id: UUID, member: Manager, webhooks: WebhooksDep
) -> DeliveryDetail:
    """One delivery with its body and every attempt."""
    return DeliveryDetail.whole(*await webhooks.delivery(member.tenant_id, webhook_id, message_id))


@router.post(
    "/{webhook_id}/deliveries/{message_id}/redeliver", status_code=202, responses=problems(*_CLOSED, WebhookOff)
)
async def redeliver_webhook(webhook_id: UUID, message_id: UUID, member: Manager, webhooks: WebhooksDep) -> DeliveryRead:
    """Send it again now, under the same event id, whatever became of it."""
    return DeliveryRead.of(await webhooks.redeliver(member.tenant_id, webhook_id, message_id))


def _place(moment: str, row: str) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(moment), UUID(row)
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
