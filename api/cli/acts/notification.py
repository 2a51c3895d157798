"""`quanbao notification …`"""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.acts.answers import AsJson, ask, say, show

app = typer.Typer(help="What you were told, and which merchants you follow.", no_args_is_help=True)


@app.command("list")
def list_notifications(
    unread: Annotated[bool, typer.Option(help="Only those that you have not read.")] = False, as_json: AsJson = False
) -> None:
    """What happened, newest first."""
    query = {"unread": "true"} if unread else {}
    columns = ("created_at", "kind", "title", "body")
    show(ask(lambda api: api.get("/notifications", **query)), columns, as_json=as_json)


@app.command()
def read(as_json: AsJson = False) -> None:
    """You have read all of them."""
    ask(lambda api: api.post("/notifications/read", {}))
    say("all are read", {"unread": 0}, as_json=as_json)


@app.command()
def preferences(as_json: AsJson = False) -> None:
    """Language, zone, and what comes by mail or not at all."""
    show(ask(lambda api: api.get("/notifications/preferences")), as_json=as_json)


@app.command()
def following(as_json: AsJson = False) -> None:
    """Merchants whose launches you are told of."""
    show(ask(lambda api: api.get("/notifications/following")), ("merchant", "name", "since"), as_json=as_json)
