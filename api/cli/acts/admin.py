"""`quanbao admin …`: acts of whoever runs the machine, on the database itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.people import personal_data
from api.people import replay_erasures as replay
from api.settings import Settings
from people.kdf import PasswordKdf
from people.persons.service import Persons
from people.roles import PlatformRole
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from primitives.errors import DatabaseUnavailable

app = typer.Typer(help="For whoever runs this installation.", no_args_is_help=True)

DataDir = Annotated[Path | None, typer.Option(help="The data folder of the running installation.")]


@app.command()
def grant(email: str, role: PlatformRole, data_dir: DataDir = None) -> None:
    """Give a registered person a platform role."""
    asyncio.run(_change(email, role, data_dir, give=True))


@app.command()
def withdraw(email: str, role: PlatformRole, data_dir: DataDir = None) -> None:
    """Take a platform role away."""
    asyncio.run(_change(email, role, data_dir, give=False))


def settings_of(data_dir: Path | None) -> Settings:
    """The settings, with the data folder that was named."""
    return Settings() if data_dir is None else Settings(data_dir=data_dir.absolute())


@app.command()
def replay_erasures(data_dir: DataDir = None) -> None:
    """Erase again whom a restored backup brought back; every start does it too."""

    async def run() -> int:
        settings = settings_of(data_dir)
        database = _database(settings)
        try:
            return await replay(settings, database)
        finally:
            await database.close()

    typer.echo(f"{asyncio.run(run())} persons were erased again")


def _database(settings: Settings) -> Database:
    """The running installation's. Raises DatabaseUnavailable."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
    else:
        embedded = EmbeddedPostgres(settings.data_dir / "postgres")
        if embedded.pid is None:
            raise DatabaseUnavailable(f"no database runs in {settings.data_dir}: start it with `quanbao up`")
        url = embedded.url
    return Database(url, pool_size=1)


async def _change(email: str, role: PlatformRole, data_dir: Path | None, *, give: bool) -> None:
    settings = settings_of(data_dir)
    database = _database(settings)
    try:
        persons = Persons(database, PasswordKdf(), personal_data(settings))
        person = await persons.by_email(email)
        await (persons.grant if give else persons.withdraw)(person.id, role)
    finally:
        await database.close()
    typer.echo(f"{email} {'is now' if give else 'is no longer'} {role.value}")
