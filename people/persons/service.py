"""Look persons up, change what is theirs, and give them platform roles."""

from __future__ import annotations

from uuid import UUID

from people.kdf import PasswordKdf, check_password
from people.persons import sql
from people.persons.email import normalised_email
from people.persons.model import Person
from people.persons.profile import Profile, email_index, open_profile, seal_profile
from people.privacy.personal_data import PersonalData
from people.roles import PlatformRole
from persistence.database import Database, Transaction
from primitives.clock import Clock, SystemClock
from primitives.errors import LoginFailed, NotFound, PersonErased

_SEALED_AT_ONCE = 200


class Persons:
    """The register of persons; `people.persons.registration` adds to it."""

    def __init__(self, database: Database, kdf: PasswordKdf, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._database = database
        self._kdf = kdf
        self._data = data
        self._clock = clock or SystemClock()

    async def register_without_email(self, tx: Transaction, person_id: UUID, display_name: str) -> None:
        """Add somebody who signs in with a wallet; `PersonalData.begin` was called for the id."""
        profile = seal_profile(self._data, person_id, Profile(None, display_name))
        await sql.insert_person(tx, person_id, profile, None, None, self._clock.now())

    async def get(self, person_id: UUID) -> Person:
        """Raises NotFound; PersonErased."""
        async with self._database.transaction() as tx:
            row = await sql.person_by_id(tx, person_id)
        if row is None:
            raise NotFound("no such person")
        return self._person(row)

    async def by_email(self, email: str) -> Person:
        """Raises NotFound, InvalidValue."""
        async with self._database.transaction() as tx:
            row = await sql.person_by_email(tx, email_index(self._data, normalised_email(email)))
        if row is None:
            raise NotFound("nobody has registered with this e-mail address")
        return self._person(row)

    async def rename(self, person_id: UUID, display_name: str) -> Person:
        """Change the name that others see. Raises NotFound, PersonErased."""
        async with self._database.transaction() as tx:
            row = await sql.person_by_id(tx, person_id, lock=True)
            if row is None:
                raise NotFound("no such person")
            person = self._person(row)
            await sql.set_profile(
                tx, person_id, seal_profile(self._data, person_id, Profile(person.email, display_name))
            )
        return await self.get(person_id)

    async def change_password(self, person_id: UUID, old: str, new: str) -> None:
        """Set another password; for somebody without one, `old` is not asked.

        Raises:
            LoginFailed: The old password is wrong.
            InvalidValue: The new one is not acceptable.
        """
        person = await self.get(person_id)
        check_password(new, person.email or "")
        async with self._database.transaction() as tx:
            credentials = await sql.credentials_of_id(tx, person_id)
        if credentials is None:
            raise NotFound("no such person")
        if credentials.password_hash is not None and not await self._kdf.verify(credentials.password_hash, old):
            raise LoginFailed("the old password is wrong")
        encoded = await self._kdf.hash(new)
        async with self._database.transaction() as tx:
            await sql.replace_password_hash(tx, person_id, encoded, self._clock.now())

    async def require_password(self, person_id: UUID, password: str) -> None:
        """Ask again before what cannot be undone.

        Raises:
            LoginFailed: Wrong; somebody who has no password is not asked.
        """
        async with self._database.transaction() as tx:
            credentials = await sql.credentials_of_id(tx, person_id)
        if credentials is None or credentials.password_hash is None:
            return
        if not await self._kdf.verify(credentials.password_hash, password):
            raise LoginFailed("the password is wrong")

    async def grant(self, person_id: UUID, role: PlatformRole) -> None:
        """Give a platform role; giving it twice changes nothing. Raises NotFound."""
        await self.get(person_id)
        async with self._database.transaction() as tx:
            await sql.grant_role(tx, person_id, role)

    async def withdraw(self, person_id: UUID, role: PlatformRole) -> None:
        """Take a platform role away; sessions lose it at their next request."""
        async with self._database.transaction() as tx:
            await sql.withdraw_role(tx, person_id, role)

    async def seal_older(self) -> int:
        """Seal the persons that an older version left in plain text; how many. Can be repeated and interrupted."""
        done = 0
        while True:
            async with self._database.transaction() as tx:
                found = await sql.plain_persons(tx, _SEALED_AT_ONCE)
                for person_id, email, display_name in found:
                    await self._data.begin(person_id)
                    profile = seal_profile(self._data, person_id, Profile(email, display_name))
                    await sql.seal_person(tx, person_id, profile, email_index(self._data, email))
            done += len(found)
            if not found:
                return done

    def _person(self, row: sql.PersonRow) -> Person:
        if row.erased_at is not None:
            raise PersonErased("this person was erased")
        profile = open_profile(self._data, row.id, row.profile)
        return Person(row.id, profile.email, profile.display_name, row.created_at, row.email_verified_at is not None)
