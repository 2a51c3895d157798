"""Schemas of organisations and members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field

from api.organisation_accounts import OrganisationAccount
from api.schemas.auth import Email
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from people.organisations.model import Member, Organisation
from people.privacy.masking import masked_email
from people.roles import MemberRole


class OrganisationCreate(RequestBody):
    """A new organisation; the caller becomes its owner."""

    name: Line = Field(description="Shown to holders of its vouchers", examples=["梅记茶馆"])


class OrganisationAccountRead(ResponseBody):
    """One of its accounts on a chain."""

    purpose: str = Field(description="`issuer` issues vouchers; `treasury` pays and is paid", examples=["treasury"])
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    account: str = Field(description="CAIP-10", examples=["eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"])

    @classmethod
    def of(cls, account: OrganisationAccount) -> Self:
        return cls(purpose=account.purpose.value, chain=str(account.account.chain), account=str(account.account))


class OrganisationRead(ResponseBody):
    """An organisation as its members see it."""

    id: UUID = Field(description="Also the tenant of what it owns")
    name: str = Field(examples=["梅记茶馆"])
    role: MemberRole = Field(description="The caller's role in it")
    created_at: Moment
    accounts: list[OrganisationAccountRead] = Field(description="Empty until its accounts on the chains are made")

    @classmethod
    def of(cls, organisation: Organisation, role: MemberRole, accounts: Sequence[OrganisationAccount]) -> Self:
        return cls(
            id=organisation.id,
            name=organisation.name,
            role=role,
            created_at=organisation.created_at,
            accounts=[OrganisationAccountRead.of(account) for account in accounts],
        )


class MemberAdd(RequestBody):
    """A registered person to add, or a member whose role changes."""

    email: Email
    role: MemberRole = Field(examples=["cashier"])


class MemberRead(ResponseBody):
    """A member."""

    person_id: UUID
    email: str | None = Field(examples=["li@example.com"], description="Masked for all but owners")
    display_name: str = Field(examples=["李"])
    role: MemberRole
    since: Moment

    @classmethod
    def of(cls, member: Member, *, masked: bool = False) -> Self:
        return cls(
            person_id=member.person_id,
            email=masked_email(member.email) if masked else member.email,
            display_name=member.display_name,
            role=member.role,
            since=member.since,
        )
