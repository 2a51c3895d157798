"""/notifications: what the caller was told, and how the caller wants to be told. Live: `GET /events`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from api.dependencies import NotificationsDep
from api.errors import problems
from api.languages import preferred_language
from api.paging import Page, Paging
from api.schemas.notifications import (
    FollowedRead,
    NotificationRead,
    NotificationsRead,
    PreferencesBody,
    PreferencesRead,
    UnreadRead,
)
from api.security import CallingPerson
from people.notifications.model import checked_preferences
from primitives.errors import InvalidValue, NotAuthenticated, NotFound

router = APIRouter(prefix="/notifications", tags=["notifications"])


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def list_notifications(
    request: Request,
    caller: CallingPerson,
    notifications: NotificationsDep,
    paging: Paging,
    unread: Annotated[bool, Query(description="Only those")] = False,
) -> Page[NotificationRead]:
    """Newest first, in the caller's language and zone; kept for 180 days."""
    after = paging.after(str, str)
    place = None if after is None else _place(*after)
    found, chosen = await notifications.list(caller.person_id, unread=unread, after=place, limit=paging.limit + 1)
    language = preferred_language(request.headers.get("accept-language"))
    return paging.page(
        found,
        lambda one: NotificationRead.of(one, chosen, language),
        lambda one: (one.created_at.isoformat(), str(one.id)),
    )


@router.get("/unread", responses=problems(NotAuthenticated))
async def count_unread_notifications(caller: CallingPerson, notifications: NotificationsDep) -> UnreadRead:
    """How many are unread."""
    return UnreadRead(count=await notifications.unread(caller.person_id))


@router.post("/read", status_code=204, responses=problems(NotAuthenticated))
async def read_notifications(body: NotificationsRead, caller: CallingPerson, notifications: NotificationsDep) -> None:
    """These were read, or all of them."""
    await notifications.mark_read(caller.person_id, body.ids)


@router.get("/preferences", responses=problems(NotAuthenticated))
async def read_notification_preferences(caller: CallingPerson, notifications: NotificationsDep) -> PreferencesRead:
    """What the caller wants to be told, how, and in which words."""
    return PreferencesRead.of(await notifications.preferences(caller.person_id))


@router.put("/preferences", responses=problems(NotAuthenticated, InvalidValue))
async def choose_notification_preferences(
    body: PreferencesBody, caller: CallingPerson, notifications: NotificationsDep
) -> PreferencesRead:
    """Choose language, zone, and what comes by mail or not at all."""
    chosen = checked_preferences(body.language, body.zone, body.mail, body.muted)
    return PreferencesRead.of(await notifications.choose(caller.person_id, chosen))


@router.get("/following", responses=problems(NotAuthenticated))
async def list_followed_merchants(caller: CallingPerson, notifications: NotificationsDep) -> Page[FollowedRead]:
    """Merchants whose launches the caller is told of, the latest first."""
    return Page[FollowedRead].whole([FollowedRead.of(row) for row in await notifications.following(caller.person_id)])


@router.put("/following/{merchant_id}", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def follow_merchant(merchant_id: UUID, caller: CallingPerson, notifications: NotificationsDep) -> None:
    """Be told of a merchant's launches."""
    await notifications.follow(caller.person_id, merchant_id)


@router.delete("/following/{merchant_id}", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def unfollow_merchant(merchant_id: UUID, caller: CallingPerson, notifications: NotificationsDep) -> None:
    """Be told no longer."""
    await notifications.unfollow(caller.person_id, merchant_id)


def _place(moment: str, row: str) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(moment), UUID(row)
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
