"""`quanbao campaign …`: act for an organisation first (`quanbao act-for`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import orjson
import typer

from api.cli.acts.answers import AsJson, Key, ask, show

app = typer.Typer(help="Campaigns of the organisation that you act for.", no_args_is_help=True)

_COLUMNS = ("id", "rules.title", "status", "counts.issued", "counts.redeemed", "counts.cost")


@app.command("list")
def list_campaigns(as_json: AsJson = False) -> None:
    """Its campaigns with what the chains count."""
    show(ask(lambda api: api.get("/campaigns")), _COLUMNS, as_json=as_json)


@app.command("show")
def show_campaign(campaign: str, as_json: AsJson = False) -> None:
    """One campaign."""
    show(ask(lambda api: api.get(f"/campaigns/{campaign}")), as_json=as_json)


@app.command()
def draft(
    terms: Annotated[Path, typer.Argument(help="A JSON file with the body of POST /campaigns.")],
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Fix a campaign's rules for ever; nothing happens on chain yet."""
    body = orjson.loads(terms.read_bytes())
    show(ask(lambda api: api.post("/campaigns", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def launch(campaign: str, as_json: AsJson = False) -> None:
    """Create it on its chains and fund it from the treasury; asking again goes on where it stopped."""
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/launch", {})), as_json=as_json)


@app.command()
def issue(
    campaign: str,
    holders: Annotated[list[str], typer.Argument(help="Accounts (CAIP-10), all on one chain.")],
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Issue one voucher to each holder, at no cost to them."""
    body = {"holders": holders}
    show(ask(lambda api: api.post(f"/campaigns/{campaign}/issue", body, key=key or uuid4().hex)), as_json=as_json)
