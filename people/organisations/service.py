"""Make organisations and change their members."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from people.events import publish
from people.organisations import sql
from people.organisations.model import Member, Organisation
from people.persons.email import normalised_email
from people.persons.profile import email_index
from people.persons.sql import person_by_email
from people.privacy.personal_data import PersonalData
from people.roles import MemberRole
from persistence.database import Database, Transaction
from persistence.jobs import enqueue
from primitives.clock import Clock, SystemClock
from primitives.errors import NotFound, NotPermitted

ORGANISATION_CREATED = "organisation.created"
"""Job kind, key = organisation id: whoever gives organisations their accounts on the chains handles it."""


class Organisations:
    """The register of organisations. Who may call what is decided above, by the rule of each route."""

    def __init__(self, database: Database, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._database = database
        self._data = data
        self._clock = clock or SystemClock()

    async def create(self, owner_id: UUID, name: str) -> Organisation:
        """Make an organisation with its first owner, and ask for its accounts in the same transaction."""
        organisation = Organisation(id=uuid4(), name=name, created_at=self._clock.now())
        # What members write about its accounts is sealed with it.
        await self._data.begin(organisation.id)
        async with self._database.transaction() as tx:
            await sql.insert_organisation(tx, organisation)
            await sql.put_member(tx, organisation.id, owner_id, MemberRole.OWNER, organisation.created_at)
            await enqueue(tx, ORGANISATION_CREATED, str(organisation.id), {"organisation_id": str(organisation.id)})
            await publish(tx, owner_id, "organisation.created", {"organisation_id": str(organisation.id)})
        return organisation

    async def begin_keys(self) -> None:
        """Give a key to every organisation of an older version; can be repeated and interrupted."""
        async with self._database.statements() as tx:
            every = await sql.every_organisation(tx)
        for organisation_id in every:
            if not self._data.known(organisation_id):
                await self._data.begin(organisation_id)

    async def get(self, organisation_id: UUID) -> Organisation:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            organisation = await sql.organisation_by_id(tx, organisation_id)
        if organisation is None:
            raise NotFound("no such organisation")
        return organisation

    async def of_person(self, person_id: UUID) -> Sequence[tuple[Organisation, MemberRole]]:
        """Oldest first."""
        async with self._database.transaction() as tx:
            return await sql.organisations_of(tx, person_id)

    async def members(self, organisation_id: UUID) -> Sequence[Member]:
        """Longest-standing first."""
        async with self._database.transaction() as tx:
            return await sql.members_of(tx, organisation_id, self._data)

    async def add_member(self, organisation_id: UUID, email: str, role: MemberRole) -> Member:
        """Add a registered person, or change the role of a member.

        Raises:
            InvalidValue: Not an e-mail address.
            NotFound: Nobody has registered with this address.
            NotPermitted: It would leave the organisation without an owner.
        """
        address = normalised_email(email)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await sql.lock_organisation(tx, organisation_id)
            person = await person_by_email(tx, email_index(self._data, address))
            if person is None:
                raise NotFound("nobody has registered with this e-mail address: ask the person to register first")
            await sql.put_member(tx, organisation_id, person.id, role, now)
            await self._require_owner(tx, organisation_id)
            members = await sql.members_of(tx, organisation_id, self._data)
            member = next(member for member in members if member.person_id == person.id)
            data = {"organisation_id": str(organisation_id), "person_id": str(person.id), "role": role.value}
            await publish(tx, organisation_id, "organisation.member_added", data)
            await publish(tx, person.id, "organisation.joined", data)
        return member

    async def remove_member(self, organisation_id: UUID, person_id: UUID) -> None:
        """Remove a member; sessions lose the role at their next request.

        Raises:
            NotFound: Not a member.
            NotPermitted: The last owner stays.
        """
        async with self._database.transaction() as tx:
            await sql.lock_organisation(tx, organisation_id)
            if not await sql.delete_member(tx, organisation_id, person_id):
                raise NotFound("this person is not a member of the organisation")
            await self._require_owner(tx, organisation_id)
            data = {"organisation_id": str(organisation_id), "person_id": str(person_id)}
            await publish(tx, organisation_id, "organisation.member_removed", data)
            await publish(tx, person_id, "organisation.left", data)

    @staticmethod
    async def _require_owner(tx: Transaction, organisation_id: UUID) -> None:
        if await sql.owner_count(tx, organisation_id) == 0:
            raise NotPermitted("an organisation keeps at least one owner: name another owner first", rule="last_owner")
