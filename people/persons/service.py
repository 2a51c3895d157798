"""Register persons and give them platform roles."""

from __future__ import annotations

from uuid import UUID, uuid4

from people.kdf import PasswordKdf, check_password
from people.persons import sql
from people.persons.email import normalised_email
from people.persons.model import Person
from people.roles import PlatformRole
from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.errors import EmailTaken, NotFound


class Persons:
    """The register of persons."""

    def __init__(self, database: Database, kdf: PasswordKdf, *, clock: Clock | None = None) -> None:
        self._database = database
        self._kdf = kdf
        self._clock = clock or SystemClock()

    async def register(self, email: str, password: str, display_name: str) -> Person:
        """Add a person.

        Raises:
            InvalidValue: Not an address, or not an acceptable password.
            EmailTaken: The address is registered.
        """
        address = normalised_email(email)
        check_password(password, address)
        encoded = await self._kdf.hash(password)
        person = Person(id=uuid4(), email=address, display_name=display_name, created_at=self._clock.now())
        async with self._database.transaction() as tx:
            if not await sql.insert_person(tx, person, encoded):
                raise EmailTaken("this e-mail address is registered: log in instead")
        return person

    async def get(self, person_id: UUID) -> Person:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            person = await sql.person_by_id(tx, person_id)
        if person is None:
            raise NotFound("no such person")
        return person

    async def by_email(self, email: str) -> Person:
        """Raises NotFound, InvalidValue."""
        async with self._database.transaction() as tx:
            person = await sql.person_by_email(tx, normalised_email(email))
        if person is None:
            raise NotFound("nobody has registered with this e-mail address")
        return person

    async def grant(self, person_id: UUID, role: PlatformRole) -> None:
        """Give a platform role; giving it twice changes nothing. Raises NotFound."""
        await self.get(person_id)
        async with self._database.transaction() as tx:
            await sql.grant_role(tx, person_id, role)

    async def withdraw(self, person_id: UUID, role: PlatformRole) -> None:
        """Take a platform role away; sessions lose it at their next request."""
        async with self._database.transaction() as tx:
            await sql.withdraw_role(tx, person_id, role)
