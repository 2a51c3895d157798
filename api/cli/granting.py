"""What `quanbao admin` does."""

from __future__ import annotations

from api.cli.running_database import running_database
from api.people import personal_data, replay_erasures
from api.settings import Settings
from people.kdf import PasswordKdf
from people.persons.service import Persons
from people.roles import PlatformRole


async def erase_again(settings: Settings) -> int:
    """How many persons, whom a restored backup brought back, were erased again."""
    async with running_database(settings) as database:
        return await replay_erasures(settings, database)


async def change_role(email: str, role: PlatformRole, settings: Settings, *, give: bool) -> None:
    async with running_database(settings) as database:
        persons = Persons(database, PasswordKdf(), personal_data(settings))
        person = await persons.by_email(email)
        await (persons.grant if give else persons.withdraw)(person.id, role)
