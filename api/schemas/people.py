"""Schemas of what a person has here: data, consent, identity, check-up, invitations."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from api.check_up import CheckItem
from api.schemas.auth import Email
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from people.consents.model import TEXTS, Consent, Purpose
from people.identity.model import MAX_DOCUMENT_BYTES, MEDIA_TYPES, IdentityLevel, Review, ReviewStatus
from people.invitations.service import Invitation
from people.roles import MemberRole

Level = Literal["wallet", "email", "document"]


def level_word(level: IdentityLevel) -> Level:
    """As the API writes it."""
    words: dict[IdentityLevel, Level] = {
        IdentityLevel.WALLET: "wallet",
        IdentityLevel.EMAIL: "email",
        IdentityLevel.DOCUMENT: "document",
    }
    return words[level]


class Rename(RequestBody):
    """Another name."""

    display_name: Line = Field(examples=["梅"])


class Erase(RequestBody):
    """Erase the caller for good. Keys in the keystore can no longer be reached: save your words first."""

    password: SecretStr = Field(
        default=SecretStr(""), max_length=1024, description="Asked again; empty for who has none"
    )
    confirm: Literal["erase me"] = Field(description="Typed by the person")


class PersonDataRead(ResponseBody):
    """Everything that is kept about the caller. Built for this answer and kept nowhere."""

    data: dict[str, Any] = Field(examples=[{"format": 1, "person": {"display_name": "梅"}}])


class CheckItemRead(ResponseBody):
    """One line of the check-up."""

    id: str = Field(examples=["second_factor"])
    state: Literal["ok", "advice", "mend"]
    says: str = Field(description="What is, in the caller's language", examples=["没有第二重验证"])
    mend: str | None = Field(description="What to do, in the caller's language", examples=["添加通行密钥或验证器"])
    act: str | None = Field(description="The route that mends it", examples=["POST /auth/totp"])
    facts: dict[str, Any] = Field(examples=[{"recovery_codes_left": 10}])

    @classmethod
    def of(cls, item: CheckItem, *, chinese: bool) -> Self:
        return cls(
            id=item.id,
            state=item.state,
            says=item.says[1] if chinese else item.says[0],
            mend=None if item.mend is None else (item.mend[1] if chinese else item.mend[0]),
            act=item.act,
            facts=dict(item.facts),
        )


class CheckUpRead(ResponseBody):
    """What to mend, the most urgent first."""

    items: list[CheckItemRead]
    tip: CheckItemRead | None = Field(description="The one thing to say at a moment of risk; null: all is well")


class ConsentRead(ResponseBody):
    """One purpose."""

    purpose: Purpose
    text: str = Field(description="What is agreed to, in the caller's language")
    given: bool
    given_at: Moment | None

    @classmethod
    def of(cls, consent: Consent, *, chinese: bool) -> Self:
        return cls(
            purpose=consent.purpose,
            text=TEXTS[consent.purpose][1 if chinese else 0],
            given=consent.given_at is not None,
            given_at=consent.given_at,
        )


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("must be base64") from None
    return text


class ReviewSubmit(RequestBody):
    """A document for a person to look at."""

    kind: Literal["identity_card", "passport", "business_licence", "other"] = Field(examples=["passport"])
    media_type: Literal["image/jpeg", "image/png", "application/pdf"]
    document: Annotated[
        str,
        StringConstraints(min_length=8, max_length=MAX_DOCUMENT_BYTES * 4 // 3 + 4),
        AfterValidator(_base64),
        Field(description="Base64, at most 640 KiB", examples=["iVBORw0KGgo="]),
    ]

    def content(self) -> bytes:
        return base64.b64decode(self.document)


assert set(MEDIA_TYPES) == {"image/jpeg", "image/png", "application/pdf"}


class ReviewRead(ResponseBody):
    """A review, without its document."""

    id: UUID
    person_id: UUID
    kind: str
    media_type: str
    status: ReviewStatus
    submitted_at: Moment
    decided_at: Moment | None
    reason: str | None = Field(description="The reviewer's words to the person")

    @classmethod
    def of(cls, review: Review) -> Self:
        return cls(
            id=review.id,
            person_id=review.person_id,
            kind=review.kind,
            media_type=review.media_type,
            status=review.status,
            submitted_at=review.submitted_at,
            decided_at=review.decided_at,
            reason=review.reason,
        )


class ReviewDocument(ReviewRead):
    """A waiting review with what its reviewer must see."""

    name: str = Field(description="What the person is called here")
    document: str = Field(description="Base64; gone with the decision")

    @classmethod
    def whole(cls, review: Review) -> Self:
        return cls(
            **ReviewRead.of(review).model_dump(),
            name=review.name or "",
            document=base64.b64encode(review.document or b"").decode(),
        )


class Decision(RequestBody):
    """A person's decision, with the reason that the other reads."""

    approve: bool
    reason: Line = Field(examples=["Name and photograph agree"])


class IdentityRead(ResponseBody):
    """The caller's level. Only a person's decision gives `document`."""

    level: Level
    reviews: list[ReviewRead] = Field(description="Newest first")


class InvitationCreate(RequestBody):
    """Whom to ask in."""

    email: Email
    role: MemberRole = Field(examples=["cashier"])


class InvitationRead(ResponseBody):
    """An open invitation."""

    id: UUID
    organisation_id: UUID
    email: str = Field(examples=["li@example.com"])
    role: MemberRole
    created_at: Moment
    expires_at: Moment

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(
            id=invitation.id,
            organisation_id=invitation.organisation_id,
            email=invitation.email,
            role=invitation.role,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )


class InvitationMade(InvitationRead):
    """A fresh invitation."""

    token: str = Field(description="Also mailed where a mail server is configured; shown this once")

    @classmethod
    def made(cls, token: str, invitation: Invitation) -> Self:
        return cls(**InvitationRead.of(invitation).model_dump(), token=token)


class Joined(ResponseBody):
    """What was accepted."""

    organisation_id: UUID
    role: MemberRole


class CaughtMail(ResponseBody):
    """A mail that the catcher of a development installation holds."""

    to: str
    subject: str
    text: str
