"""Schemas of registration, sessions and unlocking."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, SecretStr

from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from people.caller import Caller
from people.persons.model import Person
from people.roles import MemberRole, PlatformRole
from people.sessions.model import LoginMethod, Session

Email = Annotated[str, Field(min_length=3, max_length=254, examples=["mei@example.com"])]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=1024, examples=["correct horse battery staple"])]


Code = Annotated[str, Field(min_length=6, max_length=40, examples=["123456"])]
"""A code of an authenticator (6 digits) or a recovery code."""

Device = Annotated[Line, Field(description="Label in the list of sessions", examples=["Mei's phone"])]
DEVICE = "unnamed device"
Transport = Annotated[
    Literal["bearer", "cookie"],
    Field(description="`cookie` sets an HttpOnly session cookie and keeps the token out of the answer (for pages)"),
]
TRANSPORT: Literal["bearer"] = "bearer"


class Registration(RequestBody):
    """A new person."""

    email: Email = Field(description="Kept in lower case; one mailbox is one account")
    password: Secret = Field(description="10 to 256 characters")
    display_name: Line = Field(description="Shown to members of the same organisation", examples=["梅"])


class RegistrationBegun(ResponseBody):
    """How every registration of this installation goes on."""

    next: Literal["log_in", "look_into_your_mail"] = Field(
        description="The same for everybody: it says nothing of who is registered"
    )


class PersonRead(ResponseBody):
    """A person."""

    id: UUID = Field(description="Also the tenant of what the person owns")
    email: str | None = Field(examples=["mei@example.com"], description="Null for who signs in with a wallet only")
    email_verified: bool = Field(description="Whether the person has shown to read the mailbox")
    display_name: str = Field(examples=["梅"])

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(
            id=person.id,
            email=person.email,
            email_verified=person.email_verified,
            display_name=person.display_name,
        )

    @classmethod
    def of_caller(cls, caller: Caller) -> Self:
        return cls(
            id=caller.person_id,
            email=caller.email,
            email_verified=caller.email_verified,
            display_name=caller.display_name,
        )


class Login(RequestBody):
    """E-mail and password."""

    email: str = Field(min_length=1, max_length=254, examples=["mei@example.com"])
    password: Secret
    code: Code | None = Field(
        default=None, description="Six digits of the authenticator, or a recovery code, where a second factor is used"
    )
    device: Device = DEVICE
    transport: Transport = TRANSPORT


class SessionOpened(ResponseBody):
    """A new or renewed session."""

    token: str | None = Field(description="For `Authorization: Bearer`; null with the cookie transport")
    csrf_token: str = Field(description="For the header `X-CSRF-Token` of writes by cookie")
    session_id: UUID
    expires_at: Moment


class MembershipRead(ResponseBody):
    """The caller's role in one organisation."""

    organisation_id: UUID
    role: MemberRole = Field(examples=["owner"])


class Me(ResponseBody):
    """The caller and the session of this request."""

    person: PersonRead
    platform_roles: list[PlatformRole] = Field(examples=[["auditor"]])
    memberships: list[MembershipRead]
    session_id: UUID
    session_expires_at: Moment
    csrf_token: str = Field(description="For the header `X-CSRF-Token` of writes by cookie")
    passphrase_set: bool = Field(description="Whether the caller's keystore has its passphrase")
    unlocked_until: Moment | None = Field(description="When the keys lock themselves; null while they are locked")


class SessionRead(ResponseBody):
    """One device."""

    id: UUID
    device: str = Field(examples=["Mei's phone"])
    created_at: Moment
    last_seen_at: Moment = Field(description="To the minute")
    expires_at: Moment
    current: bool = Field(description="Whether it is the session of this request")
    method: LoginMethod = Field(description="How it was opened")

    @classmethod
    def of(cls, session: Session, *, current: UUID) -> Self:
        return cls(
            id=session.id,
            device=session.device,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            current=session.id == current,
            method=session.method,
        )


class Passphrase(RequestBody):
    """The passphrase of the caller's keystore: not the login password, and never recoverable."""

    passphrase: Secret


class UnlockRead(ResponseBody):
    """The keys are usable by this session until then."""

    unlocked_until: Moment


class PasswordChange(RequestBody):
    """Another login password; every other session ends."""

    old: SecretStr = Field(
        default=SecretStr(""), max_length=1024, description="The one until now; empty for who has none yet"
    )
    new: Secret = Field(description="10 to 256 characters")


class PassphraseChange(RequestBody):
    """Another passphrase of the keystore; every unlock ends."""

    old: Secret
    new: Secret = Field(description="8 to 1,024 characters")


class Token(RequestBody):
    """A one-time code from a mail or an invitation."""

    token: str = Field(
        min_length=20,
        max_length=100,
        pattern=r"^[A-Za-z0-9_-]+$",
        examples=["Pyscmt0A4cSLX3ptHCOZ3kq8l0m4x2Q7c1ZkG0b5r9E"],
    )
