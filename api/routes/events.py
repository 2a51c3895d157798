"""/events: what concerns the caller, as it happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.dependencies import EventFeedDep
from api.errors import problems
from api.schemas.events import EventRead
from api.security import CallingPerson, CurrentSession, identify
from keystore import PLATFORM_TENANT
from people.events.model import EventCursor
from people.roles import PlatformRole
from primitives.errors import InvalidValue, NotAuthenticated

router = APIRouter(tags=["events"])

_RECHECK_SECONDS = 10.0
"""A revoked session, or a role taken away, ends or narrows the stream within this time."""


async def _start_place(
    caller: CallingPerson,
    feed: EventFeedDep,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", max_length=40, description="Go on behind this event")
    ] = None,
) -> EventCursor:
    """Found before the answer starts, so that a wrong place is a problem and not a broken stream."""
    return await feed.start_place(last_event_id)


@router.get("/events", response_class=EventSourceResponse, responses=problems(NotAuthenticated, InvalidValue))
async def stream_events(
    request: Request,
    session: CurrentSession,
    feed: EventFeedDep,
    place: Annotated[EventCursor, Depends(_start_place)],
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events for the caller and the caller's organisations (operators: the platform's too); resumes by
    `Last-Event-ID` and misses none."""
    yield ServerSentEvent(comment="listening", id=str(place), retry=2000)
    while True:
        try:
            caller = await identify(request, session.token)
        except NotAuthenticated:
            return
        tenants = caller.tenants
        if PlatformRole.OPERATOR in caller.platform_roles:
            tenants |= {PLATFORM_TENANT}
        for event in await feed.next(tenants, place, within_seconds=_RECHECK_SECONDS):
            place = event.cursor
            yield ServerSentEvent(data=EventRead.of(event).model_dump(mode="json"), id=str(place))
