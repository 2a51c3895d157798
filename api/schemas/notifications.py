"""Schemas of notifications, preferences, and followed merchants."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.languages import Language
from api.schemas.base import Moment, RequestBody, ResponseBody
from people.notifications.model import Notification, NotificationKind, Preferences
from people.notifications.texts import text_of


class NotificationRead(ResponseBody):
    """One thing told to the caller, in the caller's language and zone."""

    id: UUID
    kind: NotificationKind
    title: str = Field(examples=["3 vouchers end soon"])
    body: str = Field(examples=["“满100减20” can be used until 31 May 2026, 23:59 (Asia/Shanghai)."])
    facts: dict[str, Any] = Field(description="Ids and names behind the text", examples=[{"campaign": "0a1b"}])
    created_at: Moment
    read_at: Moment | None

    @classmethod
    def of(cls, notification: Notification, preferences: Preferences, language: Language) -> Self:
        text = text_of(notification, preferences, preferences.language or language)
        return cls(
            id=notification.id,
            kind=notification.kind,
            title=text.title,
            body=text.body,
            facts=dict(notification.facts),
            created_at=notification.created_at,
            read_at=notification.read_at,
        )


class UnreadRead(ResponseBody):
    """How many notifications are unread."""

    count: int


class NotificationsRead(RequestBody):
    """Which notifications were read."""

    ids: list[UUID] | None = Field(default=None, max_length=500, description="All of them where this is left out")


class PreferencesBody(RequestBody):
    """What a person wants to be told, how, and in which words."""

    language: Language | None = Field(default=None, description="Null: as the request asks; mails in both")
    zone: str | None = Field(default=None, max_length=60, description="IANA name", examples=["Asia/Shanghai"])
    mail: list[NotificationKind] = Field(default=[], max_length=20, description="Also by mail, to a verified address")
    muted: list[NotificationKind] = Field(
        default=[], max_length=20, description="Not told at all; `frozen` cannot be muted"
    )


class PreferencesRead(ResponseBody):
    """What holds for the caller."""

    language: Language | None
    zone: str | None
    mail: list[NotificationKind]
    muted: list[NotificationKind]

    @classmethod
    def of(cls, chosen: Preferences) -> Self:
        return cls(language=chosen.language, zone=chosen.zone, mail=sorted(chosen.mail), muted=sorted(chosen.muted))


class FollowedRead(ResponseBody):
    """A merchant that the caller follows."""

    merchant: UUID
    name: str = Field(examples=["梅记茶馆"])
    since: Moment

    @classmethod
    def of(cls, row: tuple[UUID, str, datetime]) -> Self:
        return cls(merchant=row[0], name=row[1], since=row[2])
