"""`quanbao sign-up`, `login`, `logout`, `whoami`, `unlock`, `lock`, `act-for`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.acts.answers import AsJson, ask, say, show
from api.cli.acts.session import StoredSession, session_file
from api.cli.client import ApiClient, ApiRefused
from primitives.errors import LoginFailed


def register(app: typer.Typer) -> None:
    """Add the acts that belong to no resource."""
    for act in (sign_up, login, logout, whoami, unlock, lock, act_for):
        app.command(rich_help_panel="Session")(act)


def login(
    email: str,
    url: Annotated[str, typer.Option(help="Where the API answers.")] = "http://127.0.0.1:8080",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, help="Asked for when not given.")] = "",
    code: Annotated[str | None, typer.Option(help="Of your authenticator, or a recovery code.")] = None,
    authority: Annotated[Path | None, typer.Option(help="The authority that `up --tls` printed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Log in; the session is kept in a file that only you can read."""
    _log_in(email, password, code, url, _trusted(authority), as_json=as_json)


def sign_up(
    email: str,
    name: Annotated[str, typer.Argument(help="What others see.")],
    url: Annotated[str, typer.Option(help="Where the API answers.")] = "http://127.0.0.1:8080",
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when not given.")
    ] = "",
    authority: Annotated[Path | None, typer.Option(help="The authority that `up --tls` printed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Begin an account and log in; where accounts begin by mail, the mail says how to go on."""
    trusted = _trusted(authority)
    wanted = {"email": email, "password": password, "display_name": name}

    async def run() -> str:
        async with ApiClient(url, authority=trusted) as api:
            return str((await api.post("/auth/register", wanted))["next"])

    if asyncio.run(run()) == "look_into_your_mail":
        say("look into your mail: it says how to go on", {"email": email, "logged_in": False}, as_json=as_json)
        return
    try:
        _log_in(email, password, None, url, trusted, as_json=as_json)
    except ApiRefused as refused:
        if refused.facts.get("code") != "login_failed":
            raise
        raise LoginFailed(
            f"{email} has an account already, with another password, and nothing was changed: quanbao login {email}"
        ) from refused


def _trusted(authority: Path | None) -> str | None:
    return None if authority is None else str(authority.absolute())


def _log_in(email: str, password: str, code: str | None, url: str, trusted: str | None, *, as_json: bool) -> None:
    body = {"email": email, "password": password, "device": "command line"}

    async def run() -> str:
        async with ApiClient(url, authority=trusted) as api:
            opened = await api.post("/auth/login", body if code is None else {**body, "code": code})
            return str(opened["token"])

    StoredSession(url, asyncio.run(run()), authority=trusted).save()
    say(f"logged in as {email}", {"email": email, "url": url}, as_json=as_json)


def logout(as_json: AsJson = False) -> None:
    """End the session."""
    ask(lambda api: api.post("/auth/logout"))
    session_file().unlink(missing_ok=True)
    say("logged out", {"logged_in": False}, as_json=as_json)


def whoami(as_json: AsJson = False) -> None:
    """Who is logged in, with roles."""
    show(ask(lambda api: api.get("/auth/me")), as_json=as_json)


def unlock(
    passphrase: Annotated[str, typer.Option(prompt=True, hide_input=True)] = "", as_json: AsJson = False
) -> None:
    """Unlock your keys for 15 minutes."""
    opened = ask(lambda api: api.post("/auth/unlock", {"passphrase": passphrase}))
    say(f"unlocked until {opened['unlocked_until']}", opened, as_json=as_json)


def lock(as_json: AsJson = False) -> None:
    """Lock your keys now."""
    ask(lambda api: api.post("/auth/lock"))
    say("locked", {"locked": True}, as_json=as_json)


def act_for(
    organisation: Annotated[str | None, typer.Argument(help="Its id; nothing: yourself.")] = None,
    as_json: AsJson = False,
) -> None:
    """Choose the organisation that the following acts are for."""
    replace(StoredSession.load(), organisation=organisation).save()
    say(f"acting for {organisation or 'yourself'}", {"organisation": organisation}, as_json=as_json)
