"""`quanbao admin …`: acts of whoever runs the machine, on the database itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.cli.acts.answers import AsJson, say
from api.settings import Settings
from people.roles import PlatformRole

app = typer.Typer(help="For whoever runs this installation.", no_args_is_help=True)

DataDir = Annotated[Path | None, typer.Option(help="The data folder of the running installation.")]


def settings_of(data_dir: Path | None) -> Settings:
    """The settings, with the data folder that was named."""
    return Settings() if data_dir is None else Settings(data_dir=data_dir.absolute())


@app.command()
def grant(email: str, role: PlatformRole, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Give a registered person a platform role."""
    from api.cli.granting import change_role

    asyncio.run(change_role(email, role, settings_of(data_dir), give=True))
    say(f"{email} is now {role.value}", {"email": email, "role": role.value, "granted": True}, as_json=as_json)


@app.command()
def withdraw(email: str, role: PlatformRole, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Take a platform role away."""
    from api.cli.granting import change_role

    asyncio.run(change_role(email, role, settings_of(data_dir), give=False))
    facts = {"email": email, "role": role.value, "granted": False}
    say(f"{email} is no longer {role.value}", facts, as_json=as_json)


@app.command()
def accept_lost_keys(
    data_dir: DataDir = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="There is no copy of the folder, and there will be none.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let starts go on without the erasure keys of whoever is registered by now: they are lost for good."""
    from api.cli.granting import accept_loss

    folder = accept_loss(settings_of(data_dir), sure=yes)
    say(
        f"starts go on with {folder}; whoever was registered registers again and imports the words of their wallets",
        {"folder": str(folder), "accepted": True},
        as_json=as_json,
    )


@app.command()
def replay_erasures(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Erase again whom a restored backup brought back; every start does it too."""
    from api.cli.granting import erase_again

    count = asyncio.run(erase_again(settings_of(data_dir)))
    say(f"{count} persons were erased again", {"erased": count}, as_json=as_json)
