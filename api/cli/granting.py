"""What `quanbao admin` does."""

from __future__ import annotations

from pathlib import Path

from api.cli.running_database import running_database
from api.people import erasure_folder, personal_data, replay_erasures
from api.settings import Settings
from people.kdf import PasswordKdf
from people.persons.service import Persons
from people.privacy.key_files import ErasureKeys
from people.roles import PlatformRole
from primitives.clock import SystemClock
from primitives.errors import OperationError


async def erase_again(settings: Settings) -> int:
    """How many persons, whom a restored backup brought back, were erased again."""
    async with running_database(settings) as database:
        return await replay_erasures(settings, database)


def accept_loss(settings: Settings, *, sure: bool) -> Path:
    """The folder that starts go on with.

    Raises:
        OperationError: Not said for sure, or the folder cannot be used.
    """
    if not sure:
        raise OperationError(
            "nothing that was sealed can be read again after this, whatever copy turns up: say it with --yes"
        )
    keys = ErasureKeys(erasure_folder(settings))
    keys.check()
    keys.accept_loss(SystemClock().now())
    return keys.folder


async def change_role(email: str, role: PlatformRole, settings: Settings, *, give: bool) -> None:
    async with running_database(settings) as database:
        persons = Persons(database, PasswordKdf(), personal_data(settings))
        person = await persons.by_email(email)
        await (persons.grant if give else persons.withdraw)(person.id, role)
