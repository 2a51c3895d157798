"""Invite, accept, revoke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from people.events import publish
from people.invitations import sql
from people.mail import texts
from people.mail.sender import MailSender
from people.organisations.sql import lock_organisation, organisation_by_id, put_member, role_of
from people.persons.email import normalised_email
from people.persons.profile import email_index
from people.persons.sql import email_index_of
from people.privacy.personal_data import PersonalData
from people.roles import MemberRole
from persistence.database import Database
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.clock import Clock, SystemClock
from primitives.errors import NotFound, NotPermitted, OneTimeUsed, PersonErased, TooManyAttempts

log = structlog.get_logger()

INVITE_MAIL = "mail.invite"
_KIND = "invitation"
_PURPOSE = "invitation.email"
_MOST_A_DAY = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that is open."""

    id: UUID
    organisation_id: UUID
    email: str = field(repr=False)
    role: MemberRole
    created_at: datetime
    expires_at: datetime


class Invitations:
    """Invitations to an address. They are for the person with this address, used once, good for seven days.

    Args:
        sender: None where no mail server is configured: the owner hands the token over in another way.
    """

    def __init__(
        self,
        database: Database,
        data: PersonalData,
        sender: MailSender | None,
        public_url: str,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._data = data
        self._sender = sender
        self._public_url = public_url.rstrip("/")
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {INVITE_MAIL: self._send}

    async def invite(
        self, organisation_id: UUID, inviter_id: UUID, email: str, role: MemberRole
    ) -> tuple[str, Invitation]:
        """The token, shown this once, and the invitation. Whether the address is registered is not told.

        Raises:
            InvalidValue: Not an e-mail address.
            TooManyAttempts: A hundred within a day.
        """
        address = normalised_email(email)
        now = self._clock.now()
        invitation_id = uuid4()
        await self._data.begin(invitation_id)
        stored = sql.StoredInvitation(
            invitation_id,
            organisation_id,
            role,
            email_index(self._data, address),
            self._data.seal(invitation_id, _PURPOSE, {"email": address}),
            now,
            now + sql.LIFETIME,
            None,
        )
        try:
            async with self._database.transaction() as tx:
                await lock_organisation(tx, organisation_id)
                if await sql.invitations_since(tx, organisation_id, now - timedelta(days=1)) >= _MOST_A_DAY:
                    raise TooManyAttempts("enough invitations for today", retry_after_seconds=86_400)
                await sql.insert_invitation(tx, stored, inviter_id)
                if self._sender is not None:
                    await enqueue(tx, INVITE_MAIL, str(invitation_id), {"invitation_id": str(invitation_id)})
        except TooManyAttempts:
            await self._data.destroy(invitation_id)
            raise
        return self._data.token(_KIND, invitation_id), self._shown(stored, address)

    async def list(self, organisation_id: UUID) -> Sequence[Invitation]:
        """Open ones, newest first."""
        async with self._database.transaction() as tx:
            found = await sql.open_invitations(tx, organisation_id, self._clock.now())
        return [self._shown(stored, self._address(stored)) for stored in found]

    async def revoke(self, organisation_id: UUID, invitation_id: UUID) -> None:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            stored = await sql.invitation_by_id(tx, invitation_id, lock=True)
            if stored is None or stored.organisation_id != organisation_id or stored.ended_at is not None:
                raise NotFound("no such invitation")
            await sql.end_invitation(tx, invitation_id, self._clock.now())
        await self._data.destroy(invitation_id)

    async def accept(self, person_id: UUID, token: str) -> tuple[UUID, MemberRole]:
        """Join; the organisation and the role.

        Raises:
            OneTimeUsed: Forged, used, revoked, expired, or for another address: the same answer to all.
            NotPermitted: Already a member: an owner changes roles.
        """
        invitation_id = self._data.subject_of(_KIND, token)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            stored = None if invitation_id is None else await sql.invitation_by_id(tx, invitation_id, lock=True)
            mine = await email_index_of(tx, person_id)
            usable = (
                stored is not None
                and stored.ended_at is None
                and stored.expires_at > now
                and mine is not None
                and stored.email_index == mine
            )
            if stored is None or not usable:
                raise OneTimeUsed("this invitation was used, revoked or has expired, or is for another address")
            await lock_organisation(tx, stored.organisation_id)
            if await role_of(tx, stored.organisation_id, person_id) is not None:
                raise NotPermitted("you are a member already: an owner can change your role", rule="member")
            await put_member(tx, stored.organisation_id, person_id, stored.role, now)
            await sql.end_invitation(tx, stored.id, now)
            facts = {"organisation_id": str(stored.organisation_id), "person_id": str(person_id)}
            facts["role"] = stored.role.value
            await publish(tx, stored.organisation_id, "organisation.member_added", facts)
            await publish(tx, person_id, "organisation.joined", facts)
        await self._data.destroy(stored.id)
        return stored.organisation_id, stored.role

    async def _send(self, context: JobContext) -> Again | None:
        invitation_id = UUID(context.job.payload["invitation_id"])
        async with context.transaction() as tx:
            stored = await sql.invitation_by_id(tx, invitation_id)
            organisation = None if stored is None else await organisation_by_id(tx, stored.organisation_id)
        if stored is None or organisation is None or self._sender is None or stored.ended_at is not None:
            return None
        if stored.expires_at <= self._clock.now():
            return None
        try:
            address = self._address(stored)
        except PersonErased:
            return None
        token = self._data.token(_KIND, invitation_id)
        link = f"{self._public_url}/invitation#{token}"
        await self._sender.send(texts.invitation(address, organisation.name, stored.role.value, token, link))
        log.info("mail_sent", kind="invitation", mail=str(invitation_id))
        return None

    def _address(self, stored: sql.StoredInvitation) -> str:
        return str(self._data.open(stored.id, _PURPOSE, stored.email)["email"])

    @staticmethod
    def _shown(stored: sql.StoredInvitation, address: str) -> Invitation:
        return Invitation(stored.id, stored.organisation_id, address, stored.role, stored.created_at, stored.expires_at)
